"""Ports, vessels, services and weather as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from sim.spec.departure import DepartureByEnd
from sim.spec.fields import AsTuple, Count, DurationByEnd, DurationDistribution, Id, PositiveCount, Spec, Text


class BerthGroup(Spec):
    """Berths of one kind, worked alike."""

    berths: Count
    """Vessels that can lie and be worked at once."""
    vessels: Annotated[tuple[Id, ...], AsTuple] = ()
    """Vessel classes that may use them; none named: all."""
    units_per_h: Mapping[Id, Annotated[float, Field(ge=0.001, le=1e6)]] = {}
    """Working rate of one berth by unit: lifts, tonnes of a pump, units over a ramp. Adds to ``handling``."""


class StackLimits(Spec):
    """Room on land: units that may stand at the port, by kind. What is not named has no limit."""

    sea: Mapping[Id, PositiveCount] = {}
    """Waiting for a vessel."""
    land: Mapping[Id, PositiveCount] = {}
    """Waiting for a train or the road. Apart from ``sea``, so that the two directions cannot lock each other out."""


class Port(Spec):
    """The sea terminal of a place."""

    berths: Mapping[Id, BerthGroup] = {}
    stacks: StackLimits = StackLimits()
    train_tracks: PositiveCount | None = None
    """Tracks where trains are loaded and unloaded; none: no limit."""


class Repair(Spec):
    """Time out of service."""

    every: DurationDistribution
    """In service between two stays in the yard."""
    lasting: DurationDistribution


class Vessel(Spec):
    """A class of vessels."""

    name: Text = ""
    capacity: Mapping[Id, PositiveCount] = {}
    """Units that fill the whole deck, by kind: alternatives, not additive; mixed loads share the deck."""
    lane_m: Annotated[float, Field(ge=0.1, le=20_000)] | None = None
    """Length of deck [m], for units that have a ``lane_m`` and are not named in ``capacity``."""
    carries: Annotated[tuple[Id, ...], AsTuple] = ()
    """Units that may use the lanes; none named: every unit that has a ``lane_m``."""
    speed_kn: Annotated[float, Field(ge=0.1, lt=40)] | None = None
    draught_m: Annotated[float, Field(gt=0, le=30)] | None = None
    handling: DurationDistribution | None = None
    """The whole call at either end, where the service does not say."""
    repair: Repair | None = None


class Service(Spec):
    """Vessels that go to and fro between two ports."""

    from_: Id = Field(alias="from")
    to: Id
    vessel: Id | None = None
    """Class of all its vessels, with ``vessels`` a number."""
    vessels: Count | Mapping[Id, Count]
    """How many, or how many of each class."""
    distance_nm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    crossing: DurationDistribution | None = None
    """Sailing time berth to berth without waits; without it, distance over the speed of the class."""
    handling: DurationByEnd = {}
    """The whole call at each end, apart from work by rate; without it, that of the vessel class."""
    departure: DepartureByEnd = {}
    """Rule per end, or one for both. Default: at once."""
    berths: Mapping[Id, Id] = {}
    """Berth group by port, where a class could use several."""
    sailing: Literal["departure"] = "departure"
    """When weather lets a vessel sail: ``departure``, the port is open when leaving."""


class Weather(Spec):
    """Storms over the basin that close all ports together, each as long as its exposure says."""

    closed_share: Annotated[
        tuple[Annotated[float, Field(ge=0, lt=1)], ...], Field(min_length=12, max_length=12), AsTuple
    ]
    """Share of time a port of exposure 1 is closed, January to December."""
    spell: DurationDistribution
    """Length of one closure at a port of exposure 1."""
    exposure: Mapping[Id, Annotated[float, Field(ge=0, le=5)]]
    """Closed time of each port relative to exposure 1; a port not named is never closed."""
