"""Checks of projects and stresses: that what they need and cite is there."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.evidence import evidence
from sim.spec.findings import Finding, refer
from sim.spec.scenario import ScenarioSpec


def check_catalogues(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with projects and stresses, apart from what they change."""
    for project, spec in scenario.project_catalogue.items():
        path = ("project_catalogue", project)
        for number, other in enumerate(spec.needs):
            here = (*path, "needs", str(number))
            yield from refer(here, other, scenario.project_catalogue, "project")
        yield from _rows((*path, "evidence"), spec.evidence)
        if project in _needed(scenario, spec.needs):
            what = "needs itself in the end, by way of what it needs; leave one of the needs out"
            yield Finding((*path, "needs"), what)
    for stress, entry in scenario.stress_catalogue.items():
        yield from _rows(("stress_catalogue", stress, "evidence"), entry.evidence)


def _needed(scenario: ScenarioSpec, needs: tuple[str, ...]) -> set[str]:
    """Return the projects of *needs*, what these need, and so on."""
    needed: set[str] = set()
    ahead = list(needs)
    while ahead:
        project = ahead.pop()
        if project not in needed and project in scenario.project_catalogue:
            needed.add(project)
            ahead += scenario.project_catalogue[project].needs
    return needed


def _rows(path: tuple[str, ...], rows: tuple[str, ...]) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        yield from refer((*path, str(number)), row, evidence(), "row of the evidence table")
