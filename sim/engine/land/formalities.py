"""Formalities at a railway border or a road gate: a track or lane, opening hours, work, and the
inspection of some."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple, TypeAlias

import simpy

from sim.distributions import Distribution
from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar, Pace, next_opening_s
from sim.engine.kernel.draws import Draw
from sim.engine.kernel.process import ProcessGenerator
from sim.engine.kernel.tokens import Tokens
from sim.engine.world.lots import Lot
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import Checks, UserPlan
from sim.streams import Streams
from sim.units import Seconds

Works: TypeAlias = tuple[tuple[str, Distribution], ...]
"""Parts of a stay by name, with their times."""


class Move(NamedTuple):
    """How a train comes to a border and leaves it."""

    leave: Callable[[], object]
    """Gives back the track on which it stands before; called once it has one of the border."""
    behind: ProcessGenerator | None
    """What it waits for when it is done, before it gives the track of the border back."""


class _Treatment:
    """What is done with one kind of user, and in which hours."""

    def __init__(self, name: str, *, kept: _Treatment | None = None) -> None:
        self._name = name
        self._kept = kept
        """That of all others, whose times it has where it has none of its own."""
        self.draws: dict[str, Draw] = {}
        """By name of the work, with times of its own."""
        self._works_s: list[Draw] = []
        self._inspection_s: Draw | None = None
        self._share = 0.0
        self.has_hours = False
        self._opens_s = self._closes_s = 0

    def adopt(
        self,
        streams: Streams,
        own_works: Works,
        kept_works: Works,
        checks: Checks,
        since_s: Seconds | None = None,
    ) -> None:
        """Go on by new numbers.

        Parameters
        ----------
        since_s
            From when on; None: from the start.
        """
        suffix = "" if since_s is None else f"/{since_s}"
        before, self.draws = self.draws, {}
        for work, time in own_works:
            name = f"{work}/{self._name}{suffix}"
            self.draws[work] = _renewed(streams, before.get(work), time, name, since_s)
        self._works_s = list(self.draws.values())
        if self._kept is not None:
            self._works_s += [self._kept.draws[work] for work, _ in kept_works]
        inspection_s = self._inspection_s
        self._inspection_s = None
        if checks.time is not None:
            name = f"inspection/{self._name}{suffix}"
            self._inspection_s = _renewed(streams, inspection_s, checks.time, name, since_s)
        self._share = checks.share
        self._opens_s, self._closes_s = checks.open_s, checks.close_s
        self.has_hours = checks.open_s != checks.close_s

    def work_s(self, picked: Iterator[float]) -> Seconds:
        """Return how long one is dealt with."""
        total = 0
        for work_s in self._works_s:
            total += work_s.next()
        if self._inspection_s is None:
            return total
        # Drawn for everyone, so that another share picks others and changes nothing else.
        inspection_s = self._inspection_s.next()
        if next(picked) < self._share:
            total += inspection_s
        return total

    def next_open_s(self, now: Seconds) -> Seconds:
        """Return *now* within the daily hours (the horizon starts at midnight), else the next
        opening."""
        return next_opening_s(self._opens_s, self._closes_s, now)


def _renewed(
    streams: Streams, draw: Draw | None, time: Distribution, name: str, since_s: Seconds | None
) -> Draw:
    """Return what draws *time*: *draw*, that goes on by it, or a new one."""
    if draw is None:
        draw = Draw(streams, time, name)
    if since_s is not None:
        draw.renew(time, since_s)
    return draw


class Rules(NamedTuple):
    """How a place deals with those that come, for all and for some of them."""

    works: Works
    checks: Checks
    users: tuple[UserPlan, ...] = ()
    """The first that fits is taken."""
    priority: int | None = None
    """In its queue; None: that of who comes."""
    hours_differ: bool = False
    """Whether not all that use the place keep the same hours."""


Waits: TypeAlias = tuple[_Treatment, int, int, int, Activity]
"""Treatment, vehicle, trip, place and the name of the wait."""


class Formalities:
    """What every train (or truck) goes through at one place."""

    def __init__(
        self, world: World, resource: int, name: str, rules: Rules, *, kind: str = ""
    ) -> None:
        streams = world.streams
        self._world = world
        self._resource = resource
        self._tokens = world.facilities.tokens_of(resource)
        # Without tokens nothing can be lost, so an outage shuts the place.
        self._shut = ALWAYS_OPEN
        if self._tokens is None:
            self._shut = Calendar(world.facilities.outages.shut(kind, resource))
        self._pace = Pace(world.facilities.outages.slow(kind, resource))
        self._can_shut, self._can_slow = bool(self._shut), bool(self._pace)
        self._add, self._row = world.tables["vehicle_log"].add, world.tables["vehicle_log"].row
        self._picked = streams.uniforms(f"picked/{name}")
        self._rules = rules
        self._others = _Treatment(name)
        self._treatments = [
            _Treatment(f"{name}/{user.id}", kept=self._others) for user in rules.users
        ]
        self._take_up(None)

    def adopt(self, rules: Rules) -> None:
        """Go on by new numbers; the users stay."""
        self._rules = rules
        self._take_up(self._world.env.now)

    def _take_up(self, since_s: Seconds | None) -> None:
        streams, rules = self._world.streams, self._rules
        self._others.adopt(streams, rules.works, (), rules.checks, since_s)
        for treatment, user in zip(self._treatments, rules.users, strict=True):
            treatment.adopt(streams, user.own_works, user.kept_works, user.checks, since_s)

    def undergo(
        self,
        vehicle: int,
        trip: int,
        place: int,
        kinds: tuple[Activity, Activity],
        priority: int = 5,
        *,
        move: Move | None = None,
    ) -> ProcessGenerator:
        """Wait for a track and the opening hours, then be dealt with; *kinds* name the wait and the
        work.

        Parameters
        ----------
        move
            Where it comes from and goes to; None: from and to where there is no limit.
        """
        env, tokens = self._world.env, self._tokens
        treatment, priority = self._treatment_of(trip, priority)
        has_hours = treatment.has_hours
        hold = NONE
        if self._can_shut:
            yield from self._wait_until(
                self._shut.next_open_s(env.now), (vehicle, trip, kinds[0], place)
            )
        waits = (treatment, vehicle, trip, place, kinds[0])
        # Before the doors, not on a track: what waits for the morning uses nothing.
        if has_hours:
            yield from self._wait_for_opening(*waits)
        if tokens is not None:
            hold, granted = tokens.take(vehicle, priority)
            if granted is not None:
                yield from wait_for(
                    self._world, granted, vehicle, trip, kinds[0], place, self._resource
                )
            if has_hours:
                hold = yield from self._await_hours(waits, tokens, hold, priority)
        if move is not None:
            move.leave()
        work_s = treatment.work_s(self._picked)
        if self._can_slow:
            work_s = self._pace.end_s(env.now, work_s) - env.now
        if work_s:
            now = env.now
            self._add(self._row(vehicle, trip, kinds[1], place, self._resource, now, now + work_s))
            yield work_s
        if move is not None and move.behind is not None:
            yield from move.behind
        if tokens is not None:
            tokens.give(hold)

    def _treatment_of(self, trip: int, priority: int) -> tuple[_Treatment, int]:
        """Return how the vehicle of *trip* is dealt with, and its place in the queue."""
        if self._rules.priority is not None:
            priority = self._rules.priority
        if not self._treatments:
            return self._others, priority
        lots = self._world.trips[trip].lots
        for user, treatment in zip(self._rules.users, self._treatments, strict=True):
            if _fits(user, lots):
                return treatment, priority if user.priority is None else user.priority
        return self._others, priority

    def _await_hours(
        self, waits: Waits, tokens: Tokens, hold: int, priority: int
    ) -> Generator[simpy.Event | Seconds, None, int]:
        """Return a hold of a track within the hours of who got *hold*.

        Where others may use it while this one's hours are over, it gives it back; when they begin,
        it is first of its priority.
        """
        treatment, vehicle, trip, place, kind = waits
        env = self._world.env
        if not self._rules.hours_differ:
            yield from self._wait_for_opening(*waits)
        while treatment.next_open_s(env.now) > env.now:
            tokens.give(hold)
            yield from self._wait_for_opening(*waits)
            hold, granted = tokens.take(vehicle, priority - 0.5)
            if granted is not None:
                yield from wait_for(
                    self._world, granted, vehicle, trip, kind, place, self._resource
                )
        return hold

    def _wait_for_opening(
        self, treatment: _Treatment, vehicle: int, trip: int, place: int, kind: Activity
    ) -> ProcessGenerator:
        opens_s = treatment.next_open_s(self._world.env.now)
        yield from self._wait_until(opens_s, (vehicle, trip, kind, place))

    def _wait_until(self, opens_s: Seconds, what: tuple[int, int, int, int]) -> ProcessGenerator:
        now = self._world.env.now
        if opens_s > now:
            self._add(self._row(*what, self._resource, now, opens_s))
            yield opens_s - now


def _fits(user: UserPlan, lots: Sequence[Lot]) -> bool:
    """Return whether a vehicle with *lots* aboard is dealt with as *user*."""
    first = lots[0]
    if user.carriers and first.legs[first.leg][0] not in user.carriers:
        return False
    has_some = False
    for lot in lots:
        flow = lot.consignment.flow.code
        if user.weightless is not None and flow not in user.weightless:
            return False
        has_some = has_some or flow in user.flows
    return has_some
