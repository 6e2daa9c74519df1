"""From a scenario file to a checked scenario: read, inherit, build projects, override, validate,
check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError
from sim.spec.chain import read_chain
from sim.spec.changes import Change, assign, read_changes
from sim.spec.checks.check import check_scenario
from sim.spec.dump import dump
from sim.spec.eras import (
    FIXED,
    Era,
    copy_of,
    dated_changes,
    refuse_fixed,
    run_days,
    structure_findings,
)
from sim.spec.explain import explain
from sim.spec.library import find, scenario_name
from sim.spec.merge import Resolved
from sim.spec.projects import build_change, build_projects, comes_first
from sim.spec.scenario import CATALOGUES, ScenarioSpec
from sim.spec.series import Series, read_series
from sim.spec.sourced import Sourced
from sim.spec.traces import Trace, inside, read_trace
from sim.spec.yaml_tree import Origin, Path, dotted
from sim.units import DAY

Changes: TypeAlias = Mapping[str, Any] | Sequence[str] | Sequence[tuple[str, Any]]
"""``{"demand.scale": 5}``, ``["demand.scale=5"]`` or ``[("demand.scale", 5)]``."""

NOT_HASHED = ("title", "question", "observed", *CATALOGUES, "projects", "stress", "changes")
"""What does not change a run, or is hashed as what it leads to: projects that are built, stresses,
dated changes."""


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
    file: FilePath
    changes: tuple[Change, ...] = ()
    eras: tuple[Era, ...] = ()
    """How it stands from each later date on."""

    def with_(self, changes: Changes) -> Scenario:
        """Return a new scenario with *changes* by dotted path, checked like the file; later changes
        win."""
        return load(self.file, (*self.changes, *read_changes(changes)))

    @property
    def hash(self) -> str:
        """Digest of everything that changes a run."""
        resolved = self.spec.model_dump(mode="json", by_alias=True, exclude=set(NOT_HASHED))
        # Order counts: ties are broken in the order of the file.
        eras = [
            [
                era.begins.isoformat(),
                era.spec.model_dump(mode="json", by_alias=True, exclude=set(NOT_HASHED)),
            ]
            for era in self.eras
        ]
        rows = [
            {name: list(rows) for name, rows in table.items()}
            for table in (self.traces, self.weather)
        ]
        text = json.dumps([resolved, rows, eras])
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def dump_yaml(self) -> str:
        """Return the resolved scenario as a file that loads to the same hash; traces stay beside
        it."""
        return dump(self.tree, self.sources)

    @property
    def tables(self) -> tuple[str, ...]:
        """CSV files beside the scenario that it reads: traces and weather."""
        flows, weather = self.spec.flows.values(), self.spec.weather
        traces = [flow.arrivals.trace.file for flow in flows if flow.arrivals.trace is not None]
        return tuple(
            dict.fromkeys(
                [*traces, *(s.file for s in (weather.series if weather else {}).values())]
            )
        )

    def __repr__(self) -> str:
        return f"<Scenario {self.name!r}, hash {self.hash}>"

    def _repr_html_(self) -> str:
        from sim.html import heading, small, table

        spec, horizon = self.spec, self.spec.horizon
        end = f"measured {horizon.days - horizon.warmup_days} days after {horizon.warmup_days} of run-in"
        parts = (
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
        counts = [(part, str(len(getattr(spec, part)))) for part in parts if getattr(spec, part)]
        vessels = sum(sum(service.fleet.values()) for service in spec.services.values())
        counts += [("vessels", str(vessels))] if vessels else []
        counts += [("observed", str(len(spec.observed)))] if spec.observed else []
        head, cells = zip(*counts, strict=True)
        return (
            heading(self.name, spec.title)
            + small(spec.question)
            + table(head, [cells])
            + small(
                f"From {horizon.start}, {end}; hash {self.hash}.",
                f"Changed: {', '.join(path for path, _ in self.changes)}." if self.changes else "",
                *(f"Warning: {warning}" for warning in self.warnings),
            )
        )


def load(name: str | FilePath, changes: Changes = ()) -> Scenario:
    """Load the scenario of that shipped name or file, with *changes* by dotted path made last.

    Raises
    ------
    UsageError
        There is no such scenario.
    ScenarioError
        With every problem of the file, each with its place and remedy.
    """
    file = find(name)
    pairs = read_changes(changes)
    resolved = _resolve(file, pairs)
    scenario = _validate(resolved)
    if scenario is None:
        raise ScenarioError(_in_order(resolved.problems))
    traces = _traces(scenario, file, resolved)
    weather = _weather(scenario, file, resolved)
    warnings: list[Problem] = []
    days = [day for day, _ in dated_changes(resolved.values)]
    first, last = run_days(resolved.values)
    for finding in check_scenario(scenario, traces):
        # What a date before the run changes is there at its beginning, and checked as it is then.
        if finding.path[0] == "initial" and days and days[0] <= first:
            continue
        problem = resolved.problem(finding.path, finding.what)
        (warnings if finding.is_warning else resolved.problems).append(problem)
    for target in scenario.observed:
        here = ("observed", target, "value")
        sourced = resolved.sources.get(here)
        if (
            sourced is None
            or sourced.low is None
            or sourced.high is None
            or sourced.low == sourced.high
        ):
            resolved.complain(
                here, "a target needs a range: {value: ..., low: ..., high: ..., source: ...}"
            )
    late = [day for day in days if day > last]
    if late:
        what = f"{late[0]} lies after the last day the run can have ({last}), so it changes nothing"
        warnings.append(resolved.problem(("changes", late[0].isoformat()), what))
    eras = () if resolved.problems else _eras(resolved, scenario, traces)
    while eras and eras[0].begins <= first:
        scenario, eras = eras[0].spec, eras[1:]
    if resolved.problems:
        raise ScenarioError(_in_order(resolved.problems))
    return Scenario(
        name=scenario_name(file),
        spec=scenario,
        tree=resolved.values,
        origins=resolved.origins,
        sources=resolved.sources,
        warnings=_in_order(warnings),
        traces=traces,
        weather=weather,
        file=file,
        changes=pairs,
        eras=eras,
    )


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems)))


def _resolve(file: FilePath, changes: Sequence[Change]) -> Resolved:
    """Merge the chain, the projects and the changes; what is set of the projects comes before they
    are built."""
    trees = read_chain(file)
    resolved = Resolved(trees[-1].file)
    for tree in trees:
        resolved.overlay(
            {key: value for key, value in tree.values.items() if key != "extends"}, tree.origins
        )
    first = [change for change in changes if comes_first(change[0])]
    assign(resolved, first)
    build_projects(resolved, run_days(resolved.values))
    assign(resolved, [change for change in changes if not comes_first(change[0])])
    return resolved


def _eras(resolved: Resolved, base: ScenarioSpec, traces: Mapping[str, Trace]) -> tuple[Era, ...]:
    """Return the scenario as it stands from each date of the run on, each checked like the file."""
    first, last = run_days(resolved.values)
    at, eras = copy_of(resolved), []
    for day, path in dated_changes(resolved.values):
        if refuse_fixed(resolved, path) or day > last:
            continue
        build_change(at, path)
        scenario = _validate(at)
        if scenario is not None:
            # What holds for the whole run was checked against its beginning.
            fixed = FIXED if day > first else ()
            found = [f for f in check_scenario(scenario, traces) if f.path[0] not in fixed]
            wrong = [
                f for f in (*structure_findings(base, scenario, path), *found) if not f.is_warning
            ]
            at.problems.extend(at.problem(f.path, f.what) for f in wrong)
            eras.append(Era(max(day, first), scenario))
        if at.problems:
            resolved.problems.extend(at.problems)
            return ()
    return tuple(eras)


def _validate(resolved: Resolved) -> ScenarioSpec | None:
    try:
        return ScenarioSpec.model_validate(resolved.values)
    except ValidationError as error:
        told = {problem.path for problem in resolved.problems}
        for path, what in explain(error, resolved.values):
            # What was already refused while merging is not told again in other words.
            if dotted(path) not in told:
                resolved.complain(path, what)
        return None


def _traces(scenario: ScenarioSpec, file: FilePath, resolved: Resolved) -> dict[str, Trace]:
    traces: dict[str, Trace] = {}
    for flow, spec in scenario.flows.items():
        if spec.arrivals.trace is None:
            continue
        trace = inside(file.parent, spec.arrivals.trace.file)
        if trace is None:
            path = ("flows", flow, "arrivals", "trace", "file")
            resolved.complain(
                path, "lies outside the folder of the scenario; put the trace beside it"
            )
            continue
        traces[flow], problems = read_trace(trace, scenario.horizon.start)
        resolved.problems.extend(problems)
    return traces


def _weather(scenario: ScenarioSpec, file: FilePath, resolved: Resolved) -> dict[str, Series]:
    series: dict[str, Series] = {}
    horizon = scenario.horizon
    until_s = horizon.longest_days * DAY
    for name, spec in (scenario.weather.series if scenario.weather else {}).items():
        path = inside(file.parent, spec.file)
        if path is None:
            here = ("weather", "series", name, "file")
            resolved.complain(
                here, "lies outside the folder of the scenario; put the file beside it"
            )
            continue
        series[name], problems = read_series(path, horizon.start, until_s)
        resolved.problems.extend(problems)
    return series
