"""The marks of a map: ground, bands of cargo, circles, crosses, names and the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from sim.plot.axes import figure_of, settle
from sim.plot.ground import MODES, Lambert, Points, base_map, drawn, way
from sim.plot.look import (
    ACTIVITY_GROUPS,
    CLOSED,
    DIRECTIONS,
    FRONTIER,
    HAIR,
    INK,
    LAND,
    SEA,
    THIN,
    TINY_PT,
)
from sim.plot.map_data import (
    WIDEST_PT,
    MapFrames,
    main_waits,
    scale_of,
    sizes_pt,
    weight,
    widths_pt,
)
from sim.plot.words import sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

At = Mapping[str, tuple[float, float]]
"""Longitude and latitude of each place [degrees]."""
PROJECTION = Lambert()
SEEN_PT = 2.5
"""Diameter of the smallest circle that is explained: others are dots."""
SEEN_BAND_PT = 0.05
"""Width of the thinnest band that is drawn."""
NAME_LETTERS = 14
"""Of a place, on one line."""
CIRCLE: dict[str, Any] = {"marker": "o", "mec": INK, "mew": HAIR}
CROSS: dict[str, Any] = {"marker": "X", "ms": 6, "mfc": CLOSED, "mec": INK, "mew": HAIR}

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
"""Places that are named on the whole map, and on which side."""
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
"""Offset [pt] and alignments of a name on each side."""


def draw_ground(ax: Axes) -> None:
    """Draw the base map; beyond what it covers the paper stays white."""
    layers: dict[str, list[Path]] = {"frame": [], "land": [], "lake": []}
    for layer, points in base_map():
        if layer not in layers:
            ax.plot(*PROJECTION(points).T, color=FRONTIER, lw=HAIR, zorder=3)
            continue
        ring = np.vstack([points, points[:1]]) if layer == "frame" else points
        layers[layer].append(Path(ring, closed=True))
    edge: dict[str, Any] = {"edgecolor": FRONTIER, "lw": HAIR}
    styles: tuple[dict[str, Any], ...] = (
        {"facecolor": SEA, "lw": 0},
        {"facecolor": LAND, **edge},
        {"facecolor": SEA, **edge},
    )
    for order, (rings, style) in enumerate(zip(layers.values(), styles, strict=True)):
        # Rings run one way, their holes the other: one path of all leaves the holes free.
        whole = Path.make_compound_path(*rings)
        outline = Path(PROJECTION(whole.vertices), whole.codes)
        ax.add_patch(PathPatch(outline, zorder=order, **style))


def draw_flows(ax: Axes, frames: MapFrames, at: At) -> None:
    """Draw each leg that is used as a line, and each flow on it as a band on its right-hand side."""
    km_per_pt = _km_per_pt(ax)
    legs: set[frozenset[str]] = set()
    for row, width in zip(frames.flows.to_dict("records"), widths_pt(frames), strict=True):
        start, finish = row["from_place"], row["to_place"]
        if start == finish or start not in at or finish not in at:
            continue
        line = PROJECTION(way(drawn(MODES[row["kind"]]), at[start], at[finish]))
        ends = frozenset((start, finish))
        if ends not in legs:
            ax.plot(*line.T, color=INK, lw=HAIR, zorder=6)
            legs.add(ends)
        if width > SEEN_BAND_PT:
            westward, eastward = (colour for _, colour in DIRECTIONS)
            colour = westward if at[finish][0] < at[start][0] else eastward
            shape = Polygon(band(line, width * km_per_pt), facecolor=colour, lw=0, zorder=5)
            shape.set_gid(f"{row['leg']}:{start}>{finish}")
            ax.add_patch(shape)


def band(line: Points, width: float) -> Points:
    """Return the outline of a band of *width* on the right-hand side of *line*, both in km."""
    along = np.diff(line, axis=0)
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    right = np.column_stack([along[:, 1], -along[:, 0]])
    normals = np.vstack([right[:1], (right[:-1] + right[1:]), right[-1:]])
    # In a corner the offset is longer, so that both sides keep their width; not beyond twice of it.
    length = np.maximum(np.hypot(*normals.T), 0.5)
    is_end = np.arange(len(line)) % (len(line) - 1) == 0
    normals /= (length**2 / np.where(is_end, 1.0, 2.0))[:, None]
    return np.vstack([line, (line + normals * width)[::-1]])


def _km_per_pt(ax: Axes) -> float:
    """Return how many km a point on paper is, by the layout of all that is drawn so far."""
    figure = figure_of(ax)
    settle(figure)
    left, right = ax.get_xlim()
    return (right - left) / (72 * float(ax.get_window_extent().width) / figure.dpi)


def draw_circles(ax: Axes, frames: MapFrames, at: At) -> None:
    """Draw waiting cargo as circles, the largest below, and ports that the weather shuts."""
    reasons = main_waits(frames.waiting)
    for place, size in sizes_pt(frames).sort_values(ascending=False).items():
        colour = ACTIVITY_GROUPS[reasons[str(place)]].colour
        x, y = PROJECTION(at[str(place)])[0]
        ax.plot([x], [y], ms=size, mfc=colour, alpha=0.75, zorder=7, **CIRCLE)
    for place, share in zip(frames.closed["place"], frames.closed["share"], strict=True):
        if place in at and share > 0:
            x, y = PROJECTION(at[place])[0]
            ax.plot([x], [y], zorder=8, **CROSS)


def name_places(ax: Axes, frames: MapFrames, at: At, wanted: Iterable[str]) -> None:
    """Name the places *wanted* that are on the map, and how long the weather shuts them."""
    names = dict(zip(frames.places["place"], frames.places["name"], strict=True))
    shut = dict(zip(frames.closed["place"], frames.closed["share"], strict=True))
    sizes = sizes_pt(frames)
    style: dict[str, Any] = {"fontsize": TINY_PT, "color": INK, "zorder": 9}
    for place in wanted:
        if place not in at:
            continue
        words = fill(sentence(names[place]), NAME_LETTERS)
        if shut.get(place):
            words += f"\nshut {shut[place]:.0%}"
        offset, ha, va = SIDES[OUTSIDE.get(place, "above")]
        # A name keeps clear of the circle at its place.
        away = max(1.0, (sizes.get(place, 0.0) / 2 + 2) / float(np.hypot(*offset)))
        x, y = PROJECTION(at[place])[0]
        ax.plot([x], [y], "o", ms=2.5, mfc="white", mec=INK, mew=HAIR, zorder=6.5)
        text = ax.annotate(
            words,
            (x, y),
            (offset[0] * away, offset[1] * away),
            textcoords="offset points",
            ha=ha,
            va=va,
            annotation_clip=True,
            **style,
        )
        text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def legend_entries(frames: MapFrames) -> list[Patch | Line2D]:
    """Return the entries of the legend."""
    most, largest = scale_of(frames)
    entries: list[Patch | Line2D] = [
        Patch(color=colour, label=f"cargo moving {name}") for name, colour in DIRECTIONS
    ]
    width: dict[str, Any] = {"color": DIRECTIONS[0][1], "solid_capstyle": "butt"}
    for share in (1.0, 0.25):
        label = f"{weight(most * share)} a year"
        entries.append(Line2D([], [], lw=WIDEST_PT * share, label=label, **width))
    by_place = frames.waiting.groupby("place")["tonnes"].sum()
    if len(by_place):
        label = f"cargo waiting (by area, largest: {weight(largest)})"
        circle = CIRCLE | {"mew": THIN}
        entries.append(Line2D([], [], ls="", ms=8, mfc="white", label=label, **circle))
        for group in _seen_waits(frames):
            colour = ACTIVITY_GROUPS[group].colour
            entries.append(
                Line2D([], [], ls="", ms=6, mfc=colour, label=f"{group}, mainly", **CIRCLE)
            )
    if len(frames.closed):
        entries.append(Line2D([], [], ls="", label="shut by weather", **CROSS))
    return entries


def _seen_waits(frames: MapFrames) -> list[str]:
    """Return the groups of activities of circles that can be seen."""
    sizes, reasons = sizes_pt(frames), main_waits(frames.waiting)
    seen = sizes[sizes >= SEEN_PT].index
    return list(dict.fromkeys(reasons[str(place)] for place in seen))
