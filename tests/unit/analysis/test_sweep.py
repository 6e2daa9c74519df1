"""Sweeps: designs, what comes out at each point, and how little of it the parent holds."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import sim
from sim.analysis.sweep import grid, latin_hypercube, read_design, sweep
from sim.errors import ScenarioError, UsageError
from sim.runs.runner import Runner
from sim.study.replicate import replicate

PER_DAY = "flows.wagons.arrivals.poisson.per_day"


@pytest.fixture(scope="module")
def line():
    return sim.load("textbook/one-ferry-line", {"horizon.days": 200, "horizon.warmup_days": 20})


def test_a_grid_has_every_combination_the_last_path_fastest():
    design = grid({"a": [1, 2], "b": ["x", "y", "z"]})
    assert design.points == ((1, "x"), (1, "y"), (1, "z"), (2, "x"), (2, "y"), (2, "z"))
    assert design.changes(4) == {"a": 2, "b": "y"}


def test_a_latin_hypercube_has_one_point_in_every_layer():
    design = latin_hypercube({"a": (0.0, 1.0), "b": (10.0, 30.0)}, 20, seed=3)
    a, b = np.array(design.points).T
    assert sorted((a * 20).astype(int).tolist()) == list(range(20))
    assert sorted((b - 10).astype(int).tolist()) == list(range(20))
    assert design == latin_hypercube({"a": (0.0, 1.0), "b": (10.0, 30.0)}, 20, seed=3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no points"),
        ("a,b\n", "no points"),
        ("a,a\n1,2\n", ":1: every column needs a path of its own"),
        ("a,b\n1,2\n3\n", ":3: 1 values for 2 paths"),
        ("a,b\n\n\n1,\n", ":4: no value for b; write null"),
        ("a\n" + "x" * 200_000 + "\n", "is not a CSV file: field larger than field limit"),
    ],
)
def test_a_design_that_is_none_is_reported(tmp_path, text, message):
    (tmp_path / "design.csv").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_design(tmp_path / "design.csv")


def test_too_large_a_grid_is_refused():
    with pytest.raises(UsageError, match="more than 100,000"):
        grid({name: range(100) for name in "abc"})


def test_every_point_is_the_study_of_its_scenario(line, tmp_path):
    (tmp_path / "design.csv").write_text(f"{PER_DAY},services.line.vessels\n6,2\n9.5,4\n")
    found = sweep(
        line, read_design(tmp_path / "design.csv"), replications=3, seed=2, runner=Runner(workers=1)
    )
    table = found.table()
    assert table[PER_DAY].tolist() == [6, 9.5]
    for number, changes in enumerate(
        ({PER_DAY: 6, "services.line.vessels": 2}, {PER_DAY: 9.5, "services.line.vessels": 4})
    ):
        summary = replicate(line.with_(changes), replications=3, seed=2, workers=1).summary()
        here = summary[summary["flow"].isna() & summary["where"].isna()].set_index("name")
        row = table.iloc[number]
        assert row["transit_days_mean [d]"] == here.loc["transit_days_mean", "mean"]
        assert row["carried_t_per_year low [t/a]"] == here.loc["carried_t_per_year", "low"]
        assert row["n"] == 3
    assert len(found.tidy()) == 2 * 3 * 5


def test_a_point_that_makes_no_scenario_is_reported_before_anything_runs(line):
    runner = Runner(workers=1)
    with pytest.raises(ScenarioError, match="vessels"):
        sweep(line, grid({"services.line.vessels": [2, -1]}), replications=1, runner=runner)
    assert runner.computed == 0


def test_a_bad_value_is_reported_with_its_place_in_the_design(line, tmp_path):
    (tmp_path / "design.csv").write_text(
        f"\ufeff{PER_DAY},services.line.crossing\n\n6,18h\n7,soon\n"
    )
    with pytest.raises(ScenarioError, match=r"design.csv:4: services.line.crossing: .*soon"):
        sweep(line, read_design(tmp_path / "design.csv"), replications=1, runner=Runner(workers=1))
    with pytest.raises(ScenarioError, match=r"point 1: services\.line\.crossing"):
        sweep(
            line,
            grid({"services.line.crossing": ["18h", "soon"]}),
            replications=1,
            runner=Runner(workers=1),
        )


@pytest.mark.parametrize("options", [{"replications": 0}, {"replications": 2.5}, {"seed": -1}])
def test_impossible_questions_are_refused(line, options):
    with pytest.raises(UsageError, match="whole number"):
        sweep(line, grid({PER_DAY: [5]}), **options)
    with pytest.raises(UsageError, match="whole number"):
        sim.saturation(line, **options)


@pytest.mark.parametrize(
    "ranges", [{}, {"a": (1.0, 1.0)}, {"a": (2.0, 1.0)}, {"a": (0.0, float("inf"))}]
)
def test_ranges_that_are_none_are_refused(ranges):
    with pytest.raises(UsageError):
        latin_hypercube(ranges, 3, seed=1)


def test_a_runner_that_is_given_is_left_open(line):
    with Runner(workers=2) as runner:
        for seed in (1, 2):
            sweep(line, grid({PER_DAY: [5, 6]}), replications=2, seed=seed, runner=runner)
    assert runner.computed == 8


def test_a_thousand_replications_leave_the_parent_small(tmp_path):
    """Resident memory of the parent, from the tenth replication to the thousandth."""
    code = """
import resource, sim
from sim.runs.runner import Runner
from sim.analysis.sweep import grid, sweep
line = sim.load("textbook/one-ferry-line", {"horizon.days": 60, "horizon.warmup_days": 5})
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6
def run(points, n):
    levels = {"flows.wagons.arrivals.poisson.per_day": [5 + k / 10 for k in range(points)]}
    sweep(line, grid(levels), replications=n, runner=Runner(workers=2))
run(2, 5)
before = resident()
run(50, 20)
print(resident() - before)
"""
    grown = float(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
    )
    assert grown < 50
