"""Demand against capacity of every resource in a year, in its own unit, before any run.

A bound and a ranking, no forecast: it takes the demand as it is written, decks and trains as full
as their rule lets them be, working times at their mean, and takes off what weather, repair and
background traffic use. It knows no queues: a ratio above 1 cannot be carried, one below 1 may still
wait long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, fsum, inf

import numpy as np
from scipy.optimize import linprog

from sim.errors import InvariantError
from sim.log import NONE, names
from sim.network.parts import (
    Checks,
    Crossing,
    DeparturePlan,
    FleetPart,
    FlowPlan,
    Gateway,
    Network,
    PoissonPlan,
    RenewalPlan,
    ReturnsPlan,
    SchedulePlan,
    SeaLine,
    Stretch,
    TracePlan,
    TrainLine,
)
from sim.units import DAY, HOUR, WEEK, YEAR


@dataclass(frozen=True, slots=True)
class Load:
    """Demand on one resource against what it can do in a year."""

    resource: str
    kind: str
    unit: str
    demand_per_year: float
    capacity_per_year: float

    @property
    def ratio(self) -> float:
        """Demand over capacity; above 1 it cannot be carried."""
        if self.capacity_per_year:
            return self.demand_per_year / self.capacity_per_year
        return float("inf") if self.demand_per_year else 0.0


def preview(network: Network) -> tuple[Load, ...]:
    """Return the load of every resource that has a limit, the tightest first."""
    legs = _Legs(network)
    loads = [*_rail(network, legs), *_roads(network, legs), *_sea(network, legs)]
    return tuple(sorted(loads, key=lambda load: (-load.ratio, load.resource, load.unit)))


def units_per_year(network: Network) -> tuple[float, ...]:
    """Return the units a year that each flow offers at its scale, by flow code; returns follow
    their flow."""
    offered: dict[int, float] = {}

    def of(flow: FlowPlan) -> float:
        if flow.code not in offered:
            arrivals = flow.arrivals
            if isinstance(arrivals, ReturnsPlan):
                offered[flow.code] = of(network.flows[arrivals.flow]) * arrivals.share
            else:
                offered[flow.code] = _own_units_per_year(network, flow) * flow.scale
        return offered[flow.code]

    return tuple(of(flow) for flow in network.flows)


def _own_units_per_year(network: Network, flow: FlowPlan) -> float:
    arrivals, units = flow.arrivals, flow.consignment_units.mean
    if isinstance(arrivals, PoissonPlan):
        return arrivals.per_s * YEAR * units
    if isinstance(arrivals, RenewalPlan):
        return YEAR / arrivals.interval.mean * units
    if isinstance(arrivals, SchedulePlan):
        return YEAR / arrivals.every_s * units
    if isinstance(arrivals, TracePlan):
        listed = fsum(count for at_s, count in arrivals.rows if at_s < network.window_end_s)
        return listed * YEAR / network.window_end_s
    return 0.0


class _Legs:
    """Units a year on each leg, and how many trains that makes."""

    def __init__(self, network: Network) -> None:
        self.units: dict[tuple[int, int], dict[int, float]] = defaultdict(
            lambda: defaultdict(float)
        )
        self.consignments: dict[tuple[int, int], float] = defaultdict(float)
        for flow, total in zip(network.flows, units_per_year(network), strict=True):
            for way in flow.ways:
                for leg in way.legs:
                    self.units[leg][flow.unit] += total * way.share
                    self.consignments[leg] += total * way.share / flow.consignment_units.mean

    def filled(self, line: TrainLine, direction: int) -> float:
        """Return trains a year if each is filled as far as its rule asks."""
        leg = (line.carrier, direction)
        loads = fsum(n * line.deck.per_unit[u] for u, n in self.units[leg].items()) / line.deck.size
        return loads / _fill(line.departure[direction])

    def trains(self, line: TrainLine, direction: int) -> float:
        """Return trains a year: filled as far as the rule asks, or as often as its longest wait
        sends them."""
        leg = (line.carrier, direction)
        rule, filled = line.departure[direction], self.filled(line, direction)
        interval_s = rule.longest_wait_s or rule.headway_s
        if rule.times_of_week or interval_s is None or filled * interval_s >= YEAR:
            return filled
        return max(filled, min(self.consignments[leg], YEAR / interval_s))


def _fill(rule: DeparturePlan) -> float:
    return rule.full or 1.0


def _departures(
    network: Network, line: TrainLine | SeaLine, direction: int, wanted: float, berths: float = inf
) -> Iterator[Load]:
    """Yield what a year's cargo takes in full departures against those that a rule by the clock
    allows.

    A vessel whose turn comes in a storm takes it and waits for weather at its berth. Once all
    *berths* are taken by such, the rest of the storm is lost: of storms with exponential lengths
    :math:`e^{-bh/l}` of their time, with :math:`b` berths, a turn every :math:`h` and a mean length
    :math:`l`. Berths count as the line's own.
    """
    rule, end = line.departure[direction], line.ends[direction]
    every_s = WEEK / len(rule.times_of_week) if rule.times_of_week else rule.headway_s
    if every_s is None:
        return
    place, lost = network.names.place[end], 0.0
    shut = closed_share(network, place)
    if network.climate is not None and shut:
        storm_s = network.climate.exposure[end] * network.climate.spell.mean
        lost = shut * exp(-berths * every_s / storm_s)
    yield Load(
        names.departures(line.id, place),
        "departures",
        "departures",
        wanted,
        YEAR / every_s * (1 - lost),
    )


def _open_share(checks: Checks) -> float:
    return ((checks.close_s - checks.open_s) % DAY or DAY) / DAY


def _stay_s(crossing: Crossing) -> float:
    checks = crossing.checks
    inspected = checks.share * checks.time.mean if checks.time else 0.0
    return fsum(time.mean for _, time in crossing.works) + inspected


def _rail(network: Network, legs: _Legs) -> Iterator[Load]:
    trains: dict[int, float] = defaultdict(float)
    links: dict[int, Stretch | Crossing] = {}
    busy_s: dict[int, float] = defaultdict(float)
    for line in network.trains:
        for direction in (0, 1):
            yield from _departures(network, line, direction, legs.filled(line, direction))
            count = legs.trains(line, direction)
            for end in (0, 1):
                busy_s[line.tracks[end]] += count * line.handling[end].mean
            for link in line.links[direction]:
                trains[link.resource] += count
                links[link.resource] = link
            for pool, hauled_s in _haulage_s(network, line.links[direction]):
                busy_s[pool] += count * hauled_s
    for resource, link in links.items():
        yield from _link(network, link, trains[resource])
    yield from _blocks(network, links.values(), trains)
    busy_s.pop(NONE, None)
    for resource, used_s in busy_s.items():
        facts = network.resources[resource]
        unit = "locomotive hours" if facts.kind == "locomotive" else "track hours"
        yield Load(facts.id, facts.kind, unit, used_s / HOUR, facts.servers * YEAR / HOUR)


def _link(network: Network, link: Stretch | Crossing, trains: float) -> Iterator[Load]:
    if isinstance(link, Crossing):
        if link.tracks:
            hours = link.tracks * YEAR / HOUR * _open_share(link.checks)
            yield Load(link.id, "border", "track hours", trains * _stay_s(link) / HOUR, hours)
    elif link.headway_s:
        yield Load(
            network.names.resource[link.resource],
            "path",
            "train paths",
            trains,
            YEAR / link.headway_s,
        )


def _blocks(
    network: Network, links: Iterable[Stretch | Crossing], trains: Mapping[int, float]
) -> Iterator[Load]:
    """Yield the trains of both directions through the blocks of single tracks, which take one at a
    time."""
    demand: dict[int, float] = defaultdict(float)
    block_s: dict[int, float] = {}
    for link in links:
        if isinstance(link, Stretch) and link.blocks:
            others = YEAR / link.background_s if link.background_s else 0.0
            demand[link.section] += trains[link.resource] + others
            own_s = link.running.mean / len(link.blocks) + link.clearing_s
            block_s[link.section] = max(block_s.get(link.section, 0.0), own_s)
    for section, count in demand.items():
        yield Load(
            network.names.resource[section],
            "block",
            "trains both ways",
            count,
            YEAR / block_s[section],
        )


def _haulage_s(
    network: Network, links: tuple[Stretch | Crossing, ...]
) -> Iterator[tuple[int, float]]:
    """Yield pool and time of each stretch of sections that one locomotive hauls, its turn
    included."""
    pool, busy_s = NONE, 0.0
    for link in (*links, None):
        here = link.pool if isinstance(link, Stretch) else NONE
        if here != pool:
            if pool != NONE:
                yield pool, busy_s + network.locomotive_turn[pool].mean
            pool, busy_s = here, 0.0
        if isinstance(link, Stretch):
            busy_s += link.running.mean


def _roads(network: Network, legs: _Legs) -> Iterator[Load]:
    for line in network.roads:
        for direction in (0, 1):
            trucks = legs.consignments[line.carrier, direction]
            yield from _gate(network, line.gates[1 - direction], trucks)


def _gate(network: Network, gate: Gateway | None, trucks: float) -> Iterator[Load]:
    if gate is not None:
        inspected = gate.checks.share * gate.checks.time.mean if gate.checks.time else 0.0
        hours = gate.lanes * YEAR / HOUR * _open_share(gate.checks)
        demand = trucks * (gate.time.mean + inspected) / HOUR
        name = network.names.resource[gate.resource]
        yield Load(name, "gate", "lane hours", demand, hours)


def _sea(network: Network, legs: _Legs) -> Iterator[Load]:
    berth_s: dict[int, float] = defaultdict(float)
    lifts: dict[tuple[int, int], float] = defaultdict(float)
    rates: dict[tuple[int, int], float] = {}
    for line in network.services:
        there, back = legs.units[line.carrier, 0], legs.units[line.carrier, 1]
        most = {u: max(there.get(u, 0.0), back.get(u, 0.0)) for u in sorted({*there, *back})}
        trips = [_round_trips(network, line, part, (there, back)) for part in line.fleet]
        scale, used = _assign(line, trips, most)
        if not scale:
            if wanted := fsum(most.values()):
                yield Load(line.id, "service", "units", wanted, 0.0)
            continue
        yield Load(line.id, "service", "round trips", fsum(trips) / scale, fsum(trips))
        for end in (0, 1):
            servers = [
                network.resources[group].servers
                for group in sorted({part.berths[end] for part in line.fleet})
            ]
            yield from _departures(
                network, line, end, fsum(used), fsum(servers) if all(servers) else inf
            )
        for part, calls in zip(line.fleet, used, strict=True):
            for end in (0, 1):
                berth_s[part.berths[end]] += calls * part.handling[end].mean
        for unit in sorted(most):
            for end in (0, 1):
                moved = there.get(unit, 0.0) + back.get(unit, 0.0)
                part = line.fleet[0]
                work_s = part.s_per_unit[end][unit]
                if work_s:
                    berth_s[part.berths[end]] += moved * work_s
                    lifts[part.berths[end], unit] += moved
                    rates[part.berths[end], unit] = work_s
    yield from _berths(network, berth_s, lifts, rates)


def _berths(
    network: Network,
    berth_s: Mapping[int, float],
    lifts: Mapping[tuple[int, int], float],
    rates: Mapping[tuple[int, int], float],
) -> Iterator[Load]:
    for resource, busy_s in berth_s.items():
        facts = network.resources[resource]
        if facts.servers:
            open_s = facts.servers * YEAR * (1 - closed_share(network, facts.place))
            yield Load(facts.id, "berth", "berth hours", busy_s / HOUR, open_s / HOUR)
            for (group, unit), moved in lifts.items():
                if group == resource:
                    yield Load(
                        facts.id,
                        "lifts",
                        network.names.unit[unit],
                        moved,
                        open_s / rates[group, unit],
                    )


def closed_share(network: Network, place: str) -> float:
    """Return the share of the year in which the port of *place* is shut by weather."""
    if network.climate is None:
        return 0.0
    exposure = network.climate.exposure.get(network.names.place.index(place), 0.0)
    return exposure * fsum(network.climate.closed_share) / 12


def _round_trips(
    network: Network,
    line: SeaLine,
    part: FleetPart,
    units: tuple[Mapping[int, float], Mapping[int, float]],
) -> float:
    """Return round trips a year of one class, its deck full the busier way; weather and repair are
    taken off."""
    decks = (
        max(fsum(n * part.deck.per_unit[u] for u, n in way.items()) for way in units)
        / part.deck.size
    )
    work_s = 0.0
    for end in (0, 1):
        # What is loaded for one way and discharged from the other is worked at the same berth.
        moved_s = fsum(
            n * part.s_per_unit[end][u]
            for way in units
            for u, n in way.items()
            if part.deck.per_unit[u]
        )
        work_s += part.handling[end].mean + (moved_s / decks if decks else 0.0)
    cycle_s = 2 * part.crossing.mean + work_s
    share = 1.0 - max(closed_share(network, network.names.place[end]) for end in line.ends)
    if part.repair_every is not None and part.repair_lasting is not None:
        share *= part.repair_every.mean / (part.repair_every.mean + part.repair_lasting.mean)
    return part.vessels * YEAR * share / cycle_s if cycle_s else 0.0


def _assign(
    line: SeaLine, trips: list[float], units: Mapping[int, float]
) -> tuple[float, list[float]]:
    """Return how many times the demand the fleet could carry at most, and the calls each class
    makes at scale 1.

    A linear programme: trips of class c for unit u carry at most one deck of it, and sum to at most
    the trips of c.
    """
    wanted = [u for u, n in units.items() if n > 0]
    if not wanted or not line.fleet:
        return 0.0, []
    classes = len(line.fleet)
    columns = classes * len(wanted)
    per_trip = np.array(
        [
            part.deck.size / size if (size := part.deck.per_unit[u]) else 0.0
            for part in line.fleet
            for u in wanted
        ]
    )
    carried = np.zeros((len(wanted), columns + 1))
    for row, unit in enumerate(wanted):
        carried[row, row : columns : len(wanted)] = per_trip[row :: len(wanted)]
        carried[row, -1] = -units[unit]
    limits = np.zeros((classes, columns + 1))
    for row in range(classes):
        limits[row, row * len(wanted) : (row + 1) * len(wanted)] = 1.0
    found = linprog(
        [0.0] * columns + [-1.0], A_ub=limits, b_ub=trips, A_eq=carried, b_eq=np.zeros(len(wanted))
    )
    if found.x is None:
        raise InvariantError(f"the preview of {line.id} has no solution: {found.message}")
    scale = float(found.x[-1])
    used = (
        found.x[:-1].reshape(classes, len(wanted)).sum(axis=1) / scale
        if scale
        else np.zeros(classes)
    )
    return scale, used.tolist()
