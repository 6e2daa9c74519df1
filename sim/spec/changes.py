"""Values set from outside the file: ``--set demand.scale=5`` and ``with_({"demand.scale": 5})``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from numbers import Integral, Real
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from sim.errors import Problem, ScenarioError
from sim.spec.chain import read_part
from sim.spec.merge import Resolved, leaves
from sim.spec.messages import Path, dotted, harmless, shown
from sim.spec.scenario import MAY_BE_FILES
from sim.spec.shape import kept_change
from sim.spec.yaml_tree import Origin, read_value
from sim.units import format_duration

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
        A change is no assignment, its value is no YAML, or two of them give one value.
    """
    if isinstance(changes, str):
        changes = [changes]
    pairs = changes.items() if isinstance(changes, Mapping) else changes
    read = tuple(_change(pair) for pair in pairs)
    _refuse_twice(read)
    return read


def _refuse_twice(changes: Iterable[Change]) -> None:
    """Refuse a value that two of *changes*, made together, give: one of them would be lost.

    What was deleted may be written anew.
    """
    given: dict[Path, Any] = {}
    holders: dict[Path, Any] = {}
    for dotted_path, whole in changes:
        for path, value in leaves(whole, tuple(dotted_path.split("."))):
            if value == {}:
                continue
            above = [path[:length] for length in range(1, len(path))]
            twice = [one for one in above if given.get(one) is not None]
            twice += [path] if path in given or path in holders else []
            if twice:
                first = given.get(twice[0], holders.get(twice[0]))
                what = f"is given twice ({shown(first)}, then {shown(value)}); keep one"
                raise ScenarioError((Problem(COMMAND_LINE, 0, 0, dotted(twice[0]), what),))
            given[path] = value
            holders |= dict.fromkeys(above, value)


def _change(change: str | tuple[str, Any]) -> Change:
    if not isinstance(change, str):
        path, value = str(change[0]).strip(), _plain(change[1])
        return path, _from_working_folder(tuple(path.split(".")), value)
    path, equals, text = change.partition("=")
    path = path.strip()
    if not equals or not path:
        what = f"{shown(change)} is no assignment; write it like --set demand.scale=5"
        raise ScenarioError((Problem(COMMAND_LINE, 0, 0, "", what),))
    value = read_value(text, f"{COMMAND_LINE} {harmless(path, 80)}")
    return path, _from_working_folder(tuple(path.split(".")), value)


def _from_working_folder(path: Path, value: Any) -> Any:
    """Return *value* with the files that it names as absolute paths: they lie where the command
    runs."""
    if isinstance(value, Mapping):
        return {key: _from_working_folder((*path, key), item) for key, item in value.items()}
    if isinstance(value, str) and value and _names_table(path[kept_change(path) :]):
        return str(FilePath(value).absolute())
    if isinstance(value, str) and len(path) == 1 and path[0] in MAY_BE_FILES:
        file = FilePath(value)
        if "\0" in value or not file.is_file():
            what = f"{shown(value)} is no file in the working folder"
            raise ScenarioError((Problem(COMMAND_LINE, 0, 0, path[0], what),))
        return read_part(file)
    return value


def _names_table(path: Path) -> bool:
    """Return whether *path* leads to the name of a CSV file."""
    if path[-1:] == ("value",):
        path = path[:-1]
    ends = (path[:1], path[2:]), (path[:2], path[3:])
    return (("flows",), ("arrivals", "trace", "file")) in ends or (
        ("weather", "series"),
        ("file",),
    ) in ends


def _plain(value: Any) -> Any:
    """Return a Python value as a file would give it; numbers of numpy, tuples and dates included."""
    if hasattr(value, "tolist"):
        return _plain(_of_array(value))
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, date | timedelta):
        return _plain_time(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    return _plain_number(value)


def _plain_time(value: date | timedelta) -> str:
    """Return a day or a duration as a file writes it; midnight is its day."""
    if isinstance(value, timedelta):
        return format_duration(value.total_seconds())
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return value.date().isoformat()
    return value.isoformat()


def _of_array(value: Any) -> Any:
    """Return a scalar, an array or a column as Python's own values."""
    kind = getattr(value.dtype, "kind", "")
    # Of nanoseconds, numpy would make plain numbers.
    return (value.astype(f"{kind}8[us]") if kind in ("m", "M") else value).tolist()


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
