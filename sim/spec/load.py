"""From a scenario file to a checked scenario."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from sim.bounds import DEFAULT_GB, memory_limit_gb
from sim.errors import Problem, ScenarioError
from sim.spec.alternatives import check_alternatives
from sim.spec.changes import COMMAND_LINE, Change, read_changes
from sim.spec.checks.check import check_scenario
from sim.spec.checks.observed import check_ranges
from sim.spec.checks.size import check_memory
from sim.spec.checks.used import check_used
from sim.spec.dump import dump
from sim.spec.effect import Uses
from sim.spec.eras import Era, dated_changes, eras_of
from sim.spec.files import ScenarioFiles, tables_of
from sim.spec.library import find, scenario_name
from sim.spec.merge import Resolved
from sim.spec.messages import Path
from sim.spec.projects import run_days
from sim.spec.resolve import in_order, refusal, resolve, validate
from sim.spec.scenario import CATALOGUES, ScenarioSpec
from sim.spec.series import Series, read_series
from sim.spec.size import Size, size_of
from sim.spec.sourced import Sourced
from sim.spec.traces import Trace, read_trace
from sim.spec.yaml_tree import Origin
from sim.units import DAY

Changes: TypeAlias = Mapping[str, Any] | Sequence[str] | Sequence[tuple[str, Any]]
"""``{"demand.scale": 5}``, ``["demand.scale=5"]`` or ``[("demand.scale", 5)]``."""

NOT_HASHED = ("title", "question", "observed", *CATALOGUES, "projects", "stress", "changes")
"""What does not change a run, or is hashed as what it leads to: projects that are built, stresses,
dated changes."""


COUNTED = (
    "places",
    "sections",
    "borders",
    "trains",
    "roads",
    "ports",
    "services",
    "flows",
    "projects",
)
"""Parts that a page about a scenario counts."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """A checked scenario with the origin and the source of every value."""

    name: str
    spec: ScenarioSpec
    tree: Mapping[str, Any]
    """Resolved plain values as they were written."""
    origins: Mapping[Path, Origin]
    sources: Mapping[Path, Sourced]
    warnings: tuple[Problem, ...]
    traces: Mapping[str, Trace]
    """Consignments of traced flows."""
    weather: Mapping[str, Series]
    """Wind and wave by series."""
    files: ScenarioFiles
    """What it was made of, as it was when it was loaded."""
    changes: tuple[Change, ...] = ()
    eras: tuple[Era, ...] = ()
    """How it stands from each later date on."""
    memory_gb: float = DEFAULT_GB
    """What a run of it, or of what it is changed to, may take."""

    def with_(self, changes: Changes) -> Scenario:
        """Return a new scenario with *changes* by dotted path, checked like the file.

        Later changes win. The files are not read again; only a file that a change newly names is
        read, from the working folder.
        """
        changes = (*self.changes, *read_changes(changes))
        return _load(self.name, self.files, changes, self.memory_gb)

    @cached_property
    def hash(self) -> str:
        """Digest of everything that changes a run."""
        # Order counts: ties are broken in the order of the file.
        eras = [[era.begins.isoformat(), _hashed(era.spec)] for era in self.eras]
        tables = [
            {name: list(rows) for name, rows in table.items()}
            for table in (self.traces, self.weather)
        ]
        text = json.dumps([_hashed(self.spec), tables, eras])
        return blake2b(text.encode(), digest_size=16).hexdigest()

    @cached_property
    def size(self) -> Size:
        """Estimate of the rows of the log and the memory of one replication."""
        return _size(self.spec, self.eras, self.traces)

    def dump_yaml(self, places: Mapping[str, str] | None = None) -> str:
        """Return the resolved scenario as a file that loads to the same hash.

        The tables that it names lie beside it under their names, or where *places* says for each
        name.
        """
        named = {path: name for path, name, _ in tables_of(self.spec)} | self.files.kept
        files = {path: places[name] for path, name in named.items()} if places else {}
        return dump(self.tree, self.sources, files)

    @property
    def file(self) -> FilePath:
        """File of the scenario, as it was given."""
        return self.files.file

    @property
    def tables(self) -> Mapping[str, bytes]:
        """Content of the CSV files that it reads, or would with another entry of its catalogues, by
        the name it gives them."""
        names = [name for _, name, _ in tables_of(self.spec)]
        names += self.files.kept.values()
        return {name: self.files.tables[name].content for name in names}

    def __repr__(self) -> str:
        return f"<Scenario {self.name!r}, hash {self.hash}>"

    def _repr_html_(self) -> str:
        from sim.html import heading, small, table

        spec, horizon = self.spec, self.spec.horizon
        measured = horizon.days - horizon.warmup_days
        when = f"From {horizon.start}, measured {measured} days after {horizon.warmup_days} of warm-up; hash {self.hash}."
        paths = ", ".join(path for path, _ in self.changes)
        head, cells = zip(*_counts(spec), strict=True)
        return (
            heading(self.name, spec.title)
            + small(spec.question)
            + table(head, [cells])
            + small(
                when,
                f"Changed: {paths}." if paths else "",
                *(f"Warning: {warning}" for warning in self.warnings),
            )
        )


def _hashed(spec: ScenarioSpec) -> dict[str, Any]:
    """Return what of *spec* its hash covers: of tables the content and not the name."""
    values = spec.model_dump(mode="json", by_alias=True, exclude=set(NOT_HASHED))
    for path, _, _ in tables_of(spec):
        above = values
        for key in path[:-1]:
            above = above[key]
        del above[path[-1]]
    return values


def _counts(spec: ScenarioSpec) -> list[tuple[str, str]]:
    """Return how many of each part there are, of those that there are."""
    counts = {part: len(getattr(spec, part)) for part in COUNTED}
    counts["vessels"] = sum(sum(service.fleet.values()) for service in spec.services.values())
    counts["observed"] = len(spec.observed)
    return [(part, str(count)) for part, count in counts.items() if count]


def load(
    name: str | FilePath, changes: Changes = (), *, memory_gb: float | None = None
) -> Scenario:
    """Load the scenario of that shipped name or file, with *changes* by dotted path made last.

    Parameters
    ----------
    memory_gb
        Memory that one replication may take [GB], of this scenario and what it is changed to; by
        default 4, or what the environment variable ``CORRIDOR_MEMORY_GB`` says.

    Raises
    ------
    UsageError
        There is no such scenario.
    ScenarioError
        With every problem of the file, each with its place and remedy.
    """
    file = find(name)
    limit_gb = memory_limit_gb() if memory_gb is None else memory_gb
    return _load(scenario_name(file), ScenarioFiles.read(file), read_changes(changes), limit_gb)


def _load(
    name: str, files: ScenarioFiles, changes: tuple[Change, ...], memory_gb: float
) -> Scenario:
    """Make a scenario of *files* that were read, and *changes*; tables newly named are read."""
    resolved = resolve(files.trees, changes)
    files = files.with_tables(resolved)
    spec = validate(resolved)
    if spec is None:
        raise refusal(resolved)
    traces, doubtful = _traces(spec, files, resolved)
    weather, more = _weather(spec, files, resolved)
    warnings = [*doubtful, *more, *_findings(spec, traces, resolved), *_too_late(resolved)]
    eras = () if resolved.problems else eras_of(resolved, spec, traces)
    if not resolved.problems:
        resolved.problems.extend(check_alternatives(resolved, traces))
    if resolved.problems:
        raise refusal(resolved)
    warnings += resolved.doubts
    warnings += _without_effect(resolved, spec, eras)
    first, _ = run_days(resolved.values)
    while eras and eras[0].begins <= first:
        spec, eras = eras[0].spec, eras[1:]
    for finding in check_memory(spec, traces, _size(spec, eras, traces), memory_gb):
        raise ScenarioError((resolved.problem(finding.path, finding.what),))
    return Scenario(
        name=name,
        spec=spec,
        tree=resolved.values,
        origins=resolved.origins,
        sources=resolved.sources,
        warnings=in_order(warnings),
        traces=traces,
        weather=weather,
        files=files,
        changes=changes,
        eras=eras,
        memory_gb=memory_gb,
    )


def _size(spec: ScenarioSpec, eras: Sequence[Era], traces: Mapping[str, Trace]) -> Size:
    """Return the size of a run that begins as *spec* and goes on through *eras*."""
    start, end_day = spec.horizon.start, spec.horizon.longest_days
    begins = [0, *((era.begins - start).days for era in eras), end_day]
    lengths = [min(end, end_day) - begin for begin, end in pairwise(begins)]
    return size_of(zip([spec, *(era.spec for era in eras)], lengths, strict=True), traces)


def _findings(
    spec: ScenarioSpec, traces: Mapping[str, Trace], resolved: Resolved
) -> Iterator[Problem]:
    """Yield what is doubtful in *spec*; what is wrong is added to *resolved*."""
    first, _ = run_days(resolved.values)
    changes_before = any(day <= first for day, _ in dated_changes(resolved.values))
    for finding in (*check_scenario(spec, traces), *check_ranges(spec, resolved.sources)):
        # What a date before the run changes is there at its beginning, and checked as it is then.
        if finding.path[0] == "initial" and changes_before:
            continue
        problem = resolved.problem(finding.path, finding.what)
        if finding.is_warning:
            yield problem
        else:
            resolved.problems.append(problem)


def _without_effect(
    resolved: Resolved, spec: ScenarioSpec, eras: Sequence[Era]
) -> Iterator[Problem]:
    """Yield a warning for what the file itself, or a change from outside, states without effect."""
    own = (resolved.file, COMMAND_LINE)
    stated = [path for path, origin in resolved.origins.items() if origin.file in own]
    for finding in check_used([Uses(spec), *(Uses(era.spec) for era in eras)], stated):
        yield resolved.problem(finding.path, finding.what)


def _too_late(resolved: Resolved) -> Iterator[Problem]:
    """Yield a warning for the first date after the end of the run."""
    _, last = run_days(resolved.values)
    for day, path in dated_changes(resolved.values):
        if day > last:
            what = f"{day} lies after the last day the run can have ({last}), so it changes nothing"
            yield resolved.problem(path, what)
            return


def _traces(
    spec: ScenarioSpec, files: ScenarioFiles, resolved: Resolved
) -> tuple[dict[str, Trace], list[Problem]]:
    """Return the consignments of every flow that lists them, and what is doubtful about them."""
    traces: dict[str, Trace] = {}
    doubtful: list[Problem] = []
    start, days = spec.horizon.start, (spec.horizon.days, spec.horizon.longest_days)
    goes_on = "initial" in resolved.values
    for flow, cargo in spec.flows.items():
        named = cargo.arrivals.trace
        if named is not None and named.file in files.tables:
            table = files.tables[named.file]
            traces[flow], problems, doubts = read_trace(table, start, days, goes_on=goes_on)
            resolved.problems.extend(problems)
            path = ("flows", flow, "arrivals", "trace", "file")
            doubtful += [resolved.problem(path, f"{table.label}: {doubt}") for doubt in doubts]
    return traces, doubtful


def _weather(
    spec: ScenarioSpec, files: ScenarioFiles, resolved: Resolved
) -> tuple[dict[str, Series], list[Problem]]:
    """Return every series of wind and wave, and what is doubtful about them."""
    weather: dict[str, Series] = {}
    doubtful: list[Problem] = []
    until_s = spec.horizon.longest_days * DAY
    for name, series in ({} if spec.weather is None else spec.weather.series).items():
        if series.file in files.tables:
            table = files.tables[series.file]
            weather[name], problems, doubts = read_series(table, spec.horizon.start, until_s)
            resolved.problems.extend(problems)
            path = ("weather", "series", name, "file")
            doubtful += [resolved.problem(path, f"{table.label}: {doubt}") for doubt in doubts]
    return weather, doubtful
