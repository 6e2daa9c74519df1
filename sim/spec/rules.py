"""Embargoes, disruptions and the state in which a run begins, as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.spec.fields import (
    AsTuple,
    Duration,
    DurationDistribution,
    Id,
    IsoDate,
    PositiveCount,
    Spec,
)


class Level(Spec):
    """So much cargo, in units or in days of work."""

    units: Annotated[float, Field(ge=0, le=1e7)] | None = None
    days: Annotated[float, Field(ge=0, le=3650)] | None = None
    """Days it takes at ``worked_per_day``."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.units is None) == (self.days is None):
            raise ValueError("give units or days, one of the two")
        return self


class Embargo(Spec):
    """A loading ban of the railway: while too much cargo waits for vessels at a port, none is sent
    there."""

    port: Id
    units: Annotated[tuple[Id, ...], AsTuple] = ()
    """Kinds of unit that count and are banned; none named: all."""
    impose: Level
    """From this much on, the ban is on."""
    lift: Level
    """At this much or less, it is lifted."""
    worked_per_day: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Units that the port sends on in a day, for levels in days."""
    holds_at: Annotated[tuple[Id, ...], AsTuple] = ()
    """Places where trains under way to the port are held; none named: they run on."""
    cargo: Literal["waits", "refused"] = "waits"
    """What happens to new cargo at its origin."""

    def units_of(self, level: Level) -> float:
        """Return *level* in units."""
        if level.units is not None:
            return level.units
        return (level.days or 0.0) * (self.worked_per_day or 0.0)


TARGETS = ("section", "port", "berths", "border", "locomotives", "service")
"""What can break: the keys of a disruption that name it."""


class Disruption(Spec):
    """Something breaks: on a date, or again and again."""

    section: Id | None = None
    """No train enters it."""
    port: Id | None = None
    """Shut as by a storm."""
    berths: Annotated[str, Field(max_length=130)] | None = None
    """``PORT/GROUP``: berths are lost, or, with ``rate``, worked more slowly (a crane)."""
    border: Id | None = None
    locomotives: Id | None = None
    service: Id | None = None
    """Vessels that lie still after their next discharge."""
    from_: IsoDate | None = Field(default=None, alias="from")
    every: DurationDistribution | None = None
    """From the end of one outage (or the start of the run) to the next."""
    lasting: DurationDistribution
    lost: PositiveCount | None = None
    """Berths, tracks, locomotives or vessels that are out; none: all."""
    rate: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Of berths: the pace of work that is left, in place of lost berths."""
    inside: Literal["finish", "pause", "divert"] = "finish"
    """What is at work there goes on to its end, stands still until the outage ends, or goes on
    while the cargo that waits for it chooses its way anew."""

    @property
    def target(self) -> tuple[str, str]:
        """Return what breaks: its kind, as the key that names it, and its id."""
        named = ((kind, getattr(self, kind)) for kind in TARGETS)
        return next((kind, name) for kind, name in named if name is not None)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(getattr(self, name) is not None for name in TARGETS) != 1:
            raise ValueError(f"give exactly one of {', '.join(TARGETS)}")
        if (self.from_ is None) == (self.every is None):
            raise ValueError("give 'from' (a date) or 'every' (at random), one of the two")
        if self.lasting.mean <= 0:
            raise ValueError("an outage that lasts no time is none; give 'lasting'")
        if self.rate is not None and (self.berths is None or self.lost is not None):
            raise ValueError("'rate' is for berths, in place of 'lost'")
        if self.inside == "pause" and (self.locomotives or self.service):
            raise ValueError(
                "'pause' is for places; locomotives and vessels that are out finish what they are at"
            )
        if self.inside == "pause" and (self.lost is not None or self.rate is not None):
            raise ValueError(
                "'pause' stops everything there; leave 'lost' and 'rate' out, or let what is inside finish"
            )
        if self.lost is not None and (self.section or self.port):
            raise ValueError("a section or port is out as a whole; leave 'lost' out")
        return self


class Stock(Spec):
    """Cargo that is there at the start."""

    flow: Id
    units: Annotated[int, Field(ge=1, le=1_000_000)]
    at: Id
    """Place on its way; it waits there for its next leg."""
    equipped: bool = True
    """Whether it has the equipment it needs; if not, it waits for it at its origin."""


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


class InitialVessel(OnTheWay):
    """A vessel at sea (or at the roads, after no time) towards a port where it will call."""

    service: Id
    vessel: Id
    towards: Id
    home: Id | None = None
    """Service it belongs to, where it helps another out by a reassignment."""


class Initial(Spec):
    """Where things stand when the run begins; vessels that are not named begin at the roads,
    empty."""

    stocks: Annotated[tuple[Stock, ...], AsTuple] = ()
    trains: Annotated[tuple[InitialTrain, ...], AsTuple] = ()
    vessels: Annotated[tuple[InitialVessel, ...], AsTuple] = ()
