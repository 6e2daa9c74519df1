"""The ladder of bottlenecks: what is carried on each rung, what was raised to come there, and where
cargo waits."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.plot.look import (
    BLUE,
    GREY,
    GROUP_OF,
    INK,
    MUTED,
    SMALL_PT,
    TINY_PT,
    is_wide,
    legend_above,
    new_axes,
    nothing_to_show,
    plain,
)
from sim.plot.waits import waits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR_IN, LINE_IN, GAP_IN = 0.2, 0.125, 0.16
"""Height of a bar, of a line of text above it, and of what is free below it [inch]."""
OTHERS = 4
"""Alternatives that are named where it is undecided; of more, how many there are."""
WORST = 10
"""Places of waiting that are drawn, most."""
SEEN = 0.01
"""Share of the longest wait below which a bar would not be seen."""


def ladder(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what is carried on each rung with its interval of 95 %, and above it what is raised to
    come to the next.

    Where it is undecided, a second line names what cannot be told from it.

    Parameters
    ----------
    table
        `Bottlenecks.table`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, height_in=1.2), "no rung")
    letters = 110 if ax is None or is_wide(ax) else 50
    rows = zip(table["bottleneck"], table["fix"], table["state"], strict=True)
    told = [_told(*row, letters) for row in rows]
    heights = [LINE_IN * len(lines) + BAR_IN + GAP_IN for lines in told]
    ax = new_axes(ax, height_in=0.6 + sum(heights))
    # The vertical axis is in inches, so that bars and lines have the room they take.
    tops = np.cumsum([0.0, *heights[:-1]])
    middles = tops + np.array([LINE_IN * len(lines) + BAR_IN / 2 for lines in told])
    mean, low, high = (
        table[name].to_numpy(float) / 1e6
        for name in ("carried_t_per_year", "carried_low", "carried_high")
    )
    error = np.nan_to_num([mean - low, high - mean])
    ax.barh(middles, mean, BAR_IN, color=BLUE, xerr=error, error_kw={"lw": 1, "capsize": 2})
    for top, middle, lines, value, end in zip(
        tops, middles, told, mean, np.fmax(mean, high), strict=True
    ):
        for number, (line, is_first) in enumerate(lines):
            colour, size = (INK, SMALL_PT) if is_first else (MUTED, TINY_PT)
            ax.text(0, top + LINE_IN * number, f" {line}", fontsize=size, va="top", color=colour)
        ax.text(end, middle, f"  {value:.2f}", fontsize=SMALL_PT, va="center", color=INK)
    ax.set_yticks(middles, [str(number) for number in table["rung"]])
    ax.set_ylim(sum(heights), -0.05)
    ax.set_xlim(0, float(np.nanmax(np.fmax(mean, high))) * (1.1 if letters > 60 else 1.2) or 1.0)
    ax.set(xlabel="carried [Mt net a year]", ylabel="rung")
    plain(ax)
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    ax.set_axisbelow(True)
    return ax


def _told(bottleneck: str, fix: str, state: str, letters: int) -> list[tuple[str, bool]]:
    """Return the lines above a bar, and whether each says what is raised."""
    if not fix and not bottleneck:
        return [(_in_words(state), True)]
    raised = fix.rsplit(": ", 1)[0]
    head = f"raised: {fix}" if fix else f"nothing raised ({_in_words(state)})"
    lines = [(line, True) for line in wrap(head, letters)]
    if bottleneck.startswith("undecided: "):
        others = [
            name for name in bottleneck.removeprefix("undecided: ").split(" or ") if name != raised
        ]
        more = f" or {len(others) - OTHERS} more" if len(others) > OTHERS else ""
        # Names are not broken over lines.
        named = " or ".join(name.replace(" ", "\N{NO-BREAK SPACE}") for name in others[:OTHERS])
        text = f"undecided, it may {'also ' if fix else ''}be: {named}{more}"
        lines += [(line, False) for line in wrap(text, int(letters * SMALL_PT / TINY_PT))]
    elif not fix:
        lines += [(line, False) for line in wrap(f"most would give: {bottleneck}", letters)]
    return lines


def _in_words(state: str) -> str:
    told = {
        "holds": "nothing is overloaded",
        "undecided": "undecided whether something is overloaded",
    }
    return told.get(state, state)


def ladder_waits(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how long a delivered unit waits where, on the first rung and on the last, the worst
    places on top.

    Parameters
    ----------
    table
        `Bottlenecks.waits`.
    """
    rungs = [] if table.empty else list(dict.fromkeys([table["rung"].min(), table["rung"].max()]))
    rows = table[table["rung"].isin(rungs) & table["activity"].astype(str).str.startswith("wait_")]
    worst = rows.groupby(["rung", "where"])["days"].sum().groupby("where").max().nlargest(WORST)
    order = {where: rank for rank, where in enumerate(worst[worst > SEEN * worst.max()].index)}
    rows = rows[rows["where"].isin(order)].sort_values(
        "where", key=lambda column: column.map(order), kind="stable"
    )
    names = "rung " + rows["rung"].astype(str)
    drawn = waits(
        rows.assign(name="wait_days", scenario=names, flow=rows["where"], mean=rows["days"]), ax
    )
    if len(rows):
        drawn.set_xlabel("days that a delivered unit waits there")
        kinds = {GROUP_OF[activity] for activity in rows["activity"]}
        all_of = dict(zip(*reversed(drawn.get_legend_handles_labels()), strict=True))
        seen = {name: handle for name, handle in all_of.items() if name in kinds}
        handles, labels = list(seen.values()), list(seen)
        if is_wide(drawn):
            legend_above(drawn, 2, handles=handles, labels=labels)
        else:
            # From the right, to reach over the names of places.
            place: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0)}
            drawn.legend(handles, labels, fontsize=SMALL_PT, frameon=False, **place)
    return drawn
