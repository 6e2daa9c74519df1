"""Tokens that can say how long who comes now would wait.

They are used where flows choose their way by what they see; what they count costs the others nothing.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

import simpy

from sim.engine.kernel.clock import Clock
from sim.engine.kernel.tokens import Tokens
from sim.log import Table
from sim.units import Seconds


class Holding(NamedTuple):
    """How long users of one kind hold a server: mean [s] and mean of the square [s2]."""

    mean_s: float
    square_s2: float


class WatchedTokens(Tokens):
    """Tokens that know what kinds of user hold them and wait for them.

    Parameters
    ----------
    kind_of
        Returns the kind of a vehicle, by its number.
    """

    __slots__ = ("_ahead", "_assumed", "_held", "_kind_of", "_past", "_stated", "_vehicle", "_who")

    def __init__(
        self,
        env: Clock,
        log: Table,
        capacities: Table,
        code: int,
        servers: int,
        *,
        kind_of: Callable[[int], int],
    ) -> None:
        super().__init__(env, log, capacities, code, servers)
        self._kind_of = kind_of
        self._vehicle = log.offset["vehicle"]
        self._stated: dict[int, Holding] = {}
        self._assumed: dict[int, Holding] = {}
        self._past: dict[int, tuple[int, int, int]] = {}
        """By kind, how many gave a server back, and the sums of how long they held it and of the
        squares."""
        self._held: Counter[int] = Counter()
        """Servers in use, by kind."""
        self._ahead: Counter[tuple[float, int]] = Counter()
        """Users that wait, by priority and kind."""
        self._who: dict[int, tuple[float, int]] = {}
        """Priority and kind of each hold that waits."""

    def state(self, kind: int, holding: Holding) -> None:
        """Expect users of *kind* to hold a server as the scenario states."""
        self._stated[kind] = holding

    def assume(self, kind: int, holding: Holding) -> None:
        """Expect users of *kind* to hold a server as those before did; the first, like *holding*."""
        self._assumed[kind] = holding

    def holds(self, kind: int) -> bool:
        """Return whether a user of *kind* has a server."""
        return self._held[kind] > 0

    def wait_s(self, priority: float = 5) -> float:
        """Return the expected wait of who comes now [s].

        With a free server it is 0. Else those ahead (of the same priority or a higher one) are
        served by all c servers together, once the first of them is free::

            (sum of the mean times of those ahead + E[S2] / (2 E[S])) / c

        where S is the time of those in service, of which nobody knows since when they are: the mean
        rest of a renewal process (Cox 1962, section 5.2). It is exact for exponential times of one
        kind, (n - c + 1) E[S] / c with n users there, and for one server and one kind. Users of a
        higher priority who come later are not seen.
        """
        if self._in_use < self.servers and not any(self._ordered):
            return 0.0
        work_s = 0.0
        for (rank, kind), users in self._ahead.items():
            if rank <= priority:
                work_s += users * self._holding(kind).mean_s
        return (work_s + self._rest_s()) / max(self.servers, self.present - self._lost, 1)

    def _rest_s(self) -> float:
        """Return how long a user in service still needs, in the mean [s]."""
        mean_s = square_s2 = 0.0
        for kind, users in self._held.items():
            holding = self._holding(kind)
            mean_s += users * holding.mean_s
            square_s2 += users * holding.square_s2
        return square_s2 / (2 * mean_s) if mean_s else 0.0

    def _holding(self, kind: int) -> Holding:
        stated = self._stated.get(kind)
        if stated is not None:
            return stated
        count, total_s, square_s2 = self._past.get(kind, (0, 0, 0))
        if count:
            return Holding(total_s / count, square_s2 / count)
        return self._assumed.get(kind, Holding(0.0, 0.0))

    # -- what is counted
    # -------------------------------------------------------------------------------------------

    def take(self, vehicle: int, priority: float = 5) -> tuple[int, simpy.Event | None]:
        """Ask for a server, as of any tokens, and count who asks."""
        kind = self._kind_of(vehicle)
        hold, granted = super().take(vehicle, priority)
        if granted is None:
            self._held[kind] += 1
        else:
            self._who[hold] = (priority, kind)
            self._ahead[priority, kind] += 1
        return hold, granted

    def give(self, hold: int) -> None:
        """Give a server back, as to any tokens, and count for how long it was held."""
        rows = self._log.rows
        kind = self._kind_of(rows[hold + self._vehicle])
        held_s: Seconds = self._env.now - rows[hold + self._start]
        count, total_s, square_s2 = self._past.get(kind, (0, 0, 0))
        self._past[kind] = (count + 1, total_s + held_s, square_s2 + held_s**2)
        self._held[kind] -= 1
        super().give(hold)

    def _grant(self, queue: deque[tuple[int, simpy.Event]]) -> None:
        priority, kind = self._who.pop(queue[0][0])
        self._ahead[priority, kind] -= 1
        self._held[kind] += 1
        super()._grant(queue)
