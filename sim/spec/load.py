"""From a scenario file to a checked scenario: read, inherit, build projects, override, validate, check."""

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
from sim.spec.checks import check_scenario
from sim.spec.dump import dump
from sim.spec.explain import explain
from sim.spec.library import find, scenario_name
from sim.spec.merge import Resolved
from sim.spec.projects import build_projects, is_of_projects
from sim.spec.scenario import Scenario
from sim.spec.sourced import Sourced
from sim.spec.traces import Trace, inside, read_trace
from sim.spec.yaml_tree import Origin, Path, dotted

Changes: TypeAlias = Mapping[str, Any] | Sequence[str] | Sequence[tuple[str, Any]]
"""``{"demand.scale": 5}``, ``["demand.scale=5"]`` or ``[("demand.scale", 5)]``."""

NOT_HASHED = ("title", "question", "observed", "project_catalogue", "projects")
"""What does not change a run; the projects that are built have been merged in."""


@dataclass(frozen=True, repr=False)
class LoadedScenario:
    """A checked scenario with the origin and the source of every value."""

    name: str
    scenario: Scenario
    tree: Mapping[str, Any]
    """Resolved plain values as they were written."""
    origins: Mapping[Path, Origin]
    sources: Mapping[Path, Sourced]
    warnings: tuple[Problem, ...]
    traces: Mapping[str, Trace]
    """Consignments of traced flows."""
    file: FilePath
    changes: tuple[Change, ...] = ()

    def with_(self, changes: Changes) -> LoadedScenario:
        """Return a new scenario with *changes* by dotted path, checked like the file; later changes win."""
        return load(self.file, (*self.changes, *read_changes(changes)))

    @property
    def hash(self) -> str:
        """Digest of everything that changes a run."""
        resolved = self.scenario.model_dump(mode="json", by_alias=True, exclude=set(NOT_HASHED))
        # Order counts: ties are broken in the order of the file.
        text = json.dumps([resolved, {flow: list(rows) for flow, rows in self.traces.items()}])
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def dump_yaml(self) -> str:
        """Return the resolved scenario as a file that loads to the same hash; traces stay beside it."""
        return dump(self.tree, self.sources)

    def __repr__(self) -> str:
        return f"<LoadedScenario {self.name!r}, hash {self.hash}>"

    def _repr_html_(self) -> str:
        from html import escape

        warnings = "".join(f"<li>{escape(str(warning))}</li>" for warning in self.warnings)
        return (
            f"<b>{escape(self.name)}</b>: {escape(self.scenario.title)}<br>{escape(self.scenario.question)}"
            f"<br><code>{self.hash}</code>{'<ul>' + warnings + '</ul>' if warnings else ''}"
        )


def load(name: str | FilePath, changes: Changes = ()) -> LoadedScenario:
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
    warnings: list[Problem] = []
    for finding in check_scenario(scenario, traces):
        problem = resolved.problem(finding.path, finding.what)
        (warnings if finding.is_warning else resolved.problems).append(problem)
    if resolved.problems:
        raise ScenarioError(_in_order(resolved.problems))
    return LoadedScenario(
        name=scenario_name(file),
        scenario=scenario,
        tree=resolved.values,
        origins=resolved.origins,
        sources=resolved.sources,
        warnings=_in_order(warnings),
        traces=traces,
        file=file,
        changes=pairs,
    )


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems)))


def _resolve(file: FilePath, changes: Sequence[Change]) -> Resolved:
    """Merge the chain, the projects and the changes; what is set of the projects comes before they are built."""
    trees = read_chain(file)
    resolved = Resolved(trees[-1].file)
    for tree in trees:
        resolved.overlay({key: value for key, value in tree.values.items() if key != "extends"}, tree.origins)
    assign(resolved, [change for change in changes if is_of_projects(change[0])])
    build_projects(resolved)
    assign(resolved, [change for change in changes if not is_of_projects(change[0])])
    return resolved


def _validate(resolved: Resolved) -> Scenario | None:
    try:
        return Scenario.model_validate(resolved.values)
    except ValidationError as error:
        told = {problem.path for problem in resolved.problems}
        for path, what in explain(error, resolved.values):
            # What was already refused while merging is not told again in other words.
            if dotted(path) not in told:
                resolved.complain(path, what)
        return None


def _traces(scenario: Scenario, file: FilePath, resolved: Resolved) -> dict[str, Trace]:
    traces: dict[str, Trace] = {}
    for flow, spec in scenario.flows.items():
        if spec.arrivals.trace is None:
            continue
        trace = inside(file.parent, spec.arrivals.trace.file)
        if trace is None:
            path = ("flows", flow, "arrivals", "trace", "file")
            resolved.complain(path, "lies outside the folder of the scenario; put the trace beside it")
            continue
        traces[flow], problems = read_trace(trace, scenario.horizon.start)
        resolved.problems.extend(problems)
    return traces
