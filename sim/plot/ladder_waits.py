"""Where cargo waits on the first rung of the ladder of bottlenecks, and on the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.plot.axes import figure_of, is_wide, legend_above
from sim.plot.columns import Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import GROUP_OF
from sim.plot.waits import waits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORST = 10
"""Places of waiting that are drawn, most."""
SEEN = 0.01
"""Share of the longest wait below which a bar would not be seen."""


def ladder_waits(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how long a delivered unit waits where, on the first and the last rung, worst on top.

    Parameters
    ----------
    table
        `Bottlenecks.waits`.
    """
    rows = _worst(table)
    names = "rung " + rows["rung"].astype(str)
    drawn = waits(
        rows.assign(name="wait_days", scenario=names, flow=rows["where"], mean=rows["days"]), ax
    )
    if rows.empty:
        return drawn
    drawn.set_xlabel("days that a delivered unit waits there")
    kinds = {GROUP_OF[activity] for activity in rows["activity"]}
    handles, labels = drawn.get_legend_handles_labels()
    entries = [(h, label) for h, label in zip(handles, labels, strict=True) if label in kinds]
    shown, words = [h for h, _ in entries], [label for _, label in entries]
    if is_wide(drawn):
        legend_above(drawn, 2, handles=shown, labels=words)
    else:
        # From the right, to reach over the names of places.
        legend_above(drawn, 1, side="right", handles=shown, labels=words)
    return drawn


def _waited(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of activities that are waits."""
    return table[table["activity"].astype(str).str.startswith("wait_")]


def _worst(table: pd.DataFrame) -> pd.DataFrame:
    """Return the waits of the first and the last rung at the worst places, the worst first."""
    if table.empty:
        return table
    rows = _waited(table)
    rows = rows[rows["rung"].isin([table["rung"].min(), table["rung"].max()])]
    by_place = rows.groupby(["rung", "where"])["days"].sum()
    worst = by_place.groupby("where").max().nlargest(WORST)
    order = {where: rank for rank, where in enumerate(worst[worst > SEEN * worst.max()].index)}
    rows = rows[rows["where"].isin(order)]
    return rows.sort_values("where", key=lambda column: column.map(order), kind="stable")


def caption(table: pd.DataFrame) -> str:
    """Return where cargo waits longest on the first rung, and how long it waits there on the last."""
    waited = _waited(table)
    if waited.empty:
        return "Nothing waited."
    days = waited.groupby(["rung", "where"])["days"].sum()
    first, last = table["rung"].min(), table["rung"].max()
    where = days[first].idxmax() if first in days else ""
    if not where:
        return "Nothing waited on the first rung."
    text = f"On rung {first} a delivered unit waits {days[first][where]:.3g} days at {where}"
    if first == last:
        return f"{text}."
    return f"{text}; on rung {last} it waits {days.get((last, where), 0.0):.3g} days there."


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the waits of both rungs with the caption."""
    return Drawing(figure_of(ladder_waits(table)), table, caption(table))


KIND = TableKind(
    name="ladder-waits",
    shows="where cargo waits, rung by rung",
    command="bottlenecks",
    columns={
        "waits": {
            "rung": Number(0),
            "activity": Words(tuple(GROUP_OF)),
            "where": Words(),
            "days": Number(0),
        }
    },
    column="activity",
    make=draw,
)
