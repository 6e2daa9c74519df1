"""Flows, how their consignments come, and what is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sim.distributions import Distribution
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Way:
    """One itinerary of a flow with its share: ``(carrier, direction)`` leg by leg."""

    share: float
    legs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PoissonPlan:
    """Consignments come one by one at random."""

    per_s: float
    """Rate at scale 1."""


@dataclass(frozen=True, slots=True)
class RenewalPlan:
    """Consignments come at independent intervals."""

    interval: Distribution


@dataclass(frozen=True, slots=True)
class SchedulePlan:
    """Consignments come on the clock."""

    every_s: Seconds
    first_s: Seconds


@dataclass(frozen=True, slots=True)
class TracePlan:
    """Consignments are listed."""

    rows: tuple[tuple[Seconds, int], ...]
    """``(time, units)`` in order."""


@dataclass(frozen=True, slots=True)
class ReturnsPlan:
    """Units come back after another flow delivered them."""

    flow: int
    """Code of the flow that delivers."""
    share: float
    after: Distribution
    """From delivery to ready for the way back."""


@dataclass(frozen=True, slots=True)
class SurplusPlan:
    """Idle equipment at the origin goes back empty."""

    above: int
    """Items that stay."""


ArrivalsPlan: TypeAlias = (
    PoissonPlan | RenewalPlan | SchedulePlan | TracePlan | ReturnsPlan | SurplusPlan
)
"""How the consignments of a flow come."""


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """A flow with all that its consignments need."""

    code: int
    id: str
    unit: int
    origin: int
    priority: int
    ways: tuple[Way, ...]
    arrivals: ArrivalsPlan
    consignment_units: Distribution
    scale: float
    growth_per_year: float
    """Growth of its demand from one calendar year to the next."""
    season: tuple[float, ...]
    """Relative weight of January to December with a mean of 1 over a year; empty: none."""
    week: tuple[float, ...]
    """Relative weight of the 168 hours from Monday midnight on, with a mean of 1; empty: none."""
    by_time: bool
    """Whether a way is chosen by least expected time."""
    equipment: int
    """Code of the fleet each unit needs an item of, or `sim.log.NONE`."""
    segregation: int
    """Flows of different numbers must not share a sailing on a vessel that segregates; 0: general
    cargo."""


@dataclass(frozen=True, slots=True)
class EquipmentPlan:
    """A conserved fleet of wagons, platforms or containers."""

    id: str
    idle: Mapping[int, int]
    """Items at the start, by place."""
    resources: Mapping[int, int]
    """By place, the resource code of waiting for an item there."""
    dwell: Distribution


@dataclass(frozen=True, slots=True)
class DwellPlan:
    """What units need at a place before they are ready for their next leg."""

    id: str
    time: Distribution
    fault_share: float
    fault_time: Distribution | None
    """On top, for a share of the lots."""
    pauses: tuple[tuple[Seconds, Seconds], ...]
    """Begin, in seconds after Monday midnight (below zero: of every day, less one week), and
    length."""
    at_origin: bool
    """Whether cargo that begins its journey there needs it too."""

    @property
    def mean_s(self) -> float:
        """Mean time, pauses left out [s]."""
        if self.fault_time is None:
            return self.time.mean
        return self.time.mean + self.fault_share * self.fault_time.mean


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """An amount of cargo."""

    units: float | None
    days: float | None
    """Days of work, where it is not in units."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What holds while a ban is on, from a level on."""

    level: LevelPlan
    """The first stage is reached at or above it, the others at or below."""
    quotas: tuple[int, ...]
    """Units in a thousand days, by meter."""


NO_METER = -1
"""Of a flow that a ban holds until it is lifted."""
NOT_HELD = -2
"""Of a flow that a ban does not hold."""


@dataclass(frozen=True, slots=True)
class EmbargoPlan:
    """A loading ban."""

    id: str
    port: int
    units: tuple[int, ...]
    """Kinds of unit that count."""
    stages: tuple[StagePlan, ...]
    """The ban as it is imposed, then its steps."""
    lift: LevelPlan
    worked_per_day: float
    worked_over_s: Seconds
    """Time over which work is counted; 0: `worked_per_day` always counts."""
    holds_at: frozenset[int]
    """Places where trains under way are held."""
    refuses: bool
    """Whether new cargo is refused at its origin; else it waits there."""
    meters: bool
    """Whether anything passes while it is on."""
    meter_names: tuple[str, ...]
    """What each meter lets pass: a flow, a kind of unit or ``all``."""
    meter_of: tuple[int, ...]
    """By flow code, the meter that it passes, `NO_METER` or `NOT_HELD`."""
