"""The ground under a replay: land, frontiers, and the lines that vehicles follow, on one projected sheet.

Lines are for drawing only. Where the scenario gives places no positions, they stand in a row, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import chain, pairwise
from math import cos, hypot, radians, sin, tan
from typing import TYPE_CHECKING, Any

from sim.spec.library import scenario_folder

if TYPE_CHECKING:
    from sim.spec.scenario import Scenario

Point = tuple[float, float]
"""Longitude and latitude [degrees], or x to the right and y downwards on the sheet."""

SHEET = 20_000
"""Width of the sheet in its own units: a pixel on the largest screens is several of them."""
MARGIN = 0.06
"""Of the sheet, around the places."""
OFF_THE_LINE = 1.6
"""How much farther a way off the drawn lines counts than one along them."""


@dataclass(frozen=True, slots=True)
class Lambert:
    """Lambert's conformal conic projection of the sphere, with one standard parallel in the middle of what is shown.

    Snyder, *Map projections: a working manual* (1987), equations 15-1 to 15-4.
    """

    meridian: float
    parallel: float

    def __call__(self, point: Point) -> Point:
        """Return x and y [earth radii], y upwards."""
        n = sin(radians(self.parallel))

        def rho(latitude: float) -> float:
            height: float = tan(radians(45 + latitude / 2)) ** -n
            return height * cos(radians(self.parallel)) * tan(radians(45 + self.parallel / 2)) ** n / n

        theta = n * radians(point[0] - self.meridian)
        return rho(point[1]) * sin(theta), rho(self.parallel) - rho(point[1]) * cos(theta)


class Sheet:
    """Places of a scenario on a sheet of `SHEET` units in width.

    Parameters
    ----------
    scenario
        With or without positions of its places.
    """

    def __init__(self, scenario: Scenario) -> None:
        known = {
            name: (place.lon, place.lat)
            for name, place in scenario.places.items()
            if place.lon is not None and place.lat is not None
        }
        self.is_map = bool(known) and len(known) == len(scenario.places)
        """Whether every place has a position; else this is a scheme."""
        if self.is_map:
            self.at: Mapping[str, Point] = known
        else:
            self.at = {name: (10.0 * number, 0.0) for number, name in enumerate(scenario.places)}
        xs, ys = zip(*self.at.values(), strict=True)
        self._project = Lambert((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2 or 1.0) if self.is_map else _flat
        corners = [self._project(point) for point in self.at.values()]
        left, right = min(x for x, _ in corners), max(x for x, _ in corners)
        low, top = min(y for _, y in corners), max(y for _, y in corners)
        width = max(right - left, top - low, 1e-6)
        self._scale = SHEET * (1 - 2 * MARGIN) / width
        self._origin = (left - width * MARGIN, top + width * MARGIN)
        self.height = round((top - low + 2 * MARGIN * width) * self._scale)

    def on_sheet(self, point: Point) -> tuple[int, int]:
        """Return where a point of the map lies on the sheet."""
        x, y = self._project(point)
        return round((x - self._origin[0]) * self._scale), round((self._origin[1] - y) * self._scale)

    def place(self, name: str) -> tuple[int, int]:
        """Return where a place lies on the sheet."""
        return self.on_sheet(self.at[name])

    def line(self, start: str, finish: str, mode: str) -> list[int]:
        """Return the way from one place to another as ``x, y, x, y, ...``; *mode* is ``rail``, ``sea`` or ``road``."""
        ends = self.at[start], self.at[finish]
        inner = _along(_drawn(mode), *ends) if self.is_map else ()
        return list(chain.from_iterable(self.on_sheet(point) for point in (ends[0], *inner, ends[1])))

    def ground(self) -> dict[str, list[list[int]]]:
        """Return ``frame``, ``land``, ``lake`` and ``border`` as rings and lines of the sheet; nothing for a scheme.

        ``frame`` is what the base map covers; a ring inside another is a hole.
        """
        shapes: dict[str, list[list[int]]] = {"frame": [], "land": [], "lake": [], "border": []}
        if self.is_map:
            for layer, ring in _natural_earth():
                points = [self.on_sheet(point) for point in ring]
                kept = [points[0], *(b for a, b in pairwise(points) if a != b)]
                shapes[layer].append(list(chain.from_iterable(kept)))
            shapes["frame"].append(list(chain.from_iterable(self.on_sheet(point) for point in _frame())))
        return shapes


def _flat(point: Point) -> Point:
    return point


@cache
def _natural_earth() -> tuple[tuple[str, tuple[Point, ...]], ...]:
    """Return the layer and the points of every ring and line of the base map that ships."""
    text = (scenario_folder() / "map" / "caspian_region_ne10m.geojson").read_text(encoding="utf-8")
    found = []
    for feature in json.loads(text)["features"]:
        layer, rings = feature["properties"]["layer"], _rings(feature["geometry"]["coordinates"])
        found += [(layer, tuple((x, y) for x, y in ring)) for ring in rings]
    return tuple(found)


def _frame() -> tuple[Point, ...]:
    """Return the corners of what the base map covers; its edges are straight on the sheet, as those of its land are."""
    xs, ys = zip(*(point for layer, ring in _natural_earth() if layer == "land" for point in ring), strict=True)
    return ((min(xs), min(ys)), (max(xs), min(ys)), (max(xs), max(ys)), (min(xs), max(ys)))


def _rings(coordinates: Sequence[Any]) -> Iterator[Sequence[Sequence[float]]]:
    """Yield the lists of points that lie nested in *coordinates*."""
    if isinstance(coordinates[0][0], int | float):
        yield coordinates
    else:
        for part in coordinates:
            yield from _rings(part)


@cache
def _drawn(mode: str) -> tuple[tuple[Point, ...], ...]:
    """Return the hand-placed lines of *mode* that ship."""
    text = (scenario_folder() / "map" / "corridor_polyline.json").read_text(encoding="utf-8")
    legs = json.loads(text)["legs"].values()
    return tuple(tuple((x, y) for x, y in leg["xy"]) for leg in legs if leg["mode"] == mode)


def _along(lines: Sequence[Sequence[Point]], start: Point, finish: Point) -> tuple[Point, ...]:
    """Return the points of *lines* on the shortest way between two points (Dijkstra).

    A way may leave the lines anywhere; what lies off them counts `OFF_THE_LINE` times.
    """
    near: dict[Point, list[tuple[float, Point]]] = {}
    for line in lines:
        for a, b in pairwise(line):
            near.setdefault(a, []).append((_distance(a, b), b))
            near.setdefault(b, []).append((_distance(a, b), a))
    known = list(near)
    heap: list[tuple[float, Point, tuple[Point, ...]]] = [(0.0, start, ())]
    done: set[Point] = set()
    while heap:
        far, here, way = heappop(heap)
        if here == finish:
            return way[:-1]
        if here in done:
            continue
        done.add(here)
        steps = [*near.get(here, ()), (OFF_THE_LINE * _distance(here, finish), finish)]
        if here == start:
            steps += [(OFF_THE_LINE * _distance(start, point), point) for point in known if point != start]
        for length, there in steps:
            heappush(heap, (far + length, there, (*way, there)))
    return ()


def _distance(a: Point, b: Point) -> float:
    """Return about how far it is [degrees of latitude]."""
    return hypot((a[0] - b[0]) * cos(radians((a[1] + b[1]) / 2)), a[1] - b[1])
