"""Change over time: the scenario as it stands from each date on, all with the same parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from sim.spec.checks.check import check_scenario
from sim.spec.demand import Flow
from sim.spec.fields import Spec
from sim.spec.findings import Finding
from sim.spec.land import LocomotivePool, Road, Section
from sim.spec.merge import Resolved
from sim.spec.projects import as_date, build_change, run_days
from sim.spec.resolve import validate
from sim.spec.scenario import CATALOGUES, ScenarioSpec
from sim.spec.sea import Port
from sim.spec.traces import Trace
from sim.spec.yaml_tree import Path, shown

FIXED: tuple[str, ...] = (
    *(
        "title",
        "question",
        "horizon",
        "places",
        "units",
        "weather",
        "sea_level",
        "equipment",
        "embargoes",
    ),
    *(
        "reassignments",
        "disruptions",
        "initial",
        "projects",
        "stress",
        *CATALOGUES,
        "observed",
        "changes",
        "extends",
    ),
    *("money", "energy"),
)
"""What no date changes: it is drawn or laid down before the run, or says what the run is."""

FOR_THE_RUN = "holds for the whole run; no date and no project that opens on the way changes it"

STRUCTURE = {
    "locomotives": ("turn", "breakdowns"),
    "sections": ("from_", "to", "loops", "clearing", "possessions", "locomotives"),
    "borders": ("from_", "to"),
    "trains": ("path",),
    "roads": ("from_", "to"),
    "ports": ("in_storm",),
    "vessels": ("limits", "repair"),
    "services": ("from_", "to", "berths"),
    "flows": (
        *(
            "unit",
            "origin",
            "destination",
            "scope",
            "routes",
            "routing",
            "equipment",
            "segregation",
        ),
        *("consignment_units", "tonnes_per_unit"),
    ),
}
"""What holds the parts together, or is laid down before the run; of routes, the shares may
change."""


@dataclass(frozen=True, slots=True)
class Era:
    """The scenario from a date on."""

    begins: date
    spec: ScenarioSpec


def dated_changes(values: Mapping[str, Any]) -> list[tuple[date, Path]]:
    """Return where the change of each date stands, dates in order."""
    changes, found = values.get("changes"), []
    if not isinstance(changes, Mapping):
        return []
    for key in changes:
        day = as_date(key)
        if day is not None and isinstance(changes[key], Mapping):
            found.append((day, ("changes", key)))
    return sorted(found)


def copy_of(resolved: Resolved) -> Resolved:
    """Return a copy of *resolved* that notes its problems apart."""
    return Resolved(
        resolved.file,
        deepcopy(resolved.values),
        dict(resolved.origins),
        dict(resolved.sources),
        problems=[],
    )


def eras_of(resolved: Resolved, base: ScenarioSpec, traces: Mapping[str, Trace]) -> tuple[Era, ...]:
    """Return the scenario as it stands from each date of the run on, each checked like the file.

    Parameters
    ----------
    base
        As the run begins.
    """
    first, last = run_days(resolved.values)
    at, eras = copy_of(resolved), []
    for day, path in dated_changes(resolved.values):
        if refuse_fixed(resolved, path) or day > last:
            continue
        build_change(at, path)
        scenario = validate(at)
        if scenario is not None:
            _check_era(at, base, scenario, traces, path, is_later=day > first)
            eras.append(Era(max(day, first), scenario))
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
    # What holds for the whole run was checked against its beginning.
    fixed = FIXED if is_later else ()
    findings = [f for f in check_scenario(scenario, traces) if f.path[0] not in fixed]
    for finding in (*structure_findings(base, scenario, path), *findings):
        if not finding.is_warning:
            at.problems.append(at.problem(finding.path, finding.what))


def refuse_fixed(resolved: Resolved, path: Path) -> bool:
    """Complain of everything in the change at *path* that no date can change; return whether there
    was any."""
    change: Any = resolved.values
    for key in path:
        change = change[key]
    wrong = [key for key in change if key in FIXED]
    for key in wrong:
        resolved.complain((*path, key), f"{shown(key)} {FOR_THE_RUN}")
    return bool(wrong)


def structure_findings(base: ScenarioSpec, era: ScenarioSpec, path: Path) -> Iterator[Finding]:
    """Yield what the change at *path* adds, takes away or moves, which no date can."""
    for kind in ScenarioSpec.model_fields:
        before, after = getattr(base, kind), getattr(era, kind)
        if kind in FIXED or not isinstance(before, Mapping):
            continue
        for name in dict.fromkeys((*after, *before)):
            if (name in after) != (name in before):
                how = "appears" if name in after else "goes"
                remedy = "write it from the start, with nothing in it until then"
                yield Finding(
                    (*path, kind, name), f"{how} on a date; parts stay for the whole run: {remedy}"
                )
        for name, part in after.items():
            if name in before:
                yield from _part(before[name], part, (*path, kind, name), STRUCTURE.get(kind, ()))
    if base.demand.growth_per_year != era.demand.growth_per_year:
        yield Finding(
            (*path, "demand", "growth_per_year"),
            "holds for the whole run; change 'scale' on a date",
        )


def _part(before: Spec, after: Spec, path: Path, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        old, new = getattr(before, key), getattr(after, key)
        if key == "routes":
            old, new = ({route: way.legs for route, way in ways.items()} for ways in (old, new))
        if old != new:
            yield Finding((*path, key.rstrip("_")), FOR_THE_RUN)
    if isinstance(before, Flow) and isinstance(after, Flow):
        same_trace = before.arrivals.trace == after.arrivals.trace
        if before.arrivals.kind != after.arrivals.kind or not same_trace:
            yield Finding(
                (*path, "arrivals"),
                "keeps its kind for the whole run; only its numbers change on a date",
            )
        returns = before.arrivals.returns, after.arrivals.returns
        if (
            returns[0] is not None
            and returns[1] is not None
            and returns[0].after != returns[1].after
        ):
            yield Finding((*path, "arrivals", "returns", "after"), FOR_THE_RUN)
    yield from _rail(before, after, path)
    if isinstance(before, Port) and isinstance(after, Port):
        yield from _port(before, after, path)
    if (
        isinstance(before, Road)
        and isinstance(after, Road)
        and list(before.gates) != list(after.gates)
    ):
        yield Finding(
            (*path, "gates"), "are there for the whole run or not at all; change their lanes"
        )


def _rail(before: Spec, after: Spec, path: Path) -> Iterator[Finding]:
    if (
        isinstance(before, LocomotivePool)
        and isinstance(after, LocomotivePool)
        and before.breakdowns is not None
    ):
        for key in ("locomotives", "availability"):
            if getattr(before, key) != getattr(after, key):
                yield Finding(
                    (*path, key), f"{FOR_THE_RUN}, where locomotives break down one by one"
                )
    if isinstance(before, Section) and isinstance(after, Section):
        others = before.background_trains_per_day != after.background_trains_per_day
        if before.loops is not None and others:
            yield Finding(
                (*path, "background_trains_per_day"), f"{FOR_THE_RUN}, where there are loops"
            )


def _port(before: Port, after: Port, path: Path) -> Iterator[Finding]:
    if list(before.berths) != list(after.berths):
        yield Finding(
            (*path, "berths"),
            "keeps its groups for the whole run; change the number of berths in them",
        )
        return
    for group, spec in before.berths.items():
        if spec.vessels != after.berths[group].vessels:
            yield Finding((*path, "berths", group, "vessels"), FOR_THE_RUN)
    for side in ("sea", "land"):
        if list(getattr(before.stacks, side)) != list(getattr(after.stacks, side)):
            what = "has a limit for the whole run or none; change the number"
            yield Finding((*path, "stacks", side), what)
    for key in ("train_tracks", "depth_m"):
        if (getattr(before, key) is None) != (getattr(after, key) is None):
            yield Finding((*path, key), "has a limit for the whole run or none; change the number")
