"""The ground under a replay: land, frontiers, and the lines that vehicles follow, on one projected
sheet.

Lines are for drawing only. Where the scenario gives places no positions, they stand in a row, in
their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from sim.plot.ground import Lambert, Points, base_map, drawn, way

if TYPE_CHECKING:
    from sim.spec.scenario import ScenarioSpec

Point = tuple[float, float]
"""Longitude and latitude [degrees]."""

SHEET = 20_000
"""Width of the sheet in its own units: a pixel on the largest screens is several of them."""
MARGIN = 0.06
"""Of the sheet, around the places."""


class Sheet:
    """Places of a scenario on a sheet of `SHEET` units in width.

    Parameters
    ----------
    scenario
        With or without positions of its places.
    """

    def __init__(self, scenario: ScenarioSpec) -> None:
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
        points = np.array(list(self.at.values()))
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        parallel = float(middle[1]) or 1.0
        self._project: Callable[[ArrayLike], Points] = _flat
        if self.is_map:
            self._project = Lambert((parallel, parallel), (float(middle[0]), parallel))
        corners = self._project(points)
        (left, low), (right, top) = corners.min(axis=0), corners.max(axis=0)
        width = max(float(right - left), float(top - low), 1e-2)
        self._scale = SHEET * (1 - 2 * MARGIN) / width
        self._origin = np.array([left - width * MARGIN, top + width * MARGIN])
        self.height = round((float(top - low) + 2 * MARGIN * width) * self._scale)

    def on_sheet(self, points: ArrayLike) -> list[tuple[int, int]]:
        """Return x to the right and y downwards on the sheet of points of the map."""
        away = (self._project(points) - self._origin) * (self._scale, -self._scale)
        return [(x, y) for x, y in np.rint(away).astype(int).tolist()]

    def place(self, name: str) -> tuple[int, int]:
        """Return where a place lies on the sheet."""
        return self.on_sheet(self.at[name])[0]

    def line(self, start: str, finish: str, mode: str) -> list[int]:
        """Return the way from one place to another as ``x, y, x, y, ...``; *mode* is ``rail``,
        ``sea`` or ``road``."""
        ends = self.at[start], self.at[finish]
        return list(
            chain.from_iterable(self.on_sheet(way(drawn(mode), *ends) if self.is_map else ends))
        )

    def ground(self) -> dict[str, list[list[int]]]:
        """Return ``frame``, ``land``, ``lake`` and ``border`` as rings and lines of the sheet;
        nothing for a scheme.

        ``frame`` is what the base map covers; a ring inside another is a hole.
        """
        shapes: dict[str, list[list[int]]] = {"frame": [], "land": [], "lake": [], "border": []}
        if self.is_map:
            for layer, ring in base_map():
                points = self.on_sheet(ring)
                kept = [points[0], *(b for a, b in pairwise(points) if a != b)]
                shapes[layer].append(list(chain.from_iterable(kept)))
        return shapes


def _flat(points: ArrayLike) -> Points:
    return np.atleast_2d(np.asarray(points, float))
