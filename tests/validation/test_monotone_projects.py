"""No project may lower what fivefold carries, beyond noise: paired on the same luck, project by project.

By hand, some two hours on one core: ``pytest -m long tests/validation/test_monotone_projects.py``.
Where a project lowers something, the reason stands in `KNOWN`, which must be as true as the rest.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import sim
from sim.spec.load import load

REPLICATIONS = 10
BASE = load("fivefold")
PROJECTS = BASE.scenario.project_catalogue
LEVEL = 1 - 0.05 / len(PROJECTS)
"""One-sided, so that all projects together are wrong one time in twenty."""

KNOWN: dict[str, str] = {}
"""Projects that lower what is carried, and the mechanism."""


def with_needs(project: str) -> list[str]:
    """Return *project* after all that it needs."""
    return [*(one for need in PROJECTS[project].needs for one in with_needs(need)), project]


def carried(scenario) -> np.ndarray:
    study = sim.replicate(scenario, replications=REPLICATIONS, seed=1, workers=1)
    rows = study.metrics
    of_all = rows[(rows["name"] == "carried_t_per_year") & rows["where"].isna() & rows["flow"].isna()]
    return of_all.sort_values("replication")["value"].to_numpy()


@pytest.fixture(scope="module")
def nothing_built() -> np.ndarray:
    return carried(BASE)


@pytest.mark.long
@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_does_not_lower_what_fivefold_carries(project, nothing_built, record_property):
    gained = carried(BASE.with_({"projects": with_needs(project)})) - nothing_built
    half = stats.t.ppf(LEVEL, REPLICATIONS - 1) * gained.std(ddof=1) / np.sqrt(REPLICATIONS)
    record_property("gained_t_per_year", f"{gained.mean():+,.0f} within {half:,.0f}")
    assert half < 0.1 * nothing_built.mean(), "too rough to judge"
    assert (gained.mean() < -half) == (project in KNOWN)
