"""The whole corridor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.distributions import Distribution
from sim.log import CarrierFacts, Charges, FlowFacts, Names, ResourceFacts
from sim.network.parts._cargo import DwellPlan, EmbargoPlan, EquipmentPlan, FlowPlan
from sim.network.parts._initial import InitialPlan
from sim.network.parts._land import BreakdownPlan, RoadLine, TrainLine
from sim.network.parts._outages import OutagePlan
from sim.network.parts._sea import PortRules, ReassignmentPlan, SeaLine
from sim.network.parts._weather import Climate, SeaLevelPlan
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Network:
    """Everything the engine needs, and nothing that moves."""

    scenario: str
    hash: str
    start_date: str
    start_weekday_s: Seconds
    """Seconds from the last Monday midnight to the start of the horizon."""
    warmup_s: Seconds
    window_end_s: Seconds
    followup_s: Seconds
    names: Names
    flows: tuple[FlowPlan, ...]
    flow_facts: tuple[FlowFacts, ...]
    resources: tuple[ResourceFacts, ...]
    carriers: tuple[CarrierFacts, ...]
    trains: tuple[TrainLine, ...]
    services: tuple[SeaLine, ...]
    roads: tuple[RoadLine, ...]
    stacks: Mapping[tuple[int, int], int]
    """Resource code of the stack of each ``(carrier, direction)``."""
    room: Mapping[tuple[int, str, int], int]
    """Limit of units by ``(place, "sea" or "land", unit)``."""
    locomotive_turn: Mapping[int, Distribution]
    """By resource code of the pool."""
    climate: Climate | None
    series: Mapping[tuple[int, int], tuple[tuple[Seconds, Seconds], ...]]
    """By place and vessel class: when wind or wave is beyond what the class can stand."""
    ports: Mapping[int, PortRules]
    sea_level: SeaLevelPlan | None
    dwells: tuple[DwellPlan, ...]
    dwell_before: Mapping[tuple[int, int], tuple[int, ...]]
    """By the ``(carrier, direction)`` of the next leg, the number of the dwell that each kind of unit
    needs before it, or `sim.log.NONE`; legs without any are not in it."""
    embargoes: tuple[EmbargoPlan, ...]
    equipment: tuple[EquipmentPlan, ...]
    breakdowns: Mapping[int, BreakdownPlan]
    """By resource code of the pool."""
    outages: tuple[OutagePlan, ...]
    reassignments: tuple[ReassignmentPlan, ...]
    initial: InitialPlan
    charges: Charges | None
    eras: tuple[tuple[Seconds, Network], ...]
    """How it stands from each later second on: the same parts and codes with other numbers."""
