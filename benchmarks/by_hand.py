"""A whole corridor written by hand in plain SimPy, to measure what the engine costs.

Trains, vessels, trucks and queues of a scenario as a SimPy user writes them: a ``Resource`` for
every berth, track, lane, path and pool, a ``Store`` for every stack with an item for every unit (so
that each unit can be followed, as the engine does), a process for everything that moves. It writes
no log and has no audit, so it does less than the engine. Durations, demand and weather are drawn
from the same distributions, so the numbers of trains, voyages and trucks agree within noise; both
counts are printed. The two run side by side, several times; medians and their spread are printed.
"""

from __future__ import annotations

import sys
from datetime import date
from statistics import median
from time import perf_counter

import simpy

from sim.engine.cargo.demand import draw_arrivals
from sim.engine.kernel.calendar import ALWAYS_OPEN, NEVER
from sim.engine.kernel.departure import rule_of
from sim.engine.run import simulate
from sim.engine.world.weather import draw_closures
from sim.log import NONE
from sim.network.build import build
from sim.network.parts import Crossing, Network, ReturnsPlan
from sim.spec.load import load
from sim.streams import Streams
from sim.units import HOUR


class ByHand:
    """One replication of a network in plain SimPy."""

    def __init__(self, network: Network, seed: int) -> None:
        self.network = network
        self.env = simpy.Environment()
        self.streams = Streams(seed, 0)
        self.until = network.window_end_s
        self.closures = draw_closures(
            network.climate, self.streams, date.fromisoformat(network.start_date), self.until
        )
        self.resources = {
            code: simpy.Resource(self.env, facts.servers)
            for code, facts in enumerate(network.resources)
            if facts.servers
        }
        kinds = range(len(network.names.unit))
        self.stacks = {leg: [simpy.Store(self.env) for _ in kinds] for leg in network.stacks}
        self.room = {
            key: simpy.Container(self.env, limit, limit) for key, limit in network.room.items()
        }
        self.journeys = 0
        self.carried_over: dict[int, float] = {}
        self.roads = {line.carrier: line for line in network.roads}
        self.sides = {line.carrier: "sea" for line in network.services} | {
            t.carrier: "land" for t in network.trains
        }
        self.ends = {line.carrier: line.ends for line in (*network.services, *network.trains)}
        self.draws: dict[str, object] = {}

    def draw(self, distribution, name):
        """Return the next draw of a stream."""
        if name not in self.draws:
            self.draws[name] = self.streams.draws(distribution, name)
        return next(self.draws[name])

    def run(self) -> int:
        """Run to the end of the window and return the number of trains, voyages and trucks."""
        network = self.network
        start = date.fromisoformat(network.start_date)
        for flow in network.flows:
            self.env.process(
                self.create(
                    flow, draw_arrivals(network, flow.code, self.streams, (start, self.until))
                )
            )
        for line in network.services:
            ready = [simpy.Resource(self.env, 1), simpy.Resource(self.env, 1)]
            number = 0
            for part in line.fleet:
                for k in range(part.vessels):
                    self.env.process(self.ship(line, part, k, (number % 2, ready)))
                    number += 1
        for line in network.trains:
            for direction in (0, 1):
                self.env.process(self.dispatch(line, direction))
        self.env.run(until=self.until)
        return self.journeys

    def create(self, flow, arrivals):
        for at_s, units, way in zip(arrivals.at_s, arrivals.units, arrivals.way, strict=True):
            yield self.env.timeout(at_s - self.env.now)
            for option in flow.ways:
                way -= option.share
                if way < 0:
                    break
            self.hand_over([flow, units, option.legs, 0, 0])

    def hand_over(self, lot):
        """Put a lot into its next stack, on the road, or deliver it."""
        flow, units, legs, leg, _ = lot
        if leg == len(legs):
            for other in self.network.flows:
                if isinstance(other.arrivals, ReturnsPlan) and other.arrivals.flow == flow.code:
                    self.env.process(self.come_back(other, units))
        elif legs[leg][0] in self.roads:
            self.env.process(self.truck(lot))
        else:
            store = self.stacks[legs[leg]][flow.unit]
            for _ in range(units):
                store.put([flow, 1, legs, leg, self.env.now])

    def fill(self, leg, deck):
        """Return how much of a deck the waiting units fill."""
        waiting = sum(
            len(store.items) * deck.per_unit[unit] for unit, store in enumerate(self.stacks[leg])
        )
        return min(waiting, deck.size)

    def come_back(self, flow, units):
        yield self.env.timeout(self.draw(flow.arrivals.after, f"back/{flow.id}"))
        due = self.carried_over.get(flow.code, 0.0) + units * flow.arrivals.share
        back = int(due + 1e-9)
        self.carried_over[flow.code] = due - back
        if back:
            self.hand_over([flow, back, flow.ways[0].legs, 0, 0])

    def truck(self, lot):
        self.journeys += 1
        carrier, direction = lot[2][lot[3]]
        line = self.roads[carrier]
        yield self.env.timeout(self.draw(line.running, f"running/{line.id}/{direction}"))
        gate = line.gates[1 - direction]
        if gate is not None:
            with self.resources[gate.resource].request() as lane:
                yield lane
                yield self.env.timeout(self.draw(gate.time, f"gate/{gate.resource}"))
        lot[3] += 1
        self.hand_over(lot)

    def take(self, leg, deck):
        """Take units off a stack in the order of arrival, until no more fit on the deck."""
        free, taken = deck.size, []
        while True:
            fitting = [
                (store.items[0][4], unit)
                for unit, store in enumerate(self.stacks[leg])
                if store.items and 0 < deck.per_unit[unit] <= free
            ]
            if not fitting:
                return taken
            _, unit = min(fitting)
            item = yield self.stacks[leg][unit].get()
            free -= deck.per_unit[unit]
            taken.append(item)
            room = self.room_of(leg, unit)
            if room is not None and item[3]:
                room.put(1)

    def room_of(self, leg, unit):
        return self.room.get((self.ends[leg[0]][leg[1]], self.sides[leg[0]], unit))

    def unload(self, lots):
        """Wait for room in the next stacks, then hand the lots over."""
        for lot in lots:
            if lot[3] + 1 < len(lot[2]) and lot[2][lot[3] + 1][0] not in self.roads:
                room = self.room_of(lot[2][lot[3] + 1], lot[0].unit)
                if room is not None:
                    yield room.get(lot[1])
        for lot in lots:
            lot[3] += 1
            self.hand_over(lot)

    def dispatch(self, line, direction):
        """Start a train when its rule allows it, looking every hour."""
        leg = (line.carrier, direction)
        rule = rule_of(line.departure[direction], 0)
        last = NONE
        while True:
            fill = self.fill(leg, line.deck)
            oldest = min(
                (store.items[0][4] for store in self.stacks[leg] if store.items), default=0
            )
            if fill and rule(oldest, last, fill, line.deck.size) <= self.env.now:
                last = self.env.now
                units = yield from self.take(leg, line.deck)
                self.env.process(self.train(line, direction, units))
            else:
                yield self.env.timeout(HOUR)

    def train(self, line, direction, lots):
        self.journeys += 1
        yield from self.work(line, direction)
        loco, pool = None, NONE
        for link in line.links[direction]:
            if isinstance(link, Crossing):
                if loco is not None:
                    self.resources[pool].release(loco)
                    loco, pool = None, NONE
                with self.resources[link.resource].request() as track:
                    yield track
                    for name, work in link.works:
                        yield self.env.timeout(self.draw(work, f"{name}/{link.id}"))
                continue
            if link.pool != pool:
                if loco is not None:
                    self.resources[pool].release(loco)
                pool = link.pool
                loco = self.resources[pool].request() if pool != NONE else None
                if loco is not None:
                    yield loco
            if link.headway_s:
                with self.resources[link.resource].request() as path:
                    yield path
                    yield self.env.timeout(link.headway_s)
            yield self.env.timeout(
                max(0, self.draw(link.running, f"run/{link.resource}") - link.headway_s)
            )
        if loco is not None:
            self.resources[pool].release(loco)
        yield from self.work(line, 1 - direction)
        yield from self.unload(lots)

    def work(self, line, end):
        tracks = self.resources.get(line.tracks[end])
        if tracks is None:
            yield self.env.timeout(self.draw(line.handling[end], f"work/{line.id}/{end}"))
            return
        with tracks.request() as track:
            yield track
            yield self.env.timeout(self.draw(line.handling[end], f"work/{line.id}/{end}"))

    def ship(self, line, part, number, where):
        env, (end, ready), name = self.env, where, f"{part.name}/{number}"
        due = self.draw(part.repair_every, f"every/{name}") / 2 if part.repair_every else NEVER
        lots = []
        while True:
            port = self.closures.get(line.ends[end], ALWAYS_OPEN)
            yield env.timeout(port.next_open_s(env.now) - env.now)
            berths = self.resources.get(part.berths[end])
            berth = berths.request() if berths is not None else None
            if berth is not None:
                yield berth
            worked = sum(lot[1] * part.s_per_unit[end][lot[0].unit] for lot in lots)
            yield env.timeout(
                self.draw(part.handling[end], f"handling/{name}/{end}") + round(worked)
            )
            yield from self.unload(lots)
            if end == 0 and env.now >= due:
                yield env.timeout(self.draw(part.repair_lasting, f"lasting/{name}"))
                due = env.now + self.draw(part.repair_every, f"every/{name}")
            lots = yield from self.load(line, part, end, ready[end])
            worked = sum(lot[1] * part.s_per_unit[end][lot[0].unit] for lot in lots)
            yield env.timeout(round(worked))
            yield env.timeout(port.next_open_s(env.now) - env.now)
            if berth is not None:
                berths.release(berth)
            yield env.timeout(self.draw(part.crossing, f"crossing/{name}"))
            self.journeys += 1
            end = 1 - end

    def load(self, line, part, end, turn):
        """Wait for the turn, then load when the rule allows it, looking every hour."""
        leg, since = (line.carrier, end), self.env.now
        rule, deck = rule_of(line.departure[end], 0), part.deck
        with turn.request() as first:
            yield first
            while True:
                if rule(since, NONE, self.fill(leg, deck), deck.size) <= self.env.now:
                    return (yield from self.take(leg, deck))
                yield self.env.timeout(HOUR)


def main(scenario: str = "fivefold", rounds: int = 3) -> None:
    """Time both side by side and print the ratio."""
    network = build(load(scenario))
    ours, plain, journeys = [], [], (0, 0)
    for seed in range(rounds):
        began = perf_counter()
        log = simulate(network, seed=seed)
        ours.append((perf_counter() - began) / (log.facts.end_s / network.window_end_s))
        began = perf_counter()
        count = ByHand(network, seed).run()
        plain.append(perf_counter() - began)
        in_window = int((log["trips"]["start_s"] < network.window_end_s).sum())
        journeys = (in_window, count)
    ratios = sorted(a / b for a, b in zip(ours, plain, strict=True))
    print(
        f"{scenario}: engine {median(ours):.1f} s (log and audit on), by hand {median(plain):.1f} s"
    )
    print(f"journeys in the window: engine {journeys[0]:,}, by hand {journeys[1]:,}")
    print(f"ratio {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); goal at most 0.5")


if __name__ == "__main__":
    main(*sys.argv[1:2])
