"""The ground under maps: projection, base map, and the lines that cargo follows. For drawing
only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import csgraph_from_dense, dijkstra

from sim.spec.library import scenario_folder

Points = NDArray[np.float64]
"""Rows of longitude and latitude [degrees], or of x and y [km]."""

EARTH_KM = 6371.0
BASE_MAP = "Base map: Natural Earth"
OFF_THE_LINE = 2.0
"""How much farther a way off the drawn lines counts than one along them.

Enough to keep ships of one line from crossing the land to it from the end of another."""
MODES = {"train": "rail", "vessel": "sea", "truck": "road"}
"""Mode of the drawn lines that each kind of vehicle follows."""


@dataclass(frozen=True, slots=True)
class Lambert:
    """Lambert's conformal conic projection of the sphere, with one or two standard parallels
    [degrees].

    Snyder, *Map projections: a working manual* (1987), equations 15-1 to 15-4.
    """

    parallels: tuple[float, float] = (40.0, 47.0)
    """The same twice: one."""
    centre: tuple[float, float] = (62.0, 44.0)
    """Longitude and latitude of x = y = 0."""

    def __call__(self, points: ArrayLike) -> Points:
        """Return x to the right and y upwards [km] of rows of longitude and latitude."""
        one, two = np.radians(self.parallels)
        at = np.radians(np.atleast_2d(np.asarray(points, float)))
        n = np.sin(one)
        if one != two:
            n = np.log(np.cos(one) / np.cos(two)) / np.log(
                np.tan(np.pi / 4 + two / 2) / np.tan(np.pi / 4 + one / 2)
            )
        f = np.cos(one) * np.tan(np.pi / 4 + one / 2) ** n / n
        rho = EARTH_KM * f / np.tan(np.pi / 4 + at[:, 1] / 2) ** n
        origin = EARTH_KM * f / np.tan(np.pi / 4 + np.radians(self.centre[1]) / 2) ** n
        theta = n * (at[:, 0] - np.radians(self.centre[0]))
        return np.column_stack([rho * np.sin(theta), origin - rho * np.cos(theta)])


@cache
def base_map() -> tuple[tuple[str, Points], ...]:
    """Return the layer and the points [degrees] of every ring and line of the base map that ships.

    Layers are ``frame`` (the corners of what it covers; its edges are straight on paper, as those
    of its land are), ``land``, ``lake`` and ``border``. A ring inside another of its layer is a
    hole: the Caspian is one in the land.
    """
    text = (scenario_folder() / "map" / "caspian_region_ne10m.geojson").read_text(encoding="utf-8")
    shapes: list[tuple[str, Points]] = []
    for feature in json.loads(text)["features"]:
        layer = str(feature["properties"]["layer"])
        rings = _rings(feature["geometry"]["coordinates"])
        shapes += [(layer, np.array(ring, float)) for ring in rings]
    land = np.vstack([ring for layer, ring in shapes if layer == "land"])
    (left, low), (right, top) = land.min(axis=0), land.max(axis=0)
    return (("frame", np.array([(left, low), (right, low), (right, top), (left, top)])), *shapes)


def _rings(coordinates: Sequence[Any]) -> Iterator[Sequence[Sequence[float]]]:
    """Yield the lists of points that lie nested in *coordinates*."""
    if isinstance(coordinates[0][0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _rings(part)


@cache
def drawn(mode: str) -> tuple[Points, ...]:
    """Return the hand-placed lines of *mode* (``rail``, ``sea`` or ``road``) that ship
    [degrees]."""
    text = (scenario_folder() / "map" / "corridor_polyline.json").read_text(encoding="utf-8")
    legs = json.loads(text)["legs"].values()
    return tuple(np.array(leg["xy"], float) for leg in legs if leg["mode"] == mode)


def way(lines: Sequence[Points], start: ArrayLike, finish: ArrayLike) -> Points:
    """Return the shortest way from one point to another along *lines*, both ends included
    [degrees].

    It may leave the lines anywhere; what lies off them counts `OFF_THE_LINE` times.
    """
    ends = np.array([start, finish], float)
    points, number = np.unique(np.vstack([*lines, ends]), axis=0, return_inverse=True)
    number = number.ravel()
    first, last = number[-2:]
    if first == last:
        return ends
    lengths = np.full((len(points), len(points)), np.inf)
    for end in (first, last):
        lengths[end] = lengths[:, end] = OFF_THE_LINE * _degrees(points, points[end])
    after = np.cumsum([0, *(len(line) for line in lines)])
    for at, line in zip(after, lines, strict=False):
        here, there = number[at : at + len(line) - 1], number[at + 1 : at + len(line)]
        lengths[here, there] = lengths[there, here] = _degrees(points[here], points[there])
    np.fill_diagonal(lengths, np.inf)
    _, before = dijkstra(
        csgraph_from_dense(lengths, null_value=np.inf), indices=first, return_predecessors=True
    )
    steps = [last]
    while steps[-1] != first:
        steps.append(before[steps[-1]])
    return points[steps[::-1]]


def _degrees(a: Points, b: Points) -> Points:
    """Return about how far it is [degrees of latitude]."""
    return np.hypot(
        (a[..., 0] - b[..., 0]) * np.cos(np.radians((a[..., 1] + b[..., 1]) / 2)),
        a[..., 1] - b[..., 1],
    )
