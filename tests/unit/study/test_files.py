"""Studies on disk: whole or absent, and after reading equal to what was written."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

import sim
from sim.errors import MachineError, UsageError
from sim.metrics.measure import measure
from sim.report import limit_tables, project_tables, source_tables, study_tables
from sim.study.comparison import compare
from sim.study.files import load_studies, load_study, save_comparison, save_study, whole

SHORT = {
    "horizon.start": "2022-12-01",
    "horizon.days": 60,
    "horizon.warmup_days": 10,
    "horizon.followup_days": 10,
}


@pytest.fixture(scope="module")
def study():
    scenario = sim.load("baseline-2023").with_(SHORT)
    return sim.replicate(scenario, replications=2, seed=7, workers=1)


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    save_study(replace(study, precision_missed=0.02), folder)
    return folder


def test_a_study_read_back_has_equal_results(study, folder):
    again = load_study(folder)
    assert (again.scenario.name, again.scenario.hash, again.seed) == (
        study.scenario.name,
        study.scenario.hash,
        study.seed,
    )
    assert again.precision_missed == 0.02
    pd.testing.assert_frame_equal(again.metrics, study.metrics, check_exact=True)
    pd.testing.assert_frame_equal(again.summary(), study.summary(), check_exact=True)
    pd.testing.assert_frame_equal(again.years, study.years, check_exact=True)
    pd.testing.assert_frame_equal(again.cargo_waiting, study.cargo_waiting, check_exact=True)
    for left, right in zip(again.replications, study.replications, strict=True):
        assert (left.number, left.events) == (right.number, right.events)
        pd.testing.assert_frame_equal(left.closures, right.closures)
        assert (left.inside_kg == right.inside_kg).all()


def test_costs_and_carbon_can_be_measured_from_a_log_read_back(study, folder):
    log = load_study(folder).replications[0].log
    assert log is not None
    measured = measure(log)
    names = set(measured["name"])
    assert {"cost_usd_per_t", "price_usd_per_t", "time_usd_per_t", "co2e_kg_per_t"} <= names
    pd.testing.assert_frame_equal(measured, study.replications[0].metrics, check_exact=True)
    assert load_study(folder).replications[1].log is None


@pytest.mark.parametrize(
    "make",
    [
        study_tables.flows,
        study_tables.observed,
        study_tables.by_year,
        limit_tables.growing,
        limit_tables.busiest,
        limit_tables.waits,
        limit_tables.closed,
        project_tables.projects,
    ],
)
def test_the_tables_of_a_report_are_equal(study, folder, make):
    assert make(load_study(folder)) == make(study)


def test_key_numbers_and_sources_of_a_report_are_equal(study, folder):
    again = load_study(folder)
    assert study_tables.key_numbers([again]) == study_tables.key_numbers([study])
    for rows in (
        source_tables.sources,
        source_tables.assumptions,
        source_tables.confidence,
        source_tables.evidence_used,
    ):
        assert rows(source_tables.numbers_used([again])) == rows(
            source_tables.numbers_used([study])
        )


def test_a_comparison_read_back_has_equal_differences(study, tmp_path):
    other = sim.replicate(
        study.scenario.with_({"demand.scale": 1.2}), replications=2, seed=7, workers=1
    )
    save_comparison(compare(study, other), tmp_path)
    again = compare(*load_studies(tmp_path))
    pd.testing.assert_frame_equal(again.table(), compare(study, other).table(), check_exact=True)
    assert study_tables.differences(again) == study_tables.differences(compare(study, other))


def test_a_folder_of_another_version_is_refused_by_its_name(folder, tmp_path):
    about = json.loads((folder / "manifest.json").read_text())
    del about["format"]
    about["versions"]["middle-corridor-sim"] = "0.1.0"
    (tmp_path / "manifest.json").write_text(json.dumps(about))
    with pytest.raises(
        UsageError, match=r"version 0\.1\.0 wrote it.*write it again into a new --out"
    ):
        load_study(tmp_path)


def test_what_is_missing_or_changed_is_named(study, tmp_path):
    save_study(study, tmp_path)
    text = (tmp_path / "scenario.yaml").read_text()
    (tmp_path / "scenario.yaml").write_text(text.replace("days: 60", "days: 61"))
    with pytest.raises(UsageError, match=r"scenario\.yaml is damaged or was changed"):
        load_study(tmp_path)
    (tmp_path / "scenario.yaml").write_text(text)
    (tmp_path / "replications" / "1.zip").unlink()
    with pytest.raises(UsageError, match=r"1\.zip is missing"):
        load_study(tmp_path)
    with pytest.raises(UsageError, match="holds no study"):
        load_studies(tmp_path / "log")
    with pytest.raises(UsageError, match="no such folder"):
        load_studies(tmp_path / "nowhere")


def test_a_file_is_whole_or_absent(tmp_path):
    target = tmp_path / "x.txt"
    with pytest.raises(MachineError, match="No space left"), whole(target) as part:
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []
