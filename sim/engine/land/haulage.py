"""Haulage: sections, borders and locomotives as trains meet them, shared by all lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeAlias

import simpy

from sim.engine.kernel.calendar import Pace
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.draws import Draw
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.kernel.tokens import Paths, Tokens
from sim.engine.land.formalities import Formalities, Move, Rules
from sim.engine.land.station import Stand, tracks_at_end
from sim.engine.land.track import Passage, SingleTrack
from sim.engine.world.lots import Trip
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import NONE, TRAIN, Activity
from sim.network.parts import BreakdownPlan, Crossing, Network, Stretch
from sim.units import Seconds

OTHERS_PRIORITY = 5
"""Priority of trains of others, that of a line for which the scenario gives none."""


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
        """By resource and the place where a train stands before it."""
        self._tracks: dict[int, SingleTrack] = {}
        """By section."""
        world.on_change.append(self._adopt)

    def link(self, part: Stretch | Crossing) -> Link:
        """Return the way over *part*; lines that share it share its paths, tracks and draws."""
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
        if section not in self._tracks:
            track = SingleTrack(
                world.env,
                world.tables["resource_log"],
                stretch.blocks,
                stretch.clearing_s,
                world.facilities.entry_of(stretch),
            )
            self._tracks[section] = track
            world.handover.tracks.append(track)
        track = self._tracks[section]
        direction = 0 if stretch.blocks[0] == track.codes[0] else 1
        return Passage(world, stretch, track, direction)

    def _adopt(self, network: Network) -> None:
        for line in network.trains:
            for links in line.links:
                for part in links:
                    self._links[part.resource, part.place].adopt(part)


class Running:
    """One section in one direction."""

    book: Callable[[int, int], Seconds] | None
    """Takes the next path for a vehicle and trip, and returns how long until it is through; None
    if nobody can know."""

    def __init__(self, world: World, stretch: Stretch, passage: Passage | None) -> None:
        self._world = world
        self.stretch = stretch
        self.place = stretch.place
        self.resource = stretch.resource
        self.line = Line(world.env)
        self.tracks = tracks_at_end(world, stretch) if passage is None else passage.tracks
        self._passage = passage
        self.book = self._book if passage is None else None
        self._paths: Paths | None = None
        if passage is None:
            self._paths = world.facilities.paths_of(stretch)
        self._pace = Pace(world.facilities.outages.slow("section", stretch.section))
        self._can_slow = bool(self._pace)
        self._log = world.tables["vehicle_log"]
        self.pool: Tokens | None = world.facilities.tokens_of(stretch.pool)
        self.turns: Iterator[int] | None = None
        if self.pool is not None:
            turn = world.network.locomotive_turn[stretch.pool]
            pool = world.network.names.resource[stretch.pool]
            self.turns = world.streams.draws(turn, f"turn/{pool}")
        self._name = world.network.names.resource[stretch.resource]
        self._running_s = Draw(world.streams, stretch.running, f"running/{self._name}")

    def adopt(self, part: Stretch | Crossing) -> None:
        """Go on by new numbers."""
        if isinstance(part, Stretch):
            self._running_s.renew(part.running, self._world.env.now)
            self.stretch = part

    def free_s(self, now: Seconds) -> Seconds:
        """Return when a train that asks now can enter, as far as that is known."""
        return now if self._paths is None else now + self._paths.wait_s(now)

    def pass_with(
        self, vehicle: int, trip: int, priority: int, stand: Stand | None = None
    ) -> ProcessGenerator:
        """Wait for a path and run; leave *stand* on entry, and take a track at the end."""
        if self._passage is not None:
            running_s = self._running_s.next()
            yield from self._passage.run(vehicle, trip, running_s, priority, stand)
            return
        if stand is not None:
            stand.leave()
        if lasts_s := self._book(vehicle, trip):
            yield lasts_s
        if stand is not None and self.tracks is not None:
            yield from self.tracks.take(vehicle, trip, stand)

    def blocked(self) -> simpy.Event | None:
        """Return the event of trains no longer standing in the section, before full tracks; None:
        a train may enter."""
        if self.tracks is None or self._passage is not None:
            return None
        return self.tracks.cleared()

    def _book(self, vehicle: int, trip: int) -> Seconds:
        """Book a path and the run."""
        log, now = self._log, self._world.env.now
        exit_s = entry_s = now if self._paths is None else self._paths.reserve(vehicle, now)
        if entry_s > now:
            log.add(
                log.row(vehicle, trip, Activity.WAIT_PATH, self.place, self.resource, now, entry_s)
            )
        running_s = self._running_s.next()
        if running_s:
            exit_s = entry_s + running_s
            if self._can_slow:
                exit_s = self._pace.end_s(entry_s, running_s)
            log.add(
                log.row(vehicle, trip, Activity.RUN, self.place, self.resource, entry_s, exit_s)
            )
        return exit_s - now

    def send_others(self) -> ProcessGenerator:
        """Send a train of others into the section again and again; each direction begins at a
        random time of its own."""
        world = self._world
        phase = next(world.streams.uniforms(f"others/{self._name}"))
        yield max(1, int(phase * self.stretch.background_s))
        while True:
            train = world.vehicle(TRAIN, NONE)
            Process(world.env, self.pass_with(train, NONE, OTHERS_PRIORITY))
            yield max(1, self.stretch.background_s)


class Border:
    """One border in one direction; both directions share its tracks."""

    pool: Tokens | None = None
    turns: Iterator[int] | None = None
    book = None
    """How long it takes is not known beforehand."""

    def __init__(self, world: World, crossing: Crossing) -> None:
        self._world = world
        self.line = Line(world.env)
        self.place = crossing.place
        self.resource = crossing.resource
        self.tracks = tracks_at_end(world, crossing)
        self._formalities = Formalities(
            world,
            crossing.resource,
            crossing.stream,
            _rules(crossing),
            kind="border",
        )

    def adopt(self, part: Stretch | Crossing) -> None:
        """Go on by new numbers."""
        if isinstance(part, Crossing):
            self._formalities.adopt(_rules(part))

    def free_s(self, now: Seconds) -> Seconds:
        """Return *now*: when a track is free is not known."""
        return now

    def blocked(self) -> simpy.Event | None:
        """Return None: trains that cannot go on keep the tracks of the border."""
        return None

    def pass_with(
        self, vehicle: int, trip: int, priority: int, stand: Stand | None = None
    ) -> ProcessGenerator:
        """Wait for a track and be dealt with; leave *stand* for it, and take one behind it."""
        kinds = (Activity.WAIT_BORDER, Activity.BORDER)
        move = None
        if stand is not None:
            behind = None
            if self.tracks is not None:
                behind = self.tracks.take(vehicle, trip, stand)
            move = Move(stand.leave, behind)
        yield from self._formalities.undergo(vehicle, trip, self.place, kinds, priority, move=move)


def _rules(crossing: Crossing) -> Rules:
    return Rules(
        crossing.works,
        crossing.checks,
        crossing.users,
        crossing.priority,
        crossing.hours_differ,
    )


Link: TypeAlias = Running | Border


class Coupling:
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
                train = (self._trip.vehicle, self._trip.id)
                where = (link.place, link.pool.code)
                yield from wait_for(self._world, granted, *train, Activity.WAIT_LOCOMOTIVE, *where)
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


def begin_breakdowns(world: World) -> None:
    """Begin the process of every locomotive that breaks down."""
    for pool, plan in world.network.breakdowns.items():
        tokens = world.facilities.tokens_of(pool)
        if tokens is not None:
            for locomotive in range(tokens.servers):
                Process(world.env, _break_down(world, tokens, plan, locomotive))


def _break_down(world: World, pool: Tokens, plan: BreakdownPlan, number: int) -> ProcessGenerator:
    """Let one locomotive fail, wait for a crew and be mended, again and again."""
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
