"""Processes that begin at once and end in silence: the stories of trains, vessels, trucks and births.

SimPy schedules one event to begin a process and one to end it. Nobody here waits for the end of a story, and the event
that sets a truck off is as good a moment as its successor, so a story costs only the events it waits for. Everything
else is SimPy: events, time-outs, the queue, the loop.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias

import simpy
from simpy.events import PENDING

from sim.engine.clock import Clock

Story: TypeAlias = Generator[simpy.Event, object, None]


class Teller(simpy.Process):
    """Tells one story: a process without events of its own.

    A story waits for events that succeed; nothing interrupts it. An error in it leaves the event loop as it is raised.
    """

    def __init__(self, env: Clock, story: Story) -> None:
        self.env = env
        self.callbacks = []
        self._value = PENDING
        self._generator = story
        self._go_on = story.send
        self._resume(None)

    def _resume(self, event: simpy.Event | None) -> None:  # noqa: ARG002 - SimPy's signature
        """Go on to the next event that has not happened yet."""
        try:
            awaited = self._go_on(None)
            while awaited.callbacks is None:
                awaited = self._go_on(None)
        except StopIteration:
            self._ok, self._value = True, None
            return
        awaited.callbacks.append(self._resume)
