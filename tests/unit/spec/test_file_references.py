"""A file reference belongs to the file that names it, and never means another file of that name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load

TRACED = "flows: {wagons: {arrivals: {trace: {file: t.csv}}}}\n"
TARGETS = "here: {title: t, metric: transit_days, value: {value: 1, low: 0, high: 2, source: 'assumed: for a test'}, unit: d}\n"


def rows(units: int) -> str:
    return f"time,units\n2023-01-02,{units}\n"


def first_units(scenario, flow: str = "wagons") -> int:
    return scenario.traces[flow][0][1]


@pytest.fixture
def parent(write):
    """Write a parent in a folder below, with its trace, and another trace of that name beside the child."""
    write("below/t.csv", rows(7))
    write("t.csv", rows(9))
    write("below/base.yaml", Path("base.yaml").read_text())
    write("below/parent.yaml", "extends: base\n" + TRACED)


@pytest.mark.usefixtures("parent")
def test_a_trace_lies_beside_the_parent_that_names_it(write):
    scenario = load(write("child.yaml", "extends: below/parent.yaml\n"))
    assert first_units(scenario) == 7
    assert list(scenario.tables) == ["below/t.csv"]
    again = load(write("again.yaml", scenario.dump_yaml()))
    assert again.hash == scenario.hash


@pytest.mark.usefixtures("parent")
def test_a_trace_lies_beside_the_child_that_names_it(write):
    scenario = load(write("child.yaml", "extends: below/parent.yaml\n" + TRACED))
    assert first_units(scenario) == 9


@pytest.mark.usefixtures("parent")
def test_no_other_file_of_the_name_is_taken(write):
    Path("below/t.csv").unlink()
    with pytest.raises(ScenarioError) as caught:
        load(write("child.yaml", "extends: below/parent.yaml\n"))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("below/parent.yaml", 2)
    assert problem.path == "flows.wagons.arrivals.trace.file"
    assert problem.what.endswith("does not exist; it is looked for beside below/parent.yaml")


@pytest.mark.usefixtures("parent")
def test_a_series_and_a_project_have_files_beside_their_owners(write):
    write("below/w.csv", "time,wind_m_s,wave_m\n2022-01-01,5,1\n2024-01-01,5,1\n")
    write(
        "below/parent.yaml",
        "extends: base\nweather: {series: {basin: {file: w.csv, ports: [kuryk]}}}\n",
    )
    write("catalogue/t.csv", rows(11))
    write("catalogue/p.yaml", "traced: {title: t, change: {" + TRACED.strip() + "}}\n")
    text = "extends: below/parent.yaml\nproject_catalogue: catalogue/p.yaml\nprojects: [traced]\n"
    scenario = load(write("child.yaml", text))
    assert first_units(scenario) == 11
    assert sorted(scenario.tables) == ["below/w.csv", "catalogue/t.csv"]


@pytest.mark.usefixtures("parent")
def test_a_change_names_files_of_the_working_folder(write, tmp_path_factory, monkeypatch):
    write("below/child.yaml", "extends: parent\n")
    home = Path.cwd()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    Path("t.csv").write_text(rows(13))
    for change in (
        "flows.wagons.arrivals.trace.file=t.csv",
        "flows.wagons.arrivals={trace: {file: t.csv}}",
        "flows.wagons={arrivals: {trace: {file: t.csv}}}",
    ):
        assert first_units(load(home / "below/child.yaml", [change])) == 13
    assert first_units(load(home / "below/child.yaml")) == 7


def test_two_files_of_one_name_stay_apart(write, tmp_path_factory, monkeypatch):
    write("t.csv", rows(7))
    home = Path.cwd()
    two = (
        TRACED
        + "  more: {unit: wagon, origin: kuryk, destination: alat, arrivals: {trace: {file: t.csv}}}\n"
    )
    write(
        "a.yaml",
        "extends: base\n"
        + two.replace("flows: {wagons:", "flows:\n  wagons:").replace("}}}}\n", "}}}\n", 1),
    )
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    Path("t.csv").write_text(rows(8))
    scenario = load(home / "a.yaml", ["flows.more.arrivals.trace.file=t.csv"])
    assert (first_units(scenario), first_units(scenario, "more")) == (7, 8)
    assert {name: content.decode() for name, content in scenario.tables.items()} == {
        "t.csv": rows(7),
        "t-2.csv": rows(8),
    }


def test_a_change_names_targets_of_the_working_folder(write, tmp_path_factory, monkeypatch):
    home = Path.cwd()
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    Path("targets.yaml").write_text(TARGETS)
    scenario = load(home / "base.yaml", ["observed=targets.yaml"])
    assert list(scenario.spec.observed) == ["here"]
    with pytest.raises(ScenarioError, match=r"'none\.yaml' is no file in the working folder"):
        load(home / "base.yaml", ["observed=none.yaml"])
