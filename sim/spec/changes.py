"""Values set from outside the file: ``--set demand.scale=5`` and ``with_({"demand.scale": 5})``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from numbers import Integral, Real
from typing import Any, TypeAlias

from sim.errors import Problem, ScenarioError
from sim.spec.merge import Resolved
from sim.spec.messages import Path, dotted, harmless, shown
from sim.spec.yaml_tree import Origin, read_value

COMMAND_LINE = "--set"

Change: TypeAlias = tuple[str, Any]
"""Dotted path and value."""


def read_changes(
    changes: Mapping[str, Any] | Sequence[str] | Sequence[tuple[str, Any]],
) -> tuple[Change, ...]:
    """Return *changes* as pairs of dotted path and plain value.

    Raises
    ------
    ScenarioError
        A change is no assignment, or its value is no YAML.
    """
    if isinstance(changes, str):
        changes = [changes]
    pairs = changes.items() if isinstance(changes, Mapping) else changes
    return tuple(_change(pair) for pair in pairs)


def _change(change: str | tuple[str, Any]) -> Change:
    if not isinstance(change, str):
        path, value = change
        return str(path).strip(), _plain(value)
    path, equals, text = change.partition("=")
    path = path.strip()
    if not equals or not path:
        what = f"{shown(change)} is no assignment; write it like --set demand.scale=5"
        raise ScenarioError((Problem(COMMAND_LINE, 0, 0, "", what),))
    return path, read_value(text, f"{COMMAND_LINE} {harmless(path, 80)}")


def _plain(value: Any) -> Any:
    """Return a Python value as a file would give it; numbers of numpy, tuples and dates included."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return _plain_number(value)


def _plain_number(value: object) -> int | float:
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    what = f"a {type(value).__name__} is no value of a scenario"
    raise ScenarioError((Problem(COMMAND_LINE, 0, 0, "", what),))


def assign(resolved: Resolved, changes: Iterable[Change]) -> None:
    """Set each value at its path; what is on the way must be mappings or not yet be there."""
    at = Origin(COMMAND_LINE, 0, 0)
    for dotted_path, value in changes:
        path = tuple(dotted_path.split("."))
        blocked = _blocked(resolved.values, path)
        if blocked is not None:
            resolved.complain(path, blocked, at)
            continue
        resolved.put(path, value, at)


def _blocked(values: Mapping[str, Any], path: Path) -> str | None:
    """Return why nothing can be set at *path*, or None."""
    if "" in path:
        return "cannot be set: give a path such as demand.scale"
    at: Any = values
    for depth, key in enumerate(path):
        if isinstance(at, list):
            if not (key.isascii() and key.isdigit() and int(key) < len(at)):
                return f"cannot be set, since {dotted(path[:depth])} is a list of {len(at)}, counted from 0"
            at = at[int(key)]
        elif not isinstance(at, Mapping):
            return f"cannot be set, since {dotted(path[:depth])} is the plain value {shown(at)}"
        elif key not in at:
            return None
        else:
            at = at[key]
    return None
