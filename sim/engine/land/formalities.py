"""Formalities at a railway border or a road gate: a track or lane, opening hours, work, and the
inspection of some."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.distributions import Distribution
from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar, Pace
from sim.engine.kernel.draws import Draw
from sim.engine.kernel.process import ProcessGenerator
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import Checks
from sim.units import DAY, Seconds


class Move(NamedTuple):
    """How a train comes to a border and leaves it."""

    leave: Callable[[], object]
    """Gives back the track on which it stands before; called once it has one of the border."""
    behind: ProcessGenerator | None
    """What it waits for when it is done, before it gives the track of the border back."""


class Formalities:
    """What every train (or truck) goes through at one place."""

    def __init__(
        self,
        world: World,
        resource: int,
        name: str,
        *,
        works: tuple[tuple[str, Distribution], ...],
        checks: Checks,
        kind: str = "",
    ) -> None:
        streams = world.streams
        self._world = world
        self._resource = resource
        self._tokens = world.facilities.tokens_of(resource)
        self._name = name
        # Without tokens nothing can be lost, so an outage shuts the place.
        self._shut = ALWAYS_OPEN
        if self._tokens is None:
            self._shut = Calendar(world.facilities.outages.shut(kind, resource))
        self._pace = Pace(world.facilities.outages.slow(kind, resource))
        self._can_shut, self._can_slow = bool(self._shut), bool(self._pace)
        self._checks = checks
        self._has_hours = checks.open_s != checks.close_s
        self._add, self._row = world.tables["vehicle_log"].add, world.tables["vehicle_log"].row
        self._draws = {work: Draw(streams, time, f"{work}/{name}") for work, time in works}
        """By name of the work."""
        self._works_s = list(self._draws.values())
        self._picked = streams.uniforms(f"picked/{name}")
        self._inspection_s: Draw | None = None
        if checks.time is not None:
            self._inspection_s = Draw(streams, checks.time, f"inspection/{name}")

    def adopt(self, works: tuple[tuple[str, Distribution], ...], checks: Checks) -> None:
        """Go on by new numbers."""
        streams, now = self._world.streams, self._world.env.now
        before, self._draws = self._draws, {}
        for work, time in works:
            draw = before.get(work) or Draw(streams, time, f"{work}/{self._name}/{now}")
            draw.renew(time, now)
            self._draws[work] = draw
        self._works_s = list(self._draws.values())
        if checks.time is None:
            self._inspection_s = None
        elif self._inspection_s is None:
            self._inspection_s = Draw(streams, checks.time, f"inspection/{self._name}/{now}")
        else:
            self._inspection_s.renew(checks.time, now)
        self._checks = checks
        self._has_hours = checks.open_s != checks.close_s

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
        env, tokens, has_hours = self._world.env, self._tokens, self._has_hours
        hold = NONE
        if self._can_shut:
            yield from self._wait_until(
                self._shut.next_open_s(env.now), (vehicle, trip, kinds[0], place)
            )
        # Before the doors, not on a track: what waits for the morning uses nothing.
        if has_hours:
            yield from self._wait_for_opening(vehicle, trip, place, kinds[0])
        if tokens is not None:
            hold, granted = tokens.take(vehicle, priority)
            if granted is not None:
                yield from wait_for(
                    self._world, granted, vehicle, trip, kinds[0], place, self._resource
                )
            if has_hours:
                yield from self._wait_for_opening(vehicle, trip, place, kinds[0])
        if move is not None:
            move.leave()
        work_s = self._work_s()
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

    def _wait_for_opening(
        self, vehicle: int, trip: int, place: int, kind: Activity
    ) -> ProcessGenerator:
        yield from self._wait_until(
            self._next_open_s(self._world.env.now), (vehicle, trip, kind, place)
        )

    def _wait_until(self, opens_s: Seconds, what: tuple[int, int, int, int]) -> ProcessGenerator:
        now = self._world.env.now
        if opens_s > now:
            self._add(self._row(*what, self._resource, now, opens_s))
            yield opens_s - now

    def _work_s(self) -> Seconds:
        total = 0
        for work_s in self._works_s:
            total += work_s.next()
        if self._inspection_s is None:
            return total
        # Drawn for everyone, so that another share picks others and changes nothing else.
        inspection_s = self._inspection_s.next()
        if next(self._picked) < self._checks.share:
            total += inspection_s
        return total

    def _next_open_s(self, now: Seconds) -> Seconds:
        """Return *now* within the daily hours (the horizon starts at midnight), else the next
        opening."""
        opens, closes = self._checks.open_s, self._checks.close_s
        # Counted from the opening, so that hours over midnight are like others.
        open_for_s = (closes - opens) % DAY or DAY
        if (now - opens) % DAY < open_for_s:
            return now
        return now + (opens - now) % DAY
