"""The fivefold family: every scenario and project loads, composes and runs, in a shortened form."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.network.build import build
from sim.network.preview import units_per_year
from sim.spec.evidence import evidence
from sim.spec.library import find, shipped
from sim.spec.load import load

FAMILY = [name for name in shipped() if "/" not in name and name != "corridor"]
SHORT = {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 5}
BASE = load("fivefold")
PROJECTS = BASE.spec.project_catalogue
STRESSES = BASE.spec.stress_catalogue


def with_needs(project: str) -> list[str]:
    """Return *project* after all that it needs."""
    return [*(one for need in PROJECTS[project].needs for one in with_needs(need)), project]


def built(status: set[str]) -> set[str]:
    return {name for name, project in PROJECTS.items() if project.status in status}


@pytest.mark.parametrize("name", FAMILY)
def test_a_shipped_scenario_runs_and_its_books_balance(name):
    run = sim.simulate(load(name, SHORT), seed=1)
    metrics = run.metrics()
    of_all = metrics[metrics["where"].isna() & metrics["flow"].isna()].set_index("name")["value"]
    assert of_all["audit_residual"] == 0
    assert of_all["offered_t_per_year"] > 0
    assert of_all["carried_t_per_year"] > 0


@pytest.mark.parametrize("name", [name for name in FAMILY if not name.startswith("baseline")])
def test_a_scenario_of_the_family_opens_with_what_it_asks_and_cites_its_claim(name):
    first = find(name).read_text().splitlines()[0]
    assert first.startswith("question: ")
    rows = [row for row in evidence() if row in first]
    assert rows


@pytest.mark.parametrize("project", PROJECTS)
def test_each_project_alone_can_be_added_to_fivefold(project):
    more = BASE.with_({"projects": with_needs(project)})
    assert more.hash != BASE.hash
    assert sim.capacity(more)["ratio"].notna().all()


@pytest.mark.parametrize("stress", STRESSES)
@pytest.mark.parametrize(
    "name", ["baseline-2023-crude-inside", "fivefold-all-projects", "world-bank-2030"]
)
def test_each_stress_can_be_laid_on_top_of_others(name, stress):
    assert load(name, {"stress": [stress]}).hash != load(name).hash


def test_projects_give_the_same_corridor_in_any_order():
    random, hashes = np.random.default_rng(1), set()
    for _ in range(4):
        order, wanted = [], random.permutation(list(PROJECTS)).tolist()
        for project in wanted:
            order += [one for one in with_needs(project) if one not in order]
        every = BASE.with_({"projects": order})
        hashes.add(every.hash)
    assert len(hashes) == 1


def test_the_ladder_of_scenarios_builds_what_its_status_says():
    chosen = {name: set(load(name).spec.projects) for name in FAMILY}
    assert chosen["fivefold"] == set()
    assert chosen["do-minimum"] == built({"done"})
    assert chosen["fivefold-committed"] == chosen["world-bank-2030"] == built({"done", "committed"})
    assert chosen["fivefold-all-projects"] == set(PROJECTS)


def offered_kt(name: str) -> float:
    """Return what *name* offers in a year on average in scope titr, net."""
    loaded = load(name)
    network, flows, units = build(loaded), loaded.spec.flows, loaded.spec.units
    total = 0.0
    for (_, flow), number in zip(flows.items(), units_per_year(network), strict=True):
        each = units[flow.unit].tonnes if flow.tonnes_per_unit is None else flow.tonnes_per_unit
        total += number * each if flow.scope == "titr" else 0.0
    return total / 1000


def test_each_reading_offers_the_tonnes_it_says():
    baseline = offered_kt("baseline-2023")
    assert baseline == pytest.approx(1582, rel=0.002)
    assert offered_kt("fivefold") == pytest.approx(5 * baseline)
    assert offered_kt("fivefold-containers") == pytest.approx(5 * baseline, rel=0.002)
    assert offered_kt("fivefold-crude-inside") == pytest.approx(
        5 * offered_kt("baseline-2023-crude-inside")
    )
    assert offered_kt("ten-megatonnes") == pytest.approx(10_000, rel=0.002)
    assert offered_kt("world-bank-2030") == pytest.approx(11_380, rel=0.002)
