"""A meter: units pass at a stated rate, first come first served, in whole numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from sim.engine.kernel.clock import Clock
from sim.units import DAY, Seconds

Pass = Callable[[], object]
"""Called when the units that asked may pass."""

PER_UNIT = 1000 * DAY
"""What one unit owes: the rate, in units in a thousand days, pays so much a second."""


class Meter:
    """Lets units pass one lot after the other.

    A lot passes when those before it have taken their time at the rate: after n units at r units a
    day, n / r days. So what passes in any stretch of time, its last lot left out, is never more than
    the rate allows; where lots come at random it is a queue with one server and constant service.
    """

    __slots__ = ("_at_s", "_env", "_owed", "_queues", "_wakes_s", "passed", "per_1000_days")

    def __init__(self, env: Clock) -> None:
        self._env = env
        self.per_1000_days = 0
        """Units in a thousand days; 0: nothing passes."""
        self.passed = 0
        """Units since the start."""
        self._owed = 0
        self._at_s = 0
        """When `_owed` was so much."""
        self._wakes_s = -1
        self._queues: tuple[deque[tuple[int, Pass]], ...] = (deque(), deque())
        """Those who go first, and the others."""

    def passes(self, units: int) -> bool:
        """Let *units* pass, if nobody waits and the meter is open; return whether they do."""
        if not self.is_open:
            return False
        self._count(units)
        return True

    @property
    def is_open(self) -> bool:
        """Whether who comes now passes at once."""
        return not any(self._queues) and self.open_in_s() == 0

    def ask(self, units: int, passes: Pass, *, first: bool = False) -> None:
        """Wait for the turn of *units*; *first* goes before those who are not."""
        self._queues[0 if first else 1].append((units, passes))
        self._serve()

    def renew(self, per_1000_days: int) -> None:
        """Go on at another rate; what is owed is paid at it from now on."""
        self._settle()
        self.per_1000_days = per_1000_days
        self._serve()

    def owe(self, open_in_s: Seconds) -> None:
        """Stay shut for so long at the rate as it is, as it was when an earlier run ended."""
        self._owed, self._at_s = open_in_s * self.per_1000_days, self._env.now

    def clear(self) -> None:
        """Forget what is owed and who waits; nothing passes until the rate is set anew."""
        self._owed, self.per_1000_days = 0, 0
        for queue in self._queues:
            queue.clear()

    def open_in_s(self) -> Seconds | None:
        """Return how long nobody can pass from now on [s]; None: at this rate for ever."""
        self._settle()
        if not self.per_1000_days:
            return None
        return -(-self._owed // self.per_1000_days)

    def _settle(self) -> None:
        now = self._env.now
        self._owed = max(0, self._owed - (now - self._at_s) * self.per_1000_days)
        self._at_s = now

    def _count(self, units: int) -> None:
        self.passed += units
        self._owed += units * PER_UNIT

    def _serve(self) -> None:
        while any(self._queues):
            open_in_s = self.open_in_s()
            if open_in_s is None:
                return
            if open_in_s:
                self._wake(self._env.now + open_in_s)
                return
            queue = self._queues[0] or self._queues[1]
            units, passes = queue.popleft()
            self._count(units)
            passes()

    def _wake(self, at_s: Seconds) -> None:
        if self._wakes_s != at_s:
            self._wakes_s = at_s
            timer = self._env.pause(at_s - self._env.now)
            timer.callbacks.append(lambda _: self._serve())
