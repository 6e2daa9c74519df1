"""Demand: when the consignments of a flow come, how large they are, and which way each goes.

The 1x consignments are a subset of the 5x ones: a scale of 2.4 is two whole copies of the process and a third of which
each consignment is kept with probability 0.4, each copy with its own luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE
from sim.network.parts import FlowPlan
from sim.streams import Streams
from sim.units import DAY, Seconds

Times: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Births:
    """Consignments of one flow in order: time [s], units, and a number in [0, 1) that chooses the way."""

    at_s: list[int]
    units: list[int]
    way: list[float]


def draw_births(flow: FlowPlan, streams: Streams, start: date, until_s: Seconds) -> Births:
    """Draw all consignments of *flow* before *until_s*; none for a flow that returns from another."""
    if flow.returns_of != NONE:
        return Births([], [], [])
    clock = SeasonalClock(flow.season, start, until_s)
    copies = [_copy(flow, streams, number, clock, until_s) for number in range(ceil(flow.scale))]
    if not copies:
        return Births([], [], [])
    at_s = np.concatenate([copy[0] for copy in copies])
    order = np.argsort(at_s, kind="stable")
    units = np.concatenate([copy[1] for copy in copies])[order]
    way = np.concatenate([copy[2] for copy in copies])[order]
    return Births(at_s[order].tolist(), units.tolist(), way.tolist())


def _copy(
    flow: FlowPlan, streams: Streams, number: int, clock: SeasonalClock, until_s: Seconds
) -> tuple[NDArray[np.int64], NDArray[np.int64], Times]:
    """Draw one copy of the process; every consignment has its luck by its own number, kept or not."""
    at_s, units = _process(flow, streams, number, clock, until_s)
    way = streams.generator(f"way/{flow.id}/{number}").random(len(at_s))
    kept = min(1.0, flow.scale - number)
    if kept < 1:
        keep = streams.generator(f"keep/{flow.id}/{number}").random(len(at_s)) < kept
        at_s, units, way = at_s[keep], units[keep], way[keep]
    return at_s, units, way


def _process(
    flow: FlowPlan, streams: Streams, number: int, clock: SeasonalClock, until_s: Seconds
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if flow.trace:
        trace = np.array([row for row in flow.trace if row[0] < until_s], dtype=np.int64).reshape(-1, 2)
        return trace[:, 0], trace[:, 1]
    luck = streams.generator(f"arrivals/{flow.id}/{number}")
    times = clock.calendar(_even_times(flow, luck, number, clock.end))
    at_s = np.floor(times[times < until_s]).astype(np.int64)
    sizes = streams.generator(f"units/{flow.id}/{number}")
    return at_s, np.maximum(flow.consignment_units.sample(sizes, len(at_s)), 1)


def _even_times(flow: FlowPlan, luck: np.random.Generator, number: int, until: float) -> Times:
    """Return times on the seasonal clock, at least up to *until*."""
    arrivals = flow.arrivals
    if arrivals.scheduled is not None:
        every = arrivals.scheduled.every
        first = arrivals.scheduled.first + every * number / ceil(flow.scale)
        return np.arange(first, until, every, dtype=np.float64)
    if arrivals.renewal is not None:
        interval = arrivals.renewal.interval
        return _cumulated(lambda size: interval.sample(luck, size).astype(np.float64), until)
    if flow.consignments_per_s > 0:
        mean = 1 / flow.consignments_per_s
        return _cumulated(lambda size: luck.exponential(mean, size), until)
    return np.empty(0)


def _cumulated(draw: Callable[[int], Times], until_s: float) -> Times:
    """Add up intervals until they pass *until_s*; blocks of one size keep a longer run's beginning the same."""
    blocks, total = [np.empty(0)], 0.0
    while total < until_s:
        blocks.append(total + np.cumsum(draw(256)))
        total = float(blocks[-1][-1])
    return np.concatenate(blocks)


class SeasonalClock:
    """A clock that runs fast in strong months, and the calendar that belongs to it.

    Consignments come evenly on this clock; `calendar` turns its times into seconds of the horizon.
    """

    def __init__(self, season: tuple[float, ...], start: date, until_s: Seconds) -> None:
        edges, weights, month = [0.0], [], start
        while edges[-1] < until_s:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            weights.append(season[month.month - 1] if season else 1.0)
            edges.append(float((following - start).days * DAY))
            month = following
        self._edges = np.array(edges)
        self._even = np.concatenate([[0.0], np.cumsum(np.diff(self._edges) * np.array(weights))])
        self.end = float(self._even[-1])
        """Its time at the end of the last month."""

    def calendar(self, times: Times) -> Times:
        """Return seconds since the start of the horizon for *times* before the end of the clock."""
        times = times[times < self.end]
        # The first edge above a time closes a month in which the clock ran: months of weight 0 are skipped.
        after = np.searchsorted(self._even, times, side="right")
        begin, width = self._even[after - 1], self._even[after] - self._even[after - 1]
        return self._edges[after - 1] + (times - begin) / width * (self._edges[after] - self._edges[after - 1])
