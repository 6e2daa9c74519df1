"""Pydantic's findings told as a planner can use them: where, what was got, what is allowed, what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.spec.fields import BOTH_ENDS
from sim.spec.scenario import Scenario
from sim.spec.yaml_tree import Path, shown

_PLAIN = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of ids",
    "mapping_type": "must be a mapping of ids",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "date_type": "must be a date like 2023-01-01",
    "date_parsing": "must be a date like 2023-01-01",
    "date_from_datetime_parsing": "must be a date like 2023-01-01",
    "int_from_float": "must be a whole number",
}


def explain(error: ValidationError, values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every finding in *error*, each place once."""
    seen: set[tuple[Path, str]] = set()
    for detail in error.errors():
        path = _path(detail, values)
        told = (path, _text(detail, path))
        if told not in seen:
            seen.add(told)
            yield told


def _path(detail: ErrorDetails, values: Mapping[str, Any]) -> Path:
    """Return the path as it was written: without what pydantic adds for unions, keys and both ends."""
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
        return _unknown_key(path)
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch":
        return f"{shown(got)} is no id: lower-case letters, digits, '-' and '_', beginning with a letter or digit"
    if kind in _PLAIN:
        return f"{_PLAIN[kind]}; got {shown(got)}"
    if kind == "literal_error":
        return f"{shown(got)} is not allowed; allowed: {context['expected']}"
    message = detail["msg"].replace("Input should", "must").replace("Tuple", "list").replace("items", "entries")
    return f"{message[0].lower() + message[1:]}; got {shown(got)}"


def _unknown_key(path: Path) -> str:
    known = [name for name in _keys(path[:-1]) if name != BOTH_ENDS]
    close = get_close_matches(path[-1], known, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"unknown key{meant} (allowed: {', '.join(known)})" if known else f"unknown key{meant}"


def _keys(path: Path) -> list[str]:
    """Return the keys that the model at *path* knows."""
    kind: Any = Scenario
    for step in path:
        kind = _inner(kind, step)
    model = _model(kind)
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _inner(kind: Any, step: str) -> Any:
    model = _model(kind)
    if model is not None:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        return fields[step].annotation if step in fields else None
    for option in _options(kind):
        if get_args(option):
            return get_args(option)[-1]
    return None


def _model(kind: Any) -> type[BaseModel] | None:
    for option in _options(kind):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _options(kind: Any) -> Iterator[Any]:
    """Yield what *kind* may be, with annotations and unions taken apart."""
    if hasattr(kind, "__metadata__"):
        yield from _options(kind.__origin__)
    elif get_origin(kind) in (Union, UnionType):
        for option in get_args(kind):
            yield from _options(option)
    else:
        yield kind
