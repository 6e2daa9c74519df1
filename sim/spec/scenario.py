"""The whole scenario: every key that a file may hold.

The docstring under a field is its meaning; the JSON Schema is generated from it. A default means
"no such thing" (no wait, no limit, no weather) and is never a figure of the corridor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from sim.spec.demand import Demand, Flow, Unit
from sim.spec.dwell import Dwell
from sim.spec.economy import Energy, Money
from sim.spec.embargo import Embargo
from sim.spec.equipment import Equipment
from sim.spec.fields import AsTuple, Id, IsoDate, Month, PositiveCount, Spec, Text
from sim.spec.formalities import Border
from sim.spec.initial import Initial
from sim.spec.land import LocomotivePool, Road, Section, Train
from sim.spec.outages import Disruption
from sim.spec.sea import Port, Reassignment, Service, Vessel
from sim.spec.weather import SeaLevel, Weather


class Horizon(Spec):
    """What is simulated, and which part of it is measured."""

    start: IsoDate = date(2023, 1, 1)
    """First day, at midnight."""
    days: Annotated[int, Field(ge=1, le=36_525)] = 365
    """Days to the end of the measured window, warm-up included."""
    warmup_days: Annotated[int, Field(ge=0)] = 0
    """Days at the start that are simulated and not measured."""
    followup_days: Annotated[int, Field(ge=0, le=3_650)] = 60
    """The run goes on after the window, with arrivals, until all cargo created in it is delivered, at
    most this long."""

    @property
    def longest_days(self) -> int:
        """Return the days that the run takes at most, follow-up included."""
        return self.days + self.followup_days


class Place(Spec):
    """A point where cargo can be: terminal, port, yard, border station."""

    name: Text = ""
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    holding_tracks: PositiveCount | None = None
    """Tracks for trains that wait here on their way: for a ban, a path, a border, or before a full
    port. Trains from each section or border that ends here have as many.

    A train that finds none stands on the line: nobody follows it into its section, and on single
    track by layout it keeps its block. One that begins here keeps its loading track until it
    leaves. Default: any number can stand.
    """


CHOSEN = {"projects": "project_catalogue", "stress": "stress_catalogue"}
"""Lists that choose from a catalogue, each with its catalogue."""

CATALOGUES = tuple(CHOSEN.values())
"""Parts that list what could be built or go wrong; no run reads them."""

MAY_BE_FILES = {
    "observed": "the targets",
    **dict.fromkeys(("money", "energy"), "the rates"),
    **dict.fromkeys(CATALOGUES, "the entries"),
}
"""Parts that a scenario may write or name a file of, and what they hold."""

Status: TypeAlias = Literal["done", "committed", "proposed"]


class Project(Spec):
    """Something that could be built, bought or agreed."""

    title: Text
    status: Status = "proposed"
    """``done``: in service by now. ``committed``: ordered, financed or under construction.
    ``proposed``: under discussion."""
    change: Mapping[str, Any]
    """What it changes, written like a child scenario; ``{plus: 6}`` and ``{times: 1.1}`` so that
    projects add up."""
    needs: Annotated[tuple[Id, ...], AsTuple] = ()
    """Projects that must come first."""
    opens: IsoDate | None = None
    capital_musd: Annotated[float, Field(ge=0)] | None = None
    """Capital cost in millions of US dollars; none: not published."""
    external_cost: Text = ""
    """Cost to others, such as a line that loses ships to it."""
    evidence: Annotated[tuple[Text, ...], AsTuple] = ()
    """Rows of the evidence table about it."""
    note: Text = ""
    """What the model cannot show of it, and what was assumed."""


class Stress(Spec):
    """Something that could go wrong, which can be applied to any scenario."""

    title: Text
    change: Mapping[str, Any]
    """What it changes, written like a child scenario, after all projects."""
    evidence: Annotated[tuple[Text, ...], AsTuple] = ()
    note: Text = ""


class Divisor(Spec):
    """What an observed number is divided by; a key that is left out is that of the number."""

    metric: Id | None = None
    where: Text | None = None
    flow: Annotated[tuple[Text, ...], AsTuple] | None = None
    months: Annotated[tuple[Month, ...], AsTuple] | None = None


class Measured(Spec):
    """What a source counted: where it begins and ends, or at which line, and what is in it.

    It is shown beside the target and changes no number; the metric must count the same, or
    ``differs`` says how it does not.
    """

    from_: Text | None = Field(alias="from", default=None)
    """Where and when the clock starts."""
    to: Text | None = None
    """Where and when it stops."""
    at: Text | None = None
    """Line at which things were counted, in place of ``from`` and ``to``."""
    with_: Annotated[tuple[Text, ...], AsTuple] = Field(alias="with", default=())
    """What is in it that could be left out."""
    without: Annotated[tuple[Text, ...], AsTuple] = ()
    """What is not in it."""
    differs: Text = ""
    """How the metric counts otherwise; nothing: it counts the same, as far as is known."""

    @model_validator(mode="after")
    def _between_or_at(self) -> Self:
        is_between = self.from_ is not None and self.to is not None
        is_half = (self.from_ is None) != (self.to is None)
        if is_half or is_between == (self.at is not None):
            raise ValueError("write 'from' and 'to', or 'at'")
        return self

    def in_words(self) -> str:
        """Return it in one line."""
        parts = [self.at] if self.at is not None else [f"{self.from_} to {self.to}"]
        if self.with_:
            parts.append(f"with {', '.join(self.with_)}")
        if self.without:
            parts.append(f"without {', '.join(self.without)}")
        return "; ".join(parts)


class Observation(Spec):
    """Something that was observed, and the metric that must reproduce it within a range."""

    title: Text
    metric: Id
    where: Text | None = None
    flow: Annotated[tuple[Text, ...], AsTuple] = ()
    """Flow, kind of unit (``unit:wagon``) or scope (``scope:crude``); the numbers of several are
    added up."""
    months: Annotated[tuple[Month, ...], AsTuple] = ()
    """Mean over the days of these months; the metric must be one that is reported by month."""
    over: Divisor | None = None
    value: float
    unit: Text
    use: Literal["fitted", "judged"] = "judged"
    """``fitted``: it, or the row it comes from, was used to set an input. ``judged``: it was not used."""
    family: Id = "observed"
    """Targets that are left out of a fit together."""
    regime: Literal["year", "calm", "stress"] = "year"
    """Whether it tells of months that are calm, of times under stress (closures, dips, queues), or of a
    whole year; validation counts each by itself."""
    naive: float | None = None
    """What would be forecast without a model, such as the value of the year before; ``low`` and ``high``
    of it hold 90 %. Validation shows how sharp and how good a simulated season is beside it."""
    follows_from: Annotated[tuple[Id, ...], AsTuple] = ()
    """Targets that determine it; it is shown and not counted beside them."""
    scope: Literal["units", "gross", "net", "time", "share"] = "units"
    """What was counted; tonnes with packing and vehicle are gross."""
    measured: Measured | None = None
    """What the source counted, from where to where; none: not stated."""
    note: Text = ""


class ScenarioSpec(Spec):
    """A whole scenario, with everything that it inherits."""

    title: Text
    question: Text = ""
    """What this scenario is to answer, and the claim that it examines."""
    horizon: Horizon = Horizon()
    demand: Demand = Demand()
    units: Mapping[Id, Unit] = {}
    places: Mapping[Id, Place]
    ports: Mapping[Id, Port] = {}
    locomotives: Mapping[Id, LocomotivePool] = {}
    sections: Mapping[Id, Section] = {}
    borders: Mapping[Id, Border] = {}
    trains: Mapping[Id, Train] = {}
    roads: Mapping[Id, Road] = {}
    vessels: Mapping[Id, Vessel] = {}
    services: Mapping[Id, Service] = {}
    weather: Weather | None = None
    sea_level: SeaLevel | None = None
    equipment: Mapping[Id, Equipment] = {}
    flows: Mapping[Id, Flow]
    dwell: Mapping[Id, Dwell] = {}
    embargoes: Mapping[Id, Embargo] = {}
    reassignments: Mapping[Id, Reassignment] = {}
    disruptions: Mapping[Id, Disruption] = {}
    initial: Initial = Initial()
    changes: Mapping[IsoDate, Mapping[str, Any]] = {}
    """What changes on a date during the run, written like a child scenario; a project that is built
    and ``opens`` during the run changes it on that day."""
    projects: Annotated[tuple[Id, ...], AsTuple] = ()
    """Projects that are built, in order."""
    project_catalogue: Mapping[Id, Project] = {}
    """Written here, or the name of a file in the folder of the scenario that holds it, as
    ``observed``."""
    stress: Annotated[tuple[Id, ...], AsTuple] = ()
    """Stresses that are applied, in order, after the projects."""
    stress_catalogue: Mapping[Id, Stress] = {}
    money: Money | None = None
    """Written here, or the name of a file beside the scenario that holds it."""
    energy: Energy | None = None
    """Written here, or the name of a file beside the scenario that holds it."""
    observed: Mapping[Id, Observation] = {}
    """Written here, or the name of a file in the folder of the scenario that holds it."""
