"""What changes a scenario is used, and used once: changes from outside, dates, projects, columns of tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load
from tests.conftest import ONE_FERRY_LINE


@pytest.fixture
def doubts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def doubts(more: str) -> list[str]:
        Path("line.yaml").write_text(ONE_FERRY_LINE + more)
        return [str(warning) for warning in load("line.yaml").warnings]

    return doubts


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["demand.scale=2", "demand.scale=3"], "demand.scale: is given twice (2, then 3)"),
        (["demand.scale=3", "demand={scale: 2}"], "demand.scale: is given twice (3, then 2)"),
        (
            {"services.line.vessels": 3, "services.line": {"vessels": {"ferry": 2}}},
            "services.line.vessels: is given twice (3, then 2)",
        ),
        (
            {"services.line.vessels.ferry": 3, "services.line.vessels": 2},
            "services.line.vessels: is given twice (3, then 2)",
        ),
        (
            [("services.line.crossing.gamma.cv", 1), ("services.line.crossing", None)],
            "services.line.crossing: is given twice (1, then None)",
        ),
    ],
)
def test_a_value_that_is_given_twice_is_refused(doubts, changes, said):
    doubts("")
    with pytest.raises(ScenarioError) as caught:
        load("line.yaml", changes)
    assert f"{said}; keep one" in str(caught.value)


def test_what_is_deleted_may_be_written_anew_and_later_changes_win(doubts):
    doubts("")
    changes = [
        ("services.line.vessels", None),
        ("services.line.vessels.ferry", 2),
        ("services.line.vessel", None),
    ]
    scenario = load("line.yaml", changes)
    assert scenario.with_({"services.line.vessels.ferry": 5}).spec.services["line"].fleet == {
        "ferry": 5
    }


def test_a_date_that_leaves_a_value_as_it_is_is_doubtful(doubts):
    change = "changes: {2023-01-05: {services: {line: {vessels: 4}}, demand: {scale: {value: 2, assumed: so}}}}\n"
    assert doubts(change) == [
        "line.yaml:7:42: changes.2023-01-05.services.line.vessels: changes nothing on this date: it is so already"
    ]


def test_a_second_date_is_held_against_the_first(doubts):
    change = "changes: {2023-01-05: {demand: {scale: 2}}, 2023-01-09: {demand: {scale: 2}}, 2023-01-12: {demand: {scale: 1}}}\n"
    assert [doubt.split(": ")[1] for doubt in doubts(change)] == ["changes.2023-01-09.demand.scale"]


def test_a_project_that_leaves_everything_as_it_is_is_doubtful(doubts):
    catalogue = (
        "project_catalogue: {four: {title: four, change: {services: {line: {vessels: 4}}}}}\n"
    )
    assert not doubts(catalogue)
    assert doubts(catalogue + "projects: [four]\n") == [
        "line.yaml:8:12: projects.0: 'four' changes nothing: all that it sets is so already"
    ]


def test_columns_that_nothing_reads_are_named(doubts):
    Path("list.csv").write_text(
        "time,units,tonnes,remark\n"
        + "".join(f"2023-01-{day:02d},5,300,\n" for day in range(1, 21))
    )
    listed = ONE_FERRY_LINE.replace("poisson: {per_day: 10}", "trace: {file: list.csv}")
    Path("line.yaml").write_text(listed)
    assert [str(warning) for warning in load("line.yaml").warnings] == [
        (
            "line.yaml:5:84: flows.wagons.arrivals.trace.file: list.csv: "
            "2 columns are not read: tonnes, remark (time, units are)"
        )
    ]


def test_so_many_of_a_kind_are_one_warning(doubts):
    places = "".join(f"  p{number}: {{}}\n" for number in range(9))
    text = ONE_FERRY_LINE.replace(
        "places: {kuryk: {}, alat: {}}\n", f"places:\n  kuryk: {{}}\n  alat: {{}}\n{places}"
    )
    Path("line.yaml").write_text(text)
    assert [str(warning) for warning in load("line.yaml").warnings] == [
        (
            "line.yaml:6:3: places.p0: has no effect: no line, port or flow names it; leave it out "
            "(8 more like it: p1, p2, p3, ...)"
        )
    ]
