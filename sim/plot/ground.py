"""The ground under a map: projection, base map, and the lines that cargo follows. For drawing only."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.spec.library import scenario_folder

Points = NDArray[np.float64]
"""Rows of longitude and latitude [degrees], or of x and y [km]."""

EARTH_KM = 6371.0
BASE_MAP = "Base map: Natural Earth"
NEAR_DEG = 0.12
"""How far a hand-placed waypoint may lie from the place it stands for."""


def lambert(
    points: Points, parallels: tuple[float, float] = (40.0, 47.0), centre: tuple[float, float] = (62, 44)
) -> Points:
    """Return *points* in a Lambert conformal conic projection of the sphere with two standard parallels [km].

    Snyder, *Map projections: a working manual* (1987), equations 15-1 to 15-4.
    """
    one, two = np.radians(parallels)
    at = np.radians(np.atleast_2d(np.asarray(points, float)))
    n = np.log(np.cos(one) / np.cos(two)) / np.log(np.tan(np.pi / 4 + two / 2) / np.tan(np.pi / 4 + one / 2))
    f = np.cos(one) * np.tan(np.pi / 4 + one / 2) ** n / n
    rho = EARTH_KM * f / np.tan(np.pi / 4 + at[:, 1] / 2) ** n
    origin = EARTH_KM * f / np.tan(np.pi / 4 + np.radians(centre[1]) / 2) ** n
    theta = n * (at[:, 0] - np.radians(centre[0]))
    return np.column_stack([rho * np.sin(theta), origin - rho * np.cos(theta)])


@cache
def base_map() -> dict[str, tuple[Points, ...]]:
    """Return the rings of land and lakes and the lines of frontiers [km], by layer."""
    text = (scenario_folder() / "map" / "caspian_region_ne10m.geojson").read_text(encoding="utf-8")
    layers: dict[str, tuple[Points, ...]] = {}
    for feature in json.loads(text)["features"]:
        shape: Any = feature["geometry"]["coordinates"]
        name, solid = feature["properties"]["layer"], "Polygon" in feature["geometry"]["type"]
        # The first ring of a polygon is its outline, the others are holes: the Caspian is one in the land.
        outlines = [polygon[0] for polygon in shape] if solid else shape
        layers[name] = tuple(lambert(np.array(line)) for line in outlines)
        holes = [ring for polygon in shape for ring in polygon[1:]] if solid else []
        layers[f"{name} holes"] = tuple(lambert(np.array(line)) for line in holes)
    return layers


@cache
def _waypoints() -> tuple[Points, ...]:
    text = (scenario_folder() / "map" / "corridor_polyline.json").read_text(encoding="utf-8")
    return tuple(np.array(leg["xy"], float) for leg in json.loads(text)["legs"].values())


def way(start: tuple[float, float], finish: tuple[float, float]) -> Points:
    """Return the line from one place to another [degrees]: along hand-placed waypoints, or straight."""
    ends = np.array([start, finish], float)
    for line in _waypoints():
        near = [np.hypot(*(line - end).T) for end in ends]
        if max(distance.min() for distance in near) < NEAR_DEG:
            first, last = (int(distance.argmin()) for distance in near)
            if first == last:
                continue
            step = 1 if last > first else -1
            inner = line[first : last + step or None : step] if last + step >= 0 else line[first::step]
            return np.vstack([ends[0], inner[1:-1], ends[1]])
    return ends
