"""Loading bans of the railway as a scenario file writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from sim.spec.fields import AsTuple, Duration, Id, Spec
from sim.units import DAY

ALL = "all"
"""Stands for all that a ban counts, where one quota holds for it together."""


def _by_what(raw: object) -> object:
    """Return a quota by what it holds for: a plain number holds for all together."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return {ALL: raw} if is_number else raw


Quota = Annotated[
    Mapping[Id, Annotated[float, Field(ge=0, le=1e6)]],
    BeforeValidator(_by_what),
]
"""Units a day that pass, by flow or kind of unit, or one number for all together."""


class Level(Spec):
    """An amount of cargo, in units or in days of work."""

    units: Annotated[float, Field(ge=0, le=1e7)] | None = None
    days: Annotated[float, Field(ge=0, le=3650)] | None = None
    """Days it takes at what is worked in a day: ``worked_per_day``, or over ``worked_over``."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.units is None) == (self.days is None):
            raise ValueError("give units or days, one of the two")
        return self


class Step(Level):
    """A level at or below which another quota holds, while the ban is on."""

    quota: Quota


class Embargo(Spec):
    """A loading ban of the railway: while too much cargo waits for vessels at a port, none is sent
    there, or only what a quota lets pass."""

    port: Id
    units: Annotated[tuple[Id, ...], AsTuple] = ()
    """Kinds of unit that count and are banned; none named: all."""
    impose: Level
    """The ban is imposed once so much waits, or more."""
    lift: Level
    """It is lifted once so much waits, or less."""
    worked_per_day: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """Units that the port sends on in a day, for levels in days."""
    worked_over: Duration | None = None
    """Count days of work by the units that left by sea in this time up to now, over it.

    Until the run is as old, ``worked_per_day`` counts. Default: it counts always.
    """
    quota: Quota = {}
    """Units a day that pass while the ban is on, by flow or kind of unit, or one number for all
    together; a thousandth of a unit is the least.

    First come, first served, and trains that are held under way before cargo at its origin. After a
    lot or train the next one passes once its units have taken their time at the quota. A flow's own
    quota goes before that of its kind. Default: what has no quota does not pass.
    """
    exempt: Annotated[tuple[Id, ...], AsTuple] = ()
    """Flows and kinds of unit that the ban counts and does not hold."""
    steps: Annotated[tuple[Step, ...], AsTuple] = ()
    """Quotas that hold from lower and lower levels on, before the ban is lifted; once the ban's own
    level is reached again, so does its own quota."""
    holds_at: Annotated[tuple[Id, ...], AsTuple] = ()
    """Places where trains under way to the port are held; none named: they run on. How many can
    stand there: ``places.*.holding_tracks``."""
    cargo: Literal["waits", "refused"] = "waits"
    """What happens to new cargo at its origin."""

    @property
    def meters(self) -> bool:
        """Whether anything passes while it is on."""
        return bool(self.quota or self.exempt or self.steps)

    @field_validator("worked_over")
    @classmethod
    def _is_in_days(cls, worked_over: int | None) -> int | None:
        if worked_over is not None and not DAY <= worked_over <= 366 * DAY:
            raise ValueError("must be from 1d to 366d; what is worked is looked at once a day")
        return worked_over

    def units_of(self, level: Level) -> float:
        """Return *level* in units, at ``worked_per_day``."""
        if level.units is not None:
            return level.units
        return (level.days or 0.0) * (self.worked_per_day or 0.0)
