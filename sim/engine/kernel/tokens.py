"""Slim tokens: berths, tracks, lanes, locomotives and train paths, first come first served within a
priority.

A token that is free costs no kernel event; one that is not costs one, when it is handed on. Each
writes its own log and keeps its own count of busy time, against which the log is audited.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import simpy

from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar
from sim.engine.kernel.clock import Clock
from sim.log import OPEN, Table
from sim.units import Seconds

UNLIMITED = 1 << 40
"""Servers of what has no limit: before a date, or from it on."""


class Tokens:
    """A number of equal servers; the number may change while they are in use.

    When it falls, whoever is being served is served to the end, and nobody follows while as many
    are in use as there are, or more.
    """

    __slots__ = (
        "_busy_s",
        "_end",
        "_env",
        "_in_use",
        "_log",
        "_lost",
        "_ordered",
        "_start",
        "_waiting",
        "capacities",
        "code",
        "leaving",
        "on_wait",
        "present",
        "servers",
    )

    def __init__(self, env: Clock, log: Table, capacities: Table, code: int, servers: int) -> None:
        self._env = env
        self._log = log
        self._start, self._end = log.offset["start_s"], log.offset["end_s"]
        self.capacities = capacities
        self.code = code
        self.servers = servers
        """Servers in service now: those there are, less those that are out."""
        self.present = servers
        """Those there are, in service or out."""
        self.leaving = 0
        """Holders that are about to give their server back, as they themselves count them."""
        self.on_wait: list[Callable[[], None]] = []
        """Called when one more has to wait."""
        self._lost = 0
        self._in_use = 0
        self._waiting: dict[float, deque[tuple[int, simpy.Event]]] = {}
        """By priority."""
        self._ordered: list[deque[tuple[int, simpy.Event]]] = []
        """The same, in the order of service."""
        self._busy_s = 0
        """Sum of the times at which servers were given back, less those at which they were
        taken."""
        capacities.add(capacities.row(code, env.now, servers))

    def take(self, vehicle: int, priority: float = 5) -> tuple[int, simpy.Event | None]:
        """Ask for a server; return the hold, and an event to wait for unless it is granted at
        once.

        Priorities are whole numbers; half a one less comes before all others of the same number.
        """
        log, now = self._log, self._env.now
        hold = len(log.rows)
        if self._in_use < self.servers:
            self._in_use += 1
            self._busy_s -= now
            log.add(log.row(self.code, vehicle, now, now, OPEN))
            return hold, None
        log.add(log.row(self.code, vehicle, now, OPEN, OPEN))
        granted = self._env.event()
        queue = self._waiting.get(priority)
        if queue is None:
            queue = self._waiting[priority] = deque()
            self._ordered = [self._waiting[key] for key in sorted(self._waiting)]
        queue.append((hold, granted))
        for listener in self.on_wait:
            listener()
        return hold, granted

    def give(self, hold: int) -> None:
        """Give the server of *hold* back; the one that comes first gets it, if it is still in
        service."""
        now = self._env.now
        self._log.rows[hold + self._end] = now
        self._busy_s += now
        self._in_use -= 1
        if self._in_use < self.servers:
            for queue in self._ordered:
                if queue:
                    self._grant(queue)
                    return

    def renew(self, present: int) -> None:
        """Set how many servers there are."""
        self.present = present
        self._adjust()

    def lose(self, servers: int) -> None:
        """Take *servers* out of service, or (below zero) put them back."""
        self._lost += servers
        self._adjust()

    @property
    def is_needed(self) -> bool:
        """Whether more wait for a server than holders are about to give one back."""
        return sum(map(len, self._ordered)) > self.leaving

    def busy_until(self, now: Seconds) -> Seconds:
        """Return server-seconds in use from the start to *now*."""
        return self._busy_s + self._in_use * now

    def _adjust(self) -> None:
        servers = max(self.present - self._lost, 0)
        if servers == self.servers:
            return
        self.servers = servers
        self.capacities.add(self.capacities.row(self.code, self._env.now, servers))
        for queue in self._ordered:
            while queue and self._in_use < servers:
                self._grant(queue)

    def _grant(self, queue: deque[tuple[int, simpy.Event]]) -> None:
        successor, granted = queue.popleft()
        now = self._env.now
        self._in_use += 1
        self._busy_s -= now
        self._log.rows[successor + self._start] = now
        granted.succeed()


class Paths:
    """Train paths into one section in one direction: one every headway, in the order of asking.

    The wait is known when the train asks, so it costs no event of its own: headways of later dates
    and hours in which nobody may enter are known too.

    Parameters
    ----------
    headways_s
        ``(from second, headway)`` in order; 0: no limit.
    shut
        When no train may enter.
    """

    __slots__ = (
        "_add",
        "_at",
        "_can_shut",
        "_headways_s",
        "_next_s",
        "_row",
        "_shut",
        "code",
        "sold",
    )

    def __init__(
        self,
        log: Table,
        code: int,
        headways_s: Sequence[tuple[Seconds, Seconds]],
        shut: Calendar = ALWAYS_OPEN,
    ) -> None:
        self._add, self._row = log.add, log.row
        self.code = code
        self._headways_s = headways_s
        self._at = 0
        self._shut = shut
        self._can_shut = bool(shut)
        self._next_s = 0
        self.sold = 0

    def reserve(self, vehicle: int, now: Seconds) -> Seconds:
        """Return when the train may enter, at or after *now*."""
        entry_s = max(self._next_s, now)
        if self._can_shut:
            entry_s = self._shut.next_open_s(entry_s)
        headways_s = self._headways_s
        while self._at + 1 < len(headways_s) and headways_s[self._at + 1][0] <= entry_s:
            self._at += 1
        self._next_s = entry_s + headways_s[self._at][1]
        self.sold += 1
        self._add(self._row(self.code, vehicle, now, entry_s, self._next_s))
        return entry_s

    def wait_s(self, now: Seconds) -> Seconds:
        """Return how long a train that asks at *now* would wait."""
        return self._shut.next_open_s(max(now, self._next_s)) - now
