"""Loads of borders and gates, by what each user takes and the hours in which it may come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from math import fsum
from typing import TypeAlias

from sim.distributions import Distribution
from sim.log import names
from sim.network.parts import Checks, Crossing, Gateway, Network, TrainLine, UserPlan
from sim.network.preview._demand import Traffic
from sim.network.preview._load import Load
from sim.units import DAY, HOUR, YEAR

Works: TypeAlias = tuple[tuple[str, Distribution], ...]

# -- borders
# --------------------------------------------------------------------------------------------------


class BorderLoads:
    """Track hours that trains need at borders, by direction."""

    def __init__(self, network: Network, traffic: Traffic) -> None:
        self._network = network
        self._traffic = traffic
        self._needed_h: dict[tuple[int, int], float] = defaultdict(float)
        """By resource and the place where trains stand before it."""
        self._checks: dict[tuple[int, int], list[Checks]] = defaultdict(list)
        """The same; those of all that cross."""
        self._crossings: dict[int, dict[int, Crossing]] = defaultdict(dict)
        """By resource and place."""

    def add(self, crossing: Crossing, line: TrainLine, direction: int) -> None:
        """Add the trains of a line that go one way.

        A train with cargo of several flows is counted in parts, by the room that each takes.
        """
        key = (crossing.resource, crossing.place)
        self._crossings[crossing.resource][crossing.place] = crossing
        mix = self._traffic.mix(line, direction)
        if not mix:
            self._checks[key].append(crossing.checks)
        stay_s = 0.0
        for flow, share in mix.items():
            works, checks = _treatment(crossing, line.carrier, flow)
            self._checks[key].append(checks)
            stay_s += share * _stay_s(works, checks)
        self._needed_h[key] += self._traffic.trains(line, direction) * stay_s / HOUR

    def loads(self, crossing: Crossing) -> Iterator[Load]:
        """Yield the load of a border with a limited number of tracks: once, of both directions, and
        of each where they differ in more than their times."""
        # Asked for each direction, answered at the first.
        ways = self._crossings.pop(crossing.resource, {})
        if not crossing.tracks or not ways:
            return
        keys = [(crossing.resource, place) for place in ways]
        all_h = crossing.tracks * YEAR / HOUR
        checks = chain.from_iterable(self._checks[key] for key in keys)
        needed_h = fsum(self._needed_h[key] for key in keys)
        yield Load(crossing.id, "border", "track hours", needed_h, all_h * open_share(checks))
        if not any(way.users or way.hours_differ for way in ways.values()):
            return
        places = self._network.names.place
        for place, way in ways.items():
            key = (crossing.resource, place)
            name = names.way(crossing.id, places[place], places[way.end])
            hours = all_h * open_share(self._checks[key])
            yield Load(name, "border way", "track hours", self._needed_h[key], hours)


# -- gates
# --------------------------------------------------------------------------------------------------


def road_loads(network: Network, traffic: Traffic) -> Iterator[Load]:
    """Yield the loads of the gates that trucks come to, of all roads that share one."""
    gates: dict[int, Gateway] = {}
    needed_h: dict[int, float] = defaultdict(float)
    checks: dict[int, list[Checks]] = defaultdict(list)
    for line in network.roads:
        for direction in (0, 1):
            gate = line.gates[1 - direction]
            if gate is None:
                continue
            gates.setdefault(gate.resource, gate)
            flows = traffic.flows[line.carrier, direction]
            if not flows:
                checks[gate.resource].append(gate.checks)
            for flow, trucks in flows.items():
                works, own = _treatment(gate, line.carrier, flow)
                checks[gate.resource].append(own)
                needed_h[gate.resource] += trucks * _stay_s(works, own) / HOUR
    for resource, gate in gates.items():
        hours = gate.lanes * YEAR / HOUR * open_share(checks[resource])
        name = network.names.resource[resource]
        yield Load(name, "gate", "lane hours", needed_h[resource], hours)


# -- both
# --------------------------------------------------------------------------------------------------


def _treatment(place: Crossing | Gateway, carrier: int, flow: int) -> tuple[Works, Checks]:
    """Return what is done with a vehicle that carries one flow."""
    for user in place.users:
        if _fits(user, carrier, flow):
            return (*user.own_works, *user.kept_works), user.checks
    if isinstance(place, Crossing):
        return place.works, place.checks
    return (("gate", place.time),), place.checks


def _fits(user: UserPlan, carrier: int, flow: int) -> bool:
    if user.carriers and carrier not in user.carriers:
        return False
    if user.weightless is not None and flow not in user.weightless:
        return False
    return flow in user.flows


def _stay_s(works: Works, checks: Checks) -> float:
    """Return the mean time that one takes, over those inspected and those not."""
    inspection_s = 0.0 if checks.time is None else checks.share * checks.time.mean
    return fsum(time.mean for _, time in works) + inspection_s


def open_share(checks: Iterable[Checks]) -> float:
    """Return the share of the day in which work may begin for somebody; equal times are all day."""
    open_s = list(dict.fromkeys((one.open_s, one.close_s) for one in checks))
    if any(opens == closes for opens, closes in open_s):
        return 1.0
    edges = sorted({0, DAY, *chain.from_iterable(open_s)})
    total = 0
    for begins, ends in pairwise(edges):
        if any((begins - opens) % DAY < (closes - opens) % DAY for opens, closes in open_s):
            total += ends - begins
    return total / DAY
