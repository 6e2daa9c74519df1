"""No project may lower the saturation multiple, beyond noise: paired on common random numbers, project by project.

By hand, twenty minutes on two cores: ``pytest -n 2 -m long tests/validation/test_monotone_projects.py``.
Where a project lowers it, the mechanism stands in `LOWERS`, which must be as true as the rest.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import sim
from sim.spec.load import load
from sim.study.growth import LIMIT

REPLICATIONS = 10
BASE = load("fivefold")
PROJECTS = BASE.spec.project_catalogue
LEVEL = 1 - 0.05 / len(PROJECTS)
"""One-sided, so that all projects together are wrong one time in twenty."""

AT_THE_LIMIT = 1.66
"""The multiple at which the corridor saturates with nothing built, by ``corridor saturation baseline-2023``."""

LOWERS = {
    "ferry-timetable": "Near saturation ferries are full without waiting, so that nothing is won; but those that a storm "
    "kept in port leave one by one, three hours apart, and lie ready for 1 to 2 % of their time.",
}
"""Projects that lower the saturation multiple, and the mechanism."""


def with_needs(project: str) -> list[str]:
    """Return *project* after all that it needs."""
    return [*(one for need in PROJECTS[project].needs for one in with_needs(need)), project]


def fastest_growth(scale: float, *projects: str) -> np.ndarray:
    """Return what grows fastest by its mean, as a share of its flow a year, replication by replication.

    Saturation is where this crosses `LIMIT`.
    """
    scenario = BASE.with_({"projects": list(projects), "demand.scale": scale})
    rows = sim.replicate(scenario, replications=REPLICATIONS, seed=1, workers=1).metrics
    growth = rows[rows["name"] == "growth_share_per_year"].pivot(
        index="replication", columns="where", values="value"
    )
    return growth[growth.mean().idxmax()].sort_index().to_numpy()


def half_width(values: np.ndarray) -> float:
    return float(stats.t.ppf(LEVEL, REPLICATIONS - 1) * values.std(ddof=1) / np.sqrt(REPLICATIONS))


@pytest.fixture(scope="module")
def growth_with_nothing_built() -> np.ndarray:
    return fastest_growth(AT_THE_LIMIT)


@pytest.fixture(scope="module")
def growth_by_multiple(growth_with_nothing_built) -> float:
    """Return how much faster it grows for a unit of the multiple, above the limit."""
    further = fastest_growth(AT_THE_LIMIT + 0.5)
    return float(further.mean() - growth_with_nothing_built.mean()) / 0.5


@pytest.mark.long
def test_the_multiple_is_at_the_limit(growth_with_nothing_built):
    assert (
        abs(growth_with_nothing_built.mean() - LIMIT) < half_width(growth_with_nothing_built) < 0.1
    )


@pytest.mark.long
@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_does_not_lower_the_saturation_multiple(
    project, growth_with_nothing_built, growth_by_multiple, record_property
):
    more = fastest_growth(AT_THE_LIMIT, *with_needs(project)) - growth_with_nothing_built
    lowered, half = more.mean() / growth_by_multiple, half_width(more) / growth_by_multiple
    record_property("multiple_lowered", f"{lowered:+.3f} within {half:.3f}")
    assert half < 0.1 * AT_THE_LIMIT, "too rough to judge"
    assert (lowered > half) == (project in LOWERS)
