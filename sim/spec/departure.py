"""When a train or vessel that is ready may leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.spec.fields import AsTuple, Duration, Id, Spec, TimeOfWeek, per_end
from sim.units import DAY, WEEK, Seconds


class Departure(Spec):
    """When a train or vessel that is ready may leave.

    ``at_once``: with what is there (a train: as soon as anything is). ``{full: 0.9}``: at 90 % of
    its capacity. ``{full: 0.9, longest_wait: 72h}``: or after that wait, even empty-handed for a
    vessel. ``{headway: 24h}``: no sooner than that after the last departure of the service from
    this end. ``{timetable: ['mon 08:00']}`` or ``{timetable: ['08:00']}``: at these times.
    """

    at_once: Literal[True] | None = None
    full: Annotated[float, Field(gt=0, le=1)] | None = None
    longest_wait: Duration | None = None
    headway: Duration | None = None
    timetable: Annotated[tuple[TimeOfWeek, ...] | None, AsTuple] = None

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        rules = [bool(self.at_once), self.full is not None or self.longest_wait is not None]
        rules += [self.headway is not None, self.timetable is not None]
        if sum(rules) != 1:
            raise ValueError(
                "give one rule: at_once, {full, longest_wait}, {headway} or {timetable}"
            )
        if self.headway == 0 or self.timetable == ():
            raise ValueError(
                "a headway of nothing and an empty timetable are no rules; write at_once"
            )
        return self

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
            "{timetable: [...]}"
        )
    return raw


_RULE_KEYS = frozenset(Departure.model_fields)

DepartureByEnd = Annotated[
    Mapping[Id, Annotated[Departure, BeforeValidator(_departure)]],
    BeforeValidator(lambda raw: per_end(raw, _RULE_KEYS)),
]
"""A rule for each end by place, or one for ``both``."""
