"""The corridor on the map: what flows each way, what waits where, which ports the weather shuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.patheffects import withStroke

from sim.plot.ground import Points, base_map, lambert, way
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
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDEST_PT = 7.0
"""Width of the widest band."""
LARGEST_PT = 20.0
"""Diameter of the largest circle."""
CASPIAN = ((46.6, 55.6), (38.6, 45.6))
"""Longitudes and latitudes of the inset."""


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


def draw_map(frames: MapFrames, ax: Axes | None = None) -> Axes:
    """Draw flows as widths each way, waiting cargo as circles, closed ports as crosses; return the axes.

    The width of a band [pt] is its share of the widest times `WIDEST_PT`, on the right-hand side of its way; the area
    of a circle is the share of the largest.
    """
    ax = new_axes(ax, height_in=FULL_IN * 0.56)
    ax.set_axis_off()
    ax.set_anchor("N")
    if frames.places.empty:
        return nothing_to_show(ax, "no place has a position (places.*.lat and lon)")
    at = dict(zip(frames.places["place"], frames.places[["lon", "lat"]].to_numpy(float), strict=True))
    known = lambert(np.array(list(at.values())))
    (left, low), (right, top) = known.min(axis=0), known.max(axis=0)
    pad = 0.05 * max(right - left, top - low, 100.0)
    span = max(top - low, (right - left) * 0.4)
    _panel(ax, frames, at, ((left - pad, right + pad), (top + pad - span - 2 * pad, top + pad)), 1.0)
    _name(ax, frames, at, ("altynkol", "dostyk", "mointy", "zhezkazgan", "shalkar", "beineu", "tbilisi", "poti"))
    corners = lambert(np.array([(x, y) for x in CASPIAN[0] for y in CASPIAN[1]]))
    inside = [p for p, (x, y) in at.items() if CASPIAN[0][0] < x < CASPIAN[0][1] and CASPIAN[1][0] < y < CASPIAN[1][1]]
    if len(inside) > 3 and len(inside) < len(at):
        inset = ax.inset_axes((0.44, 0.0, 0.30, 0.62))
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        _panel(inset, frames, at, ((x0, x1), (y0, y1)), 1.0)
        inset.set(xticks=[], yticks=[])
        inset.spines[:].set(linewidth=THIN, color=INK)
        _name(inset, frames, at, ("aktau", "kuryk", "alat", "turkmenbashi", "makhachkala"))
    _legend(ax, frames)
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
        np.maximum(length, 0.5)[:, None] ** 2 / np.where(np.arange(len(line)) % (len(line) - 1) == 0, 1.0, 2.0)[:, None]
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
    alpha: float,
) -> None:
    ax.set(xlim=extent[0], ylim=extent[1], aspect="equal")
    layers = base_map()
    ax.set_facecolor(SEA)
    ax.add_patch(Polygon(_box(extent), facecolor=SEA, lw=0, zorder=0))
    for name, colour, order in (("land", LAND, 1), ("land holes", SEA, 1.5), ("lake", SEA, 2)):
        for ring in layers[name]:
            ax.add_patch(Polygon(ring, facecolor=colour, edgecolor=FRONTIER, lw=HAIR, zorder=order))
    for line in layers["border"]:
        ax.plot(*line.T, color=FRONTIER, lw=HAIR, zorder=3)
    km_per_pt = _km_per_pt(ax, extent)
    seen: dict[frozenset[str], None] = {}
    for row, width in zip(frames.flows.to_dict("records"), widths_pt(frames.flows), strict=True):
        ends = (row["from_place"], row["to_place"])
        if not set(ends) <= set(at) or ends[0] == ends[1]:
            continue
        line = lambert(way(at[ends[0]], at[ends[1]]))
        colour = DIRECTIONS[0 if at[ends[1]][0] < at[ends[0]][0] else 1][1]
        if frozenset(ends) not in seen:
            ax.plot(*line.T, color=INK, lw=HAIR, zorder=6)
            seen[frozenset(ends)] = None
        if width > 0.05:
            shape = Polygon(band(line, width * km_per_pt), facecolor=colour, lw=0, alpha=alpha, zorder=5)
            shape.set_gid(f"{row['leg']}:{ends[0]}>{ends[1]}")
            ax.add_patch(shape)
    _circles(ax, frames, at)


def _circles(ax: Axes, frames: MapFrames, at: dict[str, Any]) -> None:
    rows = frames.waiting[frames.waiting["place"].isin(list(at))]
    totals = rows.groupby("place", sort=False)["tonnes"].sum()
    for place, tonnes in totals[totals > 0].sort_values(ascending=False).items():
        mine = rows[rows["place"] == place]
        groups = mine.groupby(mine["activity"].map(dict(GROUP_OF)))["tonnes"].sum()
        colour = ACTIVITY_GROUPS[str(groups.idxmax())][0]
        size = LARGEST_PT * float(np.sqrt(tonnes / totals.max()))
        style: dict[str, Any] = {"ms": size, "mfc": colour, "mec": INK, "mew": HAIR, "alpha": 0.75, "zorder": 7}
        ax.plot(*lambert(at[str(place)])[0], "o", **style)
    for place, share in zip(frames.closed["place"], frames.closed["share"], strict=True):
        if place in at and share > 0:
            ax.plot(*lambert(at[place])[0], "X", ms=6, mfc=CLOSED, mec=INK, mew=HAIR, zorder=8)


def _name(ax: Axes, frames: MapFrames, at: dict[str, Any], wanted: tuple[str, ...]) -> None:
    names = dict(zip(frames.places["place"], frames.places["name"], strict=True))
    shut = dict(zip(frames.closed["place"], frames.closed["share"], strict=True))
    for place in wanted:
        if place in at:
            told = f"{names[place]}" + (f"\nshut {shut[place]:.0%}" if shut.get(place) else "")
            where: dict[str, Any] = {"textcoords": "offset points", "fontsize": TINY_PT, "color": INK, "zorder": 9}
            x, y = lambert(at[place])[0]
            left, right = ax.get_xlim()
            side = "left" if x < left + 0.85 * (right - left) else "right"
            text = ax.annotate(
                told,
                (x, y),
                (6 if side == "left" else -6, -12 if place == "kuryk" else 5),
                ha=side,
                annotation_clip=True,
                **where,
            )
            text.set_path_effects([withStroke(linewidth=1.6, foreground="white")])


def _km_per_pt(ax: Axes, extent: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """Return how many km a point on paper is; laid out first, since the layout decides it."""
    figure = figure_of(ax)
    figure.draw_without_rendering()
    return (extent[0][1] - extent[0][0]) / (72 * float(ax.get_window_extent().width) / figure.dpi)


def _box(extent: tuple[tuple[float, float], tuple[float, float]]) -> Points:
    (x0, x1), (y0, y1) = extent
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _legend(ax: Axes, frames: MapFrames) -> None:
    most = frames.flows["t_per_year"].max() if len(frames.flows) else 0.0
    handles: list[Any] = [Patch(color=colour, label=f"cargo moving {name}") for name, colour in DIRECTIONS]
    for share in (1.0, 0.25):
        width: dict[str, Any] = {"lw": WIDEST_PT * share, "color": DIRECTIONS[0][1], "solid_capstyle": "butt"}
        handles.append(Line2D([], [], label=f"{most * share / 1e6:.2f} Mt a year", **width))
    rows = frames.waiting.groupby("place")["tonnes"].sum()
    if len(rows):
        label = f"cargo waiting (largest: {rows.max() / 1e3:.1f} kt), coloured by the main reason"
        handles.append(Line2D([], [], ls="", marker="o", ms=8, mfc="white", mec=INK, mew=THIN, label=label))
    if len(frames.closed):
        handles.append(Line2D([], [], ls="", marker="X", ms=6, mfc=CLOSED, mec=INK, mew=HAIR, label="shut by weather"))
    ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3)
