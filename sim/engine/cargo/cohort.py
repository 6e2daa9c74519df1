"""The cohort: cargo that is created in the window. The run ends once all of it is delivered."""

from __future__ import annotations

import simpy
from simpy.events import URGENT

from sim.engine.kernel.clock import Clock
from sim.network.parts import Network
from sim.units import Seconds


class Cohort:
    """Counts the cohort's units and ends the run, at the latest when the follow-up is over."""

    def __init__(self, env: Clock, network: Network) -> None:
        self._env = env
        self._begins_s = network.warmup_s
        self._ends_s = network.window_end_s
        self._latest_end_s = network.window_end_s + network.followup_s
        self._units = 0
        """Created and not delivered."""
        self._end: simpy.Event | None = None

    def admit(self, units: int, now: Seconds) -> bool:
        """Count *units* that are created now, if that is in the window; return whether it is."""
        if not self._begins_s <= now < self._ends_s:
            return False
        self._units += units
        return True

    def remove(self, units: int) -> None:
        """Count units of the cohort that are delivered; end the run if they were the last."""
        self._units -= units
        if not self._units:
            self._end_if_delivered()

    def end_of_run(self) -> simpy.Event:
        """Return the event that ends the run: its time is the end, and nothing of that second
        happens."""
        end = self._end = self._env.event()
        window_over = self._env.pause(self._ends_s)
        window_over.callbacks.append(lambda _: self._end_if_delivered())
        followup_over = self._env.pause(self._latest_end_s)
        followup_over.callbacks.append(lambda _: self._end_after_now())
        return end

    def _end_if_delivered(self) -> None:
        if not self._units and self._end is not None and self._env.now >= self._ends_s:
            self._end_after_now()

    def _end_after_now(self) -> None:
        end, self._end = self._end, None
        if end is not None:
            # Whole seconds: everything of this second still happens, nothing of the next does.
            end._ok, end._value = True, None
            self._env.schedule(end, URGENT, delay=1)
