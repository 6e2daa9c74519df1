"""Dwell of cargo at nodes as a scenario file writes it: papers, customs, collection, making up."""

from __future__ import annotations

from typing import Annotated

from sim.spec.fields import AsTuple, DurationDistribution, Id, Share, Spec
from sim.spec.formalities import Hours
from sim.spec.land import Possession

BY_SEA, BY_LAND = "sea", "land"
"""Stand for all services, and for all train lines and roads."""


class Faults(Spec):
    """Lots whose papers are wrong, or that are looked into."""

    share: Share
    time: DurationDistribution
    """What it takes on top."""


class Pause(Possession):
    """Time in which nothing is done, such as a weekend."""


class Dwell(Spec):
    """What units need at a place between their arrival and being ready for their next leg.

    Each lot has its own time from when it is unloaded; it lies in the yard meanwhile and takes room
    there.
    """

    at: Id
    units: Annotated[tuple[Id, ...], AsTuple] = ()
    """Kinds of unit; none named: all."""
    before: Annotated[tuple[Id, ...], AsTuple] = ()
    """Next legs: ``sea``, ``land``, or train lines, services and roads by their ids; none named:
    any."""
    at_origin: bool = False
    """Whether cargo that begins its journey here needs it too; else only cargo that changes from
    one carrier to another."""
    time: DurationDistribution
    faults: Faults | None = None
    """A share of the lots takes longer."""
    hours: Hours | None = None
    """Daily hours in which it goes on; outside them it pauses. Default: day and night."""
    closed: Annotated[tuple[Pause, ...], AsTuple] = ()
    """Further times in which it pauses, by the week or by the day."""
