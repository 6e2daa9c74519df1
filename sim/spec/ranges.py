"""Whether each end of a range can stand where its value stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sim.errors import Problem
from sim.spec.load import Scenario
from sim.spec.merge import Resolved
from sim.spec.messages import Path, dotted
from sim.spec.resolve import resolve, validate
from sim.spec.scenario import CATALOGUES

ENDS = ("low", "high")
_NOT_RUN = (*CATALOGUES, "observed", "changes")


def range_problems(scenario: Scenario) -> tuple[Problem, ...]:
    """Return the ends of ranges that the language does not allow in place of the value.

    All lower ends are tried together, and all upper ones: what they make of each other is no matter
    here.
    """
    resolved = resolve(scenario.files.trees, scenario.changes)
    scenario.files.with_tables(resolved)
    problems: list[Problem] = []
    for end in ENDS:
        problems += _problems_at(resolved, end)
    return tuple(problems)


def _problems_at(resolved: Resolved, end: str) -> Iterator[Problem]:
    """Yield what is wrong with one end of every range, at the place of its value."""
    at, ranged = resolved.copy(), set()
    for path, sourced in resolved.sources.items():
        value = getattr(sourced, end)
        if value is not None and path[0] not in _NOT_RUN:
            _put(at.values, path, value)
            ranged.add(dotted(path))
    validate(at)
    for problem in at.problems:
        if problem.path in ranged:
            yield replace(problem, what=f"{end}: {problem.what}")


def _put(holder: Any, path: Path, value: Any) -> None:
    """Set *value* at *path* of plain values."""
    for key in path[:-1]:
        holder = holder[int(key) if isinstance(holder, list) else key]
    holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = value
