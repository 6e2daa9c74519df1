"""The files that a scenario is made of, as they were when it was loaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from sim.spec.chain import read_chain
from sim.spec.changes import COMMAND_LINE
from sim.spec.merge import Resolved
from sim.spec.messages import Path, harmless, shown
from sim.spec.scenario import CHOSEN, ScenarioSpec
from sim.spec.tables import LARGEST_BYTES, MISSING, Table, inside, read_table
from sim.spec.yaml_tree import Origin, Tree

LONGEST_NAME = 200
"""Letters in the name of a table."""
LONGEST_PATH = 4000


@dataclass(frozen=True)
class ScenarioFiles:
    """Everything that was read from disk for a scenario; what happens to the files later is not
    seen."""

    file: FilePath
    """Of the scenario itself, as it was given."""
    folder: FilePath
    """Absolute; names of tables begin here."""
    trees: tuple[Tree, ...]
    """From the first ancestor to the scenario itself, with the parts that stand in other files."""
    tables: dict[str, Table] = field(default_factory=dict)
    """CSV files by the name that the resolved scenario gives them."""
    names: dict[FilePath, str] = field(default_factory=dict)
    """These names by the file, which is absolute."""
    kept: dict[Path, str] = field(default_factory=dict)
    """Tables that entries of catalogues would read which are not chosen, by path; those that are
    there."""

    @classmethod
    def read(cls, file: FilePath) -> ScenarioFiles:
        """Read *file* and all that it extends."""
        return cls(file, file.parent.absolute(), tuple(read_chain(file)))

    def with_tables(self, resolved: Resolved) -> ScenarioFiles:
        """Return these files with the tables that *resolved* names and that were not read before.

        A table lies beside the file that names it, or in the working folder of the change that
        does. In *resolved* it is then named from the folder of the scenario; what cannot be read
        becomes a problem there, unless no run would read it.
        """
        found = replace(self, tables=dict(self.tables), names=dict(self.names), kept={})
        for path, kind in _references(resolved.values):
            try:
                found._find(resolved, path)
            except LookupError as error:
                resolved.complain(path, f"the {kind} file {error.args[0]}")
        for path in _not_chosen(resolved.values):
            with suppress(LookupError):
                name = found._find(resolved, path)
                if name is not None:
                    found.kept[path] = name
        return found

    def _find(self, resolved: Resolved, path: Path) -> str | None:
        """Read the table that *resolved* names at *path*, name it there and return the name.

        Raises
        ------
        LookupError
            It cannot be read; with the name and the reason.
        """
        holder, key = _holder(resolved.values, path), path[-1]
        written = holder.get(key)
        owner = resolved.origin(path)
        if not isinstance(written, str) or not 0 < len(written) <= _longest(owner):
            return None  # refused when the scenario is validated
        folder = self.folder if owner.folder is None else owner.folder
        file = folder / written
        if file not in self.names:
            try:
                table = _read(folder, written, owner)
                _check_together([*self.tables.values(), table])
            except LookupError as error:
                raise LookupError(f"{shown(written, 300)} {error.args[0]}") from None
            name = _unused(self._name(file), self.tables)
            self.tables[name], self.names[file] = table, name
        holder[key] = self.names[file]
        if path in resolved.sources:
            resolved.sources[path] = replace(resolved.sources[path], value=self.names[file])
        return self.names[file]

    def _name(self, file: FilePath) -> str:
        """Return how the scenario names *file*: from its folder on, or by its last part alone."""
        if ".." not in file.parts and file.is_relative_to(self.folder):
            return file.relative_to(self.folder).as_posix()
        return file.name


def _longest(owner: Origin) -> int:
    """Return how long the name of a table may be: changes name it by its whole path."""
    return LONGEST_PATH if owner.file == COMMAND_LINE else LONGEST_NAME


def _read(folder: FilePath, name: str, owner: Origin) -> Table:
    """Return the table *name* in *folder*.

    Raises
    ------
    LookupError
        There is none; with the reason.
    """
    is_change = owner.file == COMMAND_LINE
    if "\0" in name or (not is_change and inside(folder, name) is None):
        raise LookupError("lies outside the folder of the file that names it; put it there")
    label = name if is_change else str(FilePath(owner.file).parent / name)
    table = read_table(folder / name, harmless(label))
    if isinstance(table, Table):
        return table
    beside = f"; it is looked for beside {owner.file}"
    raise LookupError(table + beside if table == MISSING and not is_change else table)


def _check_together(tables: Collection[Table]) -> None:
    """Raise LookupError, with the reason, where *tables* are too large together."""
    size = sum(len(table.content) for table in tables)
    if size > LARGEST_BYTES:
        what = f"makes {size:,} bytes of the {len(tables)} tables together"
        raise LookupError(f"{what}; at most {LARGEST_BYTES:,} are read: leave out rows or columns")


def _unused(name: str, taken: Mapping[str, object]) -> str:
    """Return *name*, with a number before its ending where it is *taken*."""
    path, number, unused = PurePosixPath(name), 2, name
    while unused in taken:
        unused = path.with_stem(f"{path.stem}-{number}").as_posix()
        number += 1
    return unused


def _references(values: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield ``(path, what it holds)`` of every table that plain *values* may name."""
    for flow in _mapping(values.get("flows")):
        yield ("flows", flow, "arrivals", "trace", "file"), "trace"
    for name in _mapping(_mapping(values.get("weather")).get("series")):
        yield ("weather", "series", name, "file"), "weather"


def _not_chosen(values: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the path of every table that entries of catalogues may name which are not chosen."""
    for key, catalogue in CHOSEN.items():
        chosen = values.get(key)
        for name, entry in _mapping(values.get(catalogue)).items():
            if isinstance(chosen, list) and name in chosen:
                continue
            change = _mapping(_mapping(entry).get("change"))
            for path, _ in _references(change):
                yield (catalogue, name, "change", *path)


def _holder(values: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the mapping that holds what stands at *path*; an empty one if nothing does."""
    at: Any = values
    for key in path[:-1]:
        at = _mapping(at).get(key)
    return _mapping(at)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def tables_of(scenario: ScenarioSpec) -> Iterator[tuple[Path, str, str]]:
    """Yield ``(path, file, what it holds)`` for every CSV file that *scenario* names."""
    for flow, cargo in scenario.flows.items():
        if cargo.arrivals.trace is not None:
            path = ("flows", flow, "arrivals", "trace", "file")
            yield path, cargo.arrivals.trace.file, "trace"
    series = {} if scenario.weather is None else scenario.weather.series
    for name, spec in series.items():
        yield ("weather", "series", name, "file"), spec.file, "weather"
