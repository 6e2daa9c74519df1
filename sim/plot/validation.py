"""Observed beside simulated, target by target: the mean, and what one season may bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.analysis.observed import validate
from sim.errors import UsageError
from sim.plot.axes import (
    figure_of,
    is_wide,
    label_below,
    legend_above,
    name_rows,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)
from sim.plot.drawing import Drawing, View
from sim.plot.kind import StudyKind
from sim.plot.look import BLACK, BLUE, FULL_IN, GREY, RED, SMALL_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

SEASON = 0.24
"""How far below its point the interval of a season stands, in rows."""
SEASON_LINE: dict[str, Any] = {"color": BLACK, "lw": 1.6, "solid_capstyle": "butt"}
PALE = 0.45
"""Strength of targets that follow from others."""


def validation(table: pd.DataFrame, ax: Axes | None = None, *, width_in: float = FULL_IN) -> Axes:
    """Draw every target over its observed value: the range as a bar, the simulated mean as a point,
    and the 90 % interval of one season, in which the observation is to lie, as a line below it.

    Parameters
    ----------
    table
        `Validation.table`. Points have 95 % intervals. Round points are judged, square ones fitted;
        those outside their range are red and hollow. Targets that follow from others are lighter.
    """
    rows = table[table["observed"] != 0].reset_index(drop=True)
    ax = new_axes(ax, width_in, max(2.0, 0.9 + 0.22 * len(rows)))
    if rows.empty:
        return nothing_to_show(ax, "nothing was observed")
    for y, row in enumerate(rows.to_dict("records")):
        _draw_row(ax, y, row)
    ax.axvline(1, color=BLACK, lw=0.8)
    name_rows(ax, list(rows["target"]))
    ax.set_xlim(*_limits(rows))
    label_below(ax, "simulated over observed, 95 % intervals")
    plain(ax)
    columns = 4 if is_wide(ax) else 2
    legend_above(ax, columns, side="right", handles=_legend(), columnspacing=1.0)
    return ax


def _draw_row(ax: Axes, y: int, row: dict[str, Any]) -> None:
    """Draw one target, as multiples of what was observed."""
    low, high, simulated, first, last = (
        row[name] / row["observed"]
        for name in ("range_low", "range_high", "simulated", "low", "high")
    )
    strength = 1.0 if row["counts"] else PALE
    ax.barh(y, high - low, 0.62, left=low, color=GREY, alpha=0.4 * strength, lw=0)
    _draw_season(ax, y, row, strength)
    if not np.isfinite(simulated):
        ax.text(1, y, "no number", va="center", ha="center", fontsize=SMALL_PT, color=RED)
        return
    style: dict[str, Any] = {"alpha": strength, "ms": 4.5, "lw": 1.1, "capsize": 1.5}
    style["fmt"] = "o" if row["use"] == "judged" else "s"
    if row["inside"]:
        style |= {"color": BLUE, "mfc": BLUE}
    else:
        style |= {"color": RED, "mfc": "white"}
    error = [[simulated - first], [last - simulated]] if np.isfinite(first) else None
    ax.errorbar(simulated, y, xerr=error, **style)


def _draw_season(ax: Axes, y: int, row: dict[str, Any], strength: float) -> None:
    """Draw the interval of one season by replications alone."""
    ends = np.array([row["season_low"], row["season_high"]], float) / row["observed"]
    if np.isfinite(ends).all():
        ax.plot(ends, [y + SEASON, y + SEASON], alpha=strength, **SEASON_LINE)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis, with a little room."""
    columns = ["range_low", "range_high", "simulated", "low", "high"]
    over = rows[columns].div(rows["observed"], axis=0)
    marks = np.append(over[columns[:3]].to_numpy(float), 1.0)
    bounds = rows[["season_low", "season_high"]].div(rows["observed"], axis=0)
    far = np.append(over[["low", "high"]].to_numpy(float), bounds.to_numpy(float))
    low, high = reach(marks, far)
    room = 0.03 * (high - low)
    return low - room, high + room


def _legend() -> list[Patch | Line2D]:
    dot: dict[str, Any] = {"ls": "", "ms": 4.5}
    return [
        Patch(color=GREY, alpha=0.4, lw=0, label="range of the target"),
        Line2D([], [], marker="o", mfc=BLUE, mec=BLUE, label="judged, inside", **dot),
        Line2D([], [], marker="s", mfc=BLUE, mec=BLUE, label="fitted, inside", **dot),
        Line2D([], [], marker="o", mfc="white", mec=RED, label="outside (red)", **dot),
        Line2D([], [], color=BLACK, lw=0.8, label="observed"),
        Line2D([], [], label="one season, 90 %", **SEASON_LINE),
        Line2D([], [], marker="s", color=GREY, label="pale: follows from others", **dot),
    ]


def caption(table: pd.DataFrame) -> str:
    """Return how many judged targets lie inside their range, and which is farthest out.

    Targets that follow from others are not counted.
    """
    judged = table[(table["use"] == "judged") & table["counts"].astype(bool)]
    inside = f"{int(judged['inside'].sum())} of {len(judged)} judged targets lie inside their range"
    out = table[
        ~table["inside"].astype(bool) & table["simulated"].notna() & (table["observed"] != 0)
    ]
    if out.empty:
        return f"{inside}."
    off = (out["simulated"] / out["observed"] - 1).astype(float)
    worst = off.abs().idxmax()
    side = "above" if off[worst] > 0 else "below"
    distance = f"{abs(off[worst]):.0%} {side} what was observed"
    return f"{inside}; farthest out is {out.loc[worst, 'target']}, {distance}."


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the targets of the first study with the caption.

    Raises
    ------
    UsageError
        Its scenario has no observed targets.
    """
    scenario = studies[0].scenario
    if not scenario.spec.observed:
        what = "says nothing of what was observed, so there is nothing to validate"
        raise UsageError(f"{scenario.name} {what}")
    table = validate(studies[0]).table()
    return Drawing(figure_of(validation(table, width_in=view.width_in)), table, caption(table))


KIND = StudyKind(
    name="validation",
    shows="simulated beside observed, target by target",
    alt="Points of what is simulated over what was observed, target by target.",
    make=draw,
    fits_column=True,
)
