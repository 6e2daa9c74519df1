"""Stories of trains, vessels, trucks and births: generators that yield how long something takes, or
what they wait for.

``yield seconds`` goes on after that time; ``yield event`` goes on when the SimPy event succeeds.
SimPy's own process schedules one event to begin, one to end, and makes a new one for every
time-out; nobody here waits for the end of a story, and the event that sets a truck off is as good a
moment as its successor. So a story is its own time-out, and costs only the events it waits for.
Events, queue and loop are SimPy's.
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
Story: TypeAlias = Generator[Awaited, object, None]


class Teller:
    """Tells one story from now on. An error in it leaves the event loop as it is raised; nothing
    interrupts it."""

    __slots__ = ("_env", "_go_on", "_me", "_ok", "callbacks")

    _ok: bool
    """What SimPy asks of anything in its queue: whether it came out well."""
    callbacks: Sequence[Callable[[object], None]]
    """Likewise: whom to tell."""

    def __init__(self, env: Clock, story: Story) -> None:
        self._env = env
        self._ok = True
        self._go_on = story.send
        self._me = (self._resume,)
        self._resume(None)

    def _resume(self, event: object) -> None:  # noqa: ARG002 - SimPy's signature
        """Go on to the next thing that has not happened yet."""
        try:
            awaited = self._go_on(None)
            while not isinstance(awaited, int):
                if awaited.callbacks is not None:
                    awaited.callbacks.append(self._resume)
                    return
                awaited = self._go_on(None)
        except StopIteration:
            # A story that is told leaves nothing behind: these two hold each other.
            del self._me
            return
        env = self._env
        self.callbacks = self._me
        heappush(env._queue, (env._now + awaited, NORMAL, next(env._eid), self))  # type: ignore[misc]
