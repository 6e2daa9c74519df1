"""What to build by when, and what capital buys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.plot.look import (
    BLUE,
    FULL_IN,
    GREY,
    INK,
    ORANGE,
    SMALL_PT,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PARETO = "on the frontier"
LETTER_IN = 0.062
"""Width of a letter of a name [inch], rather more."""


def project_ladder(rungs: pd.DataFrame, projects: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw which project must be there from which multiple of the demand on.

    Parameters
    ----------
    rungs
        `Plan.ladder`.
    projects
        `Plan.table`: a bar for each, from the rung that needs it to the last one; its capital
        stands at the right.
    """
    ax = new_axes(ax, height_in=1.0 + 0.28 * (len(projects) + 1))
    if rungs.empty or projects.empty:
        return nothing_to_show(ax, "nothing has to be built, or nothing is known to help")
    scales = rungs["scale"].tolist()
    place = {scale: number for number, scale in enumerate(scales)}
    for row, (name, scale, musd, assumed) in enumerate(
        zip(
            projects["project"],
            projects["rung"],
            projects["capital_musd"],
            projects["is_assumed"],
            strict=True,
        )
    ):
        first = place[scale] - 0.5
        style: dict[str, Any] = (
            {"facecolor": ORANGE, "hatch": "///"} if assumed else {"facecolor": BLUE}
        )
        ax.barh(
            row,
            len(scales) - 0.5 - first,
            left=first,
            height=0.62,
            edgecolor="white",
            lw=0,
            **style,
        )
        ax.text(len(scales) - 0.42, row, f"{musd:,.0f}", va="center", fontsize=SMALL_PT)
        # A name that is longer than its bar stands before it.
        room = (len(scales) - 0.5 - first) * FULL_IN / (len(scales) + 0.7)
        inside = len(str(name)) * LETTER_IN < room
        side: dict[str, Any] = {
            "ha": "left" if inside else "right",
            "va": "center",
            "fontsize": SMALL_PT,
        }
        text = ax.text(first + (0.05 if inside else -0.05), row, str(name), color=INK, **side)
        if inside:
            text.set_bbox({"facecolor": "white", "alpha": 0.85, "lw": 0, "pad": 1.0})
    ax.text(len(scales) - 0.42, -0.85, "M USD", va="center", fontsize=SMALL_PT)
    ticks = [
        f"{scale:.3g}x\n{kt / 1000:.3g} Mt\n{musd:,.0f} M USD{'' if verdict == 'decided' else ' at most'}"
        for scale, kt, musd, verdict in zip(
            rungs["scale"],
            rungs["kt_per_year"],
            rungs["capital_musd"],
            rungs["verdict"],
            strict=True,
        )
    ]
    ax.set_xticks(range(len(scales)), ticks)
    ax.set_xlim(-0.55, len(scales) + 0.15)
    ax.set_ylim(len(projects) - 0.5, -1.2)
    ax.set_yticks([])
    for number in range(len(scales)):
        ax.axvline(number + 0.5, color=GREY, lw=0.5, ls=":")
    label = "times the demand, tonnes a year, capital up to there"
    if projects["is_assumed"].any():
        label += " (orange, hatched: cost assumed)"
    ax.set_xlabel(label)
    plain(ax)
    ax.spines["left"].set_visible(False)
    return ax


def frontier(reaches: pd.DataFrame, transit: pd.DataFrame) -> Figure:
    """Return capital against the saturation multiple, and against P90 transit time at the target.

    Parameters
    ----------
    reaches
        `Plan.frontier`: bars from the largest multiple that is known to be carried to the smallest
        that is known not to be; an arrow where none is.
    transit
        `Plan.transit`: sets that reach the target, those on the frontier filled.
    """
    figure = Figure(figsize=(FULL_IN, 2.9), layout="constrained")
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
    cost, days = known["capital_musd"].to_numpy(float), known["p90_days"].to_numpy(float)
    error = np.nan_to_num(
        [days - known["p90_low"].to_numpy(float), known["p90_high"].to_numpy(float) - days]
    )
    ax.errorbar(cost, days, yerr=error, fmt="none", ecolor=GREY, capsize=2, lw=0.9)
    order = np.lexsort((days, cost))
    on = np.zeros(len(days), bool)
    least = np.inf
    for place in order:
        if days[place] < least:
            on[place], least = True, days[place]
    ax.plot(cost[~on], days[~on], "o", mfc="white", mec=ORANGE, ms=4.5, label="dominated")
    ax.plot(cost[on], days[on], "o", color=ORANGE, ms=4.5, label=PARETO)
    ax.set_ylim(0, 1.15 * float((days + error[1]).max()))
    ax.set(xlabel="capital [million USD]", ylabel="P90 transit time [d]")
    ax.set_title("sets that reach the target, 95 % intervals", loc="left", fontsize=SMALL_PT)
    ax.legend(fontsize=SMALL_PT, frameon=False, loc="lower right")
    plain(ax)
