"""How a child, a project or ``--set`` changes what it builds on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from sim.errors import Problem
from sim.spec.messages import Path, dotted, harmless
from sim.spec.shape import is_count, kept_change, replaces
from sim.spec.sourced import Sourced, is_sourced, read_sourced, source_problem
from sim.spec.steps import Step, is_distribution, is_step, quantities
from sim.spec.yaml_tree import MOST_PROBLEMS, Origin


@dataclass(slots=True)
class Resolved:
    """Plain values with the origin and the source of each, while they are put together."""

    file: str
    """Where to look for what is nowhere written."""
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Origin] = field(default_factory=dict)
    sources: dict[Path, Sourced] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    """What is doubtful about how they were put together."""

    def origin(self, path: Path) -> Origin:
        """Return where *path*, or what it is part of, was written."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return self.origins[path[:length]]
        return Origin(self.file, 0, 0)

    def problem(self, path: Path, what: str, origin: Origin | None = None) -> Problem:
        """Return a problem at *path*, in words that are safe to print."""
        at = origin or self.origin(path)
        return Problem(at.file, at.line, at.column, dotted(path), harmless(what))

    def complain(self, path: Path, what: str, origin: Origin | None = None) -> None:
        """Note a problem at *path*."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(self.problem(path, what, origin))

    def doubt(self, path: Path, what: str) -> None:
        """Note something doubtful at *path*."""
        self.doubts.append(self.problem(path, what))

    def overlay(
        self,
        changes: Mapping[str, Any],
        origins: Mapping[Path, Origin],
        sources: Mapping[Path, Sourced] | None = None,
        *,
        adds_up: bool = False,
    ) -> None:
        """Merge *changes* over what there is.

        Mappings are merged key by key, everything else as a whole; ``null`` deletes. ``{plus: ...}``
        and ``{times: ...}`` are taken from what is there. Where a change is kept as written until
        its day, they take its place, or with *adds_up* are joined to it.

        Parameters
        ----------
        sources
            Of values in *changes* from which the source was split off before.
        """
        _Overlay(self, origins, sources or {}, adds_up).merge(self.values, changes, ())

    def copy(self) -> Resolved:
        """Return a copy, without the problems."""
        values = deepcopy(self.values)
        return Resolved(self.file, values, dict(self.origins), dict(self.sources))

    def put(self, path: Path, value: Any, origin: Origin) -> None:
        """Set *value* at *path*, a single parameter of a distribution or entry of a list included.

        What is on the way must be mappings and lists, or not yet be there.
        """
        holder: Any = self.values
        for depth, key in enumerate(path[:-1], 1):
            # What was sourced as a whole is no longer what the source says.
            self.sources.pop(path[:depth], None)
            if isinstance(holder, list):
                holder = holder[int(key)]
                continue
            if key not in holder:
                holder[key] = {}
                self.origins[path[:depth]] = origin
            holder = holder[key]
        layer = _Overlay(self, dict.fromkeys(_every_path(value, path), origin), {})
        if isinstance(holder, list):
            entries = {str(number): entry for number, entry in enumerate(holder)}
            layer.merge(entries, {path[-1]: value}, path[:-1])
            holder[:] = entries.values()
        else:
            layer.merge(holder, {path[-1]: value}, path[:-1])


@dataclass(frozen=True, slots=True)
class _Overlay:
    """One layer that is being merged over what there is."""

    into: Resolved
    origins: Mapping[Path, Origin]
    sources: Mapping[Path, Sourced]
    adds_up: bool = False

    def merge(self, old: dict[str, Any], changes: Mapping[str, Any], path: Path) -> None:
        for key, raw in changes.items():
            here = (*path, key)
            if raw is None and not kept_change(here):
                self._delete(old, key, here)
            elif is_step(raw) and (not kept_change(here) or (self.adds_up and key in old)):
                self._step(old, key, raw, here)
            elif self._merges(here, raw, old.get(key)):
                self.merge(old[key], raw, here)
            else:
                value = raw
                if key in old:
                    self._forget(here)
                    value = _without_deleted(raw, old[key])
                self._write(old, key, value, here)

    def _merges(self, path: Path, raw: object, old: object) -> bool:
        if not isinstance(raw, Mapping) or not isinstance(old, dict):
            return False
        return not (is_sourced(raw) or path in self.into.sources or replaces(path, raw, old))

    def _step(self, old: dict[str, Any], key: str, raw: Mapping[str, Any], path: Path) -> None:
        """Change the value of *key* in *old* by the step that is written at *path*."""
        at = self.origins.get(path)
        ((kind, _),) = raw.items()
        split_off = self.sources.get((*path, kind))
        if key not in old:
            what = f"there is nothing here from which to take {kind!r}; give a value"
            self.into.complain(path, what, at)
            return
        if is_step(old[key]):
            # A step that is kept for the same day: the amounts of both are joined.
            (other,) = old[key]
            path = (*path, kind)
            if kind != other:
                what = f"takes {kind!r} where {other!r} is kept for the same day; let one of them come on another"
                self.into.complain(path, what, at)
                return
            old, key = old[key], kind
        problem = self._taken(old, key, path, raw, split_off)
        if problem is not None:
            self.into.complain(path, problem, at)
        elif at is not None:
            self.into.origins[path] = at

    def _taken(
        self,
        old: dict[str, Any],
        key: str,
        path: Path,
        raw: Mapping[str, Any],
        split_off: Sourced | None,
    ) -> str | None:
        """Take the step *raw* and return None, or return why it cannot be taken."""
        try:
            step = Step.read(raw, split_off)
            if step.amount.source or step.amount.assumed:
                problem = source_problem(step.amount)
                if problem is not None:
                    return problem
            self._take(step, old, key, path)
        except ValueError as error:
            return str(error)
        return None

    def _take(self, step: Step, old: dict[str, Any], key: str, path: Path) -> None:
        """Change the value at *path* by *step*; of a distribution, all that has its unit."""
        if not is_distribution(old[key]):
            self._take_plain(step, old, key, path, is_count=is_count(path))
            return
        if step.kind != "times":
            raise ValueError(
                "'plus' is for plain numbers, durations and lists; a distribution takes 'times'"
            )
        # Sourced as a whole, a distribution is no longer what its source says.
        self.into.sources.pop(path, None)
        for inner in list(quantities(old[key], path)):
            holder: Any = old
            for part in inner[len(path) - 1 : -1]:
                holder = holder[_key_in(holder, part)]
            self._take_plain(step, holder, _key_in(holder, inner[-1]), inner, is_count=False)

    def _take_plain(
        self, step: Step, holder: Any, key: str | int, path: Path, *, is_count: bool
    ) -> None:
        """Change one number, duration or list by *step*."""
        source = self.into.sources.pop(path, None)
        holder[key], changed = step.from_(holder[key], source, is_count=is_count)
        if changed is not None:
            self.into.sources[path] = changed

    def _delete(self, old: dict[str, Any], key: str, path: Path) -> None:
        if key in old:
            del old[key]
            self._forget(path)
        else:
            what = "null deletes what was inherited, and there is nothing here; give a value or leave the key out"
            self.into.complain(path, what, self.origins.get(path))

    def _write(self, old: dict[str, Any], key: str, raw: Any, path: Path) -> None:
        """Set *key* in *old* to what is written at *path*, where nothing stands now."""
        at = self.origins.get(path)
        if at is not None:
            self.into.origins[path] = at
        if path in self.sources:
            self.into.sources[path] = self.sources[path]
        if is_step(raw) and not kept_change(path):
            self._step(old, key, raw, path)
        # {fixed: {value: 20h}} is a distribution with its parameter, no value with a source.
        elif is_sourced(raw) and not (key == "fixed" and set(raw) == {"value"}):
            self._write_sourced(old, key, raw, path)
        elif isinstance(raw, Mapping):
            old[key] = {}
            self._write_entries(old[key], raw, path)
        elif isinstance(raw, list):
            items: dict[str, Any] = {}
            for number, value in enumerate(raw):
                self._write(items, str(number), value, (*path, str(number)))
            old[key] = list(items.values())
        else:
            old[key] = raw

    def _write_entries(self, into: dict[str, Any], raw: Mapping[str, Any], path: Path) -> None:
        for name, value in raw.items():
            here = (*path, name)
            if value is None and not kept_change(here):
                self._delete(into, name, here)
            else:
                self._write(into, name, value, here)

    def _write_sourced(
        self, old: dict[str, Any], key: str, raw: Mapping[str, Any], path: Path
    ) -> None:
        sourced = replace(read_sourced(raw), place=self.origins.get((*path, "value")))
        old[key] = deepcopy(sourced.value)
        problem = source_problem(sourced)
        if problem is None:
            self.into.sources[path] = sourced
        else:
            self.into.complain(path, problem)

    def _forget(self, path: Path) -> None:
        for old in [p for p in self.into.origins if p[: len(path)] == path]:
            del self.into.origins[old]
        for old in [p for p in self.into.sources if p[: len(path)] == path]:
            del self.into.sources[old]


def _without_deleted(new: Any, old: object) -> Any:
    """Return *new*, which takes the place of *old* as a whole, without the ``null`` for what *old*
    has."""
    if not isinstance(new, Mapping) or None not in new.values():
        return new
    names = old if isinstance(old, Mapping) else (old,)
    kept = {key: value for key, value in new.items() if value is not None or key not in names}
    return kept or new


def _key_in(holder: object, key: str) -> str | int:
    """Return *key* as *holder* counts: a number in a list."""
    return int(key) if isinstance(holder, list) else key


def _every_path(value: Any, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _every_path(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _every_path(item, (*path, str(number)))


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
