"""Demand: when the consignments of a flow come, how large they are, and which way each goes.

The consignments at scale 1 are a subset of those at scale 5: a scale of 2.4 is two whole copies of
the process and a third of which each consignment is kept with probability 0.4. Each copy has random
numbers of its own. Of a trace the third copy has 0.4 of the units of every row, so that months keep
their weights: what is rounded off in one row is made up in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.world.world import World
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
from sim.units import DAY, HOUR, Seconds

Times: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Consignments of one flow in order: time [s], units, and a number in [0, 1) that chooses the
    way."""

    at_s: list[int]
    units: list[int]
    way: list[float]


def start(world: World, journeys: Journeys) -> None:
    """Begin the process that creates the consignments of every flow."""
    network = world.network
    run = (date.fromisoformat(network.start_date), world.latest_end_s)
    for flow in network.flows:
        arrivals = draw_arrivals(network, flow.code, world.streams, run)
        if not isinstance(flow.arrivals, ReturnsPlan | SurplusPlan):
            world.drawn[flow.code] = (arrivals.at_s, arrivals.units)
        Process(world.env, _create_all(world, journeys, flow.code, arrivals))


def _create_all(
    world: World, journeys: Journeys, flow: int, arrivals: Arrivals
) -> ProcessGenerator:
    """Create the consignments of a flow at their times."""
    env = world.env
    for at_s, units, way in zip(arrivals.at_s, arrivals.units, arrivals.way, strict=True):
        if at_s > env.now:
            yield at_s - env.now
        journeys.create(flow, units, way)


def draw_arrivals(
    network: Network, code: int, streams: Streams, run: tuple[date, Seconds]
) -> Arrivals:
    """Draw all consignments of a flow; none if it follows another.

    Parameters
    ----------
    run
        The first day, and the second at which the run is over at the latest.
    """
    if isinstance(network.flows[code].arrivals, ReturnsPlan | SurplusPlan):
        return Arrivals([], [], [])
    course = _course(network, code, run)
    copies = [_copy(course, streams, number) for number in range(course.copies)]
    if not copies:
        return Arrivals([], [], [])
    at_s = np.concatenate([copy[0] for copy in copies])
    order = np.argsort(at_s, kind="stable")
    units = np.concatenate([copy[1] for copy in copies])[order]
    way = np.concatenate([copy[2] for copy in copies])[order]
    return Arrivals(at_s[order].tolist(), units.tolist(), way.tolist())


# -- how demand changes over the run
# -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Course:
    """How the demand of one flow goes over the run."""

    flow: FlowPlan
    """As it stands at the start of the run."""
    reference: ArrivalsPlan
    """The process on the even clock: as it stands when anything comes for the first time."""
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
        scale = self.scales[np.searchsorted(self.begins_s, at_s, side="right") - 1]
        return np.clip(scale - number, 0.0, 1.0)


def _course(network: Network, code: int, run: tuple[date, Seconds]) -> _Course:
    start, until_s = run
    eras = [(0, network), *((s, era) for s, era in network.eras if s < until_s)]
    flows = [(begins_s, era.flows[code]) for begins_s, era in eras]
    reference = _reference([flow.arrivals for _, flow in flows])
    seasons = [
        Season(s, flow.season, flow.week, _pace(flow.arrivals, reference)) for s, flow in flows
    ]
    scales = _scales(flows, _growth(network, code, start, until_s))
    return _Course(
        flow=network.flows[code],
        reference=reference,
        clock=SeasonalClock(seasons, start, until_s),
        until_s=until_s,
        begins_s=np.array(list(scales), np.int64),
        scales=np.array(list(scales.values())),
    )


def _scales(
    flows: Sequence[tuple[Seconds, FlowPlan]], growth: Mapping[Seconds, float]
) -> dict[Seconds, float]:
    """Return the scale with its growth from each second on at which either changes, in order."""
    written = {begins_s: flow.scale for begins_s, flow in flows}
    scale = factor = 1.0
    scales = {}
    for at_s in sorted({*written, *growth}):
        scale, factor = written.get(at_s, scale), growth.get(at_s, factor)
        scales[at_s] = scale * factor
    return scales


def _growth(network: Network, code: int, start: date, until_s: Seconds) -> dict[Seconds, float]:
    """Return the factor of growth from the start and from each New Year of the run on."""
    growth = {0: 1.0}
    growth_per_year = network.flows[code].growth_per_year
    if not growth_per_year:
        return growth
    last_year = start.year + 1 + until_s // (365 * DAY)
    for year in range(start.year + 1, last_year + 1):
        begins_s = (date(year, 1, 1) - start).days * DAY
        if begins_s < until_s:
            growth[begins_s] = (1 + growth_per_year) ** (year - start.year)
    return growth


def _reference(stages: Sequence[ArrivalsPlan]) -> ArrivalsPlan:
    """Return the first of *stages* in which anything comes, or else the first."""
    for arrivals in stages:
        if not isinstance(arrivals, PoissonPlan) or arrivals.per_s > 0:
            return arrivals
    return stages[0]


def _pace(now: ArrivalsPlan, reference: ArrivalsPlan) -> float:
    """Return how many times as fast consignments come as by the *reference*."""
    if isinstance(reference, PoissonPlan) and isinstance(now, PoissonPlan) and reference.per_s:
        return now.per_s / reference.per_s
    if isinstance(reference, RenewalPlan) and isinstance(now, RenewalPlan):
        return reference.interval.mean / now.interval.mean
    if isinstance(reference, SchedulePlan) and isinstance(now, SchedulePlan):
        return reference.every_s / now.every_s
    return 1.0


# -- one copy of the process
# -----------------------------------------------------------------------------------------------


def _copy(
    course: _Course, streams: Streams, number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Times]:
    """Draw one copy of the process.

    Every consignment has the random numbers that belong to its own number, kept or not.
    """
    name = f"{course.flow.id}/{number}"
    at_s, units = _process(course, streams, number)
    way = streams.generator(f"way/{name}").random(len(at_s))
    kept = course.kept(at_s, number)
    if isinstance(course.flow.arrivals, TracePlan):
        units = _part_of(units, kept)
        some = units > 0
        return at_s[some], units[some], way[some]
    if (kept < 1).any():
        keep = streams.generator(f"keep/{name}").random(len(at_s)) < kept
        at_s, units, way = at_s[keep], units[keep], way[keep]
    return at_s, units, way


def _part_of(units: NDArray[np.int64], shares: Times) -> NDArray[np.int64]:
    """Return the *shares* of *units* in whole units, such that their sum is off by half of one at
    most."""
    rounded = np.floor(np.cumsum(units * shares) + 0.5).astype(np.int64)
    return np.diff(rounded, prepend=0)


def _process(
    course: _Course, streams: Streams, number: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return times and units of copy *number*."""
    flow, until_s = course.flow, course.until_s
    if isinstance(flow.arrivals, TracePlan):
        listed = [row for row in flow.arrivals.rows if row[0] < until_s]
        trace = np.array(listed, dtype=np.int64).reshape(-1, 2)
        return trace[:, 0], trace[:, 1]
    times = course.clock.calendar(_even_times(course, streams, number))
    # A millionth of a second forgives the turn from the even clock to the calendar and back.
    at_s = np.floor(times[times < until_s] + 1e-6).astype(np.int64)
    sizes = streams.generator(f"units/{flow.id}/{number}")
    return at_s, np.maximum(flow.consignment_units.sample(sizes, len(at_s)), 1)


def _even_times(course: _Course, streams: Streams, number: int) -> Times:
    """Return times of copy *number* on the seasonal clock, at least up to its end."""
    arrivals, until = course.reference, course.clock.end
    generator = streams.generator(f"arrivals/{course.flow.id}/{number}")
    if isinstance(arrivals, SchedulePlan):
        first_s = arrivals.first_s + arrivals.every_s * number / course.copies
        return np.arange(first_s, until, arrivals.every_s, dtype=np.float64)
    if isinstance(arrivals, RenewalPlan):
        interval = arrivals.interval
        return _cumulated(lambda size: interval.sample(generator, size).astype(np.float64), until)
    if isinstance(arrivals, PoissonPlan) and arrivals.per_s > 0:
        mean = 1 / arrivals.per_s
        return _cumulated(lambda size: generator.exponential(mean, size), until)
    return np.empty(0)


def _cumulated(draw: Callable[[int], Times], until: float) -> Times:
    """Add up intervals until they pass *until*.

    Blocks of one size keep the beginning of a longer run the same.
    """
    blocks, total = [np.empty(0)], 0.0
    while total < until:
        blocks.append(total + np.cumsum(draw(256)))
        total = float(blocks[-1][-1])
    return np.concatenate(blocks)


class Season(NamedTuple):
    """How fast consignments come from a date on."""

    begins_s: Seconds
    months: tuple[float, ...]
    """Weights of the months; empty: 1 each."""
    week: tuple[float, ...]
    """Weights of the hours of a week from Monday midnight on; empty: 1 each."""
    pace: float


class SeasonalClock:
    """A clock that runs fast in strong months and hours and after growth, and the calendar that
    belongs to it.

    Consignments come evenly on this clock; `calendar` turns its times into seconds of the horizon.

    Parameters
    ----------
    seasons
        In order of their beginning.
    """

    def __init__(
        self,
        seasons: Sequence[Season],
        start: date,
        until_s: Seconds,
    ) -> None:
        edges, weights, weeks, month = [0.0], [], [], start
        while edges[-1] < until_s:
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            month_end_s = (following - start).days * DAY
            for begins_s, months, week, pace in seasons:
                ends_s = min(
                    [one.begins_s for one in seasons if one.begins_s > begins_s],
                    default=month_end_s,
                )
                if begins_s < month_end_s and ends_s > edges[-1]:
                    weights.append(pace * (months[month.month - 1] if months else 1.0))
                    weeks.append(week)
                    edges.append(float(min(month_end_s, ends_s)))
            month = following
        self._edges, rates = np.array(edges), np.array(weights)
        if any(weeks):
            self._edges, rates = _by_hour(self._edges, rates, weeks, start.weekday())
        self._even = np.concatenate([[0.0], np.cumsum(np.diff(self._edges) * rates)])
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


def _by_hour(
    edges: Times, rates: Times, weeks: Sequence[tuple[float, ...]], weekday: int
) -> tuple[Times, Times]:
    """Return edges and rates hour by hour, where the hours of a week have weights.

    Parameters
    ----------
    edges
        Where each rate begins, and the end of the last [s], at midnight.
    weeks
        Weights of the hours that belong to each rate.
    weekday
        Of second 0; Monday is 0.
    """
    begins, scaled = [], []
    for (begins_s, ends_s), rate, week in zip(pairwise(edges.tolist()), rates, weeks, strict=True):
        if not week:
            begins.append(np.array([begins_s]))
            scaled.append(np.array([rate]))
            continue
        hours = np.arange(begins_s, ends_s, HOUR)
        of_week = (hours // HOUR).astype(np.int64) + 24 * weekday
        begins.append(hours)
        scaled.append(rate * np.array(week)[of_week % len(week)])
    return np.concatenate([*begins, edges[-1:]]), np.concatenate(scaled)
