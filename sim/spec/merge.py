"""How a child, a project or ``--set`` changes what it builds on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.distributions import NAMES
from sim.errors import Problem
from sim.spec.departure import Departure
from sim.spec.sourced import Sourced, is_sourced, problem_with, read_sourced
from sim.spec.yaml_tree import Origin, Path

_WHOLE = frozenset(NAMES) | frozenset(Departure.model_fields)
"""Keys of distributions and departure rules, which are replaced as a whole: half a rule is none."""


@dataclass(slots=True)
class Resolved:
    """Plain values with the origin and the source of each, while they are put together."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Origin] = field(default_factory=dict)
    sources: dict[Path, Sourced] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def origin(self, path: Path) -> Origin:
        """Return where *path*, or what it is part of, was written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return Origin("", 0, 0)

    def complain(self, path: Path, what: str, origin: Origin | None = None) -> None:
        """Note a problem at *path*."""
        at = origin or self.origin(path)
        self.problems.append(Problem(at.file, at.line, at.column, ".".join(path), what))

    def overlay(self, changes: Mapping[str, Any], origins: Mapping[Path, Origin], prefix: Path = ()) -> None:
        """Merge *changes* over what there is: mappings key by key, everything else as a whole, ``null`` deletes."""
        self._merge(self.values, changes, (), lambda path: origins.get((*prefix, *path)))

    def _merge(self, into: dict[str, Any], changes: Mapping[str, Any], path: Path, origin: Any) -> None:
        for key, raw in changes.items():
            here = (*path, key)
            at = origin(here)
            old = into.get(key)
            if raw is None:
                self._delete(into, key, here, at)
            elif _merges(raw, old):
                self._merge(old, raw, here, origin)
            else:
                if key in into:
                    self._forget(here)
                self._write(into, key, raw, here, origin)

    def _delete(self, into: dict[str, Any], key: str, path: Path, at: Origin | None) -> None:
        if key not in into:
            self.complain(path, "null deletes a key, and this one is not there", at)
            return
        del into[key]
        self._forget(path)

    def _write(self, into: dict[str, Any], key: str, raw: Any, path: Path, origin: Any) -> None:
        at = origin(path)
        if at is not None:
            self.origins[path] = at
        if is_sourced(raw):
            sourced = read_sourced(raw)
            into[key] = sourced.value
            self.sources[path] = sourced
            wrong = problem_with(sourced)
            if wrong:
                self.complain(path, wrong)
        elif isinstance(raw, Mapping):
            into[key] = {}
            for name, value in raw.items():
                if value is None:
                    self.complain((*path, name), "has no value", origin((*path, name)))
                else:
                    self._write(into[key], name, value, (*path, name), origin)
        elif isinstance(raw, list):
            into[key] = self._list(raw, path, origin)
        else:
            into[key] = raw

    def _list(self, raw: list[Any], path: Path, origin: Any) -> list[Any]:
        items: dict[str, Any] = {}
        for number, value in enumerate(raw):
            self._write(items, str(number), value, (*path, str(number)), origin)
        return list(items.values())

    def _forget(self, path: Path) -> None:
        for table in (self.origins, self.sources):
            for old in [p for p in table if p[: len(path)] == path]:
                del table[old]


def _merges(raw: object, old: object) -> bool:
    if not isinstance(raw, Mapping) or not isinstance(old, dict) or is_sourced(raw):
        return False
    return not (set(raw) & _WHOLE or set(old) & _WHOLE)


def leaves(values: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every plain value with its path."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    elif isinstance(values, list) and values:
        for number, value in enumerate(values):
            yield from leaves(value, (*path, str(number)))
    else:
        yield path, values
