"""Slim tokens: berths, tracks, lanes, locomotives and train paths, first come first served.

A token that is free costs no kernel event; one that is not costs one, when it is handed on. Each writes its own log and
keeps its own count of busy time, against which the log is audited.
"""

from __future__ import annotations

from collections import deque

import simpy

from sim.engine.clock import Clock
from sim.log import OPEN, Table
from sim.units import Seconds

_START, _END = 3, 4
"""Offsets in a row of ``resource_log``."""


class Tokens:
    """A number of equal servers."""

    __slots__ = ("_env", "_free", "_log", "_since_s", "_waiting", "busy_s", "code", "servers")

    def __init__(self, env: Clock, log: Table, code: int, servers: int) -> None:
        self._env = env
        self._log = log
        self.code = code
        self.servers = servers
        self._free = servers
        self._waiting: deque[tuple[int, simpy.Event]] = deque()
        self._since_s = 0
        self.busy_s = 0
        """Server-seconds in use up to the last change."""

    def take(self, vehicle: int) -> tuple[int, simpy.Event | None]:
        """Ask for a server; return the hold, and an event to wait for unless it is granted at once."""
        log, now = self._log.rows, self._env.now
        hold = len(log)
        if self._free:
            self.busy_s += (self.servers - self._free) * (now - self._since_s)
            self._since_s = now
            self._free -= 1
            self._log.add((self.code, vehicle, now, now, OPEN))
            return hold, None
        self._log.add((self.code, vehicle, now, OPEN, OPEN))
        granted = self._env.event()
        self._waiting.append((hold, granted))
        return hold, granted

    def give(self, hold: int) -> None:
        """Give the server of *hold* back; the one that waits longest gets it."""
        log, now = self._log.rows, self._env.now
        log[hold + _END] = now
        if self._waiting:
            successor, granted = self._waiting.popleft()
            log[successor + _START] = now
            granted.succeed()
        else:
            self.busy_s += (self.servers - self._free) * (now - self._since_s)
            self._since_s = now
            self._free += 1

    def busy_until(self, now: Seconds) -> Seconds:
        """Return server-seconds in use from the start to *now*."""
        return self.busy_s + (self.servers - self._free) * (now - self._since_s)


class Paths:
    """Train paths into one section in one direction: one every headway, in the order of asking.

    The wait is known when the train asks, so it costs no event of its own.
    """

    __slots__ = ("_log", "_next_s", "code", "headway_s", "sold")

    def __init__(self, log: Table, code: int, headway_s: Seconds) -> None:
        self._log = log
        self.code = code
        self.headway_s = headway_s
        self._next_s = 0
        self.sold = 0

    def reserve(self, vehicle: int, now: Seconds) -> Seconds:
        """Return when the train may enter, at or after *now*."""
        entry_s = max(now, self._next_s)
        self._next_s = entry_s + self.headway_s
        self.sold += 1
        self._log.add((self.code, vehicle, now, entry_s, self._next_s))
        return entry_s
