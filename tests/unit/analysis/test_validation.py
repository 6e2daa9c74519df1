"""Targets read from metrics, and a study held against them."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

import sim
from sim.analysis.numbers import numbers_of
from sim.analysis.observed._seasons import draw_seasons
from sim.analysis.observed._targets import inputs_behind, targets_of
from sim.analysis.observed._validate import MISSING, validate
from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.runs.runner import Runner
from sim.study.interval import Interval
from sim.study.replicate import replicate

LINE = """
title: a line
horizon: {start: 2023-01-01, days: 400, warmup_days: 35, followup_days: 30}
places: {a: {}, b: {}}
flows:
  boxes: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: {value: 54, low: 50, high: 60, source: KUR-015}}}}
  cars: {unit: car, origin: a, destination: b, arrivals: {poisson: {per_day: 10}}}
vessels: {ferry: {capacity: {wagon: 54, car: 108}}}
services:
  line: {from: a, to: b, vessel: ferry, vessels: 8, crossing: 20h, handling: 4h, departure: {a: {full: 1.0}, b: at_once}}
"""
OBSERVED = """
calls: {title: calls, metric: calls_per_year, where: b, value: {value: 400, low: 380, high: 440, source: 'assumed: x'}, unit: 1/a, use: fitted}
winter:
  title: winter over ten months
  metric: units_per_day
  where: b
  flow: [unit:wagon, unit:car]
  months: [feb, dec]
  over: {months: [mar, apr, may]}
  value: {value: 1, low: 0.9, high: 1.1, source: 'assumed: x'}
  unit: ratio
loads: {title: units a call, metric: units_per_call, where: b, flow: [unit:wagon], value: {value: 54, low: 53, high: 55, source: KUR-015}, unit: wagons, follows_from: [calls], use: judged}
nowhere: {title: none, metric: units_per_call, where: b, flow: [unit:car], months: [jan], value: {value: 2, low: 1, high: 3, source: 'assumed: x'}, unit: cars}
"""

VALIDATE = ("validate", "--workers", "1", "--seasons", "0")


@pytest.fixture
def line(tmp_path):
    (tmp_path / "seen").mkdir()
    (tmp_path / "seen" / "then.yaml").write_text(OBSERVED)
    file = tmp_path / "line.yaml"
    file.write_text(LINE + "observed: seen/then.yaml\n")
    return sim.load(file)


@pytest.fixture
def study(line):
    return replicate(line, replications=3, workers=1, keep_log=True)


def test_a_target_is_read_from_the_metrics_of_a_replication(study):
    numbers = numbers_of(study.replications[0].metrics)
    calls, winter, loads, nowhere = targets_of(study.scenario)
    assert calls.of(numbers) == numbers["calls_per_year", "b", None, None]
    by_month = {
        month: sum(
            numbers["units_per_day", "b", f"unit:{unit}", month] for unit in ("wagon", "car")
        )
        for month in ("feb", "mar", "apr", "may", "dec")
    }
    some = (28 * by_month["feb"] + 31 * by_month["dec"]) / 59
    others = (31 * by_month["mar"] + 30 * by_month["apr"] + 31 * by_month["may"]) / 92
    assert winter.of(numbers) == pytest.approx(some / others)
    assert loads.of(numbers) == pytest.approx(
        numbers["units_per_day", "b", "unit:wagon", None] * 365 / calls.of(numbers)
    )
    assert pd.isna(nowhere.of(numbers))


def test_months_add_up_to_the_window_by_the_log_alone(study):
    """Calls and units by month, counted once more from trips, row by row."""
    log = study.replications[0].log
    numbers, start = numbers_of(study.replications[0].metrics), pd.Timestamp(log.facts.start_date)
    trips = log["trips"]
    window = (log.facts.warmup_s, log.facts.window_end_s)
    ended = trips[(trips["end_s"] >= window[0]) & (trips["end_s"] < window[1])]
    here = ended[ended["direction"] == 0]
    months = (start + pd.to_timedelta(here["end_s"], unit="s")).dt.month
    # The window begins on 5 February and ends on 4 February of the next year.
    assert numbers["calls_per_day", "b", None, "mar"] == pytest.approx((months == 3).sum() / 31)
    assert numbers["calls_per_day", "b", None, "feb"] == pytest.approx((months == 2).sum() / 28)
    aboard = (
        log["aboard"]
        .merge(here[["trip", "end_s"]], on="trip")
        .merge(log["lots"][["lot", "flow"]], on="lot")
    )
    wagons = aboard[aboard["flow"] == 0]
    assert wagons["units"].sum() == pytest.approx(
        numbers["units_per_day", "b", "unit:wagon", None] * 365
    )
    assert (
        numbers["units_per_day", "b", "unit:wagon", None]
        == numbers["units_per_day", "b/line", "unit:wagon", None]
    )


def test_a_miss_is_reported_and_what_follows_from_others_is_not_counted(study):
    validation = validate(study)
    table = validation.table().set_index("target")
    assert table.loc["calls", ["use", "counts", "range_low", "range_high"]].tolist() == [
        "fitted",
        True,
        380,
        440,
    ]
    assert table.loc["calls", "range_share"] == pytest.approx(60 / 400)
    assert table.loc["nowhere", "verdict"] == MISSING and not table.loc["nowhere", "inside"]
    assert table["counts"].tolist() == [True, True, False, True]
    for target, row in table.iterrows():
        if target != "nowhere":
            assert row["inside"] == (row["range_low"] <= row["simulated"] <= row["range_high"])
    fitted, judged = validation.share_inside("fitted"), validation.share_inside("judged")
    assert fitted[1] == 1 and judged == (int(table.loc["winter", "inside"]), 2)


@pytest.mark.parametrize(
    ("low", "high", "is_inside", "is_clear"),
    [(0.5, 2, True, True), (1, 2, True, False), (1.01, 2, False, False), (1.3, 2, False, True)],
)
def test_an_interval_that_holds_an_end_of_the_range_is_not_clear(
    study, low, high, is_inside, is_clear
):
    (checked, *_) = validate(study).checked
    target = replace(checked.target, low=low, high=high)
    found = replace(checked, target=target, simulated=Interval(1.0, 0.8, 1.2))
    assert (found.is_inside, found.is_clear) == (is_inside, is_clear)


def test_inputs_that_lean_on_the_row_of_a_target_are_known(line):
    _, winter, loads, _ = targets_of(line)
    assert inputs_behind(line, loads) == ("flows.boxes.arrivals.poisson.per_day",)
    assert inputs_behind(line, winter) == ()


def test_the_command_prints_the_table_and_the_document(line, tmp_path, capsys):
    file, out = str(line.file), tmp_path / "out"
    assert corridor([*VALIDATE, file, "-n", "2", "--json", "-", "--out", str(out)]) == 0
    document = json.loads(capsys.readouterr().out)
    inside = [row for row in document["metrics"] if row["name"] == "target_inside"]
    assert [row["where"] for row in inside] == ["calls", "winter", "loads", "nowhere"]
    assert {row["group"] for row in inside} == {"fitted", "judged"}
    assert [row["value"] for row in inside] == [1, 1, 0, 0]
    assert document["targets"][3]["simulated"] is None
    assert len(pd.read_csv(out / "validation.csv")) == 4
    assert (out / "figures" / "validation.png").stat().st_size > 10_000
    assert corridor([*VALIDATE, file, "-n", "2"]) == 0
    printed = capsys.readouterr().out
    assert "no number" in printed and "1 follow from others" in printed
    assert "loads is judged by a row of evidence on which 1 inputs depend" in printed


def test_what_a_source_counted_is_shown_beside_the_target(line, tmp_path, capsys):
    seen = line.file.parent / "seen" / "then.yaml"
    measured = "measured: {at: the quay, with: [empty ones], differs: the metric counts cars too}"
    seen.write_text(seen.read_text().replace("use: fitted}", f"use: fitted, {measured}}}"))
    table = validate(replicate(sim.load(line.file), replications=1, workers=1)).table()
    assert table["measured"].tolist() == ["the quay; with empty ones", *3 * ["not stated"]]
    assert table["differs"].tolist() == ["the metric counts cars too", "", "", ""]
    assert corridor([*VALIDATE, str(line.file), "-n", "1"]) == 0
    assert "what the sources counted" in capsys.readouterr().out


def test_a_scenario_without_targets_cannot_be_validated(capsys):
    assert corridor(["validate", "textbook/one-ferry-line", "-n", "1", "--workers", "1"]) == 2
    assert "says nothing of what was observed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("observed", "message"),
    [
        ("elsewhere.yaml", "'elsewhere.yaml' is no file in the folder of the scenario"),
        ("../line.yaml", "is no file in the folder of the scenario"),
        (
            "{calls: {title: x, metric: y, value: 5, unit: z}}",
            "observed.calls.value: a target needs a range",
        ),
        (
            "{calls: {title: x, metric: y, flow: [boxs], value: {value: 5, low: 4, high: 6, assumed: x}, unit: z}}",
            "observed.calls.flow.0: 'boxs' is no flow, kind of unit or scope; did you mean 'boxes'?",
        ),
        (
            "{calls: {title: x, metric: y, measured: {from: a}, value: {value: 5, low: 4, high: 6, assumed: x}, unit: z}}",
            "write 'from' and 'to', or 'at'",
        ),
        (
            "{calls: {title: x, metric: y, months: [june], value: {value: 5, low: 4, high: 6, assumed: x}, unit: z}}",
            "observed.calls.months.0",
        ),
        (
            "{calls: {title: x, metric: y, follows_from: [call], value: {value: 5, low: 4, high: 6, assumed: x}, unit: z}}",
            "'call' is no target; did you mean 'calls'?",
        ),
    ],
)
def test_wrong_targets_are_reported_with_their_place(tmp_path, observed, message):
    file = tmp_path / "line.yaml"
    file.write_text(f"{LINE}observed: {observed}\n")
    with pytest.raises(sim.ScenarioError) as caught:
        sim.load(file)
    assert message in str(caught.value)


def test_a_mistake_in_the_file_of_targets_is_reported_there(tmp_path):
    (tmp_path / "then.yaml").write_text("calls: {title: x, metric: y, vaule: 5, unit: z}\n")
    (tmp_path / "line.yaml").write_text(f"{LINE}observed: then.yaml\n")
    with pytest.raises(sim.ScenarioError) as caught:
        sim.load(tmp_path / "line.yaml")
    assert "then.yaml:1:" in str(caught.value) and "did you mean 'value'" in str(caught.value)


def test_a_child_has_its_own_targets_or_those_of_its_parent(line):
    folder = line.file.parent
    (folder / "heir.yaml").write_text("extends: line\ntitle: heir\n")
    (folder / "other.yaml").write_text("extends: line\ntitle: other\nobserved: other-seen.yml\n")
    (folder / "other-seen.yml").write_text(OBSERVED.split("winter:", maxsplit=1)[0])
    assert [target.id for target in targets_of(sim.load(folder / "heir.yaml"))] == [
        "calls",
        "winter",
        "loads",
        "nowhere",
    ]
    assert [target.id for target in targets_of(sim.load(folder / "other.yaml"))] == ["calls"]
    set_one = sim.load(folder / "heir.yaml", {"observed.calls.use": "judged"})
    assert len(targets_of(set_one)) == 4


NAIVE = """
wagons:
  title: wagons
  metric: units_per_day
  where: b
  flow: [unit:wagon]
  value: {value: 57, low: 54, high: 60, source: 'assumed: x'}
  naive: {value: 40, low: 30, high: 50, source: 'assumed: x'}
  unit: 1/d
  regime: calm
"""


def test_an_observation_is_judged_by_one_season_and_beside_a_naive_forecast(line, capsys):
    seen = line.file.parent / "seen" / "then.yaml"
    seen.write_text(NAIVE)
    with_naive = sim.load(line.file)
    study = replicate(with_naive, replications=3, workers=1)
    store = line.file.parent / "store"
    with Runner(workers=1, store=store) as runner:
        seasons = draw_seasons(with_naive, 19, runner=runner)
    (row,) = validate(study, seasons).table().to_dict("records")
    assert (row["naive"], row["naive_low"], row["naive_high"]) == (40, 30, 50)
    assert row["naive_score"] == pytest.approx(20 + 20 * 7)
    assert (row["naive_verdict"], row["inputs_verdict"]) == ("outside", "inside")
    drawn = seasons.of("wagons")
    assert (row["inputs_low"], row["inputs_high"]) == (min(drawn), max(drawn))
    assert row["season_high"] - row["season_low"] < row["inputs_high"] - row["inputs_low"]
    (beside,) = validate(study, seasons).against_naive("inputs").to_dict("records")
    assert beside["sharpness"] == pytest.approx((max(drawn) - min(drawn)) / 20)
    assert beside["skill"] == pytest.approx(1 - (max(drawn) - min(drawn)) / 160)
    command = ["validate", str(line.file), "-n", "3", "--seasons", "19", "--workers", "1"]
    command += ["--store", str(store)]
    assert corridor([*command, "--json", "-"]) == 0
    rows = json.loads(capsys.readouterr().out)["metrics"]
    inputs = {row["name"]: row for row in rows if row["activity"] == "inputs"}
    ends = {"low": min(drawn), "high": max(drawn), "value": 1, "unit": "1"}
    assert inputs["forecast_inside"].items() >= ends.items()
    assert inputs["crps"]["unit"] == inputs["interval_score"]["unit"] == "1/d"
    # One hit of one: the exact interval of 95 % begins at 0.025.
    assert inputs["forecast_coverage"]["value"] == 1
    assert inputs["forecast_coverage"]["low"] == pytest.approx(0.025)
    assert corridor(command) == 0
    printed = capsys.readouterr().out
    assert "90 % interval of one season" in printed and "0.53 to 0.88 OUT" in printed


def test_seasons_of_another_scenario_are_refused(line, study):
    seasons = draw_seasons(line.with_({"services.line.vessels": 7}), 2)
    with pytest.raises(sim.UsageError, match="which differs from the study"):
        validate(study, seasons)


def test_seasons_without_inputs_to_vary_are_refused_when_asked_for(line, capsys):
    text = line.file.read_text().replace("{value: 54, low: 50, high: 60, source: KUR-015}", "54")
    line.file.write_text(text)
    command = ["validate", str(line.file), "-n", "2", "--workers", "1"]
    assert corridor([*command, "--seasons", "3"]) == 2
    assert "no value carries a range" in capsys.readouterr().err
    assert corridor(command) == 0
    assert "inputs over ranges  " not in capsys.readouterr().out


def test_a_naive_forecast_needs_the_ends_of_its_interval(tmp_path):
    file = tmp_path / "line.yaml"
    target = (
        "{title: x, metric: y, value: {value: 5, low: 4, high: 6, assumed: x}, naive: 4, unit: z}"
    )
    file.write_text(f"{LINE}observed: {{calls: {target}}}\n")
    with pytest.raises(sim.ScenarioError, match=r"calls\.naive: a naive forecast needs the ends"):
        sim.load(file)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "metric: units_per_cal",
            "observed.loads: the runs have no metric 'units_per_cal'; did you mean 'units_per_call'?",
        ),
        ("where: bb", "observed.loads: the runs have no place, line or resource 'bb'"),
    ],
)
def test_a_target_of_what_no_run_has_is_refused(tmp_path, wrong, said):
    target = "{title: loads, metric: units_per_call, where: b, flow: [unit:wagon], value: {value: 54, low: 53, high: 55, assumed: x}, unit: wagons}"
    key = wrong.split(":")[0]
    other = target.replace(f"{key}: units_per_call" if key == "metric" else "where: b", wrong)
    file = tmp_path / "line.yaml"
    file.write_text(LINE.replace("days: 400", "days: 60") + f"observed: {{loads: {other}}}\n")
    with pytest.raises(UsageError, match="observed") as caught:
        validate(replicate(sim.load(file), replications=1, workers=1))
    assert said in str(caught.value)
