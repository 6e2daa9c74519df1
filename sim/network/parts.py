"""What the engine needs to know of the corridor, frozen and without a clock.

Everything is resolved: durations are distributions in seconds, names are indices into `Network.names`, a deck is whole
numbers. Two ends of a carrier are 0 and 1, and direction 0 goes from end 0 to end 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.distributions import Distribution
from sim.log import CarrierFacts, FlowFacts, Names, ResourceFacts
from sim.spec.demand import Arrivals
from sim.spec.departure import Departure
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
class TrainLine:
    """Block trains to and fro on one path."""

    id: str
    carrier: int
    ends: tuple[int, int]
    deck: Deck
    links: tuple[tuple[Stretch | Crossing, ...], tuple[Stretch | Crossing, ...]]
    """What is passed, per direction."""
    departure: tuple[Departure, Departure]
    handling: tuple[Distribution, Distribution]
    tracks: tuple[int, int]
    """Resource code of the loading tracks at each end, or `sim.log.NONE`."""


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


@dataclass(frozen=True, slots=True)
class SeaLine:
    """A service between two ports."""

    id: str
    carrier: int
    ends: tuple[int, int]
    resource: int
    """The sea between them, which has no limit."""
    fleet: tuple[FleetPart, ...]
    departure: tuple[Departure, Departure]


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
class FlowPlan:
    """A flow with all that its consignments need."""

    code: int
    id: str
    unit: int
    origin: int
    priority: int
    ways: tuple[Way, ...]
    arrivals: Arrivals
    consignment_units: Distribution
    consignments_per_s: float
    """Rate of a Poisson flow at scale 1; 0 for the other processes."""
    scale: float
    season: tuple[float, ...]
    """Relative weight of January to December with a mean of 1 over a year; empty: none."""
    trace: tuple[tuple[Seconds, int], ...]
    returns_of: int
    """Code of the flow whose deliveries come back as this one, or `sim.log.NONE`."""


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
