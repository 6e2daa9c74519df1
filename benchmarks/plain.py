"""The reduced corridor written by hand in plain SimPy, the way a user of SimPy writes it.

A ``Resource`` for every path, locomotive pool, track and berth, a ``Store`` for every yard, a
process for every train and ship; in `BoxByBox` also one for every box. It takes its numbers and its
random numbers from the scenario beside it, so that trains, voyages and storms are the same; it
writes no log and has no audit.
"""

from __future__ import annotations

from datetime import date

import simpy

from sim.engine.cargo.demand import draw_arrivals
from sim.engine.kernel.calendar import ALWAYS_OPEN
from sim.engine.world.weather import draw_closures
from sim.network.parts import Network
from sim.streams import Streams
from sim.units import DAY


class TrainByTrain:
    """Trains and ships; the load of a train is one item, its boxes are not followed."""

    def __init__(self, network: Network, seed: int) -> None:
        self.network = network
        self.env = simpy.Environment()
        self.streams = Streams(seed, 0)
        self.created = 0
        self.journeys = 0
        """Trains and voyages that have begun."""
        self.until_s = network.window_end_s + network.followup_s
        to_sea, from_sea = network.trains
        self.to_sea, self.from_sea, self.line = to_sea, from_sea, network.services[0]
        self.fleet = self.line.fleet[0]
        self.steppe, self.desert = to_sea.links[0]
        self.valley = from_sea.links[0][0]
        servers = {facts.id: facts.servers for facts in network.resources}
        self.path = {
            leg.id: simpy.Resource(self.env, 1) for leg in (self.steppe, self.desert, self.valley)
        }
        self.west = simpy.Resource(self.env, servers["west"])
        self.east = simpy.Resource(self.env, servers["east"])
        self.aktau_tracks = simpy.Resource(self.env, servers["aktau/tracks"])
        self.alat_tracks = simpy.Resource(self.env, servers["alat/tracks"])
        self.berths = [
            simpy.Resource(self.env, servers[port])
            for port in ("aktau/container", "alat/container")
        ]
        self.yard = simpy.Store(self.env)
        """At Aktau: loads that wait for a ship."""
        self.loading = simpy.Resource(self.env, 1)
        """The ship that is next."""
        start = date.fromisoformat(network.start_date)
        closures = draw_closures(network.climate, self.streams, start, self.until_s)
        self.weather = [closures.get(place, ALWAYS_OPEN) for place in self.line.ends]
        names = network.names.resource
        self.running_s = {
            leg.id: self.streams.draws(leg.running, f"running/{names[leg.resource]}")
            for leg in (self.steppe, self.desert, self.valley)
        }
        self.handling_s = round(to_sea.handling[0].mean)
        self.transit_s: list[tuple[int, int, int]] = []
        """Units, when they were created and when delivered [s]."""

    def run(self) -> float:
        """Run and return the mean transit time by units [d].

        It is that of the cohort created in the measured window.
        """
        start = date.fromisoformat(self.network.start_date)
        arrivals = draw_arrivals(self.network, 0, self.streams, (start, self.until_s))
        self.env.process(self.create(arrivals))
        for number in range(self.fleet.vessels):
            self.env.process(self.ship(number))
        self.env.run(until=self.until_s)
        first, last = self.network.warmup_s, self.network.window_end_s
        cohort = [
            (units, delivered - created)
            for units, created, delivered in self.transit_s
            if first <= created < last
        ]
        return (
            sum(units * transit for units, transit in cohort)
            / sum(units for units, _ in cohort)
            / DAY
        )

    @property
    def events(self) -> int:
        """Kernel events that were scheduled."""
        return next(self.env._eid)

    def create(self, arrivals):
        for at_s, units in zip(arrivals.at_s, arrivals.units, strict=True):
            yield self.env.timeout(at_s - self.env.now)
            self.created += 1
            self.env.process(self.train_to_sea(units))

    def leg(self, leg):
        """Wait for a path, hold it for a headway, run on."""
        with self.path[leg.id].request() as path:
            yield path
            yield self.env.timeout(leg.headway_s)
        yield self.env.timeout(next(self.running_s[leg.id]) - leg.headway_s)

    def rail_to_sea(self):
        """Load a train, run it to the port, unload it."""
        self.journeys += 1
        yield self.env.timeout(self.handling_s)
        with self.west.request() as locomotive:
            yield locomotive
            yield from self.leg(self.steppe)
            yield from self.leg(self.desert)
        with self.aktau_tracks.request() as track:
            yield track
            yield self.env.timeout(self.handling_s)

    def rail_from_sea(self):
        """Load a train at the port, run it inland, unload it."""
        self.journeys += 1
        with self.alat_tracks.request() as track:
            yield track
            yield self.env.timeout(self.handling_s)
        with self.east.request() as locomotive:
            yield locomotive
            yield from self.leg(self.valley)
        yield self.env.timeout(self.handling_s)

    def train_to_sea(self, units):
        created_s = self.env.now
        yield from self.rail_to_sea()
        yield self.yard.put((units, created_s))

    def train_from_sea(self, units, created_s):
        yield from self.rail_from_sea()
        self.transit_s.append((units, created_s, self.env.now))

    def send_inland(self, aboard):
        """Start a train for every load that came ashore."""
        for units, created_s in aboard:
            self.env.process(self.train_from_sea(units, created_s))

    def ship(self, number):
        env, end = self.env, number % 2
        crossing_s = self.streams.draws(self.fleet.crossing, f"crossing/{self.fleet.name}/{number}")
        handling_s = round(self.fleet.handling[0].mean)
        s_per_unit = self.fleet.s_per_unit[0][0]
        aboard = []
        while True:
            yield env.timeout(self.weather[end].next_open_s(env.now) - env.now)
            with self.berths[end].request() as berth:
                yield berth
                yield env.timeout(self.weather[end].next_open_s(env.now) - env.now)
                yield env.timeout(
                    handling_s + round(s_per_unit * sum(units for units, _ in aboard))
                )
                self.send_inland(aboard)
                aboard, full = [], 0
                if end == 0:
                    with self.loading.request() as turn:
                        yield turn
                        while full < self.fleet.deck.size:
                            aboard.append((yield self.yard.get()))
                            full += aboard[-1][0]
                    yield env.timeout(round(s_per_unit * full))
                yield env.timeout(self.weather[end].next_open_s(env.now) - env.now)
            self.journeys += 1
            yield env.timeout(next(crossing_s))
            end = 1 - end


class BoxByBox(TrainByTrain):
    """The same with a process for every box, so that each is followed by itself."""

    def create(self, arrivals):
        for at_s, units in zip(arrivals.at_s, arrivals.units, strict=True):
            yield self.env.timeout(at_s - self.env.now)
            self.created += 1
            arrived = self.env.event()
            for _ in range(units):
                self.env.process(self.box(arrived))
            self.env.process(self.train_with_boxes(arrived))

    def train_with_boxes(self, arrived):
        yield from self.rail_to_sea()
        arrived.succeed()

    def box(self, arrived):
        """Travel with a train, wait in the yard for a ship, and travel on with another train."""
        created_s = self.env.now
        yield arrived
        delivered = self.env.event()
        yield self.yard.put((1, delivered))
        yield delivered
        self.transit_s.append((1, created_s, self.env.now))

    def send_inland(self, aboard):
        size = self.from_sea.deck.size
        for first in range(0, len(aboard), size):
            self.env.process(self.train_with_boxes_from_sea(aboard[first : first + size]))

    def train_with_boxes_from_sea(self, boxes):
        yield from self.rail_from_sea()
        for _, delivered in boxes:
            delivered.succeed()
