"""SimPy's environment with a clock of whole seconds."""

from __future__ import annotations

import simpy

from sim.units import Seconds


class Clock(simpy.Environment):
    """Time is an int: integers add exactly, ties are ties, and intervals meet end to start."""

    @property
    def now(self) -> Seconds:
        """Seconds since the start of the horizon."""
        return self._now  # type: ignore[return-value]
