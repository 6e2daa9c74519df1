"""Time and space: every train and vessel of the chain as a line, from China to the Black Sea."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num as _date2num
from matplotlib.lines import Line2D

from sim.errors import UsageError
from sim.log import NONE, RunLog
from sim.metrics.movements import movements
from sim.metrics.window import ends
from sim.network.axis import Axis, axis
from sim.plot.drawing import Drawing, View, log_of, shown_span
from sim.plot.look import (
    BOLD,
    CLOSED,
    DIRECTIONS,
    HAIR,
    MUTED,
    PALE,
    SMALL_PT,
    THIN,
    TINY_PT,
    dates,
    figure_of,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.spec.load import Scenario
    from sim.study.study import Study


def positions(movements: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Return the rows of *movements* on the axis, with ``start_km`` and ``end_km``; those beside it
    are left out."""
    km = dict(axis.km)
    on = movements["from_place"].isin(list(km)) & movements["to_place"].isin(list(km))
    rows = movements[on & ((movements["leg"] == "") | movements["leg"].isin(list(axis.legs)))]
    start, end = rows["from_place"].map(km).astype(float), rows["to_place"].map(km).astype(float)
    return rows.assign(start_km=start, end_km=end)


def chain_drawing(study: Study, view: View) -> Drawing:
    """Draw the longest chain of *study*, through ``view.via`` if it is said, over the days of
    ``view.span``."""
    return chain_of(log_of(study), study.scenario, view)


def chain_of(log: RunLog, loaded: Scenario, view: View, ax: Axes | None = None) -> Drawing:
    """Draw the longest chain of *loaded* from *log*."""
    try:
        laid_out = axis(loaded, view.via)
    except UsageError as error:
        raise UsageError(f"--via {view.via}: {error}") from None
    start, shown = pd.Timestamp(log.facts.start_date), shown_span(log, view.span)
    rows = positions(movements(log), laid_out)
    begin, end = (start + pd.to_timedelta(rows[at], unit="s") for at in ("start_s", "end_s"))
    rows = rows.assign(start=begin, end=end)
    rows = rows[(rows["end"] > shown[0]) & (rows["start"] < shown[1]) & (rows["kind"] != "truck")]
    names = {place: spec.name for place, spec in loaded.spec.places.items() if spec.name}
    drawn = draw_time_space(rows, laid_out, _closures(log, start), shown, ax, names=names)
    return Drawing(figure_of(drawn), rows.reset_index(drop=True), _told(rows, laid_out, names))


def _told(rows: pd.DataFrame, laid_out: Axis, names: Mapping[str, str]) -> str:
    going = rows[rows["leg"] != ""]
    count = going.groupby("kind", observed=True)["vehicle"].nunique()
    first, last = (
        names.get(place, place) for place in (next(iter(laid_out.km)), list(laid_out.km)[-1])
    )
    trains, vessels = count.get("train", 0), count.get("vessel", 0)
    told = f"{trains} trains and {vessels} vessels move between {first} and {last} in these days; a flat line stands."
    still = rows[(rows["leg"] == "") & (rows["trip"] != NONE)]
    if len(still):
        days = (still["end"] - still["start"]).dt.total_seconds().groupby(
            still["from_place"]
        ).sum() / 86400
        place = str(days.idxmax())
        told += f" Vehicles with cargo stand longest at {names.get(place, place)}."
    return (
        f"{told} Where a leg has no length, its running time stands for it."
        if laid_out.estimated
        else told
    )


def _closures(log: RunLog, start: pd.Timestamp) -> pd.DataFrame:
    """Return ``place, start, end`` of what shut a port for every vessel."""
    table = log.tables["closures"]
    table = table.where(table["vessel_class"] == NONE)
    places = [log.names.place[code] for code in table["place"].tolist()]
    begin, end = (
        start + pd.to_timedelta(at_s, unit="s") for at_s in (table["start_s"], ends(table, log))
    )
    return pd.DataFrame({"place": places, "start": begin, "end": end})


def draw_time_space(
    rows: pd.DataFrame,
    axis: Axis,
    closures: pd.DataFrame,
    span: tuple[pd.Timestamp, pd.Timestamp],
    ax: Axes | None = None,
    *,
    names: Mapping[str, str] | None = None,
) -> Axes:
    """Draw trains (thin) and vessels (bold) as lines over time and distance, closures shaded;
    return the axes.

    Parameters
    ----------
    rows
        `positions`, with ``start`` and ``end`` as dates in place of seconds.
    closures
        ``place, start, end`` of ports shut by weather.
    names
        Of places; others are called by their id.
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
        ax.add_collection(
            LineCollection(_segments(still), colors=MUTED, linewidths=THIN, linestyles=":")
        )
    _shade(ax, axis, closures)
    ends = list(axis.km.values())
    ax.set_ylim(max(ends) * 1.02 or 1, -0.02 * max(ends))
    ax.set_xlim(*_numbers([span[0], span[1]]))
    ax.xaxis_date()
    dates(ax)
    _places(ax, axis, names or {})
    plain(ax)
    ax.set(ylabel="distance along the chain [km]")
    handles = [
        Line2D([], [], color=DIRECTIONS[0][1], lw=THIN, label="away from the first place"),
        Line2D([], [], color=DIRECTIONS[1][1], lw=THIN, label="towards it"),
        Line2D([], [], color=DIRECTIONS[0][1], lw=BOLD, label="vessel"),
        Line2D([], [], color=MUTED, lw=THIN, ls=":", label="standing with cargo"),
        Line2D([], [], color=CLOSED, lw=5, alpha=0.35, label="port shut by weather"),
    ]
    ax.legend(
        handles=handles,
        fontsize=SMALL_PT,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=5,
    )
    return ax


def _segments(rows: pd.DataFrame) -> list[list[tuple[float, float]]]:
    begin, end = _numbers(rows["start"]), _numbers(rows["end"])
    return [
        [(a, b), (c, d)]
        for a, b, c, d in zip(begin, rows["start_km"], end, rows["end_km"], strict=True)
    ]


def _shade(ax: Axes, axis: Axis, closures: pd.DataFrame) -> None:
    """Shade the whole crossing while the port at either end is shut: darker where both are."""
    for place, start, end in zip(
        closures["place"], closures["start"], closures["end"], strict=True
    ):
        for leg in axis.sea:
            if place in axis.legs[leg]:
                here, there = (axis.km[port] for port in axis.legs[leg])
                ax.fill_between(
                    _numbers([start, end]), here, there, color=CLOSED, alpha=0.3, lw=0, zorder=0.5
                )


def _places(ax: Axes, axis: Axis, names: Mapping[str, str]) -> None:
    """Name the places at the right; of those that stand too close together the ends of the chain,
    then the first."""
    length = max(axis.km.values()) or 1.0
    taken: list[float] = []
    for km in axis.km.values():
        ax.axhline(km, color=PALE, lw=HAIR, zorder=0)
    ports = [place for leg in axis.sea for place in axis.legs[leg]]
    last = list(axis.km)[-1]
    for place in dict.fromkeys([last, next(iter(axis.km)), *ports, *axis.km]):
        km = axis.km[place]
        if all(abs(km - other) > 0.022 * length for other in taken):
            style: dict[str, Any] = {
                "va": "center",
                "fontsize": TINY_PT,
                "color": MUTED,
                "transform": ax.get_yaxis_transform(),
            }
            ax.text(1.005, km, names.get(place, place), **style)
            taken.append(km)


def _numbers(moments: Any) -> Any:
    """Return *moments* as numbers of the time axis [d]."""
    return _date2num(moments)  # type: ignore[no-untyped-call]
