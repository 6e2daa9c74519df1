"""Values with a source: ``{value: 8.5, low: 7, high: 10, source: ASM-012}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.spec.evidence import derive, evidence
from sim.units import parse_duration

KEYS = frozenset({"value", "low", "high", "source", "derived", "assumed", "note"})
TOLERANCE = 0.005
"""Relative difference allowed between a value and its derivation: figures are rounded to be read."""

_ASSUMED = "assumed:"


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value, how far it may be off, and where it comes from."""

    value: Any
    low: Any = None
    high: Any = None
    source: str | None = None
    derived: str | None = None
    assumed: str | None = None
    note: str | None = None

    @property
    def confidence(self) -> str:
        """Confidence of the evidence row, ``assumption`` for an assumption, ``derived`` for arithmetic."""
        if self.assumed is not None or self.source is None:
            return "assumption"
        row = evidence().get(self.source)
        if row is None:
            return "none"
        return row.confidence if self.derived is None or row.confidence == "assumption" else "derived"

    @property
    def origin(self) -> str:
        """The id of the row, or the assumption in words."""
        return self.source or f"{_ASSUMED} {self.assumed}"


def is_sourced(raw: object) -> bool:
    """Return whether *raw* is written as a value with a source."""
    return isinstance(raw, Mapping) and "value" in raw and set(raw) <= KEYS


def read_sourced(raw: Mapping[str, Any]) -> Sourced:
    """Read *raw*; ``source: 'assumed: why'`` is the same as ``assumed: why``."""
    source, assumed = raw.get("source"), raw.get("assumed")
    if isinstance(source, str) and source.startswith(_ASSUMED):
        source, assumed = None, source.removeprefix(_ASSUMED).strip()
    return Sourced(raw["value"], raw.get("low"), raw.get("high"), source, raw.get("derived"), assumed, raw.get("note"))


def problem_with(sourced: Sourced) -> str | None:
    """Return what is wrong with the source, range or derivation of a value, or None."""
    texts = (sourced.source, sourced.assumed, sourced.derived, sourced.note)
    if any(text is not None and not isinstance(text, str) for text in texts):
        return "source, assumed, derived and note are texts"
    if sourced.source is None and not sourced.assumed:
        return "has neither a source (the id of an evidence row) nor 'assumed: why'"
    if sourced.source is not None and sourced.source not in evidence():
        return f"source {sourced.source[:40]!r} is no row of the evidence table; name one, or write 'assumed: why'"
    try:
        return _range_problem(sourced) or _figure_problem(sourced)
    except ValueError as error:
        return str(error)


def _range_problem(sourced: Sourced) -> str | None:
    low, value, high = (comparable(v) for v in (sourced.low, sourced.value, sourced.high))
    if low is not None and value is not None and low > value:
        return f"low {sourced.low} is above the value {sourced.value}"
    if high is not None and value is not None and high < value:
        return f"high {sourced.high} is below the value {sourced.value}"
    return None


def _figure_problem(sourced: Sourced) -> str | None:
    written = leading_number(sourced.value)
    if written is None:
        return None
    if sourced.derived is not None:
        derived = derive(sourced.derived)
        if abs(derived - written) > TOLERANCE * abs(derived):
            return f"value {sourced.value} is not what 'derived' gives: {derived:g}"
        return None
    if sourced.source is None:
        return None
    numbers = evidence()[sourced.source].numbers
    if not any(abs(written - number) <= 1e-9 * abs(number) for number in numbers):
        return (
            f"value {sourced.value} is not in row {sourced.source} ({evidence()[sourced.source].value}); add 'derived'"
        )
    return None


def leading_number(value: object) -> float | None:
    """Return the number that *value* is or, for a duration, begins with."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    found = re.match(r"\s*(\d+(?:\.\d+)?)", value) if isinstance(value, str) else None
    return float(found[1]) if found else None


def comparable(value: object) -> float | None:
    """Return *value* as a number that can be compared: durations in seconds."""
    if isinstance(value, str):
        return float(parse_duration(value))
    return leading_number(value)
