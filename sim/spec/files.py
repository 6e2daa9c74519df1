"""The files that a scenario is made of, as they were when it was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath

from sim.spec.chain import read_chain
from sim.spec.merge import Resolved
from sim.spec.messages import Path, harmless, shown
from sim.spec.scenario import ScenarioSpec
from sim.spec.tables import Table, inside, read_table
from sim.spec.yaml_tree import Tree


@dataclass(frozen=True)
class ScenarioFiles:
    """Everything that was read from disk for a scenario; what happens to the files later is not
    seen."""

    file: FilePath
    """Of the scenario itself, as it was given."""
    folder: FilePath
    """Absolute: where files are looked for that a change newly names."""
    trees: tuple[Tree, ...]
    """From the first ancestor to the scenario itself, with the parts that stand in other files."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """CSV files by the name that the scenario gives them."""

    @classmethod
    def read(cls, file: FilePath) -> ScenarioFiles:
        """Read *file* and all that it extends."""
        return cls(file, file.parent.absolute(), tuple(read_chain(file)))

    def with_tables(self, scenario: ScenarioSpec, resolved: Resolved) -> ScenarioFiles:
        """Return these files with the tables that *scenario* names and that were not read before.

        What cannot be read becomes a problem of *resolved*.
        """
        tables = dict(self.tables)
        for path, name, kind in tables_of(scenario):
            if name in tables:
                continue
            file = inside(self.folder, name)
            if file is None:
                what = "lies outside the folder of the scenario; put the file beside it"
                resolved.complain(path, what)
                continue
            table = read_table(file, harmless(str(self.file.parent / name)))
            if isinstance(table, str):
                resolved.complain(path, f"the {kind} file {shown(name)} {table}")
            else:
                tables[name] = table
        return replace(self, tables=tables)


def tables_of(scenario: ScenarioSpec) -> Iterator[tuple[Path, str, str]]:
    """Yield ``(path, file, what it holds)`` for every CSV file that *scenario* names."""
    for flow, cargo in scenario.flows.items():
        if cargo.arrivals.trace is not None:
            path = ("flows", flow, "arrivals", "trace", "file")
            yield path, cargo.arrivals.trace.file, "trace"
    series = {} if scenario.weather is None else scenario.weather.series
    for name, spec in series.items():
        yield ("weather", "series", name, "file"), spec.file, "weather"
