"""Field types of the scenario language: what people write, read once into closed types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from sim.distributions import NAMES, Distribution, fixed, parse_distribution
from sim.units import DAY, HOUR, MINUTE, Seconds, format_duration, parse_duration

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Lower-case letters, digits, ``-`` and ``_``: safe in a file name, a terminal and a page."""

Text = Annotated[str, StringConstraints(max_length=4000)]


class Spec(BaseModel):
    """A part of a scenario: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(
        # Built when it is first used, as a part of the whole: each for itself takes a tenth of the
        # start.
        defer_build=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        populate_by_name=True,
        strict=True,
    )


MOST_UNITS = 1_000_000
"""In one consignment, as in one row of a trace."""


def _duration(raw: object) -> Seconds:
    if isinstance(raw, bool) or not isinstance(raw, str):
        raise ValueError(f"{raw!r} is not a duration; write it like '36h' or '2d 6h'")
    return parse_duration(raw)


def _read_count(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError(f"{raw!r} is not a number")
    if raw > MOST_UNITS:
        raise ValueError(f"{raw:g} is more than {MOST_UNITS:,} units, the most at a time")
    return float(raw)


def _duration_distribution(raw: object) -> Distribution:
    return raw if isinstance(raw, Distribution) else parse_distribution(raw, _duration)


def _count_distribution(raw: object) -> Distribution:
    distribution = raw if isinstance(raw, Distribution) else parse_distribution(raw, _read_count)
    if distribution.mean < 1:
        raise ValueError(f"needs a mean of at least one unit; got {distribution.mean:g}")
    return distribution


def _written_duration(seconds: float) -> str:
    return format_duration(seconds)


def _distribution_schema(quantity: dict[str, Any]) -> dict[str, Any]:
    plain = {"type": "number", "minimum": 0}
    shapes: list[dict[str, Any]] = [quantity]
    for name, keys in NAMES.items():
        if name == "empirical":
            body: dict[str, Any] = {
                "properties": {
                    "values": {"type": "array", "items": quantity},
                    "weights": {"type": "array", "items": plain},
                }
            }
            required = ["values"]
        else:
            body = {
                "properties": {
                    key: plain if key in {"cv", "k", "shape"} else quantity for key in keys
                }
            }
            required = list(keys)
        body |= {"type": "object", "required": required, "additionalProperties": False}
        alternatives = [body, quantity] if len(keys) == 1 else [body]
        shapes.append(
            {
                "type": "object",
                "properties": {name: {"anyOf": alternatives}},
                "required": [name],
                "additionalProperties": False,
            }
        )
    return {"anyOf": shapes}


_DURATION_SCHEMA = {
    "type": "string",
    "pattern": r"^\s*(\d+(\.\d+)?\s*(d|h|min|s)\s*)+$",
    "examples": ["36h", "2d 6h"],
}

Duration = Annotated[
    Seconds,
    BeforeValidator(_duration),
    PlainSerializer(_written_duration),
    WithJsonSchema(_DURATION_SCHEMA),
]
"""A duration, written ``36h`` or ``2d 6h``, held in whole seconds."""

DurationDistribution = Annotated[
    Distribution,
    BeforeValidator(_duration_distribution),
    PlainSerializer(lambda d: d.as_mapping(_written_duration)),
    WithJsonSchema(_distribution_schema(_DURATION_SCHEMA)),
]
"""A duration or a distribution of durations, held in seconds."""

CountDistribution = Annotated[
    Distribution,
    BeforeValidator(_count_distribution),
    PlainSerializer(lambda d: d.as_mapping(float)),
    WithJsonSchema(_distribution_schema({"type": "number", "minimum": 0})),
]
"""A number of units or a distribution of it."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=100_000)]
PositiveCount = Annotated[int, Field(ge=1, le=100_000)]
Priority = Annotated[int, Field(ge=0, le=9)]


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(1800, 2301)
"""Of dates; the longest run ends well before the last year that a calendar has."""


def read_date(raw: object) -> date:
    """Return the day that *raw* says: text like 2025-06-01, without a time, or a date.

    Every date of a scenario is read here.

    Raises
    ------
    ValueError
        It says none.
    """
    remedy = f"{raw!r} is not a date; write it like 2025-06-01, the day alone"
    if isinstance(raw, datetime) or not isinstance(raw, str | date):
        raise ValueError(remedy)
    day = raw
    if isinstance(day, str):
        if not _DATE.fullmatch(day):
            raise ValueError(remedy)
        try:
            day = date.fromisoformat(day)
        except ValueError:
            raise ValueError(remedy) from None
    if day.year not in YEARS:
        raise ValueError(
            f"{raw!r} lies beyond the years {YEARS[0]} to {YEARS[-1]} that are simulated"
        )
    return day


IsoDate = Annotated[
    date, BeforeValidator(read_date), WithJsonSchema({"type": "string", "format": "date"})
]
"""``2025-06-01``; that day at midnight."""

NO_TIME = fixed(0)

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _time_of_week(raw: object) -> Seconds:
    """Read ``mon 08:00`` or, every day, ``08:00``; the first is seconds into the week, the second
    negative less one."""
    remedy = ValueError(
        f"{raw!r} is not a time; write it like 'mon 08:00', or '08:00' for every day"
    )
    if not isinstance(raw, str):
        raise remedy
    *day, clock = raw.split()
    try:
        at = datetime.strptime(clock, "%H:%M")  # noqa: DTZ007 - a clock face, no instant
    except ValueError:
        raise remedy from None
    seconds = at.hour * HOUR + at.minute * MINUTE
    if not day:
        return seconds - 7 * DAY
    if len(day) > 1 or day[0] not in _WEEKDAYS:
        raise remedy
    return _WEEKDAYS.index(day[0]) * DAY + seconds


def _written_time_of_week(seconds: Seconds) -> str:
    day = "" if seconds < 0 else _WEEKDAYS[seconds // DAY] + " "
    return f"{day}{seconds % DAY // HOUR:02d}:{seconds % HOUR // MINUTE:02d}"


TimeOfWeek = Annotated[
    Seconds,
    BeforeValidator(_time_of_week),
    PlainSerializer(_written_time_of_week),
    WithJsonSchema(
        {"type": "string", "pattern": r"^((mon|tue|wed|thu|fri|sat|sun)\s+)?\d\d:\d\d$"}
    ),
]
"""``mon 08:00`` as seconds after Monday midnight; ``08:00``, every day, as that minus one week
(below zero)."""


def _clock_time(raw: object) -> Seconds:
    at = _time_of_week(raw)
    if at >= 0:
        raise ValueError(f"{raw!r} names a weekday; hours are daily, write them like '08:00'")
    return at + 7 * DAY


ClockTime = Annotated[
    Seconds,
    BeforeValidator(_clock_time),
    PlainSerializer(lambda s: _written_time_of_week(s - 7 * DAY)),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$"}),
]
"""``08:00`` as seconds after midnight."""

AsTuple = BeforeValidator(lambda raw: tuple(raw) if isinstance(raw, list) else raw)
"""YAML has lists, frozen specs have tuples."""

Month: TypeAlias = Literal[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"
]

BOTH_ENDS = "both"

T = TypeVar("T")


def at_end(by_end: Mapping[str, T], place: str, default: T) -> T:
    """Return the value that holds at *place*: its own, that of both ends, or else *default*."""
    return by_end.get(place, by_end.get(BOTH_ENDS, default))


def per_end(raw: object, value_keys: frozenset[str]) -> object:
    """Return *raw* by end of a line: a plain value holds at ``both`` ends."""
    is_by_end = isinstance(raw, Mapping) and not (set(raw) & value_keys)
    return raw if is_by_end else {BOTH_ENDS: raw}


DurationByEnd = Annotated[
    Mapping[Id, DurationDistribution], BeforeValidator(lambda raw: per_end(raw, frozenset(NAMES)))
]
"""A duration for each end by place, or one for ``both``."""
