"""Services, vessels and ports."""

from __future__ import annotations

from dataclasses import dataclass

from sim.distributions import Distribution
from sim.network.parts._line import Deck, DeparturePlan
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class FleetPart:
    """Vessels of one class on one service."""

    vessel_class: int
    name: str
    """``SERVICE/CLASS``."""
    vessels: int
    deck: Deck
    crossing: Distribution
    handling: tuple[Distribution, Distribution]
    berths: tuple[int, int]
    """Resource code of the berth group at each end; without limit where it has no servers."""
    s_per_unit: tuple[tuple[float, ...], tuple[float, ...]]
    """Seconds of work for one unit, per end and unit code; 0 where handling includes it."""
    repair_every: Distribution | None
    repair_lasting: Distribution | None
    draught_m: tuple[float, float] | None
    """Empty and with a full deck; None: no limit."""
    segregates: bool


@dataclass(frozen=True, slots=True)
class SeaLine:
    """A service between two ports."""

    id: str
    carrier: int
    ends: tuple[int, int]
    resource: int
    """The sea between them, which has no limit."""
    fleet: tuple[FleetPart, ...]
    departure: tuple[DeparturePlan, DeparturePlan]
    priority: int
    forecast_s: Seconds
    """How far a vessel looks ahead before it sails; 0: only whether the port is open now."""
    turns_back: bool


@dataclass(frozen=True, slots=True)
class PortRules:
    """What a port does in a storm, and how deep it is."""

    berthing_waits: bool
    work_pauses: bool
    depth_m: float | None


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """Vessels of a class that help another service out."""

    id: str
    vessel_class: int
    lender: int
    borrower: int
    """Codes of carriers."""
    when: float
    """Decks of waiting cargo from which a vessel changes over."""
    back: float
    """Decks of waiting cargo at or below which it returns."""
    most: int
    """Vessels away at once."""
    transfer: Distribution
