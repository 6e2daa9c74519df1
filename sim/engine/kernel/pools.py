"""Pools: equal servers of which a user may need several at once, and which weather can stop.

First come first served within a priority, without overtaking: who needs one tug waits behind who
waits for three. A server takes one row of the log, so a user of three has three rows one after the
other, and all that is counted on servers holds as it stands.
"""

from __future__ import annotations

import simpy

from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.departure import Alarm
from sim.engine.kernel.tokens import Tokens
from sim.log import OPEN, Table
from sim.units import Seconds


class Pool(Tokens):
    """Servers that are given out several at once; none is given out while *shut* says so.

    Who has been served when it shuts keeps its servers to the end.
    """

    __slots__ = ("_alarm", "_queues", "_shut", "_width")

    def __init__(
        self,
        env: Clock,
        books: tuple[Table, Table],
        code: int,
        servers: int,
        shut: Calendar = ALWAYS_OPEN,
    ) -> None:
        super().__init__(env, *books, code, servers)
        self._shut = shut
        self._width = len(self._log.columns)
        self._alarm = Alarm(env, self._serve)
        self._queues: dict[int, list[tuple[int, int, simpy.Event]]] = {}
        """By priority: hold, servers, and the event that grants them."""

    def take_several(
        self, vehicle: int, servers: int, priority: int
    ) -> tuple[int, simpy.Event | None]:
        """Ask for *servers* at once; return the hold, and an event to wait for unless they are
        granted at once."""
        now = self._env.now
        hold = len(self._log.rows)
        for _ in range(servers):
            self._log.add(self._log.row(self.code, vehicle, now, OPEN, OPEN))
        if not self._is_behind(priority) and self._offers(servers):
            self._begin(hold, servers)
            return hold, None
        granted = self._env.event()
        self._queues.setdefault(priority, []).append((hold, servers, granted))
        self._queues = dict(sorted(self._queues.items()))
        self._set_alarm()
        return hold, granted

    def give_several(self, hold: int, servers: int) -> None:
        """Give all *servers* of *hold* back, and serve those that wait."""
        now = self._env.now
        for number in range(servers):
            self._log.rows[hold + number * self._width + self._end] = now
        self._busy_s += servers * now
        self._in_use -= servers
        self._serve()

    def _offers(self, servers: int) -> bool:
        """Return whether so many are free and weather lets them work now."""
        return self._in_use + servers <= self.servers and self._opens_s() == self._env.now

    def _opens_s(self) -> Seconds:
        """Return now, or when weather lets them work again."""
        return self._shut.next_open_s(self._env.now)

    def _is_behind(self, priority: int) -> bool:
        """Return whether somebody waits who is served before one that asks now with *priority*."""
        return any(queue for served, queue in self._queues.items() if served <= priority)

    def _serve(self) -> None:
        """Serve those that wait, in order, as far as there are servers for the next of them."""
        for queue in self._queues.values():
            while queue:
                hold, servers, granted = queue[0]
                if not self._offers(servers):
                    self._set_alarm()
                    return
                del queue[0]
                self._begin(hold, servers)
                granted.succeed()

    def _begin(self, hold: int, servers: int) -> None:
        now = self._env.now
        for number in range(servers):
            self._log.rows[hold + number * self._width + self._start] = now
        self._in_use += servers
        self._busy_s -= servers * now

    def _set_alarm(self) -> None:
        opens_s = self._opens_s()
        if opens_s > self._env.now:
            self._alarm.set(opens_s)

    def _adjust(self) -> None:
        super()._adjust()
        self._serve()
