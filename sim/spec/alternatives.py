"""Whether each alternative of a value can stand where the value stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.errors import Problem
from sim.spec.checks.check import check_scenario
from sim.spec.merge import Resolved
from sim.spec.messages import Path, dotted
from sim.spec.resolve import validate
from sim.spec.sourced import level_name
from sim.spec.traces import Trace
from sim.spec.yaml_tree import Origin


def check_alternatives(resolved: Resolved, traces: Mapping[str, Trace]) -> Iterator[Problem]:
    """Yield what is wrong with the scenario where an alternative takes the place of its value.

    *resolved* itself must be a scenario without problems. What refers to one anchor of a file changes
    together, as it does in a study.
    """
    for paths in _by_place(resolved).values():
        for level in resolved.sources[paths[0]].alternatives or ():
            at = resolved.copy()
            origin = resolved.origin(paths[0])
            for path in paths:
                at.put(path, level, origin)
            what = _first_problem(at, traces)
            if what is not None:
                text = f"alternative {level_name(level)}: {what}"
                yield resolved.problem(paths[0], text)


def _by_place(resolved: Resolved) -> dict[Origin | Path, list[Path]]:
    """Return the paths of values with alternatives that are written in one place."""
    by_place: dict[Origin | Path, list[Path]] = {}
    for path, sourced in resolved.sources.items():
        if sourced.alternatives is not None:
            place = sourced.place
            key = place if place is not None and place.line else path
            by_place.setdefault(key, []).append(path)
    return by_place


def _first_problem(at: Resolved, traces: Mapping[str, Trace]) -> str | None:
    """Return the first thing wrong with the scenario *at* an alternative, or None."""
    spec = validate(at)
    if at.problems:
        return f"{at.problems[0].path}: {at.problems[0].what}"
    if spec is None:
        return None
    for finding in check_scenario(spec, traces):
        if not finding.is_warning:
            return f"{dotted(finding.path)}: {finding.what}"
    return None
