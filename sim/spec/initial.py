"""The state in which a run begins, as a scenario file writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from sim.spec.fields import AsTuple, Duration, Id, Spec


class Stock(Spec):
    """Cargo that is there at the start."""

    flow: Id
    units: Annotated[int, Field(ge=1, le=1_000_000)]
    at: Id
    """Place on its way; it waits there for its next leg."""
    equipped: bool = True
    """Whether it has the equipment it needs; if not, it waits for it at its origin."""
    released: bool = False
    """Whether it has passed the loading bans that are on at the start."""
    ready_in: Duration = 0
    """How long it still dwells before it is ready for its next leg; pauses count."""


class OnTheWay(Spec):
    """What a train or vessel carries at the start: units by flow."""

    cargo: Mapping[Id, Annotated[int, Field(ge=1, le=1_000_000)]] = {}
    arrives_in: Duration = 0


class InitialTrain(OnTheWay):
    """A train under way: it reaches ``next`` on its path after ``arrives_in`` and goes on from
    there."""

    train: Id
    towards: Id
    next: Id
    released: bool = False
    """Whether it has passed the loading bans that are on at the start."""


class InitialVessel(OnTheWay):
    """A vessel at sea (or at the roads, after no time) towards a port where it will call."""

    service: Id
    vessel: Id
    towards: Id
    home: Id | None = None
    """Service it belongs to, where it helps another out by a reassignment."""


class Worked(Spec):
    """Units that left a port by sea before the start."""

    ago: Duration
    units: Annotated[int, Field(ge=1, le=1_000_000)]


class InitialEmbargo(Spec):
    """How a loading ban stands at the start."""

    stage: Annotated[int, Field(ge=0, le=100)] | None = None
    """What holds: 0 the ban as it is imposed, 1 its first step and so on. Default: it is not on."""
    opens_in: Mapping[Id, Duration] = {}
    """By what has a quota, the time until the next can pass; left out: at once."""
    known_for: Duration = 0
    """How long before the start what is worked has been counted (``worked_over``)."""
    worked: Annotated[tuple[Worked, ...], AsTuple] = ()
    """What left by sea in that time."""


class Initial(Spec):
    """Where things stand when the run begins; vessels that are not named begin at the roads,
    empty."""

    stocks: Annotated[tuple[Stock, ...], AsTuple] = ()
    trains: Annotated[tuple[InitialTrain, ...], AsTuple] = ()
    vessels: Annotated[tuple[InitialVessel, ...], AsTuple] = ()
    embargoes: Mapping[Id, InitialEmbargo] = {}
    """Loading bans that are on, or that know what was worked before the start."""
