"""Demand: when the consignments of a flow come, how large they are, and which way each goes.

The 1x consignments are a subset of the 5x ones: a scale of 2.4 is two whole copies of the process
and a third of which each consignment is kept with probability 0.4, each copy with its own luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.network.parts import (
    ArrivalsPlan,
    FlowPlan,
    Network,
    PoissonPlan,
    RenewalPlan,
    ReturnsPlan,
    SchedulePlan,
    SurplusPlan,
    TracePlan,
)
from sim.streams import Streams
from sim.units import DAY, Seconds

Times: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Births:
    """Consignments of one flow in order: time [s], units, and a number in [0, 1) that chooses the
    way."""

    at_s: list[int]
    units: list[int]
    way: list[float]


def draw_births(network: Network, code: int, streams: Streams, run: tuple[date, Seconds]) -> Births:
    """Draw all consignments of a flow from the first day to the last second of *run*; none if it
    follows another."""
    flow = network.flows[code]
    if isinstance(flow.arrivals, ReturnsPlan | SurplusPlan):
        return Births([], [], [])
    course = _course(network, code, run)
    copies = [_copy(flow, streams, number, course) for number in range(course.copies)]
    if not copies:
        return Births([], [], [])
    at_s = np.concatenate([copy[0] for copy in copies])
    order = np.argsort(at_s, kind="stable")
    units = np.concatenate([copy[1] for copy in copies])[order]
    way = np.concatenate([copy[2] for copy in copies])[order]
    return Births(at_s[order].tolist(), units.tolist(), way.tolist())


@dataclass(frozen=True, slots=True)
class _Course:
    """How the demand of one flow goes over the run."""

    clock: SeasonalClock
    until_s: Seconds
    begins_s: NDArray[np.int64]
    """From when each scale holds."""
    scales: Times

    @property
    def copies(self) -> int:
        """How many copies of the process the largest scale takes."""
        return ceil(self.scales.max())

    def kept(self, at_s: NDArray[np.int64], number: int) -> Times:
        """Return the share of copy *number* that is kept at each time."""
        held = self.scales[np.searchsorted(self.begins_s, at_s, side="right") - 1]
        return np.clip(held - number, 0.0, 1.0)


def _course(network: Network, code: int, run: tuple[date, Seconds]) -> _Course:
    start, until_s = run
    stages = [(0, network), *((s, era) for s, era in network.eras if s < until_s)]
    first = network.flows[code]
    growth = {0: 1.0}
    if network.growth_per_year and first.grows:
        for year in range(start.year + 1, start.year + 2 + until_s // (365 * DAY)):
            growth[(date(year, 1, 1) - start).days * DAY] = (1 + network.growth_per_year) ** (
                year - start.year
            )
    begins = sorted({*growth, *(s for s, _ in stages)})
    scales = []
    for at_s in begins:
        scale = next(era.flows[code].scale for s, era in reversed(stages) if s <= at_s)
        scales.append(scale * next(growth[s] for s in sorted(growth, reverse=True) if s <= at_s))
    seasons = [
        (s, era.flows[code].season, _pace(era.flows[code].arrivals, first.arrivals))
        for s, era in stages
    ]
    clock = SeasonalClock(seasons, start, until_s)
    return _Course(clock, until_s, np.array(begins, np.int64), np.array(scales))


def _pace(now: ArrivalsPlan, first: ArrivalsPlan) -> float:
    """Return how many times as fast consignments come as at the start of the run."""
    if isinstance(first, PoissonPlan) and isinstance(now, PoissonPlan) and first.per_s:
        return now.per_s / first.per_s
    if isinstance(first, RenewalPlan) and isinstance(now, RenewalPlan):
        return first.interval.mean / now.interval.mean
    if isinstance(first, SchedulePlan) and isinstance(now, SchedulePlan):
        return first.every_s / now.every_s
    return 1.0


def _copy(
    flow: FlowPlan, streams: Streams, number: int, course: _Course
) -> tuple[NDArray[np.int64], NDArray[np.int64], Times]:
    """Draw one copy of the process; every consignment has its luck by its own number, kept or
    not."""
    at_s, units = _process(flow, streams, number, course)
    way = streams.generator(f"way/{flow.id}/{number}").random(len(at_s))
    kept = course.kept(at_s, number)
    if (kept < 1).any():
        keep = streams.generator(f"keep/{flow.id}/{number}").random(len(at_s)) < kept
        at_s, units, way = at_s[keep], units[keep], way[keep]
    return at_s, units, way


def _process(
    flow: FlowPlan, streams: Streams, number: int, course: _Course
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    clock, until_s = course.clock, course.until_s
    if isinstance(flow.arrivals, TracePlan):
        listed = [row for row in flow.arrivals.rows if row[0] < until_s]
        trace = np.array(listed, dtype=np.int64).reshape(-1, 2)
        return trace[:, 0], trace[:, 1]
    luck = streams.generator(f"arrivals/{flow.id}/{number}")
    times = clock.calendar(_even_times(flow, luck, (number, course.copies), clock.end))
    # A millionth of a second forgives the turn from the even clock to the calendar and back.
    at_s = np.floor(times[times < until_s] + 1e-6).astype(np.int64)
    sizes = streams.generator(f"units/{flow.id}/{number}")
    return at_s, np.maximum(flow.consignment_units.sample(sizes, len(at_s)), 1)


def _even_times(
    flow: FlowPlan, luck: np.random.Generator, copy: tuple[int, int], until: float
) -> Times:
    """Return times of a copy (its number, of how many) on the seasonal clock, at least up to
    *until*."""
    arrivals = flow.arrivals
    if isinstance(arrivals, SchedulePlan):
        first_s = arrivals.first_s + arrivals.every_s * copy[0] / copy[1]
        return np.arange(first_s, until, arrivals.every_s, dtype=np.float64)
    if isinstance(arrivals, RenewalPlan):
        interval = arrivals.interval
        return _cumulated(lambda size: interval.sample(luck, size).astype(np.float64), until)
    if isinstance(arrivals, PoissonPlan) and arrivals.per_s > 0:
        mean = 1 / arrivals.per_s
        return _cumulated(lambda size: luck.exponential(mean, size), until)
    return np.empty(0)


def _cumulated(draw: Callable[[int], Times], until_s: float) -> Times:
    """Add up intervals until they pass *until_s*; blocks of one size keep a longer run's beginning
    the same."""
    blocks, total = [np.empty(0)], 0.0
    while total < until_s:
        blocks.append(total + np.cumsum(draw(256)))
        total = float(blocks[-1][-1])
    return np.concatenate(blocks)


class SeasonalClock:
    """A clock that runs fast in strong months and after growth, and the calendar that belongs to
    it.

    Consignments come evenly on this clock; `calendar` turns its times into seconds of the horizon.

    Parameters
    ----------
    seasons
        ``(from second, weights of the months, pace)`` in order; the months weigh 1 where there are
        none.
    """

    def __init__(
        self,
        seasons: Sequence[tuple[Seconds, tuple[float, ...], float]],
        start: date,
        until_s: Seconds,
    ) -> None:
        edges, weights, month = [0.0], [], start
        while edges[-1] < until_s:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            month_end_s = (following - start).days * DAY
            for begins_s, season, pace in seasons:
                ends_s = min([s for s, _, _ in seasons if s > begins_s], default=month_end_s)
                if begins_s < month_end_s and ends_s > edges[-1]:
                    weights.append(pace * (season[month.month - 1] if season else 1.0))
                    edges.append(float(min(month_end_s, ends_s)))
            month = following
        self._edges = np.array(edges)
        self._even = np.concatenate([[0.0], np.cumsum(np.diff(self._edges) * np.array(weights))])
        self.end = float(self._even[-1])
        """Its time at the end of the last month."""

    def calendar(self, times: Times) -> Times:
        """Return seconds since the start of the horizon for *times* before the end of the clock."""
        times = times[times < self.end]
        # The first edge above a time closes a month in which the clock ran: months of weight 0 are
        # skipped.
        after = np.searchsorted(self._even, times, side="right")
        begin, width = self._even[after - 1], self._even[after] - self._even[after - 1]
        return self._edges[after - 1] + (times - begin) / width * (
            self._edges[after] - self._edges[after - 1]
        )
