"""What the engine needs to know of the corridor, frozen and without a clock.

Everything is resolved: durations are distributions in seconds, names are indices into
`Network.names`, a deck is whole numbers. Two ends of a carrier are 0 and 1, and direction 0 goes
from end 0 to end 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sim.distributions import Distribution
from sim.log import CarrierFacts, Charges, FlowFacts, Names, ResourceFacts
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Deck:
    """Room of a train or vessel in whole numbers, shared by the kinds of unit it can carry."""

    size: int
    per_unit: tuple[int, ...]
    """Room that one unit takes, by unit code; 0: cannot be carried."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Inspection of some, and the hours in which work may begin."""

    share: float
    time: Distribution | None
    open_s: Seconds
    close_s: Seconds
    """Opening and closing in seconds after midnight; equal: always open."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One section run in one direction."""

    id: str
    place: int
    """Where the train stands before it."""
    resource: int
    running: Distribution
    headway_s: Seconds
    """Least time between two trains that enter; 0: no limit."""
    pool: int
    """Resource code of the locomotive pool, or `sim.log.NONE`."""
    section: int
    """Resource code of the section, both directions."""
    blocks: tuple[int, ...] = ()
    """Resource codes of the blocks of a single track by layout, in the order in which this
    direction meets them."""
    clearing_s: Seconds = 0
    possessions: tuple[tuple[Seconds, Seconds], ...] = ()
    """Begin, in seconds after Monday midnight (below zero: of every day, less one week), and
    length."""
    background_s: Seconds = 0
    """Interval of other trains on a single track by layout; 0: none."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One border crossed by train, either way."""

    id: str
    place: int
    resource: int
    tracks: int
    """0: no limit."""
    works: tuple[tuple[str, Distribution], ...]
    """Named parts of the stay, one after the other."""
    checks: Checks


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """When a train or vessel that is ready may leave: by the one rule whose value is given.

    Without any value it leaves at once.
    """

    full: float | None = None
    """At this share of its room."""
    longest_wait_s: Seconds | None = None
    """Beside `full`: after this wait in any case."""
    headway_s: Seconds | None = None
    """No sooner than this after the last departure from the same end."""
    times_of_week: tuple[Seconds, ...] = ()
    """Timetable in seconds after Monday midnight, in order."""

    @property
    def needs_full_load(self) -> bool:
        """Whether nothing but more cargo lets it leave."""
        return self.full is not None and self.longest_wait_s is None


@dataclass(frozen=True, slots=True)
class TrainLine:
    """Block trains to and fro on one path."""

    id: str
    carrier: int
    ends: tuple[int, int]
    deck: Deck
    links: tuple[tuple[Stretch | Crossing, ...], tuple[Stretch | Crossing, ...]]
    """What is passed, per direction."""
    departure: tuple[DeparturePlan, DeparturePlan]
    handling: tuple[Distribution, Distribution]
    tracks: tuple[int, int]
    """Resource code of the loading tracks at each end, or `sim.log.NONE`."""
    priority: int


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
    """Seconds of work for one unit, per end and unit code; 0 where handling says it all."""
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
    """How far a vessel looks before it sails; 0: only whether the port is open now."""
    turns_back: bool


@dataclass(frozen=True, slots=True)
class Gateway:
    """Gate of a terminal for one road."""

    resource: int
    lanes: int
    time: Distribution
    checks: Checks


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road between two places."""

    id: str
    carrier: int
    ends: tuple[int, int]
    resource: int
    running: Distribution
    gates: tuple[Gateway | None, Gateway | None]
    """Gate met on entering each end."""


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
    grows: bool
    """Whether the yearly growth of demand is its own."""
    season: tuple[float, ...]
    """Relative weight of January to December with a mean of 1 over a year; empty: none."""
    by_time: bool
    """Whether a way is chosen by least expected time."""
    equipment: int
    """Code of the fleet each unit needs an item of, or `sim.log.NONE`."""
    segregation: int
    """0: may share a sailing with anything of its like; flows of different numbers must not share
    one."""


@dataclass(frozen=True, slots=True)
class Climate:
    """Storms over the basin and how long they close each port."""

    closed_share: tuple[float, ...]
    """Of the most exposed port, January to December."""
    spell: Distribution
    """Length of a closure of the most exposed port."""
    exposure: Mapping[int, float]
    """Place code to exposure relative to the most exposed port, 0..1."""


@dataclass(frozen=True, slots=True)
class PortRules:
    """What a port does in a storm, and how deep it is."""

    berthing_waits: bool
    work_pauses: bool
    depth_m: float | None


@dataclass(frozen=True, slots=True)
class SeaLevelPlan:
    """Level of the sea over time, straight between the points."""

    at_s: tuple[Seconds, ...]
    level_m: tuple[float, ...]
    """Above the datum."""
    under_keel_m: float


@dataclass(frozen=True, slots=True)
class EmbargoPlan:
    """A loading ban in units."""

    id: str
    port: int
    units: tuple[int, ...]
    impose: float
    lift: float
    holds_at: frozenset[int]
    refuses: bool


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
class BreakdownPlan:
    """Failures of locomotives one by one."""

    every: Distribution
    lasting: Distribution
    workshop: int
    """Resource code of the crews, or `sim.log.NONE`."""


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
    """Pace of what goes on inside: 1 finishes, 0 stands still."""
    diverts: bool


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """Vessels of a class that help another service out."""

    id: str
    vessel_class: int
    lender: int
    borrower: int
    """Codes of carriers."""
    when: float
    back: float
    most: int
    transfer: Distribution


@dataclass(frozen=True, slots=True)
class InitialVesselPlan:
    """Where a vessel is at second 0."""

    home: int
    """Carrier it belongs to."""
    vessel_class: int
    carrier: int
    """Carrier it works for."""
    end: int
    """It heads for."""
    arrives_in_s: Seconds
    cargo: tuple[tuple[int, int], ...]
    """``(flow, units)``."""


@dataclass(frozen=True, slots=True)
class InitialPlan:
    """Where things stand at second 0, in codes."""

    stocks: tuple[tuple[int, int, int, bool], ...]
    """``(flow, units, place, whether it has its equipment)``."""
    trains: tuple[tuple[int, int, int, Seconds, tuple[tuple[int, int], ...]], ...]
    """``(carrier, direction, number of the link ahead, arrives in, (flow, units)...)``."""
    vessels: tuple[InitialVesselPlan, ...]


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
    embargoes: tuple[EmbargoPlan, ...]
    equipment: tuple[EquipmentPlan, ...]
    breakdowns: Mapping[int, BreakdownPlan]
    """By resource code of the pool."""
    outages: tuple[OutagePlan, ...]
    reassignments: tuple[ReassignmentPlan, ...]
    initial: InitialPlan
    growth_per_year: float
    charges: Charges | None
    eras: tuple[tuple[Seconds, Network], ...]
    """How it stands from each later second on: the same parts and codes with other numbers."""
