"""SimPy's environment with a clock of whole seconds."""

from __future__ import annotations

from heapq import heappush
from operator import attrgetter

import simpy
from simpy.events import NORMAL

from sim.units import Seconds


class Pause(simpy.Event):
    """A time-out without checks and without a value."""

    def __init__(self, env: Clock, delay_s: Seconds) -> None:
        self.env = env
        self.callbacks = []
        self._value = None
        self._ok = True
        heappush(env._queue, (env._now + delay_s, NORMAL, next(env._eid), self))


class Clock(simpy.Environment):
    """Time is an int: integers add exactly, ties are ties, and intervals meet end to start."""

    # SimPy's own property, read without a Python call: a year reads it millions of times.
    now: Seconds = property(attrgetter("_now"))  # type: ignore[assignment]
    """Seconds since the start of the horizon."""

    def pause(self, delay_s: Seconds) -> Pause:
        """Return an event that happens in *delay_s*, like SimPy's ``timeout`` without its
        checks."""
        return Pause(self, delay_s)
