"""What capital buys: the multiple of the demand that is carried, and the transit time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.axes import new_figure, nothing_to_show, plain
from sim.plot.columns import Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, GREY, ORANGE, SMALL_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


def frontier(reaches: pd.DataFrame, transit: pd.DataFrame) -> Figure:
    """Return capital against the saturation multiple, and against P90 transit time at the target.

    Parameters
    ----------
    reaches
        `Plan.frontier`: bars from the largest multiple that is known to be carried to the smallest
        that is known not to be; a triangle where none is.
    transit
        `Plan.transit`: sets that reach the target, those on the frontier filled.
    """
    figure = new_figure(2.9)
    left, right = figure.subplots(1, 2)
    _multiples(reaches, left)
    _transit(transit, right)
    return figure


def _multiples(reaches: pd.DataFrame, ax: Axes) -> None:
    known = reaches[reaches["multiple_low"].notna()]
    if known.empty:
        nothing_to_show(ax, "no multiple is known to be carried")
        return
    cost, low, high = (
        known[c].to_numpy(float) for c in ("capital_musd", "multiple_low", "multiple_high")
    )
    is_open = np.isnan(high)
    middle = np.where(is_open, low, (low + high) / 2)
    half = np.where(is_open, 0.0, (np.nan_to_num(high) - low) / 2)
    ax.errorbar(cost, middle, yerr=half, fmt="o", color=BLUE, ms=3.5, capsize=2.5, lw=1.1)
    ax.plot(cost[is_open], low[is_open], "^", color=BLUE, ms=7)
    best = np.maximum.accumulate(low[np.argsort(cost, kind="stable")])
    ax.step(np.sort(cost), best, where="post", color=GREY, lw=0.8, ls="--")
    ax.set_ylim(bottom=0)
    ax.set(xlabel="capital [million USD]", ylabel="times the demand carried")
    ax.set_title("bar: carried to not carried; triangle: at least", loc="left", fontsize=SMALL_PT)
    plain(ax)


def _transit(transit: pd.DataFrame, ax: Axes) -> None:
    known = transit[transit["p90_days"].notna()]
    if known.empty:
        nothing_to_show(ax, "no set is known to reach the target,\nso no transit time exists there")
        return
    cost, days, low, high = (
        known[c].to_numpy(float) for c in ("capital_musd", "p90_days", "p90_low", "p90_high")
    )
    error = np.nan_to_num([days - low, high - days])
    ax.errorbar(cost, days, yerr=error, fmt="none", ecolor=GREY, capsize=2, lw=0.9)
    on = _on_frontier(cost, days)
    ax.plot(cost[~on], days[~on], "o", mfc="white", mec=ORANGE, ms=4.5, label="dominated")
    ax.plot(cost[on], days[on], "o", color=ORANGE, ms=4.5, label="on the frontier")
    ax.set_ylim(0, 1.15 * float((days + error[1]).max()) or 1.0)
    ax.set(xlabel="capital [million USD]", ylabel="P90 transit time [d]")
    ax.set_title("sets that reach the target, 95 % intervals", loc="left", fontsize=SMALL_PT)
    ax.legend(fontsize=SMALL_PT, frameon=False, loc="lower right")
    plain(ax)


def _on_frontier(cost: NDArray[np.float64], days: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which sets are faster than every set that costs no more."""
    on = np.zeros(len(days), bool)
    least = np.inf
    for place in np.lexsort((days, cost)):
        if days[place] < least:
            on[place], least = True, days[place]
    return on


def caption(reaches: pd.DataFrame) -> str:
    """Return what the best set that is known carries."""
    known = reaches[reaches["multiple_low"].notna()]
    if known.empty:
        return "No multiple of the demand is known to be carried."
    most = known.loc[known["multiple_low"].idxmax()]
    return (
        f"The most that is known to be carried is {most['multiple_low']:.3g} times the demand, "
        f"for {most['capital_musd']:,.0f} million USD: {most['built']}."
    )


def draw(reaches: pd.DataFrame, transit: pd.DataFrame) -> Drawing:
    """Draw the frontier with the caption; the table has a column for the panel."""
    panels = [reaches.assign(panel="multiple"), transit.assign(panel="transit time")]
    table = pd.concat(panels, ignore_index=True)
    return Drawing(frontier(reaches, transit), table, caption(reaches))


KIND = TableKind(
    name="frontier",
    shows="capital against service",
    command="plan",
    columns={
        "frontier": {
            "built": Words(),
            "capital_musd": Number(0),
            "multiple_low": Number(0, may_lack=True),
            "multiple_high": Number(0, may_lack=True),
        },
        "transit": {
            "capital_musd": Number(0),
            "p90_days": Number(0, may_lack=True),
            "p90_low": Number(0, may_lack=True),
            "p90_high": Number(0, may_lack=True),
        },
    },
    column="multiple_low",
    make=draw,
    orders=(("multiple_low", "multiple_high"), ("p90_low", "p90_days", "p90_high")),
)
