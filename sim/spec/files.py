"""The files that a scenario is made of, as they were when it was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from sim.spec.chain import read_chain
from sim.spec.changes import COMMAND_LINE
from sim.spec.merge import Resolved
from sim.spec.messages import Path, harmless, shown
from sim.spec.scenario import ScenarioSpec
from sim.spec.tables import MISSING, Table, inside, read_table
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
    tables: Mapping[str, Table] = field(default_factory=dict)
    """CSV files by the name that the resolved scenario gives them."""
    names: Mapping[FilePath, str] = field(default_factory=dict)
    """These names by the file, which is absolute."""

    @classmethod
    def read(cls, file: FilePath) -> ScenarioFiles:
        """Read *file* and all that it extends."""
        return cls(file, file.parent.absolute(), tuple(read_chain(file)))

    def with_tables(self, resolved: Resolved) -> ScenarioFiles:
        """Return these files with the tables that *resolved* names and that were not read before.

        A table lies beside the file that names it, or in the working folder of the change that
        does. In *resolved* it is then named from the folder of the scenario; what cannot be read
        becomes a problem there.
        """
        tables, names = dict(self.tables), dict(self.names)
        for path, kind in _references(resolved.values):
            holder, key = _holder(resolved.values, path), path[-1]
            written = holder.get(key)
            owner = resolved.origin(path)
            if not isinstance(written, str) or not 0 < len(written) <= _longest(owner):
                continue  # refused when the scenario is validated
            folder = self.folder if owner.folder is None else owner.folder
            file = folder / written
            if file not in names:
                try:
                    table = _read(folder, written, owner)
                except LookupError as error:
                    what = f"the {kind} file {shown(written, 300)} {error.args[0]}"
                    resolved.complain(path, what)
                    continue
                name = _unused(self._name(file), tables)
                tables[name], names[file] = table, name
            holder[key] = names[file]
            if path in resolved.sources:
                resolved.sources[path] = replace(resolved.sources[path], value=names[file])
        return replace(self, tables=tables, names=names)

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
