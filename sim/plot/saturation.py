"""Cargo offered and carried against the multiple of the demand, and from where on it piles up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.plot.axes import figure_of, new_axes, nothing_to_show
from sim.plot.columns import Number, Words, interval
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import FULL_IN
from sim.plot.offered_carried import curve, gap

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def saturation(table: pd.DataFrame, ax: Axes | None = None, *, width_in: float = FULL_IN) -> Axes:
    """Draw what is offered and carried at every multiple that was tried [Mt net a year].

    Parameters
    ----------
    table
        `Saturation.table`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, width_in, height_in=1.2), "no multiple was tried")
    ax = new_axes(ax, width_in, height_in=3.0)
    curve(ax, points_of(table))
    ax.set_xlim(left=0)
    ax.set_xlabel("multiple of the demand")
    return ax


def points_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``x, overloaded, offered, carried, low, high``, in Mt net a year."""
    amounts = {
        "offered": "offered_t_per_year",
        "carried": "carried_t_per_year",
        "low": "carried_low",
        "high": "carried_high",
    }
    points = pd.DataFrame({"x": table["scale"], "overloaded": table["overloaded"]})
    return points.assign(**{name: table[column] * 1e-6 for name, column in amounts.items()})


def caption(table: pd.DataFrame) -> str:
    """Return what is carried at the largest multiple that was tried, and what is overloaded."""
    if table.empty:
        return "No multiple was tried."
    points = points_of(table)
    last = points["x"].idxmax()
    sentences = [
        f"At {points['x'][last]:.4g} times the demand, {gap(points.loc[last].to_dict())} pass."
    ]
    over = table[table["overloaded"] > 0]
    if len(over):
        least = over.loc[over["scale"].idxmin()]
        sentences.append(f"From {least['scale']:.4g} on {least['first']} is overloaded.")
    return " ".join([*sentences, "The grey gap is offered and not carried."])


def draw(table: pd.DataFrame, *, width_in: float = FULL_IN) -> Drawing:
    """Draw the trials with the caption."""
    return Drawing(figure_of(saturation(table, width_in=width_in)), table, caption(table))


KIND = TableKind(
    name="saturation",
    shows="what is offered and carried at each multiple of the demand",
    command="saturation",
    columns={
        "saturation": {
            "scale": Number(0),
            "overloaded": Number(0),
            "first": Words(),
            "offered_t_per_year": Number(0),
            **interval("carried_t_per_year", "carried_low", "carried_high", least=0),
        }
    },
    column="carried_t_per_year",
    make=draw,
    orders=(("carried_low", "carried_t_per_year", "carried_high"),),
    fits_column=True,
)
