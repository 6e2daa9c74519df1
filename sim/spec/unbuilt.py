"""Projects and stresses that a scenario does not choose: whether each could be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.errors import Problem
from sim.spec.checks.check import check_scenario
from sim.spec.load import Scenario
from sim.spec.merge import Resolved
from sim.spec.projects import build_change
from sim.spec.resolve import resolve, validate
from sim.spec.scenario import CHOSEN


def catalogue_problems(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what is wrong with each entry of the catalogues that *scenario* does not choose.

    Each is built by itself onto the scenario, after what it needs. The first thing wrong with it is
    listed, where it was written.
    """
    resolved = resolve(scenario.files.trees, scenario.changes)
    problems: list[Problem] = []
    for key, catalogue in CHOSEN.items():
        chosen = getattr(scenario.spec, key)
        for name in getattr(scenario.spec, catalogue):
            if name not in chosen:
                problems += _problem(scenario, resolved, (catalogue, name), chosen)
    return tuple(dict.fromkeys(problems))


def _problem(
    scenario: Scenario, resolved: Resolved, entry: tuple[str, str], built: tuple[str, ...]
) -> Iterator[Problem]:
    """Yield the first thing that is wrong once *entry* of a catalogue is built."""
    catalogue, name = entry
    at = resolved.copy()
    for project in _with_needs(resolved.values[catalogue], name, built):
        build_change(at, (catalogue, project, "change"))
    scenario.files.with_tables(at)
    spec = validate(at)
    if spec is not None and not at.problems:
        for finding in check_scenario(spec, scenario.traces):
            if not finding.is_warning:
                at.complain(finding.path, finding.what)
    for problem in at.problems[:1]:
        what = f"{'.'.join(entry)} cannot be chosen here: {problem.what}"
        yield Problem(problem.file, problem.line, problem.column, problem.path, what)


def _with_needs(entries: Mapping[str, Any], name: str, built: tuple[str, ...]) -> dict[str, None]:
    """Return *name* after what it needs and is not *built*, each once."""
    order: dict[str, None] = {}
    for needed in entries[name].get("needs", ()):
        if needed not in built and needed != name:
            order |= _with_needs(entries, needed, built)
    return order | {name: None}
