"""Rail: block trains are made up, hauled over sections, dealt with at borders, and worked at
terminals."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

import simpy

from sim.engine.kernel.calendar import Pace
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.departure import Alarm, rule_of
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.kernel.tokens import Paths, Tokens
from sim.engine.land.formalities import Formalities
from sim.engine.land.track import Passage, SingleTrack
from sim.engine.world.lots import Lot
from sim.engine.world.waiting import wait_for, wait_for_room
from sim.engine.world.world import Trip, World
from sim.log import NONE, TRAIN, Activity
from sim.network.parts import BreakdownPlan, Crossing, Deck, Network, Stretch, TrainLine
from sim.units import Seconds


def start(world: World) -> None:
    """Set up a dispatcher at both ends of every train line, other trains, and the workshops."""
    haulage = Haulage(world)
    for number in range(len(world.network.trains)):
        for direction in (0, 1):
            dispatcher = Dispatcher(world, number, direction, haulage)
            world.rules.dispatchers[dispatcher.line.carrier, direction] = dispatcher
    haulage.run_other_trains()
    for pool, plan in world.network.breakdowns.items():
        tokens = world.facilities.tokens_of(pool)
        if tokens is not None:
            for locomotive in range(tokens.servers):
                Process(world.env, _break_down(world, tokens, plan, locomotive))


class Dispatcher:
    """Makes up trains of one line at one end, whenever its departure rule says so."""

    def __init__(self, world: World, number: int, direction: int, haulage: Haulage) -> None:
        self.world = world
        self.direction = direction
        self._number = number
        self.line: TrainLine = world.network.trains[number]
        self.stack = world.stacks[self.line.carrier, direction]
        self.stack.on_put = self.check
        self._destination = self.line.ends[1 - direction]
        self._last_departure_s = NONE
        self._alarm = Alarm(world.env, self.check)
        self._route = [haulage.link(link) for link in self.line.links[direction]]
        self._terminals = [Terminal(world, self.line, end) for end in (direction, 1 - direction)]
        self._adopt(world.network)
        world.on_change.append(self._adopt)

    def _adopt(self, network: Network) -> None:
        self.line = network.trains[self._number]
        self._rule = rule_of(self.line.departure[self.direction], network.start_weekday_s)
        for terminal in self._terminals:
            terminal.adopt(self.line)
        if self.world.env.now:
            self.check()

    def check(self) -> None:
        """Send off every train that may leave now; set the alarm for the next that may."""
        world, stack = self.world, self.stack
        now = world.env.now
        while stack.holds_cargo:
            deck = self._deck() if world.rules.banned else self.line.deck
            fill = stack.room_used(deck)
            if not fill:
                return
            earliest_s = self._rule(stack.oldest_s(deck), self._last_departure_s, fill, deck.size)
            if earliest_s > now:
                self._alarm.set(earliest_s)
                return
            # Booked before room is given back: that can bring cargo, and this check with it.
            self._last_departure_s = now
            lots, used = stack.take(deck, now)
            world.load(stack, lots)
            self.depart(lots, (used, deck.size, deck.size))

    def depart(self, lots: list[Lot], fill: tuple[int, int, int]) -> None:
        """Send a train off from its origin."""
        leg = (self.line.carrier, self.direction)
        trip = self.world.begin_trip(self.world.vehicle(TRAIN, self.line.carrier), leg, lots, fill)
        Process(self.world.env, self._run(trip))

    def go_on(self, lots: list[Lot], link: int, arrives_in_s: Seconds) -> None:
        """Have a train go on that is under way when the run begins: it reaches *link* of its route
        after a while."""
        used = sum(lot.units * self.line.deck.per_unit[lot.consignment.flow.unit] for lot in lots)
        size = self.line.deck.size
        leg = (self.line.carrier, self.direction)
        trip = self.world.begin_trip(
            self.world.vehicle(TRAIN, self.line.carrier), leg, lots, (used, size, size)
        )
        Process(self.world.env, self._run(trip, link, arrives_in_s))

    def _deck(self) -> Deck:
        """Return what a train takes now: nothing that an embargo keeps from its destination."""
        deck, world = self.line.deck, self.world
        leg = (self.line.carrier, self.direction)
        per_unit = [
            0 if size and world.is_banned(unit, *leg) else size
            for unit, size in enumerate(deck.per_unit)
        ]
        return replace(deck, per_unit=tuple(per_unit))

    def _run(
        self, trip: Trip, begins_at: int | None = None, arrives_in_s: Seconds = 0
    ) -> ProcessGenerator:
        """Load, or come to the link of the route at which the train begins; travel; unload."""
        world, route = self.world, self._route
        origin, destination = self._terminals
        if begins_at is None:
            yield from origin.work(trip)
        else:
            route = route[begins_at:]
            if arrives_in_s:
                yield self._book_arrival(trip, self._route[max(begins_at - 1, 0)], arrives_in_s)
        vehicle, priority, holding_places = (
            trip.vehicle,
            self.line.priority,
            world.rules.holding_places,
        )
        locomotive = _Coupling(world, trip, priority)
        for link in route:
            if link.pool is not locomotive.pool:
                yield from locomotive.couple(link)
            if link.place in holding_places:
                yield from self._mind_embargo(trip, link, locomotive)
            if link.book is None:
                yield from link.pass_with(vehicle, trip.id, priority)
            elif lasts_s := link.book(vehicle, trip.id):
                yield lasts_s
        locomotive.uncouple()
        world.arrive(trip.lots)
        if world.rooms:
            # Outside: a train that waited on the track would keep those out that carry the cargo
            # away, and lock the port.
            yield from wait_for_room(world, trip, destination.place)
        yield from destination.work(trip)
        world.end_trip(trip)

    def _book_arrival(self, trip: Trip, link: Link, arrives_in_s: Seconds) -> Seconds:
        now, log = self.world.env.now, self.world.tables["vehicle_log"]
        log.add(
            log.row(
                trip.vehicle,
                trip.id,
                Activity.RUN,
                link.place,
                link.resource,
                now,
                now + arrives_in_s,
            )
        )
        return arrives_in_s

    def _mind_embargo(self, trip: Trip, link: Link, locomotive: _Coupling) -> ProcessGenerator:
        """Stay while an embargo holds the train, without a locomotive; one that comes up before its
        path counts too."""
        world, holds = self.world, self.world.rules.holds
        in_line = (trip.vehicle, trip.id, Activity.WAIT_PATH, link.place, link.resource)
        yield from wait_for(world, link.line.join(), *in_line)
        while holds is not None:
            held = holds(trip.lots, self._destination, link.place)
            if held is not None:
                link.line.leave()
                locomotive.uncouple()
                embargo, lifted = held
                what = (trip.vehicle, trip.id, Activity.WAIT_EMBARGO, link.place, embargo)
                yield from wait_for(world, lifted, *what)
                yield from locomotive.couple(link)
                yield from wait_for(world, link.line.join(), *in_line)
                continue
            now = world.env.now
            free_s = link.free_s(now)
            if free_s <= now:
                break
            # It asks for its path when it can have it, so that a ban of the meantime still holds
            # it.
            log = world.tables["vehicle_log"]
            log.add(log.row(*in_line, now, free_s))
            yield free_s - now
        # Who comes next looks once this train, which does so at once, has taken its path.
        link.line.leave()


class Line:
    """Trains that stand one behind the other; only the first looks whether it may go."""

    def __init__(self, env: Clock) -> None:
        self._env = env
        self._has_first = False
        self._behind: deque[simpy.Event] = deque()

    def join(self) -> simpy.Event | None:
        """Stand behind the others; return the event of being first, unless nobody is there."""
        if not self._has_first:
            self._has_first = True
            return None
        first = self._env.event()
        self._behind.append(first)
        return first

    def leave(self) -> None:
        """Go; the next one is first."""
        if self._behind:
            self._behind.popleft().succeed()
        else:
            self._has_first = False


class Haulage:
    """Sections, borders and locomotive pools as trains meet them, shared by all lines."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._links: dict[tuple[int, int], Link] = {}
        world.on_change.append(self._adopt)

    def link(self, part: Stretch | Crossing) -> Link:
        """Return the way over *part*; lines that share it share its paths, tracks and luck."""
        key = (part.resource, part.place)
        if key not in self._links:
            if isinstance(part, Crossing):
                self._links[key] = Border(self._world, part)
            else:
                self._links[key] = Running(self._world, part, self._passage(part))
        return self._links[key]

    def run_other_trains(self) -> None:
        """Let trains of others run over single tracks by layout, evenly over the day."""
        for link in self._links.values():
            if isinstance(link, Running) and link.stretch.blocks and link.stretch.background_s:
                Process(self._world.env, link.send_others())

    def _passage(self, stretch: Stretch) -> Passage | None:
        if not stretch.blocks:
            return None
        world, section = self._world, stretch.section
        if section not in world.rules.tracks:
            log = world.tables["resource_log"]
            shut = world.facilities.entry_of(stretch)
            world.rules.tracks[section] = SingleTrack(
                world.env, log, stretch.blocks, stretch.clearing_s, shut
            )
        track = world.rules.tracks[section]
        return Passage(world, stretch, track, 0 if stretch.blocks[0] == track.codes[0] else 1)

    def _adopt(self, network: Network) -> None:
        for line in network.trains:
            for links in line.links:
                for part in links:
                    self._links[part.resource, part.place].adopt(part)


class Running:
    """One section in one direction."""

    book: Callable[[int, int], Seconds] | None
    """Takes the next path for a vehicle and trip and tells how long until it is through; None if
    nobody can know."""

    def __init__(self, world: World, stretch: Stretch, passage: Passage | None) -> None:
        self._world = world
        self.stretch = stretch
        self.place = stretch.place
        self.resource = stretch.resource
        self.line = Line(world.env)
        self._passage = passage
        self.book = self._book if passage is None else None
        self._paths: Paths | None = (
            None if passage is not None else world.facilities.paths_of(stretch)
        )
        self._pace = Pace(world.facilities.outages.slow("section", stretch.section))
        self._can_slow = bool(self._pace)
        self._log = world.tables["vehicle_log"]
        self.pool: Tokens | None = world.facilities.tokens_of(stretch.pool)
        self.turns: Iterator[int] | None = None
        if self.pool is not None:
            turn = world.network.locomotive_turn[stretch.pool]
            self.turns = world.streams.draws(
                turn, f"turn/{world.network.names.resource[stretch.pool]}"
            )
        self._name = world.network.names.resource[stretch.resource]
        self._running_s = world.streams.draws(stretch.running, f"running/{self._name}")

    def adopt(self, part: Stretch | Crossing) -> None:
        """Go on by new numbers."""
        if isinstance(part, Stretch):
            if part.running != self.stretch.running:
                self._running_s = self._world.streams.draws(
                    part.running, f"running/{self._name}/{self._world.env.now}"
                )
            self.stretch = part

    def free_s(self, now: Seconds) -> Seconds:
        """Return when a train that asks now can enter, as far as that is known."""
        return now if self._paths is None else now + self._paths.wait_s(now)

    def pass_with(self, vehicle: int, trip: int, priority: int) -> ProcessGenerator:
        """Wait for a path and run."""
        if self._passage is not None:
            yield from self._passage.run(vehicle, trip, next(self._running_s), priority)
        elif lasts_s := self._book(vehicle, trip):
            yield lasts_s

    def _book(self, vehicle: int, trip: int) -> Seconds:
        """Book a path and the run."""
        log, now = self._log, self._world.env.now
        exit_s = entry_s = now if self._paths is None else self._paths.reserve(vehicle, now)
        if entry_s > now:
            log.add(
                log.row(vehicle, trip, Activity.WAIT_PATH, self.place, self.resource, now, entry_s)
            )
        running_s = next(self._running_s)
        if running_s:
            exit_s = self._pace.end_s(entry_s, running_s) if self._can_slow else entry_s + running_s
            log.add(
                log.row(vehicle, trip, Activity.RUN, self.place, self.resource, entry_s, exit_s)
            )
        return exit_s - now

    def send_others(self) -> ProcessGenerator:
        """Send a train of others into the section again and again; each direction has its own
        beat."""
        env, luck = self._world.env, next(self._world.streams.uniforms(f"others/{self._name}"))
        yield max(1, int(luck * self.stretch.background_s))
        while True:
            Process(env, self.pass_with(self._world.vehicle(TRAIN, NONE), NONE, 5))
            yield max(1, self.stretch.background_s)


class Border:
    """One border, both directions on the same tracks."""

    pool: Tokens | None = None
    turns: Iterator[int] | None = None
    book = None
    """How long it takes is not known beforehand."""

    def __init__(self, world: World, crossing: Crossing) -> None:
        self._world = world
        self.line = Line(world.env)
        self.place = crossing.place
        self.resource = crossing.resource
        self._formalities = Formalities(
            world,
            crossing.resource,
            crossing.id,
            works=crossing.works,
            checks=crossing.checks,
            kind="border",
        )

    def adopt(self, part: Stretch | Crossing) -> None:
        """Go on by new numbers."""
        if isinstance(part, Crossing):
            self._formalities.adopt(part.works, part.checks)

    def free_s(self, now: Seconds) -> Seconds:
        """Return *now*: when a track is free is not known."""
        return now

    def pass_with(self, vehicle: int, trip: int, priority: int) -> ProcessGenerator:
        """Wait for a track and be dealt with."""
        kinds = (Activity.WAIT_BORDER, Activity.BORDER)
        yield from self._formalities.undergo(vehicle, trip, self.place, kinds, priority)


Link: TypeAlias = Running | Border


class _Coupling:
    """The locomotive of one train, from pool to pool."""

    __slots__ = ("_hold", "_priority", "_trip", "_turns", "_world", "pool")

    def __init__(self, world: World, trip: Trip, priority: int) -> None:
        self._world = world
        self._trip = trip
        self._priority = priority
        self.pool: Tokens | None = None
        """That of the locomotive, if the train has one."""
        self._turns: Iterator[int] | None = None
        self._hold = 0

    def couple(self, link: Link) -> ProcessGenerator:
        """Change to a locomotive of the pool that hauls on *link*, and wait for it."""
        self.uncouple()
        if link.pool is not None:
            hold, granted = link.pool.take(self._trip.vehicle, self._priority)
            if granted is not None:
                what = (
                    self._trip.vehicle,
                    self._trip.id,
                    Activity.WAIT_LOCOMOTIVE,
                    link.place,
                    link.pool.code,
                )
                yield from wait_for(self._world, granted, *what)
            self._hold, self.pool, self._turns = hold, link.pool, link.turns

    def uncouple(self) -> None:
        """Give the locomotive back to its pool after its turn."""
        if self.pool is None:
            return
        pool, hold = self.pool, self._hold
        self.pool = None
        turn_s = next(self._turns) if self._turns is not None else 0
        if not turn_s:
            pool.give(hold)
            return
        timer = self._world.env.pause(turn_s)
        timer.callbacks.append(lambda _: pool.give(hold))


def _break_down(world: World, pool: Tokens, plan: BreakdownPlan, number: int) -> ProcessGenerator:
    """Fail, wait for a crew, be mended, and so on."""
    name = f"{world.network.names.resource[pool.code]}/{number}"
    every_s = world.streams.draws(plan.every, f"breakdown/every/{name}")
    lasting_s = world.streams.draws(plan.lasting, f"breakdown/lasting/{name}")
    crews = world.facilities.tokens_of(plan.workshop)
    while True:
        yield max(next(every_s), 1)
        pool.lose(1)
        hold = NONE
        if crews is not None:
            hold, granted = crews.take(NONE)
            if granted is not None:
                yield granted
        yield next(lasting_s)
        if crews is not None:
            crews.give(hold)
        pool.lose(-1)


class Terminal:
    """One end of a line: a track, the work on it, and the stacks beside it."""

    def __init__(self, world: World, line: TrainLine, end: int) -> None:
        self._world = world
        self._end = end
        self._line = line
        self.place = line.ends[end]
        self._tracks = world.facilities.tokens_of(line.tracks[end])
        self._resource = (
            line.tracks[end]
            if self._tracks is not None
            else world.network.stacks[line.carrier, end]
        )
        self._work_s = world.streams.draws(line.handling[end], f"handling/{line.id}/{end}")

    def adopt(self, line: TrainLine) -> None:
        """Go on by new numbers."""
        if line.handling[self._end] != self._line.handling[self._end]:
            name = f"handling/{line.id}/{self._end}/{self._world.env.now}"
            self._work_s = self._world.streams.draws(line.handling[self._end], name)
        self._line = line

    def work(self, trip: Trip) -> ProcessGenerator:
        """Wait for a track and work the train on it."""
        tracks, hold = self._tracks, NONE
        if tracks is not None:
            hold, granted = tracks.take(trip.vehicle, self._line.priority)
            if granted is not None:
                what = (trip.vehicle, trip.id, Activity.WAIT_TRACK, self.place, self._resource)
                yield from wait_for(self._world, granted, *what)
        work_s = next(self._work_s)
        if work_s:
            log, now = self._world.tables["vehicle_log"], self._world.env.now
            where = (self.place, self._resource)
            log.add(log.row(trip.vehicle, trip.id, Activity.WORK_TRAIN, *where, now, now + work_s))
            yield work_s
        if tracks is not None:
            tracks.give(hold)
