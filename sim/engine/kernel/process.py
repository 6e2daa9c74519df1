"""Processes of trains, vessels, trucks and demand: generators that yield what they wait for.

``yield seconds`` goes on after that time; ``yield event`` goes on when the SimPy event succeeds.

SimPy's own ``Process`` schedules one event when it begins and one when it ends, and makes a new
``Timeout`` for every wait. Nobody here waits for the end of a process, and a process can begin at
once. So a process here is its own time-out and costs only the events it waits for. The events and the
queue are SimPy's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from heapq import heappush
from typing import TypeAlias

import simpy
from simpy.events import NORMAL

from sim.engine.kernel.clock import Clock
from sim.units import Seconds

Awaited: TypeAlias = simpy.Event | Seconds
"""What a process yields: an event, or for how long it waits."""
ProcessGenerator: TypeAlias = Generator[Awaited, object, None]


class Process:
    """Runs a generator from now on.

    An error in it leaves the event loop as it is raised. Nothing can interrupt it.
    """

    __slots__ = ("_env", "_ok", "_own_callbacks", "_send", "callbacks")

    _ok: bool
    """SimPy asks this of everything in its queue: whether it succeeded."""
    callbacks: Sequence[Callable[[object], None]]
    """SimPy calls these when the time-out is over."""

    def __init__(self, env: Clock, generator: ProcessGenerator) -> None:
        self._env = env
        self._ok = True
        self._send = generator.send
        self._own_callbacks = (self._resume,)
        self._resume(None)

    def _resume(self, event: object) -> None:  # noqa: ARG002 - SimPy's signature
        """Run on to the next thing that has not happened yet."""
        try:
            awaited = self._send(None)
            while not isinstance(awaited, int):
                if awaited.callbacks is not None:
                    awaited.callbacks.append(self._resume)
                    return
                # The event has happened already: there is nothing to wait for.
                awaited = self._send(None)
        except StopIteration:
            # The process and its bound method hold each other; without this nothing frees them.
            del self._own_callbacks
            return
        env = self._env
        self.callbacks = self._own_callbacks
        heappush(env._queue, (env._now + awaited, NORMAL, next(env._eid), self))  # type: ignore[misc]
