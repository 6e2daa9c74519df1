"""Change over time: the scenario as it stands from each date on, all with the same parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.spec.changes import COMMAND_LINE
from sim.spec.checks.check import check_scenario
from sim.spec.dates import TABLE, differences, refusal_of
from sim.spec.findings import Finding
from sim.spec.merge import Resolved, leaves
from sim.spec.messages import Path, shown
from sim.spec.projects import as_date, build_change, run_days
from sim.spec.resolve import validate
from sim.spec.scenario import ScenarioSpec
from sim.spec.sourced import KEYS as SOURCE_KEYS
from sim.spec.traces import Trace


@dataclass(frozen=True, slots=True)
class Era:
    """The scenario from a date on."""

    begins: date
    spec: ScenarioSpec


def dated_changes(values: Mapping[str, Any]) -> list[tuple[date, Path]]:
    """Return where the change of each date stands, dates in order."""
    changes, dated = values.get("changes"), []
    if not isinstance(changes, Mapping):
        return []
    for key, change in changes.items():
        day = as_date(key)
        if day is not None and isinstance(change, Mapping):
            dated.append((day, ("changes", key)))
    return sorted(dated)


def eras_of(resolved: Resolved, base: ScenarioSpec, traces: Mapping[str, Trace]) -> tuple[Era, ...]:
    """Return the scenario as it stands from each date of the run on, each checked like the file.

    Parameters
    ----------
    base
        As the run begins.
    """
    first, last = run_days(resolved.values)
    at, eras = resolved.copy(), []
    before = base
    for day, path in dated_changes(resolved.values):
        if _is_refused(resolved, path) or day > last:
            continue
        build_change(at, path)
        scenario = validate(at)
        if scenario is not None:
            _check_era(at, base, scenario, traces, path, is_later=day > first)
            eras.append(Era(max(day, first), scenario))
            for stated in _same_as(before, scenario, resolved, path):
                resolved.doubt(stated, "changes nothing on this date: it is so already")
            before = scenario
        if at.problems:
            resolved.problems.extend(at.problems)
            return ()
    return tuple(eras)


def _check_era(
    at: Resolved,
    base: ScenarioSpec,
    scenario: ScenarioSpec,
    traces: Mapping[str, Trace],
    path: Path,
    *,
    is_later: bool,
) -> None:
    """Add what is wrong with the *scenario* to which the change at *path* leads."""
    checked = check_scenario(scenario, traces)
    if is_later:
        # What holds for the whole run was checked against its beginning.
        checked = [finding for finding in checked if not _holds_for_the_run(finding.path[0])]
    for finding in (*_refusals(base, scenario, path), *checked):
        if not finding.is_warning:
            at.problems.append(at.problem(finding.path, finding.what))


def _same_as(
    before: ScenarioSpec, after: ScenarioSpec, resolved: Resolved, path: Path
) -> Iterator[Path]:
    """Yield what the author states in the change at *path* and what is as it was before."""
    changed = [difference.path for difference in differences(before, after)]
    change: Any = resolved.values
    for key in path:
        change = change[key]
    stated = dict.fromkeys(_without_source(inner) for inner, _ in leaves(change))
    for inner in stated:
        is_own = resolved.origin((*path, *inner)).file in (resolved.file, COMMAND_LINE)
        if is_own and not any(one[: len(inner)] == inner[: len(one)] for one in changed):
            yield (*path, *inner)


def _without_source(path: Path) -> Path:
    """Return *path* without the key under which a value stands beside its source."""
    return path[:-1] if path[-1] in SOURCE_KEYS else path


def _is_refused(resolved: Resolved, path: Path) -> bool:
    """Return whether the change at *path* holds parts that no date changes; each is a problem."""
    change: Any = resolved.values
    for key in path:
        change = change[key]
    refused = [key for key in change if _holds_for_the_run(key)]
    for key in refused:
        resolved.complain((*path, key), f"{shown(key)} {TABLE[key].refusal}")
    return bool(refused)


def _holds_for_the_run(part: str) -> bool:
    """Return whether no date changes anything of a *part* of the scenario."""
    return part in TABLE and bool(TABLE[part].refusal)


def _refusals(base: ScenarioSpec, scenario: ScenarioSpec, path: Path) -> Iterator[Finding]:
    """Yield what the change at *path* makes another than in *base* and no date can."""
    for difference in differences(base, scenario):
        if _holds_for_the_run(difference.path[0]):
            continue
        refusal = refusal_of(difference, scenario)
        if refusal is not None:
            yield Finding((*path, *difference.path), refusal)
