"""From the files of a scenario and changes to them to one checked tree: inherit, build, validate."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from sim.errors import Problem, ScenarioError
from sim.spec.changes import Change, assign
from sim.spec.explain import explain
from sim.spec.merge import Resolved
from sim.spec.messages import dotted
from sim.spec.projects import build_projects, comes_first, run_days
from sim.spec.scenario import ScenarioSpec
from sim.spec.yaml_tree import Tree


def resolve(trees: Sequence[Tree], changes: Sequence[Change]) -> Resolved:
    """Merge the *trees* of a chain, then the projects and *changes*.

    Changes that decide which projects are built, and when, are made before they are built.
    """
    resolved = Resolved(trees[-1].file)
    for tree in trees:
        values = {key: value for key, value in tree.values.items() if key != "extends"}
        resolved.overlay(values, tree.origins)
    assign(resolved, [change for change in changes if comes_first(change[0])])
    build_projects(resolved, run_days(resolved.values))
    assign(resolved, [change for change in changes if not comes_first(change[0])])
    return resolved


def validate(resolved: Resolved) -> ScenarioSpec | None:
    """Return the scenario that *resolved* describes; None if it has problems, which are added."""
    try:
        return ScenarioSpec.model_validate(resolved.values)
    except ValidationError as error:
        refused = {problem.path for problem in resolved.problems}
        for path, what in explain(error, resolved.values):
            # What was refused while merging is not refused again in other words.
            if dotted(path) not in refused:
                resolved.complain(path, what)
        return None


def refusal(resolved: Resolved) -> ScenarioError:
    """Return the error that lists every problem of *resolved*."""
    return ScenarioError(in_order(resolved.problems))


def in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return *problems* by file and line, each once."""
    return tuple(sorted(dict.fromkeys(problems)))
