"""Checks of projects and stresses: that what they need and cite is there."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.evidence import evidence
from sim.spec.findings import Finding, refer
from sim.spec.scenario import ScenarioSpec


def check_catalogues(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with projects and stresses; their changes are checked when they are built."""
    for project, spec in scenario.project_catalogue.items():
        path = ("project_catalogue", project)
        for number, other in enumerate(spec.needs):
            here = (*path, "needs", str(number))
            yield from refer(here, other, scenario.project_catalogue, "project")
            if other == project:
                yield Finding(here, "a project does not need itself")
        yield from _rows((*path, "evidence"), spec.evidence)
    for stress, what in scenario.stress_catalogue.items():
        yield from _rows(("stress_catalogue", stress, "evidence"), what.evidence)


def _rows(path: tuple[str, ...], rows: tuple[str, ...]) -> Iterator[Finding]:
    for number, row in enumerate(rows):
        yield from refer((*path, str(number)), row, evidence(), "row of the evidence table")
