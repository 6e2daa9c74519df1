"""Cargo offered and carried at the points of a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.axes import (
    figure_of,
    intervals,
    legend_above,
    name_rows,
    new_axes,
    nothing_to_show,
    plain,
)
from sim.plot.columns import LARGEST, Number
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, FULL_IN, INK, SMALL_PT
from sim.plot.offered_carried import curve, gap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OFFERED, CARRIED = "offered_t_per_year [t/a]", "carried_t_per_year [t/a]"
BOUNDS = ("carried_t_per_year low [t/a]", "carried_t_per_year high [t/a]")
ROW_IN = 0.26
MOST_ROWS = 60
"""Points of a grid that are drawn as bars; of more, the first."""


def paths_of(table: pd.DataFrame) -> list[str]:
    """Return the columns of what was varied: those between the number of the point and the outcomes."""
    columns = list(table.columns)
    return columns[columns.index("point") + 1 : columns.index(OFFERED)]


def sweep(table: pd.DataFrame, ax: Axes | None = None, *, width_in: float = FULL_IN) -> Axes:
    """Draw what is offered and carried at each point [Mt net a year].

    One number that was varied is the horizontal axis; of several, each point is a row.

    Parameters
    ----------
    table
        `Sweep.table`.
    """
    paths = paths_of(table)
    points = points_of(table)
    if table.empty:
        return nothing_to_show(new_axes(ax, width_in, height_in=1.2), "no point was finished")
    if len(paths) == 1 and pd.api.types.is_numeric_dtype(table[paths[0]]) and len(table) > 1:
        ax = new_axes(ax, width_in, height_in=3.0)
        curve(ax, points.assign(x=table[paths[0]]))
        ax.set_xlabel(paths[0])
        return ax
    return _bars(points.head(MOST_ROWS), table[paths].head(MOST_ROWS), ax, width_in)


def points_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``offered, carried, low, high`` of every point [Mt net a year]."""
    names = dict(
        zip((OFFERED, CARRIED, *BOUNDS), ("offered", "carried", "low", "high"), strict=True)
    )
    return table[list(names)].rename(columns=names).astype(float) * 1e-6


def _bars(points: pd.DataFrame, values: pd.DataFrame, ax: Axes | None, width_in: float) -> Axes:
    """Draw a row for each point, named by its values."""
    ax = new_axes(ax, width_in, height_in=0.8 + ROW_IN * len(points))
    y = np.arange(len(points))
    ax.barh(y, points["offered"], 0.72, fill=False, edgecolor=INK, lw=0.8, label="offered")
    ax.barh(y, points["carried"], 0.5, color=BLUE, label="carried (95 % interval)")
    intervals(ax, y, points["low"], points["high"])
    ends = points[["offered", "carried", "high"]].max(axis=1)
    for at, end, row in zip(y, ends, points.to_dict("records"), strict=True):
        words = f"  {row['carried']:.2f} of {row['offered']:.2f}"
        ax.text(end, float(at), words, va="center", fontsize=SMALL_PT)
    name_rows(ax, [", ".join(map(str, row)) for row in values.itertuples(index=False)])
    ax.set_xlim(0, 1.15 * float(ends.max() or 1.0))
    ax.set_xlabel(f"cargo of the corridor [Mt net a year], by {', '.join(values.columns)}")
    legend_above(ax, 2)
    plain(ax)
    return ax


def caption(table: pd.DataFrame) -> str:
    """Return at which point most is carried, and at which the smallest share."""
    points, paths = points_of(table), paths_of(table)
    if points["carried"].isna().all():
        return "No point was finished."
    most = points["carried"].idxmax()
    at = ", ".join(f"{path} {table[path][most]}" for path in paths)
    cut = f" The first {MOST_ROWS} of {len(table)} points." if len(table) > MOST_ROWS else ""
    return f"Most is carried at {at}: {gap(points.loc[most].to_dict())}.{cut}"


def draw(table: pd.DataFrame, *, width_in: float = FULL_IN) -> Drawing:
    """Draw the points with the caption."""
    return Drawing(figure_of(sweep(table, width_in=width_in)), table, caption(table))


def agree(table: pd.DataFrame) -> str:
    """Return which number that was varied cannot be drawn; empty if all can."""
    for path in paths_of(table):
        if pd.api.types.is_numeric_dtype(table[path]):
            is_wrong = table[path].astype(float).abs() > LARGEST
            if is_wrong.any():
                row = int(is_wrong.to_numpy().argmax())
                value = table[path].iloc[row]
                return (
                    f"points.csv, row {row + 1}, column {path}: got {value:g}, which is too large"
                )
    return ""


KIND = TableKind(
    name="sweep",
    shows="what is offered and carried at the points of a sweep",
    command="sweep",
    columns={
        "points": {
            "point": Number(0),
            OFFERED: Number(0, may_lack=True),
            CARRIED: Number(0, may_lack=True),
            **dict.fromkeys(BOUNDS, Number(0, may_lack=True)),
        }
    },
    column=CARRIED,
    make=draw,
    orders=((BOUNDS[0], CARRIED, BOUNDS[1]),),
    agree=agree,
    fits_column=True,
)
