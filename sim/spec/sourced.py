"""Values with a source: ``{value: 8.5, low: 7, high: 10, source: ASM-012}``.

What is no quantity, such as a rule that an operator may follow, has ``alternatives`` in place of a
range: ``{value: priority, alternatives: [oldest_first], assumed: which is not published}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.spec.evidence import EvidenceRow, derive, evidence
from sim.spec.messages import shown
from sim.spec.yaml_tree import Origin
from sim.units import parse_duration

_TEXTS = ("source", "assumed", "derived", "fitted", "note")
KEYS = ("value", "low", "high", "alternatives", *_TEXTS)
TOLERANCE = 0.005
"""Relative difference allowed between a value and its derivation: figures are rounded to be
read."""

_ASSUMED = "assumed:"
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:d|h|min|s)\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value, how far it may be off, and where it comes from."""

    value: Any
    low: Any = None
    high: Any = None
    alternatives: list[Any] | None = None
    """What it may be instead, each as a file writes the value."""
    source: str | None = None
    derived: str | None = None
    assumed: str | None = None
    fitted: str | None = None
    """To what it was calibrated; then low and high bound what is plausible by that."""
    note: str | None = None
    place: Origin | None = field(default=None, compare=False)
    """Where the value itself was written: the same for all that refer to one anchor of a file."""

    @property
    def confidence(self) -> str:
        """Confidence of the evidence row, ``assumption`` for an assumption, ``derived`` for
        arithmetic on rows.

        ``fitted`` for what was calibrated, whatever it began from.
        """
        if self.fitted:
            return "fitted"
        row = evidence().get(self.source or "")
        if row is None:
            return "assumption" if self.assumed else "none"
        if self.derived is not None and row.confidence != "assumption":
            return "derived"
        return row.confidence

    @property
    def levels(self) -> tuple[Any, ...]:
        """The value and its alternatives, as they are written; the value alone where it has none."""
        return (self.value, *(self.alternatives or ()))

    @property
    def origin(self) -> str:
        """The id of the row, or the assumption or the fit in words."""
        if self.fitted:
            return f"fitted: {self.fitted}"
        return self.source or f"{_ASSUMED} {self.assumed}"

    def as_mapping(self) -> dict[str, Any]:
        """Return what a scenario file would say."""
        return {key: getattr(self, key) for key in KEYS if getattr(self, key) is not None}


def is_sourced(raw: object) -> bool:
    """Return whether *raw* is written as a value with a source."""
    return isinstance(raw, Mapping) and "value" in raw and set(raw) <= set(KEYS)


def read_sourced(raw: Mapping[str, Any]) -> Sourced:
    """Read *raw*; ``source: 'assumed: why'`` is the same as ``assumed: why``."""
    source: Any = raw.get("source")
    assumed: Any = raw.get("assumed")
    if isinstance(source, str) and source.startswith(_ASSUMED):
        source, assumed = None, source.removeprefix(_ASSUMED).strip()
    others = {key: raw.get(key) for key in KEYS if key not in ("value", "source", "assumed")}
    return Sourced(raw["value"], source=source, assumed=assumed, **others)


def source_problem(sourced: Sourced) -> str | None:
    """Return what is wrong with the source of a value, or None; its figure is not looked at."""
    for key in _TEXTS:
        text = getattr(sourced, key)
        if text is not None and not isinstance(text, str):
            return f"{key} must be a text; got {shown(text)}"
    if sourced.value is None:
        return "has no value"
    if not sourced.source and not sourced.assumed and not sourced.fitted:
        return "has neither a source (the id of an evidence row) nor 'assumed: why'"
    if sourced.source and sourced.source not in evidence():
        return f"source {shown(sourced.source)} is no row of the evidence table; name one, or write 'assumed: why'"
    return _range_problem(sourced) or _alternatives_problem(sourced)


def level_name(level: object) -> str:
    """Return one of the values that a parameter may have as text, a rule as a file writes it on one
    line."""
    if isinstance(level, str):
        return level
    return json.dumps(level, ensure_ascii=False).replace('"', "")


def _alternatives_problem(sourced: Sourced) -> str | None:
    """Return what is wrong with the list of alternatives, or None; whether each can stand where the
    value stands is not looked at."""
    others = sourced.alternatives
    if others is None:
        return None
    if not isinstance(others, list) or not others:
        return f"alternatives must be a list of other values, one or more; got {shown(others)}"
    if sourced.low is not None or sourced.high is not None:
        return "has a range and alternatives; give low and high, or alternatives"
    written: set[str] = set()
    for level in sourced.levels:
        text = json.dumps(level, sort_keys=True, default=str)
        if text in written:
            return f"{level_name(level)} stands twice among the value and its alternatives"
        written.add(text)
    return None


def _range_problem(sourced: Sourced) -> str | None:
    for key, bound in (("low", sourced.low), ("high", sourced.high)):
        problem = None if bound is None else _bound_problem(key, bound, sourced.value)
        if problem is not None:
            return problem
    return None


def _bound_problem(key: str, bound: object, value: object) -> str | None:
    """Return what is wrong with one end of the range of *value*, or None."""
    at, limit = _comparable(value), _comparable(bound)
    is_alike = isinstance(at, str) == isinstance(limit, str)
    is_written_alike = isinstance(value, str) == isinstance(bound, str)
    if at is None or limit is None or not is_alike or not is_written_alike:
        return f"{key} must be written like the value {shown(value)}; got {shown(bound)}"
    if key == "low" and limit > at:  # type: ignore[operator]
        return f"low {bound} is above the value {shown(value)}"
    if key == "high" and limit < at:  # type: ignore[operator]
        return f"high {bound} is below the value {shown(value)}"
    return None


def _comparable(value: object) -> float | str | None:
    """Return *value* as it can be compared: a duration in seconds, a date as it is written."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    if isinstance(value, str):
        try:
            return float(parse_duration(value))
        except ValueError:
            return None
    return _number(value)


def check_sourced(sourced: Sourced, table: Mapping[str, EvidenceRow]) -> str | None:
    """Return how a value differs from the row it cites, or from its own derivation; None if it does
    not.

    A value without ``derived`` stands literally in its row; with it, it is what the arithmetic
    gives, within `TOLERANCE`, in the unit in which it is written. What was fitted began there and
    may differ.
    """
    numbers = _written_numbers(sourced.value)
    if not numbers or sourced.fitted:
        return None
    if sourced.derived is not None:
        return _derivation_problem(sourced, numbers, table)
    row = table.get(sourced.source or "")
    if row is None:
        return None
    for number in numbers:
        if not any(abs(number - figure) <= 1e-9 * abs(figure) for figure in row.numbers):
            return f"{shown(sourced.value)} is not in row {row.id} ({row.value}); correct it, or add 'derived'"
    return None


def _derivation_problem(
    sourced: Sourced, numbers: list[float], table: Mapping[str, EvidenceRow]
) -> str | None:
    if len(numbers) > 1:
        return "a list has no single derivation; source each entry by itself"
    try:
        derived = derive(sourced.derived or "", table)
    except ValueError as error:
        return str(error)
    if abs(derived - numbers[0]) > TOLERANCE * abs(derived):
        return f"{shown(sourced.value)} is not what 'derived' gives: {derived:g}"
    return None


def _written_numbers(value: object) -> list[float]:
    """Return the numbers of a plain value or list; of a duration the number it begins with."""
    if isinstance(value, list):
        numbers: list[float] = []
        for item in value:
            numbers += _written_numbers(item)
        return numbers
    if isinstance(value, str):
        match = _DURATION.match(value)
        return [] if match is None else [float(match[1])]
    number = _number(value)
    return [] if number is None else [number]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
