"""Queues that a way leads through, and how long who comes now would stand in them.

Gates, borders, berths, loading tracks and locomotive pools are asked alike: the tokens of each say
what to expect (`WatchedTokens.wait_s`). What their users need is stated for gates, borders and
loading tracks. How long a vessel keeps a berth or a train a locomotive is an outcome: what those
before it needed counts, and for the first what the scenario states of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sim.distributions import Distribution
from sim.engine.kernel.calendar import next_opening_s, open_for_s
from sim.engine.kernel.watched import Holding
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Checks, Crossing, Gateway, Network, RoadLine, SeaLine, TrainLine
from sim.units import DAY


class QueuesAhead:
    """What is expected at everything that has servers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._state(world.network)
        world.on_change.append(self._state)

    def wait_s(self, resource: int, priority: float = 5) -> float:
        """Return the expected wait at *resource* of who comes now [s]."""
        tokens = self._world.facilities.watched(resource)
        return 0.0 if tokens is None else tokens.wait_s(priority)

    def is_held_by(self, resource: int, carrier: int) -> bool:
        """Return whether a vehicle of *carrier* has a server of *resource*."""
        tokens = self._world.facilities.watched(resource)
        return tokens is not None and tokens.holds(carrier)

    def formalities_s(
        self, place: Crossing | Gateway, flow: int, carrier: int, at_s: float, priority: float = 5
    ) -> float:
        """Return what cargo of *flow* that comes to a border or gate at *at_s* is expected to need
        there [s].

        The queue is that of now. Work begins in the opening hours alone, so a queue takes longer
        by the closed share of the day.
        """
        resource = place.resource
        works, checks, priority = _treatment(place, flow, carrier, priority)
        open_share = open_for_s(checks.open_s, checks.close_s) / DAY
        turn_s = at_s + self.wait_s(resource, priority) / open_share
        begins_s = next_opening_s(checks.open_s, checks.close_s, round(turn_s))
        return begins_s - at_s + _formalities(works, checks).mean_s

    def _state(self, network: Network) -> None:
        """Say what users need everywhere, by *network* from now on."""
        facilities = self._world.facilities
        for resource, carrier, holding in _stated(network):
            tokens = facilities.watched(resource)
            if tokens is not None:
                tokens.state(carrier, holding)
        for resource, carrier, holding in _assumed(network):
            tokens = facilities.watched(resource)
            if tokens is not None:
                tokens.assume(carrier, holding)


Needs = tuple[int, int, Holding]
"""Resource, carrier, and how long its vehicles hold a server."""


def _stated(network: Network) -> Iterator[Needs]:
    """Yield what the scenario states: at gates, borders and loading tracks."""
    for road in network.roads:
        yield from _at_gates(road)
    for line in network.trains:
        yield from _at_borders(line)
        for resource, handling in zip(line.tracks, line.handling, strict=True):
            yield resource, line.carrier, _holding([handling])


def _at_gates(road: RoadLine) -> Iterator[Needs]:
    for gate in road.gates:
        if gate is not None:
            yield gate.resource, road.carrier, _formalities([gate.time], gate.checks)


def _at_borders(line: TrainLine) -> Iterator[Needs]:
    """Yield what trains of *line* need at each border, both directions alike."""
    crossings: dict[int, list[Holding]] = defaultdict(list)
    for links in line.links:
        for link in links:
            if isinstance(link, Crossing):
                works = [time for _, time in link.works]
                crossings[link.resource].append(_formalities(works, link.checks))
    for resource, holdings in crossings.items():
        yield resource, line.carrier, _mixed(holdings)


def _assumed(network: Network) -> Iterator[Needs]:
    """Yield what is expected of the first vessel at a berth and the first train of a pool."""
    for service in network.services:
        yield from _at_berths(service)
    for line in network.trains:
        yield from _in_pools(line, network.locomotive_turn)


def _at_berths(service: SeaLine) -> Iterator[Needs]:
    for part in service.fleet:
        for end, resource in enumerate(part.berths):
            full_s = part.full_deck_s(end)
            mean_s = part.handling[end].mean + 2 * full_s
            yield resource, service.carrier, Holding(mean_s, mean_s**2)


def _in_pools(line: TrainLine, turn: Mapping[int, Distribution]) -> Iterator[Needs]:
    by_pool: dict[int, float] = defaultdict(float)
    for link in line.links[0]:
        if not isinstance(link, Crossing) and link.pool != NONE:
            by_pool[link.pool] += link.running.mean
    for resource, running_s in by_pool.items():
        mean_s = running_s + turn[resource].mean
        yield resource, line.carrier, Holding(mean_s, mean_s**2)


def _treatment(
    place: Crossing | Gateway, flow: int, carrier: int, priority: float
) -> tuple[Sequence[Distribution], Checks, float]:
    """Return by which times, hours and priority cargo of *flow* alone is dealt with."""
    if isinstance(place, Crossing):
        works = [time for _, time in place.works]
        priority = priority if place.priority is None else place.priority
    else:
        works = [place.time]
    for user in place.users:
        comes_by = not user.carriers or carrier in user.carriers
        is_light = user.weightless is None or flow in user.weightless
        if comes_by and is_light and flow in user.flows:
            works = [time for _, time in (*user.own_works, *user.kept_works)]
            return works, user.checks, priority if user.priority is None else user.priority
    return works, place.checks, priority


def _formalities(works: Sequence[Distribution], checks: Checks) -> Holding:
    """Return how long works one after the other take, with the inspection of a share."""
    holding = _holding(works)
    if checks.time is None:
        return holding
    more_s, share = checks.time.mean, checks.share
    square_s2 = checks.time.variance + more_s**2
    return Holding(
        holding.mean_s + share * more_s,
        holding.square_s2 + share * (square_s2 + 2 * holding.mean_s * more_s),
    )


def _holding(works: Sequence[Distribution]) -> Holding:
    """Return how long works one after the other take, each drawn by itself."""
    mean_s = sum(work.mean for work in works)
    return Holding(mean_s, mean_s**2 + sum(work.variance for work in works))


def _mixed(holdings: Sequence[Holding]) -> Holding:
    """Return how long one of several takes, each as often as the others."""
    count = len(holdings)
    mean_s = sum(holding.mean_s for holding in holdings) / count
    return Holding(mean_s, sum(holding.square_s2 for holding in holdings) / count)
