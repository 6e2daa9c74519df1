"""The corridor on the map: what flows each way, what waits where, which ports the weather shuts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from sim.metrics.places import moved, waiting
from sim.plot.drawing import Drawing, log_of, place_name
from sim.plot.ground import MODES, Lambert, Points, base_map, drawn, way
from sim.plot.look import (
    ACTIVITY_GROUPS,
    CLOSED,
    DIRECTIONS,
    FRONTIER,
    FULL_IN,
    GROUP_OF,
    HAIR,
    INK,
    LAND,
    SEA,
    SMALL_PT,
    THIN,
    TINY_PT,
    figure_of,
    new_axes,
    nothing_to_show,
    sentence,
    settle,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

WIDEST_PT = 7.0
"""Width of the widest band."""
LARGEST_PT = 20.0
"""Diameter of the largest circle."""
SEEN_PT = 2.5
"""Diameter of the smallest circle that is explained: others are dots."""
PROJECTION = Lambert()
CASPIAN = ((46.0, 55.6), (38.6, 45.6))
"""Longitudes and latitudes of the inset."""


INSIDE: Mapping[str, str] = {
    "aktau": "right above",
    "kuryk": "right below",
    "alat": "left",
    "dubendi": "left above",
    "turkmenbashi": "above",
    "makhachkala": "above",
}
"""Places that are named in the inset, and on which side."""
OUTSIDE: Mapping[str, str] = {
    "altynkol": "below right",
    "dostyk": "right",
    "mointy": "right above",
    "zhezkazgan": "below",
    "shalkar": "above",
    "beineu": "right",
    "tbilisi": "right above",
    "poti": "above",
    "batumi": "below",
    "amirabad": "right",
    **INSIDE,
}
SIDES: Mapping[str, tuple[tuple[float, float], str, str]] = {
    "left": ((-8, 0), "right", "center"),
    "right": ((8, 0), "left", "center"),
    "left above": ((-4, 4), "right", "bottom"),
    "right above": ((9, 1), "left", "bottom"),
    "below right": ((-4, -6), "left", "top"),
    "right below": ((8, -1), "left", "top"),
    "above": ((0, 8), "center", "bottom"),
    "below": ((0, -8), "center", "top"),
}
"""Offset [pt] and alignments."""
LEGEND_COLUMNS, LEGEND_LINE_IN = 3, 0.165
NAME_LETTERS = 14
"""Of a place, on one line."""
MOST_NAMES = 12
"""Of another corridor, whose places are named in their order."""


@dataclass(frozen=True, slots=True)
class MapFrames:
    """What a map shows."""

    places: pd.DataFrame
    """``place, name, lon, lat``."""
    flows: pd.DataFrame
    """`sim.metrics.places.moved`."""
    waiting: pd.DataFrame
    """`sim.metrics.places.waiting`."""
    closed: pd.DataFrame
    """``place, share``: of the time in which the weather shuts a port."""

    def table(self) -> pd.DataFrame:
        """Return all of it as one table: ``what, leg, kind, place, to_place, activity, value, unit,
        width_pt``."""
        parts = [
            self.flows.rename(columns={"from_place": "place", "t_per_year": "value"}).assign(
                what="moves", unit="t/a", width_pt=widths_pt(self.flows)
            ),
            self.waiting.rename(columns={"tonnes": "value"}).assign(what="waits", unit="t"),
            self.closed.rename(columns={"share": "value"}).assign(what="shut", unit="share"),
        ]
        columns = [
            "what",
            "leg",
            "kind",
            "place",
            "to_place",
            "activity",
            "value",
            "unit",
            "width_pt",
        ]
        return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True).reindex(
            columns=columns
        )


def frames_of(study: Study) -> MapFrames:
    """Return what the map of *study* shows, from the log of a replication and, for closures, the
    summary."""
    log, spec = log_of(study), study.scenario.spec
    rows = [
        (p, s.name or p, s.lon, s.lat)
        for p, s in spec.places.items()
        if s.lon is not None and s.lat is not None
    ]
    summary = study.summary()
    shut = summary[
        (summary["name"] == "closed_share")
        & summary["activity"].isna()
        & summary["where"].isin(spec.places)
    ]
    return MapFrames(
        places=pd.DataFrame(rows, columns=["place", "name", "lon", "lat"]),
        flows=moved(log),
        waiting=waiting(log),
        closed=pd.DataFrame({"place": shut["where"], "share": shut["mean"]}),
    )


def map_drawing(study: Study) -> Drawing:
    """Draw the map of *study*."""
    frames = frames_of(study)
    return Drawing(figure_of(draw_map(frames)), frames.table(), _told(study, frames))


def _told(study: Study, frames: MapFrames) -> str:
    if frames.flows.empty or not frames.flows["t_per_year"].max() > 0:
        return "Nothing moved in the measured time."
    most = frames.flows.loc[frames.flows["t_per_year"].idxmax()]
    ends = (place_name(study, most[end]) for end in ("from_place", "to_place"))
    told = f"Most moves from {' to '.join(ends)}: {weight(most['t_per_year'])} a year."
    stands = frames.waiting.groupby("place")["tonnes"].sum()
    if len(stands):
        told += f" Most waits at {place_name(study, str(stands.idxmax()))}: {weight(stands.max())} on average."
    if len(frames.closed) and frames.closed["share"].max() > 0:
        worst = frames.closed.loc[frames.closed["share"].idxmax()]
        told += f" {place_name(study, worst['place'])} is shut {worst['share']:.0%} of the time."
    return f"{told} All cargo, net tonnes."


def weight(tonnes: float) -> str:
    """Return *tonnes* as people say them: t, kt or Mt."""
    for size, unit in ((1e6, "Mt"), (1e3, "kt")):
        if tonnes >= 0.9995 * size:
            return f"{tonnes / size:.3g} {unit}"
    return f"{tonnes:.3g} t"


def draw_map(frames: MapFrames, ax: Axes | None = None) -> Axes:
    """Draw flows as widths each way, waiting cargo as circles, closed ports as crosses; return the
    axes.

    The width of a band [pt] is its share of the widest times `WIDEST_PT`, on the right-hand side of
    its way; the area of a circle is the share of the largest.
    """
    if frames.places.empty:
        return nothing_to_show(
            new_axes(ax, height_in=2.0), "no place has a position (places.*.lat and lon)"
        )
    at = dict(
        zip(frames.places["place"], frames.places[["lon", "lat"]].to_numpy(float), strict=True)
    )
    known = PROJECTION(np.array(list(at.values())))
    (left, low), (right, top) = known.min(axis=0), known.max(axis=0)
    pad = 0.05 * max(right - left, top - low, 100.0)
    span = max(top - low, (right - left) * 0.4)
    extent = ((left - pad, right + pad), (top - span - pad, top + pad))
    handles = _handles(frames)
    rows = -(-len(handles) // LEGEND_COLUMNS)
    ax = new_axes(
        ax, height_in=FULL_IN * (span + 2 * pad) / (right - left + 2 * pad) + LEGEND_LINE_IN * rows
    )
    ax.set_axis_off()
    ax.set_anchor("N")
    where: dict[str, Any] = {
        "loc": "upper center",
        "bbox_to_anchor": (0.5, 0.0),
        "ncols": LEGEND_COLUMNS,
    }
    ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, **where)
    inside = [
        p
        for p, (x, y) in at.items()
        if CASPIAN[0][0] < x < CASPIAN[0][1] and CASPIAN[1][0] < y < CASPIAN[1][1]
    ]
    has_inset = 3 < len(inside) < len(at)
    _panel(ax, frames, at, extent)
    _name(ax, frames, at, [p for p in OUTSIDE if not has_inset or p not in inside])
    if has_inset:
        corners = PROJECTION(np.array([(x, y) for x in CASPIAN[0] for y in CASPIAN[1]]))
        inset = ax.inset_axes((0.44, 0.0, 0.30, 0.62))
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        _panel(inset, frames, at, ((x0, x1), (y0, y1)))
        inset.set(xticks=[], yticks=[])
        inset.spines[:].set(linewidth=THIN, color=INK)
        _name(inset, frames, at, INSIDE)
    elif not set(at) & set(OUTSIDE):
        _name(ax, frames, at, list(at)[:MOST_NAMES])
    return ax


def band(line: Points, width: float) -> Points:
    """Return the outline of a band of *width* on the right-hand side of *line*, both in km."""
    along = np.diff(line, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    right = np.column_stack([along[:, 1], -along[:, 0]])
    normals = np.vstack([right[:1], (right[:-1] + right[1:]), right[-1:]])
    # In a corner the offset is longer, so that both sides keep their width; not beyond twice of it.
    length = np.hypot(*normals.T)
    normals /= (
        np.maximum(length, 0.5)[:, None] ** 2
        / np.where(np.arange(len(line)) % (len(line) - 1) == 0, 1.0, 2.0)[:, None]
    )
    return np.vstack([line, (line + normals * width)[::-1]])


def widths_pt(flows: pd.DataFrame) -> pd.Series[float]:
    """Return the width of each flow on paper [pt]: in proportion to its tonnes a year."""
    most = flows["t_per_year"].max() if len(flows) else 0.0
    return flows["t_per_year"] / most * WIDEST_PT if most else flows["t_per_year"] * 0.0


def _panel(
    ax: Axes,
    frames: MapFrames,
    at: dict[str, Any],
    extent: tuple[tuple[float, float], tuple[float, float]],
) -> None:
    ax.set(xlim=extent[0], ylim=extent[1], aspect="equal")
    _ground(ax)
    km_per_pt = _km_per_pt(ax, extent)
    seen: dict[frozenset[str], None] = {}
    for row, width in zip(frames.flows.to_dict("records"), widths_pt(frames.flows), strict=True):
        ends = (row["from_place"], row["to_place"])
        if not set(ends) <= set(at) or ends[0] == ends[1]:
            continue
        line = PROJECTION(way(drawn(MODES[row["kind"]]), at[ends[0]], at[ends[1]]))
        colour = DIRECTIONS[0 if at[ends[1]][0] < at[ends[0]][0] else 1][1]
        if frozenset(ends) not in seen:
            ax.plot(*line.T, color=INK, lw=HAIR, zorder=6)
            seen[frozenset(ends)] = None
        if width > 0.05:
            shape = Polygon(band(line, width * km_per_pt), facecolor=colour, lw=0, zorder=5)
            shape.set_gid(f"{row['leg']}:{ends[0]}>{ends[1]}")
            ax.add_patch(shape)
    _circles(ax, frames, at)


def _ground(ax: Axes) -> None:
    """Draw the base map; beyond what it covers the paper stays white."""
    layers: dict[str, list[Path]] = {"frame": [], "land": [], "lake": []}
    for layer, points in base_map():
        if layer in layers:
            layers[layer].append(
                Path(np.vstack([points, points[:1]]) if layer == "frame" else points, closed=True)
            )
        else:
            ax.plot(*PROJECTION(points).T, color=FRONTIER, lw=HAIR, zorder=3)
    for order, ((name, rings), colour) in enumerate(
        zip(layers.items(), (SEA, LAND, SEA), strict=True)
    ):
        # Rings run one way, their holes the other: one path of all leaves the holes free.
        whole = Path.make_compound_path(*rings)
        outline = Path(PROJECTION(whole.vertices), whole.codes)
        line = {"edgecolor": FRONTIER, "lw": HAIR} if name != "frame" else {"lw": 0}
        ax.add_patch(PathPatch(outline, facecolor=colour, zorder=order, **line))


def _circles(ax: Axes, frames: MapFrames, at: dict[str, Any]) -> None:
    reasons = _reasons(frames.waiting)
    for place, size in _sizes_pt(frames).sort_values(ascending=False).items():
        colour = ACTIVITY_GROUPS[reasons[str(place)]][0]
        style: dict[str, Any] = {
            "ms": size,
            "mfc": colour,
            "mec": INK,
            "mew": HAIR,
            "alpha": 0.75,
            "zorder": 7,
        }
        ax.plot(*PROJECTION(at[str(place)])[0], "o", **style)
    for place, share in zip(frames.closed["place"], frames.closed["share"], strict=True):
        if place in at and share > 0:
            ax.plot(*PROJECTION(at[place])[0], "X", ms=6, mfc=CLOSED, mec=INK, mew=HAIR, zorder=8)


def _sizes_pt(frames: MapFrames) -> pd.Series[float]:
    """Return the diameter of the circle of each place on the map with waiting cargo [pt]."""
    rows = frames.waiting[frames.waiting["place"].isin(frames.places["place"])]
    totals = rows.groupby("place", sort=False)["tonnes"].sum()
    totals = totals[totals > 0]
    return LARGEST_PT * np.sqrt(totals / totals.max())


def _reasons(waiting: pd.DataFrame) -> dict[str, str]:
    """Return for each place the group of activities in which most of its cargo waits."""
    totals = waiting.assign(group=waiting["activity"].map(dict(GROUP_OF))).groupby(
        ["place", "group"], sort=False
    )
    return {
        str(place): str(group)
        for place, group in totals["tonnes"].sum().groupby("place", sort=False).idxmax()
    }


def _name(ax: Axes, frames: MapFrames, at: dict[str, Any], wanted: Iterable[str]) -> None:
    names = dict(zip(frames.places["place"], frames.places["name"], strict=True))
    shut = dict(zip(frames.closed["place"], frames.closed["share"], strict=True))
    sizes = _sizes_pt(frames)
    for place in wanted:
        if place not in at:
            continue
        told = fill(sentence(names[place]), NAME_LETTERS) + (
            f"\nshut {shut[place]:.0%}" if shut.get(place) else ""
        )
        (dx, dy), ha, va = SIDES[OUTSIDE.get(place, "above")]
        # A name keeps clear of the circle at its place.
        away = max(1.0, (sizes.get(place, 0.0) / 2 + 2) / float(np.hypot(dx, dy)))
        dx, dy = dx * away, dy * away
        where: dict[str, Any] = {
            "textcoords": "offset points",
            "fontsize": TINY_PT,
            "color": INK,
            "zorder": 9,
        }
        ax.plot(*PROJECTION(at[place])[0], "o", ms=2.5, mfc="white", mec=INK, mew=HAIR, zorder=6.5)
        text = ax.annotate(
            told, PROJECTION(at[place])[0], (dx, dy), ha=ha, va=va, annotation_clip=True, **where
        )
        text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def _km_per_pt(ax: Axes, extent: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """Return how many km a point on paper is; laid out first, since the layout decides it."""
    figure = figure_of(ax)
    settle(figure)
    return (extent[0][1] - extent[0][0]) / (72 * float(ax.get_window_extent().width) / figure.dpi)


def _handles(frames: MapFrames) -> list[Any]:
    """Return the entries of the legend."""
    most = frames.flows["t_per_year"].max() if len(frames.flows) else 0.0
    handles: list[Any] = [
        Patch(color=colour, label=f"cargo moving {name}") for name, colour in DIRECTIONS
    ]
    for share in (1.0, 0.25):
        width: dict[str, Any] = {
            "lw": WIDEST_PT * share,
            "color": DIRECTIONS[0][1],
            "solid_capstyle": "butt",
        }
        handles.append(Line2D([], [], label=f"{weight(most * share)} a year", **width))
    rows = frames.waiting.groupby("place")["tonnes"].sum()
    if len(rows):
        label = f"cargo waiting (by area, largest: {weight(rows.max())})"
        handles.append(
            Line2D([], [], ls="", marker="o", ms=8, mfc="white", mec=INK, mew=THIN, label=label)
        )
        sizes, reasons = _sizes_pt(frames), _reasons(frames.waiting)
        for group in dict.fromkeys(reasons[str(place)] for place in sizes[sizes >= SEEN_PT].index):
            colour = ACTIVITY_GROUPS[group][0]
            handles.append(
                Line2D(
                    [],
                    [],
                    ls="",
                    marker="o",
                    ms=6,
                    mfc=colour,
                    mec=INK,
                    mew=HAIR,
                    label=f"{group}, mainly",
                )
            )
    if len(frames.closed):
        handles.append(
            Line2D(
                [],
                [],
                ls="",
                marker="X",
                ms=6,
                mfc=CLOSED,
                mec=INK,
                mew=HAIR,
                label="shut by weather",
            )
        )
    return handles
