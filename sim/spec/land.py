"""Rail, borders and roads as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from sim.distributions import Distribution, fixed
from sim.spec.departure import DepartureByEnd
from sim.spec.fields import (
    NO_TIME,
    AsTuple,
    Count,
    Duration,
    DurationByEnd,
    DurationDistribution,
    Id,
    PositiveCount,
    Priority,
    Share,
    Spec,
    TimeOfWeek,
)
from sim.spec.formalities import Gate
from sim.units import DAY, HOUR, format_duration


class Breakdowns(Spec):
    """Locomotives fail one by one; crews repair them, each crew one at a time."""

    every: DurationDistribution
    """From a repair to the next failure, in use or not; a locomotive that fails first hauls its
    train to the end."""
    lasting: DurationDistribution
    """Repair time of one locomotive."""
    crews: PositiveCount | None = None
    """Default: as many as needed."""


class Possession(Spec):
    """Hours in which no train may enter a section, for maintenance; trains inside run on."""

    from_: TimeOfWeek = Field(alias="from")
    lasting: Duration

    @field_validator("lasting")
    @classmethod
    def _leaves_time(cls, lasting: int, info: ValidationInfo) -> int:
        between = DAY if info.data.get("from_", 0) < 0 else 7 * DAY
        if not 0 < lasting < between:
            raise ValueError(
                f"must be longer than nothing and shorter than {format_duration(between)}, when it recurs"
            )
        return lasting


class LocomotivePool(Spec):
    """Locomotives that work a number of sections in common."""

    locomotives: Count
    availability: Share = 1.0
    """Share that is fit for service; the number in service is rounded down."""
    turn: DurationDistribution = NO_TIME
    """From the end of one train to ready for the next: light running, inspection, crew."""
    breakdowns: Breakdowns | None = None
    """Failures one by one, beside the share that ``availability`` takes off for good."""

    @property
    def in_service(self) -> int:
        """Return how many are fit for service, rounded down."""
        # 1e-9 forgives the binary fraction: 0.9 of 10 is 9, not 8.
        return int(self.locomotives * self.availability + 1e-9)


class Section(Spec):
    """Track between two timetable points, run in both directions."""

    from_: Id = Field(alias="from")
    to: Id
    length_km: Annotated[float, Field(ge=0.01, le=5000)] | None = None
    running: DurationDistribution | None = None
    """Running time; without it, length over route speed."""
    speed_km_per_day: Annotated[float, Field(ge=1, le=5000)] | None = None
    """Route speed, scheduled stops included."""
    moving_km_per_h: Annotated[float, Field(ge=1, le=200)] | None = None
    """Speed while moving, all stops taken out, for CAREC's speed without delay alone; none: trains
    are taken to move for all of the running time."""
    running_cv: Annotated[float, Field(ge=0, le=2)] = 0.0
    """Spread of the running time that follows from speed (gamma)."""
    tracks: Annotated[int, Field(ge=1, le=4)] = 1
    paths_per_day: Annotated[float, Field(ge=0.01, le=500)] | None = None
    """Train paths a day in each direction; none: no limit."""
    loops: Annotated[int, Field(ge=0, le=100)] | None = None
    """Single track by layout, in place of ``paths_per_day``: crossing loops, evenly spaced, between
    the two ends.

    They cut the section into blocks with room for one train. A loop holds one train each way, the
    ends any number. A train enters a block when it is free and its place in the loop behind it is
    too.
    """
    clearing: Duration = 0
    """From a train leaving a block to the next entering it: least headway, setting of points."""
    possessions: Annotated[tuple[Possession, ...], AsTuple] = ()
    background_trains_per_day: Annotated[float, Field(ge=0)] = 0.0
    """Paths of each direction that other trains use; with ``loops``, trains that run, evenly over
    the day."""
    locomotives: Id | None = None
    """Pool that hauls trains here."""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the two places that it joins."""
        return self.from_, self.to


def running_time(section: Section) -> Distribution:
    """Return the running time over *section* [s]: as given, or length over route speed."""
    if section.running is not None:
        return section.running
    mean = (section.length_km or 0.0) / (section.speed_km_per_day or 1.0) * DAY
    return Distribution("gamma", (mean, section.running_cv)) if section.running_cv else fixed(mean)


def moving_share(section: Section) -> float:
    """Return the share of the running time over *section* in which a train moves.

    Above 1 the speed while moving is too low for that time.
    """
    if section.moving_km_per_h is None or section.length_km is None:
        return 1.0
    return section.length_km / section.moving_km_per_h * HOUR / running_time(section).mean


class Road(Spec):
    """A road: every unit travels by itself, on a truck of its own.

    A consignment of several units sets off as so many trucks at once. Each drives its own time, takes
    a lane of its own at a gate, and goes on when it arrives, without the others.
    """

    from_: Id = Field(alias="from")
    to: Id
    running: DurationDistribution = NO_TIME
    length_km: Annotated[float, Field(ge=0, le=10_000)] | None = None
    """For cost and energy alone."""
    gates: Mapping[Id, Gate] = {}
    """By the place that is entered."""
    shared_gates: Mapping[Id, Id] = {}
    """By the place that is entered, the road whose gate there trucks of this one pass too: one queue
    for the lanes, the same times and hours."""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the two places that it joins."""
        return self.from_, self.to


class Train(Spec):
    """Block trains between two places and back, made up from what waits at either end."""

    path: Annotated[tuple[Id, ...], Field(min_length=2), AsTuple]
    """Places in order; each two neighbours are joined by a section or a border."""
    over: Annotated[tuple[Id, ...], AsTuple] = ()
    """Section or border that it takes where more than one joins two neighbours of its path."""
    capacity: Mapping[Id, PositiveCount]
    """Units of each kind that fill a whole train; mixed trains share its length."""
    departure: DepartureByEnd = {}
    """Rule per end, or one for both. Default: full, or 72 hours after the first unit came."""
    handling: DurationByEnd = {}
    """Loading or unloading of one train at an end, on a track of the port there."""
    priority: Priority = 5
    """At borders, loading tracks, blocks and locomotives; 0 is served first."""

    @property
    def ends(self) -> tuple[str, str]:
        """Return the first and the last place of the path."""
        return self.path[0], self.path[-1]
