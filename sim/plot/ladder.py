"""The ladder of bottlenecks: what is carried on each rung, and which fix leads to the next."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sim.plot.axes import figure_of, grid, is_wide, new_axes, nothing_to_show, plain
from sim.plot.columns import Number, Words, interval
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, INK, MUTED, SMALL_PT, TINY_PT
from sim.plot.words import counted, first_few

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR_IN, LINE_IN, GAP_IN = 0.2, 0.125, 0.16
"""Height of a bar, of a line of text above it, and of what is free below it [inch]."""
OTHERS = 4
"""Alternatives that are named where it is undecided; of more, how many there are."""
LETTERS, LETTERS_IN_COLUMN = 110, 50
"""Letters of a line of text on a page and in a column."""
ROOM, ROOM_IN_COLUMN = 1.1, 1.2
"""Length of the axis, of the longest bar, on a page and in a column."""
UNDECIDED = "undecided: "
"""How a bottleneck begins that cannot be separated from others."""
STATES = {
    "holds": "nothing is overloaded",
    "undecided": "undecided whether something is overloaded",
}


class Line(NamedTuple):
    """A line of text above a bar."""

    text: str
    size_pt: int
    colour: str


def ladder(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what is carried on each rung (95 % interval), and above it the fix that leads on.

    Where it is undecided, a second line names what cannot be separated from it.

    Parameters
    ----------
    table
        `Bottlenecks.table`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, height_in=1.2), "no rung")
    letters, room = LETTERS, ROOM
    if ax is not None and not is_wide(ax):
        letters, room = LETTERS_IN_COLUMN, ROOM_IN_COLUMN
    rows = table.to_dict("records")
    texts = [_lines(row["bottleneck"], row["fix"], row["state"], letters) for row in rows]
    heads = np.array([LINE_IN * len(lines) for lines in texts])
    heights = heads + BAR_IN + GAP_IN
    ax = new_axes(ax, height_in=0.6 + float(heights.sum()))
    # The vertical axis is in inches, so that bars and lines have the room they take.
    tops = np.cumsum([0.0, *heights[:-1]])
    middles = tops + heads + BAR_IN / 2
    mean, low, high = (
        table[name].to_numpy(float) / 1e6
        for name in ("carried_t_per_year", "carried_low", "carried_high")
    )
    ends = np.fmax(mean, high)
    error = np.nan_to_num([mean - low, high - mean])
    ax.barh(middles, mean, BAR_IN, color=BLUE, xerr=error, error_kw={"lw": 1, "capsize": 2})
    for middle, value, end in zip(middles, mean, ends, strict=True):
        ax.text(end, middle, f"  {value:.2f}", fontsize=SMALL_PT, va="center", color=INK)
    for top, lines in zip(tops, texts, strict=True):
        _write(ax, top, lines)
    ax.set_yticks(middles, [str(number) for number in table["rung"]])
    ax.set_ylim(float(heights.sum()), -0.05)
    ax.set_xlim(0, float(np.nanmax(ends)) * room or 1.0)
    ax.set(xlabel="carried [Mt net a year]", ylabel="rung")
    plain(ax)
    grid(ax)
    return ax


def _write(ax: Axes, top: float, lines: list[Line]) -> None:
    """Write *lines* from *top* [inch] downwards."""
    for number, line in enumerate(lines):
        y = top + LINE_IN * number
        ax.text(0, y, f" {line.text}", fontsize=line.size_pt, va="top", color=line.colour)


def _lines(bottleneck: str, fix: str, state: str, letters: int) -> list[Line]:
    """Return the lines above a bar: the fix, or why there is none, then what else it may be."""
    if not fix and not bottleneck:
        return [Line(STATES.get(state, state), SMALL_PT, INK)]
    head = f"raised: {fix}" if fix else f"nothing raised ({STATES.get(state, state)})"
    lines = [Line(text, SMALL_PT, INK) for text in wrap(head, letters)]
    if bottleneck.startswith(UNDECIDED):
        below, room = _others(bottleneck, fix), int(letters * SMALL_PT / TINY_PT)
    elif not fix:
        below, room = f"most would give: {bottleneck}", letters
    else:
        return lines
    return lines + [Line(text, TINY_PT, MUTED) for text in wrap(below, room)]


def _others(bottleneck: str, fix: str) -> str:
    """Return which other resources may be the bottleneck."""
    raised = fix.rsplit(": ", 1)[0]
    names = bottleneck.removeprefix(UNDECIDED).split(" or ")
    # Names are not broken over lines.
    others = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in names if name != raised]
    also = "also " if fix else ""
    listed = first_few(others, OTHERS, between=" or ", last=" or ")
    return f"undecided, it may {also}be: {listed}"


def caption(table: pd.DataFrame) -> str:
    """Return how far the ladder climbs."""
    if table.empty:
        return "No rung was finished."
    first, last = (table["carried_t_per_year"].iloc[at] / 1e6 for at in (0, -1))
    *raised, open_fix = table["fix"]
    fixes = counted(sum(map(bool, raised)), "fix", "fixes")
    unknown = " The effect of the last fix was not simulated." if open_fix else ""
    return (
        f"With {fixes}, made one by one, carried cargo goes from {first:.2f} to {last:.2f} "
        f"Mt a year.{unknown} The text above each bar names the fix that leads to the next rung; "
        "bars carry 95 % intervals."
    )


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the ladder with the caption."""
    return Drawing(figure_of(ladder(table)), table, caption(table))


KIND = TableKind(
    name="ladder",
    shows="bottlenecks, rung by rung",
    command="bottlenecks",
    columns={
        "ladder": {
            "rung": Number(0),
            **interval("carried_t_per_year", "carried_low", "carried_high", least=0),
            "bottleneck": Words(),
            "fix": Words(),
            "state": Words(),
        }
    },
    column="rung",
    make=draw,
    orders=(("carried_low", "carried_t_per_year", "carried_high"),),
)
