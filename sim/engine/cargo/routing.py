"""Routing by least expected time: a consignment looks at the queues and takes the way that seems
fastest.

What it sees: how much cargo waits for each leg of each way, how often trains and vessels have left
there lately, how long who comes now would wait for a path, locomotive, loading track, border, berth
or gate, opening hours, and outages that are under way. It adds the mean times of moving and
handling. Queues are those of now, also where it comes later: it knows nothing of who is on the way
or comes after it, so the choice is a planner's, not an oracle's.
"""

from __future__ import annotations

from math import ceil

from sim.engine.cargo.queues_ahead import QueuesAhead
from sim.engine.world.lots import Legs, Lot
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import (
    Crossing,
    Deck,
    DeparturePlan,
    FlowPlan,
    RoadLine,
    SeaLine,
    Stretch,
    TrainLine,
)
from sim.units import DAY

MEMORY = 0.2
"""Weight of the last interval in the mean interval between departures."""


def start(world: World) -> None:
    """Let flows choose by what they see, where there are any that do."""
    if world.facilities.are_watched:
        world.handover.router = Router(world)


class Router:
    """Compares the ways that are left to a lot."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._trains = {line.carrier: number for number, line in enumerate(world.network.trains)}
        self._services = {
            line.carrier: number for number, line in enumerate(world.network.services)
        }
        self._roads = {line.carrier: number for number, line in enumerate(world.network.roads)}
        self._queues = QueuesAhead(world)
        self._last_s: dict[tuple[int, int], int] = {}
        self._interval_s: dict[tuple[int, int], float] = {}

    def note_departure(self, leg: tuple[int, int]) -> None:
        """Note that a train or vessel left with cargo of *leg*."""
        now = self._world.env.now
        if leg in self._last_s:
            interval_s = now - self._last_s[leg]
            mean_s = self._interval_s.get(leg, float(interval_s))
            self._interval_s[leg] = mean_s + MEMORY * (interval_s - mean_s)
        self._last_s[leg] = now

    def choose(self, lot: Lot, leg: int) -> None:
        """Let *lot* take the fastest of the ways that agree with what it has travelled; the first
        of equals."""
        flow = lot.consignment.flow
        done = lot.legs[:leg]
        ways = [way.legs for way in flow.ways if way.legs[:leg] == done and len(way.legs) > leg]
        if len(ways) > 1:
            lot.legs = min(ways, key=lambda legs: self._expected_of(legs[leg:], flow, lot.units))

    def _expected_of(self, legs: Legs, flow: FlowPlan, units: int) -> tuple[bool, float]:
        """Return the expected time of some legs, those that an embargo closes after all others."""
        banned = any(self._is_closed(flow, leg) for leg in legs)
        dwelling = self._world.handover.dwelling
        expected_s = 0.0
        for leg in legs:
            if dwelling is not None:
                expected_s += dwelling.mean_s(leg, flow.unit)
            expected_s += self.expected_s(leg, flow, units, expected_s)
        return banned, expected_s

    def _is_closed(self, flow: FlowPlan, leg: tuple[int, int]) -> bool:
        if self._world.is_banned(flow.unit, *leg):
            return True
        return any(gate.closes(flow, leg) for gate in self._world.handover.gates)

    def expected_s(
        self, leg: tuple[int, int], flow: FlowPlan, units: int = 1, after_s: float = 0.0
    ) -> float:
        """Return the expected time of *leg* [s] for some *units* of *flow* that come there
        *after_s* from now."""
        carrier, network = leg[0], self._world.network
        begins_s = self._world.env.now + after_s
        if carrier in self._trains:
            line = network.trains[self._trains[carrier]]
            return self._by_train(line, leg, flow, units, begins_s)
        if carrier in self._services:
            return self._by_sea(network.services[self._services[carrier]], leg, flow.unit)
        return self._by_road(network.roads[self._roads[carrier]], leg[1], flow, begins_s)

    def _by_road(self, line: RoadLine, direction: int, flow: FlowPlan, begins_s: float) -> float:
        drives_s, gate = line.running.mean, line.gates[1 - direction]
        if gate is None:
            return drives_s
        at_s = begins_s + drives_s
        return drives_s + self._queues.formalities_s(gate, flow.code, line.carrier, at_s)

    def _by_train(
        self, line: TrainLine, leg: tuple[int, int], flow: FlowPlan, units: int, begins_s: float
    ) -> float:
        """Return the expected time by train of some *units* of *flow*."""
        room = units * line.deck.per_unit[flow.unit]
        direction = leg[1]
        origin, destination = line.tracks[direction], line.tracks[1 - direction]
        total = 0.0
        waiting = self._world.stacks[leg].waiting(line.deck)
        if not _leaves_at_once(line.departure[direction], line.deck, waiting, room):
            total += self._in_stack_s(leg, line.deck.size, waiting, DAY)
        total += self._queues.wait_s(origin, line.priority) + line.handling[direction].mean
        pool = NONE
        for link in line.links[direction]:
            if isinstance(link, Crossing):
                pool = NONE
                total += self._at_border_s(link, line, flow, begins_s + total)
                continue
            if link.pool != pool:
                pool = link.pool
                total += self._queues.wait_s(pool, line.priority)
            total += self._over_s(link)
        total += self._queues.wait_s(destination, line.priority)
        return total + line.handling[1 - direction].mean

    def _at_border_s(self, border: Crossing, line: TrainLine, flow: FlowPlan, at_s: float) -> float:
        """Return the expected time at a border that a train with *flow* reaches at *at_s*."""
        outage_s = self._outage_s("border", border.resource)
        return outage_s + self._queues.formalities_s(
            border, flow.code, line.carrier, at_s + outage_s, line.priority
        )

    def _over_s(self, link: Stretch) -> float:
        """Return the expected time over a section."""
        paths = self._world.facilities.paths.get(link.resource)
        wait_s = 0 if paths is None else paths.wait_s(self._world.env.now)
        outage_s = self._outage_s("section", link.section)
        outage_s += self._outage_s("locomotives", link.pool)
        return link.running.mean + wait_s + outage_s

    def _by_sea(self, line: SeaLine, leg: tuple[int, int], unit: int) -> float:
        fitting = [part for part in line.fleet if part.vessels and part.deck.per_unit[unit]]
        if not fitting:
            return float(1 << 60)
        part = max(fitting, key=lambda part: part.deck.size / part.deck.per_unit[unit])
        round_trip_s = 2 * part.crossing.mean + sum(handling.mean for handling in part.handling)
        usual_s = max(round_trip_s / sum(part.vessels for part in fitting), 1.0)
        total = self._in_stack_s(
            leg, part.deck.size, self._world.stacks[leg].waiting(part.deck), usual_s
        )
        for place, berths in zip(line.ends, part.berths, strict=True):
            total += self._outage_s("port", place) + self._outage_s("berths", berths)
        total += self._for_berths_s(line, part.berths, leg[1])
        total += self._outage_s("service", line.carrier)
        return total + part.crossing.mean + part.handling[1 - leg[1]].mean

    def _for_berths_s(self, line: SeaLine, berths: tuple[int, int], direction: int) -> float:
        """Return the expected wait for berths: for that of the other end, and here too unless a
        vessel of the service lies there."""
        wait_s = self._queues.wait_s(berths[1 - direction], line.priority)
        if not self._queues.is_held_by(berths[direction], line.carrier):
            wait_s += self._queues.wait_s(berths[direction], line.priority)
        return wait_s

    def _in_stack_s(self, leg: tuple[int, int], deck: int, waiting: int, usual_s: float) -> float:
        """Return the expected wait in a stack: the loads ahead and half of the own one, at the pace
        of late."""
        now, interval_s = self._world.env.now, self._interval_s.get(leg, usual_s)
        # A line that has not left for longer than usual is slower than its past says.
        if leg in self._last_s and waiting >= deck:
            interval_s = max(interval_s, float(now - self._last_s[leg]))
        return (waiting / deck + 0.5) * interval_s

    def _outage_s(self, kind: str, code: int) -> int:
        """Return how long an outage that is under way will last."""
        now, longest = self._world.env.now, 0
        outages = self._world.facilities.outages
        for plan, (start_s, end_s) in outages.intervals(kind, code):
            if plan.lost == NONE and start_s <= now < end_s:
                longest = max(longest, end_s - now)
        return longest


def _leaves_at_once(plan: DeparturePlan, deck: Deck, waiting: int, room: int) -> bool:
    """Return whether a train leaves as soon as a lot that takes *room* has come.

    It does where nothing holds trains back, and where the lot fills the train that is being made up
    (or more than one: each leaves once it is full).
    """
    if plan.headway_s is not None or plan.times_of_week:
        return False
    if plan.full is None:
        return True
    # 1e-9 forgives the binary fraction: 0.9 of a deck of 10 is 9, not 10.
    return waiting + room >= ceil(plan.full * deck.size - 1e-9)
