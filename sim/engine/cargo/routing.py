"""Routing by least expected time: a consignment looks at the queues and takes the way that seems
fastest.

What it sees: how much cargo waits for each leg of each way, how often trains and vessels have left
there lately, how long a train would wait for a path now, how many wait for a gate, and outages that
are under way. It adds the mean times of moving and handling. It knows nothing of what comes after
it, so the choice is a planner's, not an oracle's.
"""

from __future__ import annotations

from sim.engine.world.lots import Legs, Lot
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Crossing, SeaLine, Stretch, TrainLine
from sim.units import DAY

MEMORY = 0.2
"""Weight of the last interval in the mean interval between departures."""


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

    def departed(self, leg: tuple[int, int]) -> None:
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
            lot.legs = min(ways, key=lambda legs: self._expected_of(legs[leg:], flow.unit))

    def _expected_of(self, legs: Legs, unit: int) -> tuple[bool, float]:
        """Return the expected time of some legs, those that an embargo closes after all others."""
        banned = any(self._world.is_banned(unit, *leg) for leg in legs)
        return banned, sum(self.expected_s(leg, unit) for leg in legs)

    def expected_s(self, leg: tuple[int, int], unit: int) -> float:
        """Return the expected time of *leg* for a unit that comes now [s]."""
        carrier, network = leg[0], self._world.network
        if carrier in self._trains:
            return self._by_train(network.trains[self._trains[carrier]], leg)
        if carrier in self._services:
            return self._by_sea(network.services[self._services[carrier]], leg, unit)
        line = network.roads[self._roads[carrier]]
        gate = line.gates[1 - leg[1]]
        return line.running.mean + (0.0 if gate is None else gate.time.mean)

    def _by_train(self, line: TrainLine, leg: tuple[int, int]) -> float:
        total = self._in_stack_s(
            leg, line.deck.size, self._world.stacks[leg].waiting(line.deck), DAY
        )
        for link in line.links[leg[1]]:
            if isinstance(link, Stretch):
                paths = self._world.facilities.paths.get(link.resource)
                total += link.running.mean + (
                    0 if paths is None else paths.wait_s(self._world.env.now)
                )
                total += self._outage_s("section", link.section) + self._outage_s(
                    "locomotives", link.pool
                )
            elif isinstance(link, Crossing):
                total += sum(time.mean for _, time in link.works) + self._outage_s(
                    "border", link.resource
                )
        return total + sum(handling.mean for handling in line.handling)

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
        if leg in self._last_s:
            interval_s = (
                max(interval_s, float(now - self._last_s[leg])) if waiting >= deck else interval_s
            )
        return (waiting / deck + 0.5) * interval_s

    def _outage_s(self, kind: str, code: int) -> int:
        """Return how long an outage that is under way will last."""
        now, longest = self._world.env.now, 0
        for plan, spells in self._world.facilities.outages.spells:
            if (plan.kind, plan.code) == (kind, code) and plan.lost == NONE:
                longest = max(
                    [longest, *(end_s - now for start_s, end_s in spells if start_s <= now < end_s)]
                )
        return longest


def divert(world: World, leg: tuple[int, int]) -> None:
    """Let what waits for *leg* choose its way anew, where it has a choice; room on the same side is
    kept."""
    if world.rules.choose_way is None or leg not in world.stacks:
        return
    stack, moved = world.stacks[leg], []
    for lot in sorted(stack.lots(), key=lambda lot: lot.sequence):
        if lot.consignment.flow.by_time:
            before = lot.legs
            world.rules.choose_way(lot, lot.leg)
            onward = lot.legs[lot.leg]
            if onward == leg:
                continue
            if world.room_of(lot, lot.leg) is not world.room_on(leg, lot.consignment.flow.unit):
                # Room elsewhere is not at once to be had: it stays where it is.
                lot.legs = before
                continue
            moved.append(lot)
    stack.withdraw(moved, world.env.now)
    for lot in moved:
        world.book_stay(lot, stack.activity, stack.place, stack.code)
        world.lay_down(lot)


def start(world: World) -> None:
    """Let flows choose, where there are any that do."""
    if any(flow.by_time and len(flow.ways) > 1 for flow in world.network.flows):
        router = Router(world)
        world.rules.choose_way = router.choose
        world.rules.departed = router.departed
