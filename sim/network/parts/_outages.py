"""What breaks."""

from __future__ import annotations

from dataclasses import dataclass

from sim.distributions import Distribution
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class OutagePlan:
    """Something that breaks, on a date or at random."""

    id: str
    kind: str
    """``section``, ``port``, ``berths``, ``border``, ``locomotives`` or ``service``."""
    code: int
    """Resource code; of a port, its place; of a service, its carrier."""
    from_s: Seconds
    """Start of a dated outage; `sim.log.NONE`: at random."""
    every: Distribution | None
    lasting: Distribution
    lost: int
    """How many are out; `sim.log.NONE`: all."""
    rate: float
    """Pace of work under way: 1 goes on as ever, 0 stands still."""
    diverts: bool
    """Whether the cargo that waits for it chooses its way anew."""
