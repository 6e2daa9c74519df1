"""Time and space: every train and vessel of the chain as a line, from China to the Black Sea."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num
from matplotlib.lines import Line2D

from sim.errors import UsageError
from sim.log import NONE, RunLog
from sim.metrics.movements import movements
from sim.metrics.window import ends
from sim.network.axis import Axis, axis
from sim.plot.axes import dates, figure_of, legend_above, new_axes, nothing_to_show, plain
from sim.plot.drawing import Drawing, Span, View, log_of, shown_span
from sim.plot.kind import StudyKind
from sim.plot.look import BOLD, CLOSED, DIRECTIONS, HAIR, MUTED, PALE, THIN, TINY_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.spec.load import Scenario
    from sim.study.study import Study

WIDTHS = {"train": THIN * 0.75, "vessel": BOLD * 0.6}
"""Width of the lines of each kind of vehicle [pt]."""
APART = 0.022
"""Least distance between two names of places, as a share of the chain."""


def positions(movements: pd.DataFrame, axis: Axis) -> pd.DataFrame:
    """Return the rows of *movements* on the axis, with ``start_km`` and ``end_km``.

    Movements beside the axis are left out.
    """
    km = dict(axis.km)
    on = movements["from_place"].isin(list(km)) & movements["to_place"].isin(list(km))
    rows = movements[on & ((movements["leg"] == "") | movements["leg"].isin(list(axis.legs)))]
    start, end = rows["from_place"].map(km).astype(float), rows["to_place"].map(km).astype(float)
    return rows.assign(start_km=start, end_km=end)


def draw_time_space(
    rows: pd.DataFrame,
    axis: Axis,
    closures: pd.DataFrame,
    span: Span,
    ax: Axes | None = None,
    *,
    names: Mapping[str, str] | None = None,
) -> Axes:
    """Draw trains (thin) and vessels (bold) as lines over time and distance, closures shaded.

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
    rows = _shown(rows, span)
    if rows.empty:
        return nothing_to_show(ax, "no train or vessel was on the way in these days")
    for kind, width in WIDTHS.items():
        _draw_vehicles(ax, rows[rows["kind"] == kind], width)
    _shade(ax, axis, closures)
    farthest = max(axis.km.values())
    ax.set_ylim(farthest * 1.02 or 1, -0.02 * farthest)
    ax.set_xlim(*_numbers([span[0], span[1]]))
    ax.xaxis_date()
    dates(ax)
    _name_places(ax, axis, names or {})
    plain(ax)
    ax.set(ylabel="distance along the chain [km]")
    legend_above(ax, 5, handles=_legend())
    return ax


def _shown(rows: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Return the rows of trains and vessels inside *span*."""
    return rows[(rows["end"] > span[0]) & (rows["start"] < span[1]) & (rows["kind"] != "truck")]


def _draw_vehicles(ax: Axes, rows: pd.DataFrame, width: float) -> None:
    """Draw the vehicles of one kind: away from the first place, towards it, and standing."""
    (_, away), (_, towards) = DIRECTIONS
    moves = rows["end_km"] - rows["start_km"]
    is_standing = (moves == 0) & (rows["trip"] >= 0)
    for own, colour in ((rows[moves < 0], towards), (rows[moves > 0], away)):
        ax.add_collection(LineCollection(_segments(own), colors=colour, linewidths=width))
    standing = _segments(rows[is_standing])
    ax.add_collection(LineCollection(standing, colors=MUTED, linewidths=THIN, linestyles=":"))


def _segments(rows: pd.DataFrame) -> list[list[tuple[float, float]]]:
    begin, end = _numbers(rows["start"]), _numbers(rows["end"])
    return [
        [(a, b), (c, d)]
        for a, b, c, d in zip(begin, rows["start_km"], end, rows["end_km"], strict=True)
    ]


def _shade(ax: Axes, axis: Axis, closures: pd.DataFrame) -> None:
    """Shade the whole crossing while the port at either end is shut: darker where both are."""
    for leg in axis.sea:
        ports = axis.legs[leg]
        here, there = (axis.km[port] for port in ports)
        shut = closures[closures["place"].isin(ports)]
        for span in zip(shut["start"], shut["end"], strict=True):
            style: dict[str, Any] = {"color": CLOSED, "alpha": 0.3, "lw": 0, "zorder": 0.5}
            ax.fill_between(_numbers(span), here, there, **style)


def _name_places(ax: Axes, axis: Axis, names: Mapping[str, str]) -> None:
    """Name the places at the right.

    Where several stand too close together, the ends of the chain go first, then ports.
    """
    length = max(axis.km.values()) or 1.0
    for km in axis.km.values():
        ax.axhline(km, color=PALE, lw=HAIR, zorder=0)
    ports: list[str] = []
    for leg in axis.sea:
        ports += axis.legs[leg]
    first, last = next(iter(axis.km)), list(axis.km)[-1]
    taken: list[float] = []
    style: dict[str, Any] = {"va": "center", "fontsize": TINY_PT, "color": MUTED}
    for place in dict.fromkeys([last, first, *ports, *axis.km]):
        km = axis.km[place]
        if all(abs(km - other) > APART * length for other in taken):
            name = names.get(place, place)
            ax.text(1.005, km, name, transform=ax.get_yaxis_transform(), **style)
            taken.append(km)


def _legend() -> list[Line2D]:
    (_, away), (_, towards) = DIRECTIONS
    return [
        Line2D([], [], color=away, lw=THIN, label="away from the first place"),
        Line2D([], [], color=towards, lw=THIN, label="towards it"),
        Line2D([], [], color=away, lw=BOLD, label="vessel"),
        Line2D([], [], color=MUTED, lw=THIN, ls=":", label="standing with cargo"),
        Line2D([], [], color=CLOSED, lw=5, alpha=0.35, label="port shut by weather"),
    ]


def _numbers(moments: Any) -> Any:
    """Return *moments* as numbers of the time axis [d]."""
    return date2num(moments)  # type: ignore[no-untyped-call]


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the longest chain of the first study, through the place or leg that *view* names."""
    return chain_of(log_of(studies[0]), studies[0].scenario, view)


def chain_of(log: RunLog, scenario: Scenario, view: View, ax: Axes | None = None) -> Drawing:
    """Draw the longest chain of *scenario* from *log*, over the days of *view*."""
    try:
        chain = axis(scenario, view.via)
    except UsageError as error:
        raise UsageError(f"--via {view.via}: {error}") from None
    begin, span = pd.Timestamp(log.facts.start_date), shown_span(log, view.span)
    rows = positions(movements(log), chain)
    start, end = (begin + pd.to_timedelta(rows[at], unit="s") for at in ("start_s", "end_s"))
    rows = _shown(rows.assign(start=start, end=end), span)
    names = {place: spec.name for place, spec in scenario.spec.places.items() if spec.name}
    drawn = draw_time_space(rows, chain, _closures(log, begin), span, ax, names=names)
    return Drawing(figure_of(drawn), rows.reset_index(drop=True), caption(rows, chain, names))


def _closures(log: RunLog, begin: pd.Timestamp) -> pd.DataFrame:
    """Return ``place, start, end`` of what shut a port for every vessel."""
    table = log.tables["closures"]
    table = table.where(table["vessel_class"] == NONE)
    places = [log.names.place[code] for code in table["place"].tolist()]
    start, end = (
        begin + pd.to_timedelta(at_s, unit="s") for at_s in (table["start_s"], ends(table, log))
    )
    return pd.DataFrame({"place": places, "start": start, "end": end})


def caption(rows: pd.DataFrame, chain: Axis, names: Mapping[str, str]) -> str:
    """Return how many vehicles move, and where those with cargo stand longest."""
    count = rows[rows["leg"] != ""].groupby("kind", observed=True)["vehicle"].nunique()
    first, last = (names.get(place, place) for place in (next(iter(chain.km)), list(chain.km)[-1]))
    trains, vessels = count.get("train", 0), count.get("vessel", 0)
    moving = f"{trains} trains and {vessels} vessels move between {first} and {last}"
    sentences = [f"{moving} in the days shown; a flat line is a vehicle that stands."]
    standing = rows[(rows["leg"] == "") & (rows["trip"] != NONE)]
    if len(standing):
        length_s = (standing["end"] - standing["start"]).dt.total_seconds()
        place = str(length_s.groupby(standing["from_place"]).sum().idxmax())
        sentences.append(f"Vehicles with cargo stand longest at {names.get(place, place)}.")
    if chain.estimated:
        sentences.append("A leg without a length is as long as its running time suggests.")
    return " ".join(sentences)


KIND = StudyKind(
    name="time-space",
    shows="trains and vessels over time and distance",
    make=draw,
    heeds=("span", "via"),
    from_log=True,
)
