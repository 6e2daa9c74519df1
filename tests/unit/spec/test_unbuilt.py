"""Projects and stresses that are not chosen: whether each could be, and the tables that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.spec.load import load
from sim.spec.unbuilt import catalogue_problems
from tests.conftest import ONE_FERRY_LINE


@pytest.fixture
def problems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def problems(catalogue: str) -> list[str]:
        Path("line.yaml").write_text(ONE_FERRY_LINE + catalogue)
        return [str(problem) for problem in catalogue_problems(load("line.yaml"))]

    return problems


def project(change: str) -> str:
    return f"project_catalogue:\n  more: {{title: more, change: {change}}}\n"


def stress(change: str) -> str:
    return f"stress_catalogue:\n  worse: {{title: worse, change: {change}}}\n"


def test_what_can_be_chosen_is_fine(problems):
    assert not problems(project("{services: {line: {vessels: {plus: 2}}}}"))


@pytest.mark.parametrize(
    ("catalogue", "said"),
    [
        (
            project("{services: {line: {vesels: 5}}}"),
            (
                "line.yaml:8:50: services.line.vesels: project_catalogue.more cannot be chosen here: "
                "unknown key; did you mean 'vessels'?"
            ),
        ),
        (
            project("{services: {lin: {vessels: {plus: 5}}}}"),
            (
                "line.yaml:8:49: services.lin.vessels: project_catalogue.more cannot be chosen here: "
                "there is nothing here from which to take 'plus'; give a value"
            ),
        ),
        (
            project("{services: {line: {vessel: tanker}}}"),
            (
                "line.yaml:8:50: services.line.vessel: project_catalogue.more cannot be chosen here: "
                "'tanker' is no vessel class (known: ferry)"
            ),
        ),
        (
            stress("{services: {line: {crossing: -4h}}}"),
            "line.yaml:8:52: services.line.crossing: stress_catalogue.worse cannot be chosen here: ",
        ),
        (
            stress("{flows: {wagons: {arrivals: {trace: {file: gone.csv}}}}}"),
            (
                "line.yaml:8:70: flows.wagons.arrivals.trace.file: stress_catalogue.worse cannot be chosen here: "
                "the trace file 'gone.csv' does not exist"
            ),
        ),
    ],
)
def test_the_first_thing_wrong_with_an_entry_is_listed_where_it_was_written(
    problems, catalogue, said
):
    (problem,) = problems(catalogue)
    assert problem.startswith(said)


def test_an_entry_is_built_after_what_it_needs(problems):
    assert not problems(
        project("{places: {poti: {}}}")
        + "  further: {title: on, needs: [more], change: {services: {line: {to: poti}, "
        "on: {from: alat, to: poti, vessel: ferry, vessels: 1, crossing: 9h}}, "
        "flows: {wagons: {destination: poti}}}}\n"
    )


def test_what_is_chosen_is_no_matter_here(problems):
    assert not problems(project("{demand: {scale: 2}}") + "projects: [more]\n")


def test_tables_of_entries_that_are_not_chosen_come_along(problems, tmp_path, monkeypatch):
    Path("rows").mkdir()
    Path("rows/list.csv").write_text("time,units\n2023-01-02,5\n2023-01-18,5\n")
    problems(project("{flows: {wagons: {arrivals: {trace: {file: rows/list.csv}}}}}"))
    scenario = load("line.yaml")
    assert list(scenario.tables) == ["rows/list.csv"]
    other = tmp_path / "other"
    (other / "inputs").mkdir(parents=True)
    (other / "inputs/list.csv").write_bytes(scenario.tables["rows/list.csv"])
    (other / "line.yaml").write_text(scenario.dump_yaml({"rows/list.csv": "inputs/list.csv"}))
    monkeypatch.chdir(other)
    copied = load("line.yaml", {"projects": ["more"]})
    assert copied.traces["wagons"] == load("../line.yaml", {"projects": ["more"]}).traces["wagons"]
