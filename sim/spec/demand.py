"""Cargo as a scenario file writes it: units, flows, and how consignments come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BeforeValidator, Field, model_validator

from sim.distributions import fixed
from sim.log import CORRIDOR_SCOPE
from sim.spec.fields import (
    NO_TIME,
    AsTuple,
    Count,
    CountDistribution,
    Duration,
    DurationDistribution,
    Id,
    Priority,
    Share,
    Spec,
    Text,
)
from sim.units import YEAR

Scope: TypeAlias = Literal["titr", "crude", "background"]
Weight: TypeAlias = Annotated[float, Field(ge=0, le=100)]
"""Of a part of the year, week or day, relative to the others."""


class Demand(Spec):
    """Multiples of the written demand that are offered."""

    scale: Annotated[float, Field(ge=0, le=1000)] = 1.0
    """Multiplies the number of consignments of every flow of scope ``titr``."""
    scale_by_scope: Mapping[
        Literal["crude", "background"], Annotated[float, Field(ge=0, le=1000)]
    ] = {}
    """The same for the other scopes."""
    growth_per_year: Annotated[float, Field(gt=-1, le=10)] = 0.0
    """Growth of scope ``titr`` from one calendar year to the next, beginning with that of the
    start: 0.05 is 5 %. A flow of any scope may have its own."""

    def scale_of(self, scope: Scope) -> float:
        """Return how many times the written demand of a flow of *scope* is offered."""
        return self.scale if scope == CORRIDOR_SCOPE else self.scale_by_scope.get(scope, 1.0)

    def growth_of(self, flow: Flow) -> float:
        """Return the growth of *flow* from one calendar year to the next: its own, or by scope."""
        if flow.growth_per_year is not None:
            return flow.growth_per_year
        return self.growth_per_year if flow.scope == CORRIDOR_SCOPE else 0.0


class Unit(Spec):
    """A kind of thing that is carried and counted."""

    name: Text = ""
    tonnes: Annotated[float, Field(ge=0, le=100_000)] = 1.0
    """Net weight of the cargo in one unit [t]; a flow may say otherwise."""
    tare_tonnes: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """Weight of the wagon, box or truck itself [t], loaded or empty, for gross tonnes alone; none:
    net and gross are the same."""
    teu: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Containers in one unit [TEU]; a truck is not a TEU."""
    lane_m: Annotated[float, Field(ge=0.1, le=200)] | None = None
    """Length of deck it takes on a ferry [m]."""


class Poisson(Spec):
    """Consignments come one by one at random."""

    per_day: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Consignments a day; without it, from the flow's ``units_per_year``."""


class Renewal(Spec):
    """Consignments come at independent intervals."""

    interval: DurationDistribution


class Scheduled(Spec):
    """Consignments come on the clock."""

    every: Duration
    first: Duration = 0
    """After the start of the horizon."""


class Trace(Spec):
    """Consignments are listed in a CSV file beside the scenario, with the columns ``time`` (ISO)
    and ``units``."""

    file: Annotated[str, Field(min_length=1, max_length=200)]


class Returns(Spec):
    """Units come back empty (or reloaded) after another flow delivered them."""

    flow: Id
    share: Share = 1.0
    after: DurationDistribution = NO_TIME
    """From delivery to ready for the way back."""


class Surplus(Spec):
    """Idle equipment of the flow at its origin goes back empty, as soon as there is more of it than
    is to be kept."""

    above: Count = 0
    """Items that stay."""


class Arrivals(Spec):
    """How consignments arrive: exactly one of these."""

    poisson: Poisson | None = None
    renewal: Renewal | None = None
    scheduled: Scheduled | None = None
    trace: Trace | None = None
    returns: Returns | None = None
    surplus: Surplus | None = None

    @model_validator(mode="after")
    def _is_one_process(self) -> Self:
        if sum(getattr(self, name) is not None for name in type(self).model_fields) != 1:
            raise ValueError(f"give exactly one of {', '.join(type(self).model_fields)}")
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)


class Route(Spec):
    """One way of a flow."""

    share: Share = 1.0
    legs: Annotated[tuple[Id, ...], Field(min_length=1), AsTuple]
    """Trains, services and roads in order; direction follows from where the cargo is."""


class Flow(Spec):
    """Cargo of one kind from one place to another."""

    cargo: Text = "general"
    unit: Id
    origin: Id
    destination: Id
    scope: Scope = "titr"
    units_per_year: Annotated[float, Field(ge=0, le=1e9)] | None = None
    """Units a year of 365 days at scale 1."""
    arrivals: Annotated[
        Arrivals, BeforeValidator(lambda raw: {raw: {}} if raw == "poisson" else raw)
    ] = Arrivals(poisson=Poisson())
    season: (
        Annotated[
            tuple[Weight, ...],
            Field(min_length=12, max_length=12),
            AsTuple,
        ]
        | None
    ) = None
    """Relative weight of January to December; the yearly total stays."""
    days_of_week: (
        Annotated[tuple[Weight, ...], Field(min_length=7, max_length=7), AsTuple] | None
    ) = None
    """Relative weight of Monday to Sunday; the total of a week stays. Default: all days alike."""
    hours_of_day: (
        Annotated[tuple[Weight, ...], Field(min_length=24, max_length=24), AsTuple] | None
    ) = None
    """Relative weight of the hours from midnight on; the total of a day stays. Default: all hours
    alike."""
    growth_per_year: Annotated[float, Field(gt=-1, le=10)] | None = None
    """Growth of this flow from one calendar year to the next; none: that of ``demand`` for scope
    ``titr``, and 0 for others. Of what ``returns``, nothing: it grows with the flow it follows."""
    consignment_units: CountDistribution = fixed(1)
    tonnes_per_unit: Annotated[float, Field(ge=0, le=100_000)] | None = None
    """Net weight of the cargo in one unit [t]; default, that of the unit."""
    routes: Mapping[Id, Route] = {}
    """Ways, by ``routing``; default, the one shortest way if there is only one."""
    routing: Literal["shares", "least_time"] = "shares"
    """How a consignment chooses its way: by the fixed shares, or by least expected time from the
    queues it sees (of cargo, and at paths, locomotives, loading tracks, borders, berths and gates),
    at the origin and wherever its ways part."""
    priority: Priority = 5
    """0 is taken first. From a date that changes it, it holds for cargo that waits, too."""
    equipment: Id | None = None
    """Fleet of which every unit needs one item, from the origin to the destination."""
    segregation: Id | None = None
    """Goods that must not share a sailing with others on a vessel that ``segregates``, e.g.
    ``dangerous``."""

    @property
    def consignments_per_year(self) -> float:
        """Return the consignments of a year of 365 days at scale 1; 0 for one without a rate."""
        if self.units_per_year is not None:
            return self.units_per_year / self.consignment_units.mean
        arrivals = self.arrivals
        if arrivals.poisson is not None:
            return (arrivals.poisson.per_day or 0.0) * 365
        if arrivals.renewal is not None:
            return YEAR / arrivals.renewal.interval.mean
        if arrivals.scheduled is not None:
            return YEAR / arrivals.scheduled.every
        return 0.0


def tonnes_per_unit(flow: Flow, units: Mapping[str, Unit]) -> float:
    """Return the net weight of the cargo in one unit of *flow* [t]."""
    if flow.tonnes_per_unit is not None:
        return flow.tonnes_per_unit
    return units[flow.unit].tonnes if flow.unit in units else 1.0


class Equipment(Spec):
    """Wagons, platforms or containers: a fleet that is conserved.

    An item carries one unit. It is idle where it was delivered, after ``dwell``, until cargo there
    needs it; flows with ``arrivals: {surplus: ...}`` take it back.
    """

    name: Text = ""
    fleet: Mapping[Id, Count]
    """Items by place at the start."""
    dwell: DurationDistribution = NO_TIME
    """From delivery to fit for the next load: unloading, cleaning, inspection."""
