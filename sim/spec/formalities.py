"""Formalities at borders and gates as a scenario file writes them: for all, by direction, and for
some users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sim.distributions import Distribution
from sim.spec.fields import (
    NO_TIME,
    AsTuple,
    ClockTime,
    DurationByEnd,
    DurationDistribution,
    Id,
    PositiveCount,
    Priority,
    Share,
    Spec,
    at_end,
    per_end,
)

WORKS = ("handover", "clearance", "transload")
"""Parts of the stay of a train at a border, one after the other."""


class Inspection(Spec):
    """Trains (or trucks) picked out for a closer look."""

    share: Share
    time: DurationDistribution


class Hours(Spec):
    """Daily hours in which work may begin."""

    open: ClockTime
    close: ClockTime


_HOURS_KEYS = frozenset(Hours.model_fields)


def _by_end(raw: object, value_keys: frozenset[str]) -> object:
    """Return *raw* by end, as `per_end` does; null is nothing at either end."""
    return {} if raw is None else per_end(raw, value_keys)


HoursByEnd = Annotated[Mapping[Id, Hours], BeforeValidator(lambda raw: _by_end(raw, _HOURS_KEYS))]
"""Daily hours for each direction by the end to which it leads, or for ``both``."""

PriorityByEnd = Annotated[
    Mapping[Id, Priority], BeforeValidator(lambda raw: _by_end(raw, frozenset()))
]
"""A priority for each direction by the end to which it leads, or for ``both``."""


class User(Spec):
    """Trains or trucks that are dealt with in a way of their own.

    All that is given to choose them must fit. The first user of the file that fits is taken; what it
    leaves out is as for all others.
    """

    units: Annotated[tuple[Id, ...], AsTuple] = ()
    """Kinds of unit, of which some must be aboard; none: any."""
    flows: Annotated[tuple[Id, ...], AsTuple] = ()
    """Flows, of which some cargo must be aboard; none: any."""
    load: Literal["loaded", "empty"] | None = None
    """``empty``: all that is aboard weighs nothing (``tonnes_per_unit: 0``); ``loaded``: something
    of it does."""
    priority: Priority | None = None
    """In the queue for a track or lane, 0 first; default, that of all others."""
    inspection: Inspection | None = None
    hours: Hours | None = None


class BorderUser(User):
    """Trains that are dealt with in a way of their own at a border."""

    trains: Annotated[tuple[Id, ...], AsTuple] = ()
    """Train lines; none: any."""
    towards: Id | None = None
    """End of the border to which they go; none: either."""
    handover: DurationDistribution | None = None
    clearance: DurationDistribution | None = None
    transload: DurationDistribution | None = None

    @property
    def works(self) -> Mapping[str, Distribution]:
        """Return the times of its own, by name of the part."""
        times = {part: getattr(self, part) for part in WORKS}
        return {part: time for part, time in times.items() if time is not None}


class GateUser(User):
    """Trucks that are dealt with in a way of their own at a gate."""

    roads: Annotated[tuple[Id, ...], AsTuple] = ()
    """Roads on which they come, where several share the gate; none: any."""
    time: DurationDistribution | None = None

    @property
    def works(self) -> Mapping[str, Distribution]:
        """Return the time of its own, if it has one."""
        return {} if self.time is None else {"gate": self.time}


class Border(Spec):
    """A railway border between two stations: handover, clearance and, where the gauge changes,
    transloading.

    Times, hours and priority are one for both directions, or one for each by the end to which a train
    goes; a direction that is left out takes no time, is always open, and goes by the priority of the
    trains. Where each side has a yard of its own, write a border for each, with a place between
    them. Where trains may cross at one border or another between the same stations, the lines say
    which, in ``over``.
    """

    from_: Id = Field(alias="from")
    to: Id
    tracks: PositiveCount | None = None
    """Trains of both directions that can be dealt with at once; none: no limit."""
    handover: DurationByEnd = {}
    clearance: DurationByEnd = {}
    transload: DurationByEnd = {}
    """Change of gauge: transloading or bogie exchange of a whole train."""
    inspection: Inspection | None = None
    hours: HoursByEnd = {}
    """Daily hours in which work may begin. A train that gets a track outside its own hours, while
    those of others are on, gives it back; it is first of its priority when its hours begin."""
    priority: PriorityByEnd = {}
    """In the queue for a track, 0 first; default, that of the train."""
    users: Mapping[Id, BorderUser] = {}
    """Trains that are dealt with in a way of their own; the first that fits."""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the two stations."""
        return self.from_, self.to

    def works(self, towards: str) -> Mapping[str, Distribution]:
        """Return the time of each part of the stay of a train to *towards*, by name of the part."""
        return {part: at_end(getattr(self, part), towards, NO_TIME) for part in WORKS}


class Gate(Spec):
    """Road gate of a terminal, for trucks that come in over this road."""

    lanes: PositiveCount
    time: DurationDistribution
    """Gate, customs and border formalities of one truck."""
    inspection: Inspection | None = None
    hours: Hours | None = None
    users: Mapping[Id, GateUser] = {}
    """Trucks that are dealt with in a way of their own; the first that fits."""
