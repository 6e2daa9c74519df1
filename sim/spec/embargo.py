"""Loading bans of the railway as a scenario file writes them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.spec.fields import AsTuple, Id, Spec


class Level(Spec):
    """An amount of cargo, in units or in days of work."""

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
    """The ban is imposed once so much waits, or more."""
    lift: Level
    """It is lifted once so much waits, or less."""
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
