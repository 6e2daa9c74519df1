"""From a scenario file to a checked scenario: read, inherit, build projects, override, validate, check."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import StringIO
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from sim.errors import MachineError, Problem, ScenarioError
from sim.spec.checks import check_scenario
from sim.spec.explain import explain
from sim.spec.library import find, scenario_folder, shipped
from sim.spec.merge import Resolved
from sim.spec.scenario import Scenario
from sim.spec.sourced import Sourced
from sim.spec.traces import inside, read_trace
from sim.spec.yaml_tree import Origin, Path, Tree, read_tree, read_value, shown

COMMAND_LINE = "--set"
NOT_HASHED = ("title", "question", "observed", "project_catalogue", "projects")
"""What does not change a run; projects have been merged in."""

_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class LoadedScenario:
    """A checked scenario with the origin and the source of every value."""

    name: str
    scenario: Scenario
    tree: Mapping[str, Any]
    """Resolved plain values as they were written."""
    origins: Mapping[Path, Origin]
    sources: Mapping[Path, Sourced]
    warnings: tuple[Problem, ...]
    traces: Mapping[str, tuple[tuple[int, int], ...]]
    """By flow: ``(seconds since the start of the horizon, units)``."""
    file: FilePath
    changes: tuple[tuple[str, Any], ...] = ()

    def with_(self, changes: Mapping[str, Any]) -> LoadedScenario:
        """Return a new scenario with *changes* by dotted path, checked like the file."""
        return load(self.file, (*self.changes, *changes.items()))

    @property
    def hash(self) -> str:
        """Digest of everything that changes a run."""
        resolved = self.scenario.model_dump(mode="json", by_alias=True, exclude=set(NOT_HASHED))
        text = json.dumps([resolved, {k: list(v) for k, v in self.traces.items()}], sort_keys=True, allow_nan=False)
        return blake2b(text.encode(), digest_size=16).hexdigest()

    def dump_yaml(self) -> str:
        """Return the resolved scenario as a file that loads to the same hash; traces stay beside it."""
        out = StringIO()
        writer = YAML(typ="safe", pure=True)
        writer.default_flow_style = False
        writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        writer.width = 118
        plain = {key: value for key, value in self.tree.items() if key not in ("projects", "project_catalogue")}
        writer.dump(plain, out)
        return out.getvalue()

    def _repr_html_(self) -> str:
        from html import escape

        warnings = "".join(f"<li>{escape(str(w))}</li>" for w in self.warnings)
        return (
            f"<b>{escape(self.name)}</b>: {escape(self.scenario.title)}<br>{escape(self.scenario.question)}"
            f"<br><code>{self.hash}</code>{'<ul>' + warnings + '</ul>' if warnings else ''}"
        )


def load(name: str | FilePath, changes: Sequence[tuple[str, Any]] | Sequence[str] = ()) -> LoadedScenario:
    """Load the scenario of that shipped name or file, with *changes* as ``demand.scale=5`` or ``("demand.scale", 5)``.

    Raises
    ------
    UsageError
        There is no such scenario.
    ScenarioError
        With every problem of the file, each with its place and remedy.
    """
    file = find(name)
    pairs = tuple(_assignment(change) for change in changes)
    resolved = Resolved()
    for tree in _chain(file):
        resolved.overlay({k: v for k, v in tree.values.items() if k != "extends"}, tree.origins)
    _assign(resolved, [pair for pair in pairs if pair[0].split(".")[0] in ("projects", "project_catalogue")])
    _build_projects(resolved)
    _assign(resolved, [pair for pair in pairs if pair[0].split(".")[0] not in ("projects", "project_catalogue")])
    scenario = _validate(resolved)
    traces = _traces(scenario, file, resolved)
    warnings: list[Problem] = []
    if scenario is not None:
        for finding in check_scenario(scenario, traces):
            if finding.is_warning:
                at = resolved.origin(finding.path)
                warnings.append(Problem(at.file, at.line, at.column, ".".join(finding.path), finding.what))
            else:
                resolved.complain(finding.path, finding.what)
    if resolved.problems or scenario is None:
        raise ScenarioError(tuple(sorted(resolved.problems)))
    return LoadedScenario(
        name=_name(file),
        scenario=scenario,
        tree=resolved.values,
        origins=resolved.origins,
        sources=resolved.sources,
        warnings=tuple(warnings),
        traces=traces,
        file=file,
        changes=pairs,
    )


def _name(file: FilePath) -> str:
    folder = scenario_folder()
    return file.relative_to(folder).with_suffix("").as_posix() if file.is_relative_to(folder) else file.stem


def _assignment(change: str | tuple[str, Any]) -> tuple[str, Any]:
    if not isinstance(change, str):
        return change
    path, equals, text = change.partition("=")
    if not equals or not path:
        what = f"{shown(change)} is no assignment; write it like --set demand.scale=5"
        raise ScenarioError((Problem(COMMAND_LINE, 0, 0, "", what),))
    return path.strip(), read_value(text, f"{COMMAND_LINE} {path.strip()[:80]}")


def _chain(file: FilePath) -> list[Tree]:
    """Return the trees from the first ancestor to *file*."""
    trees: list[Tree] = []
    files: list[FilePath] = []
    while True:
        if file in files or len(files) > _LONGEST_CHAIN:
            chain = " -> ".join(_name(f) for f in (*files, file))
            at = trees[-1].origins["extends",]
            raise ScenarioError((Problem(at.file, at.line, at.column, "extends", f"goes round in a circle: {chain}"),))
        files.append(file)
        tree = read_tree(_bytes(file), file.name)
        trees.append(tree)
        parent = tree.values.get("extends")
        if parent is None:
            return trees[::-1]
        file = _parent(file, parent, tree.origins["extends",])


def _bytes(file: FilePath) -> bytes:
    try:
        with file.open("rb") as content:
            return content.read(1_000_001)
    except OSError as error:
        raise MachineError(f"{file.name}: cannot be read: {error.strerror}") from None


def _parent(child: FilePath, name: object, at: Origin) -> FilePath:
    """Return the file that *child* extends: a neighbour, or a shipped scenario; never a file elsewhere."""
    if not isinstance(name, str):
        raise ScenarioError((Problem(at.file, at.line, at.column, "extends", "names one parent scenario"),))
    beside = name if name.endswith((".yaml", ".yml")) else f"{name}.yaml"
    local = inside(child.parent, beside)
    if local is not None and local.is_file() and local != child.resolve():
        return child.parent / beside
    if name in shipped():
        return scenario_folder() / f"{name}.yaml"
    if local is not None and local.is_file():
        return child.parent / beside
    outside = local is None
    what = (
        "lies outside the folder of the file" if outside else "is neither a file in this folder nor a shipped scenario"
    )
    what = f"{shown(name)} {what}; shipped: {', '.join(shipped())}"
    raise ScenarioError((Problem(at.file, at.line, at.column, "extends", what),))


def _build_projects(resolved: Resolved) -> None:
    """Merge the changes of the chosen projects, in their order."""
    chosen, catalogue = resolved.values.get("projects", []), resolved.values.get("project_catalogue", {})
    if not isinstance(chosen, list) or not isinstance(catalogue, dict):
        return
    built: list[str] = []
    for number, project in enumerate(chosen):
        spec = catalogue.get(project) if isinstance(project, str) else None
        if not isinstance(spec, dict) or not isinstance(spec.get("change"), dict):
            known = ", ".join(catalogue) or "none"
            resolved.complain(("projects", str(number)), f"{shown(project)} is no project; known: {known}")
            continue
        missing = [need for need in spec.get("needs", []) if need not in built]
        if missing:
            resolved.complain(("projects", str(number)), f"{project} needs {', '.join(missing)} before it")
        path = ("project_catalogue", project, "change")
        sourced = {p[3:]: s for p, s in resolved.sources.items() if p[:3] == path}
        changed = {p[3:]: o for p, o in resolved.origins.items() if p[:3] == path}
        resolved.overlay(spec["change"], changed)
        resolved.sources.update(sourced)
        built.append(project)


def _assign(resolved: Resolved, pairs: Sequence[tuple[str, Any]]) -> None:
    """Set values by dotted path."""
    for path, value in pairs:
        keys = tuple(path.split("."))
        at: Any = resolved.values
        for depth, key in enumerate(keys[:-1]):
            if not isinstance(at, dict) or (key in at and not isinstance(at[key], dict)):
                what = f"cannot be set: {'.'.join(keys[: depth + 1])} is a plain value"
                resolved.complain(keys, what, Origin(COMMAND_LINE, 0, 0))
                break
            at = at.get(key, {})
        else:
            change: Any = value
            for key in reversed(keys):
                change = {key: change}
            origins = {keys[:depth]: Origin(COMMAND_LINE, 0, 0) for depth in range(1, len(keys) + 1)}
            known = {p: o for p, o in origins.items() if p not in resolved.origins or p == keys}
            resolved.overlay(change, known)


def _validate(resolved: Resolved) -> Scenario | None:
    try:
        return Scenario.model_validate(resolved.values)
    except ValidationError as error:
        for path, what in explain(error, resolved.values):
            resolved.complain(path, what)
        return None


def _traces(scenario: Scenario | None, file: FilePath, resolved: Resolved) -> dict[str, tuple[tuple[int, int], ...]]:
    traces: dict[str, tuple[tuple[int, int], ...]] = {}
    if scenario is None:
        return traces
    for flow, spec in scenario.flows.items():
        if spec.arrivals.trace is None:
            continue
        path = ("flows", flow, "arrivals", "trace", "file")
        trace = inside(file.parent, spec.arrivals.trace.file)
        if trace is None:
            resolved.complain(path, "lies outside the folder of the scenario")
            continue
        traces[flow], problems = read_trace(trace, scenario.horizon.start)
        resolved.problems.extend(problems)
    return traces
