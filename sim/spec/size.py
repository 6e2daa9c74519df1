"""How large a run is, before it is run: rows of the log by table, and the memory they take.

An estimate from the file alone: consignments by the demand, parts of consignments by legs and loads,
vehicles by loads and departure rules, calls by fleets and round trips. It knows no queues: cargo
that is left behind is counted as if it came through, which makes the estimate too large where much
is, and a vessel is taken to sail without a wait.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum, inf

from sim.log import TABLES
from sim.spec.demand import Flow
from sim.spec.departure import AT_ONCE, FULL_OR_THREE_DAYS, Departure
from sim.spec.fields import NO_TIME, at_end
from sim.spec.itineraries import (
    Itinerary,
    Leg,
    fleet,
    itineraries_if_any,
    links_of,
    load_sizes,
)
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service, crossing_time
from sim.spec.traces import Trace
from sim.units import DAY, WEEK

BYTES_PER_CELL = 32
"""Memory of a run for each number in its log.

The number itself has 8 bytes. Measured at the peak of a run (rows, their copy by column, the
audit's sums, lots that wait) were 24 for corridors that flow and 38 for cargo that piles up.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is."""

    by_table: Mapping[str, float]
    """Rows of each table of the log."""

    @property
    def rows(self) -> float:
        """Return the rows of all tables."""
        return fsum(self.by_table.values())

    @property
    def memory_gb(self) -> float:
        """Return the memory that one replication takes at its peak [GB], beside
        `sim.bounds.PROCESS_GB` of its process."""
        cells = fsum(rows * len(TABLES[table]) for table, rows in self.by_table.items())
        return cells * BYTES_PER_CELL / 1e9

    def __str__(self) -> str:
        return f"about {_rounded(self.rows)} rows of the log and {self.memory_gb:.2g} GB of memory"


def _rounded(count: float) -> str:
    """Return *count* with two digits, in words from a million on."""
    if count >= 1e6:
        return f"{float(f'{count / 1e6:.2g}'):,g} million"
    return f"{float(f'{count:.2g}'):,.0f}"


def size_of(stages: Iterable[tuple[ScenarioSpec, float]], traces: Mapping[str, Trace]) -> Size:
    """Return the size of one replication.

    Parameters
    ----------
    stages
        The scenario as it stands from each date on, and for how many days it does.
    """
    rows: dict[str, float] = defaultdict(float)
    for scenario, days in stages:
        for table, count in _Estimate(scenario, traces, days).rows().items():
            rows[table] += count
    return Size(dict(rows))


@dataclass(slots=True)
class _Traffic:
    """What comes to one end of a leg."""

    parts: float = 0.0
    """Of consignments."""
    loads: float = 0.0
    """Vehicles that they fill."""


class _Estimate:
    """Rows that *scenario* writes in so many *days*."""

    def __init__(self, scenario: ScenarioSpec, traces: Mapping[str, Trace], days: float) -> None:
        self._scenario = scenario
        self._traces = traces
        self._days = days
        self._of_flow: dict[str, tuple[float, float]] = {}
        """Consignments and units."""
        self._traffic: dict[tuple[str, str], _Traffic] = defaultdict(_Traffic)
        """By carrier and the end that is left."""
        self._rows: dict[str, float] = defaultdict(float)

    def rows(self) -> Mapping[str, float]:
        """Return the rows by table; call it once."""
        for flow in self._scenario.flows:
            self._count_flow(flow)
        for train in self._scenario.trains:
            self._count_trains(train)
        for service in self._scenario.services:
            self._count_calls(service)
        for road in self._scenario.roads:
            self._count_trucks(road)
        self._count_others()
        return self._rows

    def _add(self, **rows: float) -> None:
        """Add *rows* by table."""
        for table, count in rows.items():
            self._rows[table] += count

    # -- cargo
    # --------------------------------------------------------------------------------------------

    def _count_flow(self, flow: str) -> None:
        consignments, units = self._demand(flow)
        kept = stays = aboard = 0.0
        for way in itineraries_if_any(self._scenario, flow):
            parts, all_units = consignments * way.share, units * way.share
            for leg in way.legs:
                load = smallest_load(self._scenario, leg, self._scenario.flows[flow].unit)
                # The end of a load parts one consignment at most, and a unit is never parted.
                parts = min(parts + all_units / load, max(all_units, parts))
                aboard += parts
                if leg.kind != "road":
                    stays += parts
                self._note(leg, flow, parts, all_units)
            kept += parts
        self._add(consignments=consignments, lots=max(kept, consignments))
        self._add(stays=stays, aboard=aboard, deliveries=kept)
        if self._scenario.flows[flow].equipment is not None:
            self._add(equipment=2 * kept)

    def _note(self, leg: Leg, flow: str, parts: float, units: float) -> None:
        """Add cargo to the traffic of *leg*."""
        at = self._traffic[leg.carrier, leg.origin]
        at.parts += parts
        sizes = load_sizes(self._scenario, leg, self._scenario.flows[flow].unit)
        if sizes:
            at.loads += units / max(sizes)

    def _demand(self, flow: str) -> tuple[float, float]:
        """Return the consignments and units of *flow*."""
        if flow not in self._of_flow:
            self._of_flow[flow] = self._fresh_demand(flow)
        return self._of_flow[flow]

    def _fresh_demand(self, flow: str) -> tuple[float, float]:
        cargo = self._scenario.flows[flow]
        arrivals = cargo.arrivals
        scale = self._scenario.demand.scale_of(cargo.scope) * self._growth(cargo)
        if arrivals.returns is not None:
            # What comes back does so for each delivery, in whole units.
            consignments, units = self._demand(arrivals.returns.flow)
            units *= arrivals.returns.share
            return min(consignments, units), units
        if arrivals.surplus is not None:
            laden = [self._demand(other) for other in laden_flows(self._scenario, cargo.equipment)]
            return fsum(count for count, _ in laden), fsum(units for _, units in laden)
        if arrivals.trace is not None:
            rows = self._traces.get(flow, ())
            until = bisect_left(rows, (round(self._scenario.horizon.longest_days * DAY), 0))
            share = self._days / self._scenario.horizon.longest_days
            units = fsum(count for _, count in rows[:until])
            return until * share, units * share * scale
        consignments = cargo.consignments_per_year / 365 * self._days * scale
        return consignments, consignments * cargo.consignment_units.mean

    def _growth(self, cargo: Flow) -> float:
        """Return by how much demand has grown on average over the run."""
        growth = self._scenario.demand.growth_of(cargo)
        if not growth:
            return 1.0
        years = range(-(-self._scenario.horizon.longest_days // 365))
        return fsum((1 + growth) ** year for year in years) / len(years)

    # -- vehicles
    # --------------------------------------------------------------------------------------------

    def _count_trains(self, train: str) -> None:
        scenario = self._scenario
        line = scenario.trains[train]
        trips = fsum(self._trains_from(train, end) for end in line.ends)
        self._add(vehicles=trips, trips=trips)
        for end in line.ends:
            is_worked = at_end(line.handling, end, NO_TIME).mean > 0
            self._add(vehicle_log=trips * is_worked)
            self._add(resource_log=trips * (is_worked and end in scenario.ports))
        for kind, name in links_of(scenario, train):
            loops, pool = 0, None
            if kind == "sections":
                loops, pool = (
                    scenario.sections[name].loops or 0,
                    scenario.sections[name].locomotives,
                )
            # It waits before half of what it passes.
            self._add(vehicle_log=1.5 * trips * (loops + 1))
            self._add(resource_log=trips * (loops + 1 + (pool is not None)))

    def _trains_from(self, train: str, end: str) -> float:
        """Return how many trains leave *end*."""
        traffic = self._traffic[train, end]
        rule = at_end(self._scenario.trains[train].departure, end, FULL_OR_THREE_DAYS)
        return self._departures(rule, traffic)

    def _departures(self, rule: Departure, traffic: _Traffic) -> float:
        """Return how often vehicles leave with *traffic* by *rule*, full or not."""
        if rule.at_once:
            return traffic.parts
        if rule.headway is not None or rule.timetable is not None:
            return min(traffic.parts, self._days * DAY / _interval_s(rule))
        full = traffic.loads / (rule.full or 1.0)
        if rule.longest_wait is None:
            return full
        return max(full, min(traffic.parts, self._days * DAY / max(rule.longest_wait, 1)))

    def _count_calls(self, service: str) -> None:
        spec = self._scenario.services[service]
        sailings = self._round_trips(service)
        for end in spec.ends:
            rule = at_end(spec.departure, end, AT_ONCE)
            has_berths = bool(end in self._scenario.ports and self._scenario.ports[end].berths)
            self._add(trips=sailings, resource_log=sailings * has_berths)
            self._count_manoeuvres(end, fleet(self._scenario, service), sailings)
            # It sails and is worked; it waits for cargo by its rule, and for a berth now and then.
            self._add(vehicle_log=sailings * (2 + (not rule.at_once) + 0.5 * has_berths))

    def _count_manoeuvres(self, place: str, classes: Iterable[str], calls: float) -> None:
        """Count both manoeuvres of a call: time with each pool, a wait for it now and then, and a
        row for each server of the class that needs most."""
        port = self._scenario.ports.get(place)
        for pool in () if port is None else port.pools.values():
            most = max((pool.needed_by(vessel) for vessel in classes), default=0)
            self._add(resource_log=2 * calls * most, vehicle_log=2.5 * calls * bool(most))

    def _round_trips(self, service: str) -> float:
        """Return how often the vessels of *service* go there and back."""
        spec = self._scenario.services[service]
        vessels = sum(fleet(self._scenario, service).values())
        trips = vessels * self._days * DAY / shortest_round_trip_s(self._scenario, service, spec)
        for end in spec.ends:
            rule = at_end(spec.departure, end, AT_ONCE)
            if rule.headway is not None or rule.timetable is not None:
                trips = min(trips, self._days * DAY / _interval_s(rule))
            elif rule.full is not None and rule.longest_wait is None:
                trips = min(trips, self._departures(rule, self._traffic[service, end]) + vessels)
        return trips

    def _count_trucks(self, road: str) -> None:
        """Count the rows of trucks: each unit has one, which drives and passes the gate."""
        spec = self._scenario.roads[road]
        for end in spec.ends:
            trucks = self._traffic[road, end].parts
            other = spec.to if end == spec.from_ else spec.from_
            has_gate = other in spec.gates or other in spec.shared_gates
            self._add(vehicles=trucks, trips=trucks, resource_log=trucks * has_gate)
            self._add(vehicle_log=trucks * ((spec.running.mean > 0) + 1.5 * has_gate))

    def _count_others(self) -> None:
        """Count the rows of trains of others on single track by layout, and of locomotives that
        fail."""
        for track in self._scenario.sections.values():
            if track.loops is not None:
                trains = 2 * track.background_trains_per_day * self._days
                passages = trains * (track.loops + 1)
                self._add(vehicles=trains, vehicle_log=passages, resource_log=passages)
        for pool in self._scenario.locomotives.values():
            if pool.breakdowns is not None:
                cycle_s = pool.breakdowns.every.mean + pool.breakdowns.lasting.mean
                failures = pool.in_service * self._days * DAY / max(cycle_s, 1)
                self._add(capacities=2 * failures, resource_log=failures)


def _interval_s(rule: Departure) -> float:
    """Return the time between departures by a headway or a timetable."""
    if rule.headway is not None:
        return rule.headway
    return WEEK / len(rule.times_of_week)


def laden_flows(scenario: ScenarioSpec, equipment: str | None) -> list[str]:
    """Return the flows that use *equipment* other than to take it back."""
    users = [name for name, flow in scenario.flows.items() if flow.equipment == equipment]
    return [name for name in users if scenario.flows[name].arrivals.surplus is None]


def shortest_round_trip_s(scenario: ScenarioSpec, service: str, spec: Service) -> float:
    """Return the mean round trip of the fastest class without any wait [s], at least a second."""
    times = []
    for vessel in fleet(scenario, service):
        ship = scenario.vessels[vessel]
        default = ship.handling or NO_TIME
        calls_s = fsum(at_end(spec.handling, end, default).mean for end in spec.ends)
        times.append(2 * crossing_time(spec, ship).mean + calls_s)
    return max(min(times, default=float(DAY)), 1.0)


def smallest_load_of(scenario: ScenarioSpec, way: Itinerary, unit: str) -> float:
    """Return the smallest of the loads in which units go over *way*."""
    return min(smallest_load(scenario, leg, unit) for leg in way.legs)


def smallest_load(scenario: ScenarioSpec, leg: Leg, unit: str) -> float:
    """Return how many units go together on a leg: a full load, or what there is room for before
    it; on a road, each goes by itself."""
    if leg.kind == "road":
        return 1.0
    load = float(max(load_sizes(scenario, leg, unit), default=inf))
    port = scenario.ports.get(leg.origin)
    if port is None:
        return load
    side = "sea" if leg.kind == "service" else "land"
    return min(load, float(port.stacks.by_side[side].get(unit, inf)))
