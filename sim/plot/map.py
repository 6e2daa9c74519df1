"""The corridor on the map: what flows each way, what waits where, which ports the weather shuts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.analysis.labels import place_name
from sim.plot.axes import figure_of, new_axes, new_figure, nothing_to_show, title
from sim.plot.drawing import Drawing, View, has_log
from sim.plot.ground import BASE_MAP
from sim.plot.kind import StudyKind
from sim.plot.look import FULL_IN, INK, SMALL_PT, THIN
from sim.plot.map_data import MapFrames, frames_of, on_one_scale, weight
from sim.plot.map_marks import (
    INSIDE,
    OUTSIDE,
    PROJECTION,
    At,
    draw_circles,
    draw_flows,
    draw_ground,
    legend_entries,
    name_places,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.spec.scenario import ScenarioSpec
    from sim.study.study import Study

Extent = tuple[tuple[float, float], tuple[float, float]]
"""Ends of x and of y [km]."""
CASPIAN = ((46.0, 55.6), (38.6, 45.6))
"""Longitudes and latitudes of the inset."""
INSET = (0.44, 0.0, 0.30, 0.62)
"""Left, bottom, width and height of the inset, as shares of the map."""
INSET_FROM = 4
"""Places in the inset from which on there is one."""
LEGEND_COLUMNS, LEGEND_LINE_IN, TITLE_IN = 3, 0.165, 0.25
MOST_NAMES = 12
"""Of another corridor, whose places are named in their order."""


def draw_map(frames: MapFrames, ax: Axes | None = None) -> Axes:
    """Draw flows as widths each way, waiting cargo as circles, closed ports as crosses.

    The width of a band [pt] is its share of the widest times `WIDEST_PT`, on the right-hand side of
    its way; the area of a circle is the share of the largest.
    """
    if frames.places.empty:
        what = "no place has a position (places.*.lat and lon)"
        return nothing_to_show(new_axes(ax, height_in=2.0), what)
    ax = new_axes(ax, height_in=_height_in(frames))
    # Flows last, since the width of a band in km follows from the layout of all else.
    for panel in _all_but_flows(frames, ax):
        draw_flows(panel, frames, _positions(frames))
    return ax


def draw_maps(maps: Sequence[tuple[str, MapFrames]]) -> Figure:
    """Draw maps below one another, each with its name, on one scale."""
    heights = [_height_in(frames) + TITLE_IN for _, frames in maps]
    figure = new_figure(sum(heights))
    axes = figure.subplots(len(maps), 1, squeeze=False, height_ratios=heights)[:, 0]
    panels = []
    for ax, (name, frames) in zip(axes, maps, strict=True):
        if frames.places.empty:
            nothing_to_show(ax, f"{name}: no place has a position (places.*.lat and lon)")
            continue
        title(ax, name)
        panels += [(panel, frames) for panel in _all_but_flows(frames, ax)]
    for panel, frames in panels:
        draw_flows(panel, frames, _positions(frames))
    return figure


def _positions(frames: MapFrames) -> At:
    positions = frames.places[["lon", "lat"]].to_numpy(float)
    return dict(zip(frames.places["place"], positions, strict=True))


def _height_in(frames: MapFrames) -> float:
    """Return the height of a map with its legend [inch]."""
    if frames.places.empty:
        return 1.0
    (left, right), (low, high) = _extent(_positions(frames))
    lines = -(-len(legend_entries(frames)) // LEGEND_COLUMNS)
    return FULL_IN * (high - low) / (right - left) + LEGEND_LINE_IN * lines


def _all_but_flows(frames: MapFrames, ax: Axes) -> list[Axes]:
    """Draw ground, circles, names and legend, and return the map and its inset."""
    at = _positions(frames)
    entries = legend_entries(frames)
    ax.set_axis_off()
    ax.set_anchor("N")
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=LEGEND_COLUMNS,
        fontsize=SMALL_PT,
        frameon=False,
    )
    inside = [place for place, (lon, lat) in at.items() if _in_caspian(lon, lat)]
    has_inset = INSET_FROM <= len(inside) < len(at)
    wanted = [place for place in OUTSIDE if not has_inset or place not in inside]
    if not set(at) & set(OUTSIDE):
        wanted = list(at)[:MOST_NAMES]
    _panel(ax, frames, at, _extent(at), wanted)
    if not has_inset:
        return [ax]
    return [ax, _inset(ax, frames, at)]


def _extent(at: At) -> Extent:
    """Return what the map covers: all places with a margin, and not too flat."""
    points = PROJECTION(np.array(list(at.values())))
    (left, low), (right, top) = points.min(axis=0), points.max(axis=0)
    pad = 0.05 * max(right - left, top - low, 100.0)
    span = max(top - low, (right - left) * 0.4)
    return (left - pad, right + pad), (top - span - pad, top + pad)


def _in_caspian(lon: float, lat: float) -> bool:
    """Return whether a position lies inside the inset."""
    (west, east), (south, north) = CASPIAN
    return west < lon < east and south < lat < north


def _panel(ax: Axes, frames: MapFrames, at: At, extent: Extent, wanted: Iterable[str]) -> None:
    """Draw all but the flows, and name the places *wanted*."""
    ax.set(xlim=extent[0], ylim=extent[1], aspect="equal")
    draw_ground(ax)
    draw_circles(ax, frames, at)
    name_places(ax, frames, at, wanted)


def _inset(ax: Axes, frames: MapFrames, at: At) -> Axes:
    """Draw the Caspian a second time, larger, and return its axes."""
    (west, east), (south, north) = CASPIAN
    corners = PROJECTION([(west, south), (west, north), (east, south), (east, north)])
    (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
    inset = ax.inset_axes(INSET)
    _panel(inset, frames, at, ((left, right), (low, high)), INSIDE)
    inset.set(xticks=[], yticks=[])
    inset.spines[:].set(linewidth=THIN, color=INK)
    return inset


def caption(spec: ScenarioSpec, frames: MapFrames) -> str:
    """Return the largest flow, where most cargo waits, and which port is shut most."""
    if frames.flows.empty or not frames.flows["t_per_year"].max() > 0:
        return "Nothing moved in the measured time."
    most = frames.flows.loc[frames.flows["t_per_year"].idxmax()]
    start, finish = (place_name(spec, most[end]) for end in ("from_place", "to_place"))
    sentences = [f"The largest flow is {start} to {finish}: {weight(most['t_per_year'])} a year."]
    stands = frames.waiting.groupby("place")["tonnes"].sum()
    if len(stands):
        where = place_name(spec, str(stands.idxmax()))
        sentences.append(f"Most cargo waits at {where}: {weight(stands.max())} on average.")
    if len(frames.closed) and frames.closed["share"].max() > 0:
        worst = frames.closed.loc[frames.closed["share"].idxmax()]
        port = place_name(spec, worst["place"])
        sentences.append(f"Weather shuts {port} most, {worst['share']:.0%} of the time.")
    return " ".join([*sentences, "All cargo of one replication, net tonnes."])


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the maps of all studies, on one scale with each other and with those of *view*."""
    beside = [study for study in view.scaled_with if has_log(study) and study not in studies]
    found = on_one_scale([frames_of(study) for study in (*studies, *beside)])[: len(studies)]
    if len(studies) == 1:
        frames = found[0]
        sentences = caption(studies[0].scenario.spec, frames)
        return Drawing(figure_of(draw_map(frames)), frames.table(), sentences)
    names = [study.scenario.name for study in studies]
    named = list(zip(names, found, strict=True))
    tables = [frames.table().assign(scenario=name) for name, frames in named]
    sentences = " ".join(
        f"{study.scenario.name}: {caption(study.scenario.spec, frames)}"
        for study, frames in zip(studies, found, strict=True)
    )
    table = pd.concat(tables, ignore_index=True)
    return Drawing(draw_maps(named), table, f"{sentences} All maps have one scale.")


KIND = StudyKind(
    name="map",
    shows="flows, waiting cargo and closed ports on the map",
    alt="Map of the corridor with the cargo that flows over each leg and waits at each place.",
    make=draw,
    from_log=True,
    of_all=True,
    beside=BASE_MAP,
)
