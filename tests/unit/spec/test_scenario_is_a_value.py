"""A scenario keeps what was read: what happens to its files later changes neither it nor its children."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.spec.load import load

CHILD = """extends: base
flows: {wagons: {arrivals: {trace: {file: sub/t.csv}}}}
vessels: {ferry: {limits: {wind_m_s: 15}}}
weather: {series: {basin: {file: wind.csv, ports: [kuryk]}}}
project_catalogue: catalogue/projects.yaml
horizon: {start: 2023-01-01, days: 20, warmup_days: 2, followup_days: 10}
"""
PROJECTS = "more-ferries: {title: More ferries, change: {services: {line: {vessels: {plus: 2}}}}}\n"
WIND = "time,wind_m_s,wave_m\n2022-12-01,5,1\n2023-01-05,20,2\n2023-01-06,5,1\n2023-03-01,5,1\n"


@pytest.fixture
def child(write):
    write("sub/t.csv", "time,units\n2023-01-02 06:00,3\n2023-01-10,2\n")
    write("wind.csv", WIND)
    write("catalogue/projects.yaml", PROJECTS)
    return load(write("child.yaml", CHILD))


def edited():
    for file in ("base.yaml", "child.yaml", "catalogue/projects.yaml"):
        path = Path(file)
        path.write_text(
            path.read_text().replace("vessels: 4", "vessels: 9").replace("plus: 2", "plus: 7")
        )
    Path("sub/t.csv").write_text("time,units\n2023-01-03,1\n")
    Path("wind.csv").write_text(WIND.replace("20", "25"))


def deleted():
    for entry in Path().iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def parent_gone():
    Path("base.yaml").unlink()


CHANGES = [
    {},
    {"demand.scale": 2},
    {"services.line.vessels": {"plus": 1}},
    {"projects": ["more-ferries"]},
    {"horizon.start": "2022-12-31"},
    {"vessels.ferry.limits.wind_m_s": 22},
    {"flows.wagons.arrivals": {"poisson": {"per_day": 3}}},
]


@pytest.mark.parametrize("happens", [edited, deleted, parent_gone])
def test_what_happens_to_the_files_later_changes_no_child(child, happens):
    before = [child.with_(change) for change in CHANGES]
    happens()
    after = [child.with_(change) for change in CHANGES]
    assert [one.hash for one in after] == [one.hash for one in before]
    assert after == before
    assert len({one.hash for one in after}) == len(CHANGES)


def test_a_child_goes_back_to_a_table_that_another_child_does_not_use(child):
    other = child.with_({"flows.wagons.arrivals": {"poisson": {"per_day": 3}}})
    deleted()
    again = other.with_({"flows.wagons.arrivals": {"trace": {"file": "sub/t.csv"}}})
    assert again.hash == child.hash


def test_a_file_that_a_change_newly_names_is_read_from_the_working_folder(
    child, write, tmp_path_factory, monkeypatch
):
    write("sub/t.csv", "time,units\n2023-01-09,9\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    change = {"flows.wagons.arrivals.trace.file": "other.csv"}
    with pytest.raises(ScenarioError, match=r"the trace file '.*other\.csv' does not exist"):
        child.with_(change)
    Path("other.csv").write_text("time,units\n2023-01-04,7\n")
    newly = child.with_(change)
    assert newly.traces == {"wagons": ((3 * 86400, 7),)}
    monkeypatch.chdir(tmp_path_factory.mktemp("yet-elsewhere"))
    assert newly.with_({"demand.scale": 2}).traces == newly.traces
    assert list(newly.tables) == ["other.csv", "wind.csv"]


def test_with_reads_no_file(child, monkeypatch):
    def no_disk(self, *_args, **_more):
        raise AssertionError(f"{self} is read")

    for name in (
        "open",
        "stat",
        "is_file",
        "is_dir",
        "resolve",
        "rglob",
        "read_text",
        "read_bytes",
    ):
        monkeypatch.setattr(Path, name, no_disk)
    assert [child.with_(change).name for change in CHANGES] == ["child"] * len(CHANGES)


def test_a_child_of_a_shipped_scenario_reads_no_file(monkeypatch):
    base = load("baseline-2023")

    def no_disk(self, *_args, **_more):
        raise AssertionError(f"{self} is read")

    monkeypatch.setattr(Path, "open", no_disk)
    assert base.with_({"demand.scale": 5}).hash != base.hash


def test_the_tables_are_those_in_use_with_their_content(child):
    assert list(child.tables) == ["sub/t.csv", "wind.csv"]
    assert child.tables["wind.csv"] == WIND.encode()
    poisson = child.with_({"flows.wagons.arrivals": {"poisson": {"per_day": 3}}})
    assert list(poisson.tables) == ["wind.csv"]
