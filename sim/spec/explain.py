"""Errors of validation in words for a planner: where, what was read, what is allowed, what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.spec.messages import Path, in_another_unit, near, shown
from sim.spec.shape import is_model, keys_at

_PLAIN = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "date_type": "must be a date like 2023-01-01",
    "date_parsing": "must be a date like 2023-01-01",
    "date_from_datetime_parsing": "must be a date like 2023-01-01",
    "int_from_float": "must be a whole number",
}


_FORMS = {
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
}

_WITH_SEPARATORS = re.compile(
    r"\s*[-+]?\d+([., '\u00a0\u202f]\d+)*[, '\u00a0\u202f]\d+(\.\d+)?\s*", re.ASCII
)
_PERCENT = re.compile(r"\s*[-+]?\d+([.,]\d+)?\s*%\s*", re.ASCII)
_WITH_UNIT = re.compile(r"\s*[-+]?\d+([.,]\d+)?\s*[^\W\d_][^\d]*", re.ASCII)
_PLAIN_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*", re.ASCII)
_MAPPINGS = frozenset({"dict_type", "mapping_type", "model_type", "model_attributes_type"})

_MISSING: Mapping[Path, str] = {
    (
        "flows",
    ): "is missing; a parent of other scenarios cannot be run: load a scenario that extends it, or add flows",
    ("title",): "is missing; neither this file nor what it extends has one",
}


def explain(error: ValidationError, values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every finding in *error*, each once."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for detail in error.errors():
        if _is_long_enough(detail):
            continue
        by_path.setdefault(_path(detail, values), []).append(detail)
    for path, details in by_path.items():
        yield from dict.fromkeys((path, _text(detail, path)) for detail in _meant(details))


def _is_long_enough(detail: ErrorDetails) -> bool:
    """Return whether a list is called too short because some of its entries are wrong, which is
    said of each."""
    got, least = detail["input"], detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and isinstance(got, list | tuple) and len(got) >= least


def _meant(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return, where several forms are allowed, what is wrong with the form that was tried."""
    form = _MAPPINGS if not isinstance(details[0]["input"], Mapping) else frozenset(_PLAIN)
    return [detail for detail in details if detail["type"] not in form] or details


def _path(detail: ErrorDetails, values: Mapping[str, Any]) -> Path:
    """Return the path as it was written: without what pydantic adds for unions, keys and both
    ends."""
    path: list[str] = []
    at: Any = values
    for step in detail["loc"]:
        key = str(step)
        if isinstance(at, Mapping) and key in at:
            at = at[key]
        elif isinstance(at, list) and isinstance(step, int) and step < len(at):
            at = at[step]
        elif detail["type"] in ("missing", "extra_forbidden") and step == detail["loc"][-1]:
            at = None
        else:
            continue
        path.append(key)
    return tuple(path)


def _text(detail: ErrorDetails, path: Path) -> str:
    kind, got, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(path[-1], keys_at(path[:-1]))
    if kind in _MAPPINGS and near(path[-1], keys_at(path)):
        # A key of a rule that is written in a hurry looks like the end of a line that has a rule.
        return _unknown_key(path[-1], keys_at(path))
    if kind == "missing":
        return _MISSING.get(path, "is missing")
    if kind == "value_error":
        return _own_words(str(context["error"]), got)
    what = f"{_allowed(kind, context, detail['msg'], path)}; got {shown(got)}"
    return what + _remedy_of_number(got) if kind in ("int_type", "float_type") else what


def _remedy_of_number(got: object) -> str:
    """Return how to write the number that a text seems to hold; nothing for other texts."""
    if not isinstance(got, str):
        return ""
    if _WITH_SEPARATORS.fullmatch(got):
        return "; write 20.5 for a decimal and 1000 for a thousand, without a comma"
    if _PERCENT.fullmatch(got):
        return "; write a share of 1: 0.5 for 50 %"
    if _WITH_UNIT.fullmatch(got):
        return "; write the number alone, in the unit that the key stands for"
    if _PLAIN_NUMBER.fullmatch(got):
        return "; write it without quotes"
    return ""


def _own_words(message: str, got: object) -> str:
    """Return the message of a validator of this package, with the value it quotes cut short."""
    return message.replace(repr(got), shown(got), 1)


def _allowed(kind: str, context: Mapping[str, Any], message: str, path: Path) -> str:
    if kind == "string_pattern_mismatch":
        return "must be an id: lower-case letters, digits, '-' and '_', beginning with a letter or digit"
    if kind in _MAPPINGS:
        return f"must be a mapping of {', '.join(keys_at(path)) if is_model(path) else 'ids'}"
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _FORMS:
        return _FORMS[kind].format(**context)
    text = (
        message.replace("Input should", "must")
        .replace("Tuple should", "must")
        .replace("String should", "must")
    )
    return text[0].lower() + text[1:]


def _unknown_key(key: str, known: list[str]) -> str:
    other = in_another_unit(key, known)
    if other:
        return f"unknown key; {other} (allowed: {', '.join(known)})"
    what = f"unknown key{near(key, known)}"
    return f"{what} (allowed: {', '.join(known)})" if known else what
