"""SimPy's environment with a clock of whole seconds."""

from __future__ import annotations

from heapq import heappop, heappush
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

    def run_to(self, end: simpy.Event) -> None:
        """Let everything happen up to *end*, which must be bound to come.

        SimPy's own ``run`` without a call of ``step`` for each event; no event fails here, since an
        error in a process leaves the loop as it is raised.
        """
        queue = self._queue
        while end.callbacks is not None:
            self._now, _, _, event = heappop(queue)
            callbacks = event.callbacks
            # Marks the event as processed, as SimPy's own loop does.
            event.callbacks = None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
