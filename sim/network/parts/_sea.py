"""Services, vessels and ports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.distributions import Distribution
from sim.network.parts._line import Deck, DeparturePlan
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class LoadingPlan:
    """How a class of vessels gives its deck away, where that is not by strict priority."""

    order: str
    """``priority``, ``oldest_first`` or ``highest_revenue``."""
    fares: tuple[tuple[float, ...], ...]
    """What a unit pays, by direction and flow code [USD]; empty unless it counts."""
    part_of: tuple[int, ...]
    """Part of the deck of each kind, by unit code; `NONE`: cannot be carried. Empty: no parts."""
    shares: tuple[float, ...]
    """Share of each part."""
    borrowing: bool
    """Whether others fill what a part leaves free."""


@dataclass(frozen=True, slots=True)
class PreferencePlan:
    """Classes of vessels that a kind of unit is kept for."""

    unit: int
    classes: tuple[int, ...]
    within_s: Seconds
    """How long before one of them comes."""


@dataclass(frozen=True, slots=True)
class PoolUse:
    """What vessels of one class need of a pool of a port."""

    resource: int
    servers: tuple[int, int]
    """At once, as a vessel comes alongside and as it leaves; 0: none needed."""
    times: tuple[Distribution, Distribution]
    """With them as a vessel comes alongside, and as it leaves."""
    ranks: tuple[int, int]
    """Place among the classes of a priority for one that comes alongside, and one that leaves: 0
    or 1."""


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
    no_repair: tuple[tuple[Seconds, Seconds], ...]
    """When no stay in the yard begins, for the season."""
    draught_m: tuple[float, float] | None
    """Empty and with a full deck; None: no limit."""
    segregates: bool
    pools: tuple[tuple[PoolUse, ...], tuple[PoolUse, ...]]
    """At each end, in the order in which they are asked for."""
    loading: LoadingPlan | None
    """None: by strict priority."""

    def full_deck_s(self, end: int) -> float:
        """Return what it takes to load or discharge a full deck at *end* [s], beside handling."""
        takes_s = [0.0]
        for unit, room in enumerate(self.deck.per_unit):
            if room:
                takes_s.append(self.deck.size // room * self.s_per_unit[end][unit])
        return max(takes_s)


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
    preferences: tuple[PreferencePlan, ...]
    queues_apart: bool
    """Whether vessels of a class wait for cargo behind their own class alone."""


@dataclass(frozen=True, slots=True)
class PortRules:
    """What a port does in a storm, and how deep it is."""

    berthing_waits: bool
    work_pauses: bool
    depth_m: float | None
    pools_in_storm: Mapping[int, bool]
    """By resource code of a pool, whether work with it begins while the port is shut."""


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """Vessels of a class that help another service out."""

    id: str
    vessel_class: int
    lender: int
    borrower: int
    """Codes of carriers."""
    off_season: tuple[tuple[Seconds, Seconds], ...]
    """When the rule does not hold."""
    when: float | None
    """Decks of waiting cargo from which a vessel changes over; None: whatever waits."""
    back: float
    """Decks of waiting cargo at or below which it returns."""
    most: int
    """Vessels away at once."""
    transfer: Distribution
