"""Time and space: every train and vessel of the chain as a line, from China to the Black Sea."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num as _date2num
from matplotlib.lines import Line2D

from sim.network.axis import Axis
from sim.plot.look import (
    BOLD,
    CLOSED,
    DIRECTIONS,
    GREY,
    HAIR,
    MUTED,
    SMALL_PT,
    THIN,
    TINY_PT,
    dates,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def positions(movements: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Return the rows of *movements* on the axis, with ``start_km`` and ``end_km``; those beside it are left out."""
    km = dict(axis.km)
    on = movements["from_place"].isin(list(km)) & movements["to_place"].isin(list(km))
    rows = movements[on & ((movements["leg"] == "") | movements["leg"].isin(list(axis.legs)))]
    start, end = rows["from_place"].map(km).astype(float), rows["to_place"].map(km).astype(float)
    return rows.assign(start_km=start, end_km=end)


def draw_time_space(
    rows: pd.DataFrame,
    axis: Axis,
    closures: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    ax: Axes | None = None,
) -> Axes:
    """Draw trains (thin) and vessels (bold) as lines over time and distance, closures shaded; return the axes.

    Parameters
    ----------
    rows
        `positions`, with ``start`` and ``end`` as dates in place of seconds.
    closures
        ``place, start, end`` of ports shut by weather.
    """
    ax = new_axes(ax, height_in=5.0)
    rows = rows[(rows["end"] > span[0]) & (rows["start"] < span[1]) & (rows["kind"] != "truck")]
    if rows.empty:
        return nothing_to_show(ax, "no train or vessel was on the way in these days")
    for kind, width in (("train", THIN * 0.75), ("vessel", BOLD * 0.6)):
        mine = rows[rows["kind"] == kind]
        for place, shade in ((1, DIRECTIONS[1][1]), (0, DIRECTIONS[0][1])):
            # Westward is away from the first place; what stands takes the colour of its trip.
            moves = np.sign(mine["end_km"] - mine["start_km"])
            here = mine[(moves < 0) if place else (moves > 0)]
            ax.add_collection(LineCollection(_segments(here), colors=shade, linewidths=width))
        still = mine[(mine["end_km"] == mine["start_km"]) & (mine["trip"] >= 0)]
        ax.add_collection(LineCollection(_segments(still), colors=GREY, linewidths=HAIR, alpha=0.7))
    _shade(ax, axis, closures)
    ends = list(axis.km.values())
    ax.set_ylim(max(ends) * 1.02 or 1, -0.02 * max(ends))
    ax.set_xlim(*_numbers([span[0], span[1]]))
    ax.xaxis_date()
    dates(ax)
    _places(ax, axis)
    plain(ax)
    ax.set(ylabel="distance along the chain [km]")
    handles = [
        Line2D([], [], color=DIRECTIONS[0][1], lw=THIN, label="away from the first place"),
        Line2D([], [], color=DIRECTIONS[1][1], lw=THIN, label="towards it"),
        Line2D([], [], color=DIRECTIONS[0][1], lw=BOLD, label="vessel"),
        Line2D([], [], color=GREY, lw=HAIR, label="standing with cargo"),
        Line2D([], [], color=CLOSED, lw=5, alpha=0.35, label="port shut by weather"),
    ]
    ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=5)
    return ax


def _segments(rows: pd.DataFrame) -> list[list[tuple[float, float]]]:
    begin, end = _numbers(rows["start"]), _numbers(rows["end"])
    return [[(a, b), (c, d)] for a, b, c, d in zip(begin, rows["start_km"], end, rows["end_km"], strict=True)]


def _shade(ax: Axes, axis: Axis, closures: pd.DataFrame) -> None:
    """Shade the quarter of the sea nearest to each port while it is shut."""
    for place, start, end in zip(closures["place"], closures["start"], closures["end"], strict=True):
        for a, b in axis.legs.values():
            if place in (a, b) and place in axis.km:
                here, there = axis.km[place], axis.km[b if place == a else a]
                if {a, b} <= set(closures["place"]):
                    edge = here + (there - here) / 4
                    ax.fill_between(_numbers([start, end]), here, edge, color=CLOSED, alpha=0.35, lw=0)


def _places(ax: Axes, axis: Axis) -> None:
    """Name the places at the right, those too near to the last one named left out."""
    length, last = max(axis.km.values()) or 1.0, -1.0
    for place, km in axis.km.items():
        ax.axhline(km, color=GREY, lw=HAIR, zorder=0)
        if last < 0 or km - last > 0.022 * length:
            style: dict[str, Any] = {
                "va": "center",
                "fontsize": TINY_PT,
                "color": MUTED,
                "transform": ax.get_yaxis_transform(),
            }
            ax.text(1.005, km, place, **style)
            last = km


def _numbers(moments: Any) -> Any:
    """Return *moments* as numbers of the time axis [d]."""
    return _date2num(moments)  # type: ignore[no-untyped-call]
