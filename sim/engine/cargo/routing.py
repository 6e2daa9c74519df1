"""Routing by least expected time: a consignment looks at the queues and takes the way that seems
fastest.

What it sees: how much cargo waits for each leg of each way, how often trains and vessels have left
there lately, how long a train would wait for a path now, and outages that are under way. It adds
the mean times of moving and handling. It knows nothing of what comes after it, so the choice is a
planner's, not an oracle's.
"""

from __future__ import annotations

from sim.engine.world.lots import Legs, Lot
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Crossing, FlowPlan, RoadLine, SeaLine, Stretch, TrainLine
from sim.units import DAY

MEMORY = 0.2
"""Weight of the last interval in the mean interval between departures."""


def start(world: World) -> None:
    """Let flows choose by what they see, where there are any that do."""
    if any(flow.by_time and len(flow.ways) > 1 for flow in world.network.flows):
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
            lot.legs = min(ways, key=lambda legs: self._expected_of(legs[leg:], flow))

    def _expected_of(self, legs: Legs, flow: FlowPlan) -> tuple[bool, float]:
        """Return the expected time of some legs, those that an embargo closes after all others."""
        banned = any(self._is_closed(flow, leg) for leg in legs)
        expected_s = sum(self.expected_s(leg, flow.unit) for leg in legs)
        dwelling = self._world.handover.dwelling
        if dwelling is not None:
            expected_s += sum(dwelling.mean_s(leg, flow.unit) for leg in legs)
        return banned, expected_s

    def _is_closed(self, flow: FlowPlan, leg: tuple[int, int]) -> bool:
        if self._world.is_banned(flow.unit, *leg):
            return True
        return any(gate.closes(flow, leg) for gate in self._world.handover.gates)

    def expected_s(self, leg: tuple[int, int], unit: int) -> float:
        """Return the expected time of *leg* for a unit that comes now [s]."""
        carrier, network = leg[0], self._world.network
        if carrier in self._trains:
            return self._by_train(network.trains[self._trains[carrier]], leg)
        if carrier in self._services:
            return self._by_sea(network.services[self._services[carrier]], leg, unit)
        return self._by_road(network.roads[self._roads[carrier]], leg[1])

    def _by_road(self, line: RoadLine, direction: int) -> float:
        gate = line.gates[1 - direction]
        if gate is None:
            return line.running.mean
        return line.running.mean + gate.time.mean

    def _by_train(self, line: TrainLine, leg: tuple[int, int]) -> float:
        waiting = self._world.stacks[leg].waiting(line.deck)
        total = self._in_stack_s(leg, line.deck.size, waiting, DAY)
        for link in line.links[leg[1]]:
            total += self._over_s(link)
        return total + sum(handling.mean for handling in line.handling)

    def _over_s(self, link: Stretch | Crossing) -> float:
        """Return the expected time over one link."""
        if isinstance(link, Crossing):
            outage_s = self._outage_s("border", link.resource)
            return sum(time.mean for _, time in link.works) + outage_s
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
        total += self._outage_s("service", line.carrier)
        return total + part.crossing.mean + part.handling[1 - leg[1]].mean

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
