"""When a train or vessel that is ready may leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.spec.fields import AsTuple, Duration, Id, Spec, TimeOfWeek, per_end
from sim.units import DAY, WEEK, Seconds

NEVER = "never"
"""What stands for a condition on which nobody leaves."""


class FarCargo(Spec):
    """Cargo that waits at the other end, as known here some time later.

    What counts is the cargo that waits there for this service beyond what its vessels that lie
    there, or are under way there, have room for. What leaves here is known at once.
    """

    deck_share: Annotated[float, Field(gt=0, le=1)]
    """Room that it takes, as a share of the deck of the vessel that is to fetch it."""
    known_after: Duration = 0
    """How old the report from the other end is. Default: none, the two ends know of each other at
    once."""


class BeforeStorm(Spec):
    """A forecast that the weather will soon keep the vessel in port."""

    within: Duration | None = None
    """Time to the closure at which the vessel leaves with what is there; the forecast sees as far.
    Default: what it takes to load a full deck and to cross, in the mean, as far as ``forecast``
    sees."""
    forecast: Duration | None = None
    """How far ahead the weather is known, where ``within`` is left out. Default: as far as the window
    of ``sailing`` sees."""

    @model_validator(mode="after")
    def _says_once(self) -> Self:
        if self.within is not None and self.forecast is not None:
            raise ValueError(
                "give 'within' or 'forecast', not both: only the nearer of the two would act"
            )
        if 0 in (self.within, self.forecast):
            raise ValueError("sees nothing, so no vessel gets away before a storm; give more")
        return self


def _far_cargo(raw: object) -> object:
    return _unless_never(raw, "{deck_share: 0.5, known_after: 6h}")


def _before_storm(raw: object) -> object:
    return _unless_never(raw, "{within: 24h}")


def _unless_never(raw: object, example: str) -> object:
    """Return what is written, or None for ``never``, beside which a file can write alternatives."""
    if raw == NEVER:
        return None
    if raw is None or isinstance(raw, Mapping | Spec):
        return raw
    raise ValueError(f"{raw!r} is no condition; write it like {example}, or {NEVER}")


class Departure(Spec):
    """When a train or vessel that is ready may leave: as soon as any of the conditions holds.

    ``at_once``: with what is there (a train: as soon as anything is). ``{full: 0.9}``: at 90 % of
    its capacity. ``{full: 0.9, longest_wait: 72h}``: or after that wait, even empty-handed for a
    vessel. ``{headway: 24h}``: once that has passed since the last departure of the service from
    this end. ``{timetable: ['mon 08:00']}`` or ``{timetable: ['08:00']}``: at these times.
    ``{full: 0.9, cargo_waits_over_there: {deck_share: 0.5, known_after: 6h}}`` and
    ``{full: 0.9, before_storm: {forecast: 48h}}``, vessels alone: or for the sake of the other end,
    or of the weather.
    """

    at_once: Literal[True] | None = None
    """Stands alone: beside it nothing else would act."""
    full: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of its capacity. Default: 1 beside ``longest_wait`` and where there is neither a headway
    nor a timetable."""
    longest_wait: Duration | None = None
    """Since a vessel was ready, or since the oldest cargo for a train came."""
    headway: Duration | None = None
    """Since the last departure of the service from this end; the first one is free."""
    timetable: Annotated[tuple[TimeOfWeek, ...] | None, AsTuple] = None
    """Times of the week; each lets one vehicle go."""
    cargo_waits_over_there: Annotated[FarCargo | None, BeforeValidator(_far_cargo)] = None
    """Vessels alone: so much cargo waits at the other end. Default: ``never``."""
    before_storm: Annotated[BeforeStorm | None, BeforeValidator(_before_storm)] = None
    """Vessels alone: a storm is about to close the way, by the calendar of ``sailing``. Default:
    ``never``."""
    berth_needed: Literal["stay", "leave", "anchor"] | None = None
    """Vessels alone, while another one waits for the berth: ``leave`` with what is there, or lie at
    ``anchor`` in the roads, give the berth back and come alongside again when a condition
    holds. Default: ``stay``."""

    @model_validator(mode="after")
    def _can_act(self) -> Self:
        given = [name for name in Departure.model_fields if getattr(self, name) is not None]
        if not given:
            raise ValueError(f"gives no condition; allowed: {', '.join(Departure.model_fields)}")
        if self.at_once and len(given) > 1:
            others = ", ".join(name for name in given if name != "at_once")
            raise ValueError(f"at_once stands alone; beside it {others} would never act")
        if self.headway == 0 or self.timetable == ():
            raise ValueError(
                "a headway of nothing and an empty timetable are no rules; write at_once"
            )
        return self

    @property
    def full_share(self) -> float | None:
        """Return the share of its capacity at which a vehicle leaves; None: that is no condition."""
        if self.full is not None:
            return self.full
        by_clock = self.at_once or self.headway is not None or self.timetable is not None
        if self.longest_wait is None and by_clock:
            return None
        return 1.0

    @property
    def needs_more_cargo(self) -> bool:
        """Whether nothing but more cargo, here or at the other end, lets a vehicle leave."""
        clocks = (self.longest_wait, self.headway, self.timetable, self.before_storm)
        if self.at_once or self.berth_needed == "leave":
            return False
        return all(clock is None for clock in clocks)

    @property
    def times_of_week(self) -> tuple[Seconds, ...]:
        """Return the times of a timetable, in seconds after Monday midnight, in order.

        What is written as a time of every day stands in `timetable` below zero: seconds after
        midnight less one week.
        """
        times: set[Seconds] = set()
        for at in self.timetable or ():
            if at >= 0:
                times.add(at)
            else:
                times |= {at + WEEK + day * DAY for day in range(7)}
        return tuple(sorted(times))


AT_ONCE = Departure(at_once=True)
"""How a vessel leaves where the scenario does not say."""
FULL_OR_THREE_DAYS = Departure.model_validate({"full": 1.0, "longest_wait": "72h"})
"""How a block train leaves where the scenario does not say."""


def _departure(raw: object) -> object:
    if raw == "at_once":
        return {"at_once": True}
    if isinstance(raw, str):
        raise ValueError(
            f"{raw!r} is no departure rule; allowed: at_once, {{full: 0.9, longest_wait: 72h}}, {{headway: 24h}}, "
            "{timetable: [...]}, or several of these conditions"
        )
    return raw


_RULE_KEYS = frozenset(Departure.model_fields)

DepartureByEnd = Annotated[
    Mapping[Id, Annotated[Departure, BeforeValidator(_departure)]],
    BeforeValidator(lambda raw: per_end(raw, _RULE_KEYS)),
]
"""A rule for each end by place, or one for ``both``."""

VESSELS_ALONE = ("cargo_waits_over_there", "before_storm", "berth_needed")
"""Conditions that no train can have."""
