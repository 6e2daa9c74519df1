"""The answer at a glance: what each scenario is offered and carries, and what overloads first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from sim.analysis.answer import in_words
from sim.plot.axes import figure_of, legend_above, name_rows, new_axes, nothing_to_show, plain
from sim.plot.columns import Columns, Number, Words, interval
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, GREY, INK, MUTED, ORANGE, SKY, SMALL_PT, TINY_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN = 0.36
LETTER = 0.0085
"""Width of a letter of the small print, as a share of the axis."""


class State(NamedTuple):
    """How the bar of a scenario looks that is in this state."""

    label: str
    colour: str
    hatch: str

    def bar(self) -> dict[str, Any]:
        """Return the style of the bar."""
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": "white", "lw": 0}


STATES = {
    "holds": State("carried, nothing overloaded", BLUE, ""),
    "undecided": State("carried, overload undecided", SKY, ".."),
    "overloaded": State("carried, something overloaded", ORANGE, "///"),
    "unknown": State("carried, overload not known", GREY, ""),
}
CARRIED = ("carried_low", "carried", "carried_high")
COLUMNS: Columns = {
    "scenario": Words(),
    "offered": Number(0),
    **interval("carried", "carried_low", "carried_high", least=0),
    "share": Number(0, may_lack=True),
    "state": Words(tuple(STATES)),
    "overloaded": Number(0),
    "first": Words(),
}
"""Columns that are drawn, and what they may hold."""
OUTLINE: dict[str, Any] = {"fill": False, "edgecolor": INK, "lw": 0.8}


def answer(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw offered (outline) and carried (filled, 95 % interval) cargo by scenario [Mt net a year].

    Parameters
    ----------
    table
        `sim.analysis.answer.answer`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, height_in=1.2), "no scenario")
    ax = new_axes(ax, height_in=0.9 + ROW_IN * len(table))
    rows = table.to_dict("records")
    widest = max([1e-6, *(_draw_row(ax, y, row) for y, row in enumerate(rows))])
    name_rows(ax, table["scenario"].tolist(), pad=0.5)
    ax.set_xlim(0, widest)
    ax.set_xlabel("cargo of the corridor [Mt net a year]")
    shown = set(table["state"])
    handles = [Patch(label="offered", **OUTLINE)]
    handles += [Patch(label=s.label, **s.bar()) for name, s in STATES.items() if name in shown]
    legend_above(ax, 3, side="right", handles=handles)
    plain(ax)
    return ax


def _draw_row(ax: Axes, y: int, row: dict[str, Any]) -> float:
    """Draw one scenario, and return how far the axis must go for its words to fit."""
    carried, offered, low, high = (
        row[name] / 1e6 for name in ("carried", "offered", "carried_low", "carried_high")
    )
    ax.barh(y, carried, 0.5, **STATES[row["state"]].bar())
    ax.barh(y, offered, 0.66, **OUTLINE)
    if np.isfinite(low):
        ax.plot([low, high], [y, y], color=INK, lw=1, marker="|", ms=4)
    words = in_words(row["state"], row["overloaded"], row["first"])
    head = "" if row["state"] == "undecided" else "overloaded: "
    below = f"  {head}{words}"
    end = float(np.nanmax([offered, carried, high]))
    above = f"  {carried:.2f} of {offered:.2f}"
    ax.text(end, y - 0.14, above, va="center", fontsize=SMALL_PT, color=INK)
    ax.text(end, y + 0.22, below, va="center", fontsize=TINY_PT, color=MUTED)
    return end / (1 - LETTER * len(below))


def caption(table: pd.DataFrame) -> str:
    """Return in how many scenarios something is overloaded, and which carries the least share."""
    if table.empty:
        return "No scenario was run."
    count = table["state"].value_counts()
    over, undecided = (int(count.get(state, 0)) for state in ("overloaded", "undecided"))
    least = table.loc[table["share"].idxmin()]
    return (
        f"Something is overloaded in {over} of {len(table)} scenarios, and undecided in {undecided}. "
        f"{least['scenario']} carries the smallest share of what it is offered, {least['share']:.0%}."
    )


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the answer with its caption."""
    return Drawing(figure_of(answer(table)), table, caption(table))


KIND = TableKind(
    name="answer",
    shows="what each scenario is offered and carries",
    command="answer",
    columns={"answer": COLUMNS},
    column="offered",
    make=draw,
    orders=(CARRIED,),
)
