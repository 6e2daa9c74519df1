"""Rail: block trains are made up, hauled over sections, dealt with at borders, and worked at terminals."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeAlias

from sim.engine.departure import Alarm, rule_of
from sim.engine.formalities import Formalities
from sim.engine.story import Awaited, Story, Teller
from sim.engine.tokens import Paths, Tokens
from sim.engine.waiting import wait_for, wait_for_room
from sim.engine.world import Trip, World
from sim.log import NONE, Activity
from sim.network.parts import Crossing, Stretch, TrainLine


def start(world: World) -> None:
    """Set up a dispatcher at both ends of every train line."""
    haulage = Haulage(world)
    for line in world.network.trains:
        for direction in (0, 1):
            Dispatcher(world, line, direction, haulage)


class Dispatcher:
    """Makes up trains of one line at one end, whenever its departure rule says so."""

    def __init__(self, world: World, line: TrainLine, direction: int, haulage: Haulage) -> None:
        self.world = world
        self.line = line
        self.direction = direction
        self.stack = world.stacks[line.carrier, direction]
        self.stack.on_put = self.check
        self._rule = rule_of(line.departure[direction], world.network.start_weekday_s)
        self._last_departure_s = NONE
        self._alarm = Alarm(world.env, self.check)
        self._route = [haulage.link(link) for link in line.links[direction]]
        self._terminals = [Terminal(world, line, end) for end in (direction, 1 - direction)]

    def check(self) -> None:
        """Send off every train that may leave now; set the alarm for the next that may."""
        world, deck = self.world, self.line.deck
        while fill := self.stack.room_used(deck):
            earliest_s = self._rule(self.stack.oldest_s(), self._last_departure_s, fill, deck.size)
            if earliest_s > world.env.now:
                self._alarm.set(earliest_s)
                return
            # Booked before room is given back: that can bring cargo, and this check with it.
            self._last_departure_s = world.env.now
            lots, used = self.stack.take(deck, world.env.now)
            world.load(self.stack, lots)
            train = world.vehicle("train", self.line.carrier)
            trip = world.begin_trip(train, (self.line.carrier, self.direction), lots, (used, deck.size))
            Teller(world.env, self.run(trip))

    def run(self, trip: Trip) -> Story:
        """Load, travel, unload."""
        origin, destination = self._terminals
        yield from origin.load(trip)
        locomotive: _Locomotive | None = None
        for link in self._route:
            if locomotive is None or link.pool is not locomotive.pool:
                if locomotive is not None:
                    locomotive.release()
                locomotive = None if link.pool is None else _Locomotive(self.world, link.pool, link.turns)
                if locomotive is not None:
                    yield from locomotive.couple(trip, link.place)
            yield from link.pass_with(trip)
        if locomotive is not None:
            locomotive.release()
        yield from destination.unload(trip)


class Haulage:
    """Sections, borders and locomotive pools as trains meet them, shared by all lines."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._links: dict[tuple[int, int], Link] = {}

    def link(self, part: Stretch | Crossing) -> Link:
        """Return the way over *part*; lines that share it share its paths, tracks and luck."""
        key = (part.resource, part.place)
        if key not in self._links:
            self._links[key] = Running(self._world, part) if isinstance(part, Stretch) else Border(self._world, part)
        return self._links[key]


class Running:
    """One section in one direction."""

    def __init__(self, world: World, stretch: Stretch) -> None:
        self._world = world
        self.place = stretch.place
        self._resource = stretch.resource
        self._paths: Paths | None = world.paths_of(stretch)
        self.pool: Tokens | None = world.tokens_of(stretch.pool)
        self.turns: Iterator[int] | None = None
        if self.pool is not None:
            turn = world.network.locomotive_turn[stretch.pool]
            self.turns = world.streams.draws(turn, f"turn/{world.network.names.resource[stretch.pool]}")
        name = world.network.names.resource[stretch.resource]
        self._running_s = world.streams.draws(stretch.running, f"running/{name}")

    def pass_with(self, trip: Trip) -> Story:
        """Wait for a path and run."""
        env, log = self._world.env, self._world.tables["vehicle_log"]
        now = env.now
        entry_s = now if self._paths is None else self._paths.reserve(trip.vehicle, now)
        if entry_s > now:
            log.add((trip.vehicle, trip.id, Activity.WAIT_PATH, self.place, self._resource, now, entry_s))
        exit_s = entry_s + next(self._running_s)
        log.add((trip.vehicle, trip.id, Activity.RUN, self.place, self._resource, entry_s, exit_s))
        yield exit_s - now


class Border:
    """One border, both directions on the same tracks."""

    pool: Tokens | None = None
    turns: Iterator[int] | None = None

    def __init__(self, world: World, crossing: Crossing) -> None:
        self._world = world
        self.place = crossing.place
        self._formalities = Formalities(
            world, crossing.resource, crossing.id, works=crossing.works, checks=crossing.checks
        )

    def pass_with(self, trip: Trip) -> Story:
        """Wait for a track and be dealt with."""
        kinds = (Activity.WAIT_BORDER, Activity.BORDER)
        yield from self._formalities.undergo(trip.vehicle, trip.id, self.place, kinds)


Link: TypeAlias = Running | Border


class _Locomotive:
    """One locomotive with one train."""

    __slots__ = ("_hold", "_turns", "_world", "pool")

    def __init__(self, world: World, pool: Tokens, turns: Iterator[int] | None) -> None:
        self._world = world
        self.pool = pool
        self._turns = turns
        self._hold = 0

    def couple(self, trip: Trip, place: int) -> Story:
        """Wait for the locomotive."""
        self._hold, granted = self.pool.take(trip.vehicle)
        what = (trip.vehicle, trip.id, Activity.WAIT_LOCOMOTIVE, place, self.pool.code)
        yield from wait_for(self._world, granted, *what)

    def release(self) -> None:
        """Give it back to the pool after its turn."""
        turn_s = next(self._turns) if self._turns is not None else 0
        if not turn_s:
            self.pool.give(self._hold)
            return
        timer = self._world.env.pause(turn_s)
        timer.callbacks.append(lambda _: self.pool.give(self._hold))


class Terminal:
    """One end of a line: a track, the work on it, and the stacks beside it."""

    def __init__(self, world: World, line: TrainLine, end: int) -> None:
        self._world = world
        self._place = line.ends[end]
        self._tracks = world.tokens_of(line.tracks[end])
        self._resource = line.tracks[end] if self._tracks is not None else world.network.stacks[line.carrier, end]
        self._work_s = world.streams.draws(line.handling[end], f"handling/{line.id}/{end}")

    def load(self, trip: Trip) -> Story:
        """Work the train on a track before it leaves."""
        hold = yield from self._work(trip)
        if self._tracks is not None:
            self._tracks.give(hold)

    def unload(self, trip: Trip) -> Story:
        """Wait outside until there is room for the cargo, then work the train on a track.

        A train that waited on the track would keep those out that carry the cargo away, and lock the port.
        """
        yield from wait_for_room(self._world, trip, self._place)
        hold = yield from self._work(trip)
        if self._tracks is not None:
            self._tracks.give(hold)
        self._world.end_trip(trip)

    def _work(self, trip: Trip) -> Generator[Awaited, object, int]:
        env, log, hold = self._world.env, self._world.tables["vehicle_log"], NONE
        if self._tracks is not None:
            hold, granted = self._tracks.take(trip.vehicle)
            what = (trip.vehicle, trip.id, Activity.WAIT_TRACK, self._place, self._resource)
            yield from wait_for(self._world, granted, *what)
        work_s = next(self._work_s)
        if work_s:
            begin_s = env.now
            end_s = begin_s + work_s
            log.add((trip.vehicle, trip.id, Activity.WORK_TRAIN, self._place, self._resource, begin_s, end_s))
            yield work_s
        return hold
