"""What metrics need of a run beside its tables: names, flows, resources, carriers, charges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from sim.log.schema import NONE
from sim.units import Seconds

CORRIDOR_SCOPE: Final = "titr"
"""Scope of the flows whose cargo counts for the corridor."""
SCOPES: Final = (CORRIDOR_SCOPE, "crude", "background")
"""Every scope that a flow may have."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the integer codes stand for: code ``i`` is entry ``i``."""

    flow: tuple[str, ...]
    unit: tuple[str, ...]
    place: tuple[str, ...]
    resource: tuple[str, ...]
    carrier: tuple[str, ...]
    vessel_class: tuple[str, ...]
    equipment: tuple[str, ...] = ()
    embargo: tuple[str, ...] = ()
    outage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What metrics need of a flow."""

    id: str
    unit: str
    scope: str
    kg_per_unit: int
    teu_per_unit: float
    equipment: str = ""
    """Fleet of equipment; every unit needs an item of it. Empty: none."""
    ends: tuple[str, str] = ("", "")
    """Origin and destination."""
    tare_kg_per_unit: int = 0
    """Weight of the wagon, box or truck itself, which is gross and not net."""
    may_be_refused: bool = False
    """Whether an embargo of the scenario turns its cargo away while it is on."""


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What metrics need of a resource."""

    id: str
    kind: str
    """One of the resources in `sim.log.names.FORMS`: ``berth``, ``track``, ``stack`` and others."""
    place: str
    servers: int
    """Units of it: berths, tracks, lanes, locomotives in service; 0 where there is no limit."""


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """What metrics need of a train line, service or road."""

    id: str
    kind: str
    """``train``, ``service`` or ``road``."""
    ends: tuple[str, str]
    path: tuple[str, ...] = ()
    """Places of a train line, in order."""
    marks: tuple[str, ...] = ()
    """Those between which journeys are measured: both ends of the line and of each border."""


class VehicleCharge(NamedTuple):
    """Charge for a second of a vehicle's time; trains and trucks have the class `NONE`."""

    measure: str
    label: str
    carrier: int
    vessel_class: int
    activity: int
    per_s: float


class LegCharge(NamedTuple):
    """Charge for a unit of a flow that has ended a leg."""

    measure: str
    label: str
    where: str
    carrier: int
    direction: int
    flow: int
    per_unit: float


class UnitCharge(NamedTuple):
    """Charge for a second that a unit of a flow is in the corridor."""

    measure: str
    label: str
    flow: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Charges:
    """What time and movement cost and emit.

    A measure is ``cost``, ``price``, ``time`` [USD] or ``co2e`` [kg].
    """

    vehicles: tuple[VehicleCharge, ...]
    legs: tuple[LegCharge, ...]
    units: tuple[UnitCharge, ...]
    room: tuple[tuple[int, int, int, int], ...]
    """``(carrier, vessel class or NONE, unit, room)``: the room that one unit takes.

    By their room those aboard share the cost of a vehicle.
    """


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Frame of one replication: times in seconds since the start of the horizon."""

    start_date: str
    """ISO date of second 0."""
    warmup_s: Seconds
    window_end_s: Seconds
    end_s: Seconds
    """When the run ended, at or after the end of the window."""
    seed: int
    replication: int
    events: int
    """Kernel events scheduled: a check of determinism, and of work."""
    audit_residual: int = NONE
    """Sum of the absolute differences that the audit found; `NONE`: not audited."""
