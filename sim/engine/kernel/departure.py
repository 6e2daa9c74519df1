"""Departure rules: when may a train or vessel leave, given what is there now.

A rule takes since when the vehicle is ready (a train: since when the oldest cargo waits), when the
last one left this end, and how much of its room the waiting cargo would fill. It returns the
earliest time to leave if no more cargo comes; `NEVER` if only more cargo lets it leave. Of several
conditions, the one that holds first lets it leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from math import ceil
from typing import TypeAlias

from sim.engine.kernel.calendar import NEVER
from sim.engine.kernel.clock import Clock
from sim.log import NONE
from sim.network.parts import DeparturePlan
from sim.units import WEEK, Seconds

Rule: TypeAlias = Callable[[Seconds, Seconds, int, int], Seconds]
"""``(ready_s, last_departure_s, fill, size) -> earliest departure``."""


def rule_of(departure: DeparturePlan, monday_s: Seconds) -> Rule:
    """Return the rule of *departure*: as soon as one of its conditions holds.

    The conditions that vessels alone can have are in `sim.engine.sea.conditions`.

    Parameters
    ----------
    monday_s
        How long ago Monday midnight was at second 0.
    """
    rules: list[Rule] = []
    if departure.full is not None:
        rules.append(_full(departure.full, departure.longest_wait_s))
    if departure.headway_s is not None:
        rules.append(_headway(departure.headway_s))
    if departure.times_of_week:
        rules.append(_timetable(departure.times_of_week, monday_s))
    if len(rules) > 1:
        return _any_of(rules)
    return rules[0] if rules else _at_once


def _any_of(rules: Sequence[Rule]) -> Rule:
    def leave_by_the_first(ready_s: Seconds, last_s: Seconds, fill: int, size: int) -> Seconds:
        return min(rule(ready_s, last_s, fill, size) for rule in rules)

    return leave_by_the_first


def _at_once(ready_s: Seconds, last_s: Seconds, fill: int, size: int) -> Seconds:  # noqa: ARG001 - a rule takes all
    return ready_s


def _full(share: float, longest_wait_s: Seconds | None) -> Rule:
    def leave_when_full(ready_s: Seconds, last_s: Seconds, fill: int, size: int) -> Seconds:  # noqa: ARG001
        # 1e-9 forgives the binary fraction: 0.9 of a deck of 10 is 9, not 10.
        if fill >= ceil(share * size - 1e-9):
            return ready_s
        return NEVER if longest_wait_s is None else ready_s + longest_wait_s

    return leave_when_full


def _headway(headway_s: Seconds) -> Rule:
    def keep_headway(ready_s: Seconds, last_s: Seconds, fill: int, size: int) -> Seconds:  # noqa: ARG001
        return ready_s if last_s == NONE else max(ready_s, last_s + headway_s)

    return keep_headway


def _timetable(week: tuple[Seconds, ...], monday_s: Seconds) -> Rule:
    def keep_timetable(ready_s: Seconds, last_s: Seconds, fill: int, size: int) -> Seconds:  # noqa: ARG001
        # One departure a time: the next is for a time after the last.
        weeks, into_s = divmod(max(ready_s, last_s + 1) + monday_s, WEEK)
        at = bisect_left(week, into_s)
        next_s = week[at] if at < len(week) else week[0] + WEEK
        return weeks * WEEK + next_s - monday_s

    return keep_timetable


class Alarm:
    """Calls back at the earliest time it was set to.

    One time is enough: whoever is called sets the next.
    """

    __slots__ = ("_at_s", "_env", "_ring")

    def __init__(self, env: Clock, ring: Callable[[], None]) -> None:
        self._env = env
        self._ring = ring
        self._at_s = NEVER

    def set(self, at_s: Seconds) -> None:
        """Ring at *at_s*, unless it is set to an earlier time."""
        if at_s < self._at_s:
            self._at_s = at_s
            timer = self._env.pause(at_s - self._env.now)
            timer.callbacks.append(lambda _: self._go_off(at_s))

    def _go_off(self, at_s: Seconds) -> None:
        # A timer that an earlier one has overtaken is void.
        if at_s == self._at_s:
            self._at_s = NEVER
            self._ring()
