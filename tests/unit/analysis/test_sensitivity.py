"""Sensitivity as a user calls it: what is refused, what is reported, what is written, and that nothing is computed twice."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.sensitivity import _study as study
from sim.analysis.sensitivity import sensitivity_runs
from sim.analysis.sensitivity._screening import effects, importance
from sim.analysis.sensitivity._sobol import indices
from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.plot import tornado
from sim.spec.parameters import parameters

LINE = """
title: a line
horizon: {start: 2023-01-01, days: 40, warmup_days: 10, followup_days: 10}
places: {a: {}, b: {}}
flows:
  boxes: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: {value: 12, low: 6, high: 18, assumed: x}}}}
vessels: {ferry: {capacity: {wagon: {value: 54, low: 50, high: 60, assumed: x}}}}
services:
  line:
    from: a
    to: b
    vessel: ferry
    vessels: {value: 3, low: 2, high: 4, assumed: x}
    crossing: {gamma: {mean: {value: 20h, low: 15h, high: 30h, source: TT_SEA_MIN, fitted: x}, cv: 0.1}}
    handling: 4h
    departure: at_once
"""
CROSSING = "services.line.crossing.gamma.mean"
PLAIN = {
    "flows.boxes.arrivals.poisson.per_day": 12,
    "vessels.ferry.capacity.wagon": 54,
    "services.line.vessels": 3,
    CROSSING: "20h",
}
FEW = ["--points", "8", "-n", "2", "--workers", "1"]
RUNS = 2 * (4 + 2) + 8 * (4 + 2 + 2) + 2 * (2 * 4 + 1)


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return str(file)


def test_the_command_reports_what_the_responses_depend_on_and_computes_nothing_twice(
    line, tmp_path, capsys
):
    out = tmp_path / "out"
    command = ["sensitivity", line, *FEW, "--out", str(out)]
    assert corridor(command) == 0
    printed, message = capsys.readouterr()
    assert f"{RUNS} replications in all" in message
    assert (
        "what carried_t_per_year [t/a] depends on" in printed
        and "inputs that are assumed" in printed
    )
    assert corridor([*command, "--json", "-"]) == 0
    printed, message = capsys.readouterr()
    assert f"0 replications computed, {RUNS} read" in message
    document = json.loads(printed)
    assert (
        document["replications"] == RUNS and document["parameters"] == 4 and document["lost"] == []
    )
    (crossing,) = [
        row
        for row in document["tornado"]
        if (row["outcome"], row["parameter"]) == ("transit_days_mean", CROSSING)
    ]
    assert (crossing["low_end"], crossing["high_end"]) == ("15h", "1d 6h")
    assert crossing["low_change"] < 0 < crossing["high_change"]
    for name in ("shares", "indices", "tornado", "screening"):
        assert len(pd.read_csv(out / f"{name}.csv"))
    assert (out / "figures" / "tornado-transit_days_p90.png").exists()
    # Twice the points take up those that are there.
    more = ["--points", "16"]
    assert corridor([*command, *more]) == 0
    _, message = capsys.readouterr()
    computed = int(message.split(" replications computed")[0].split()[-1])
    assert 0 < computed <= 8 * 8


RULE = "services.line.departure"
RULES = {
    "value": "at_once",
    "alternatives": [{"headway": "96h"}, {"headway": "48h"}],
    "assumed": "which holds is not published",
}


def test_alternatives_are_each_tried_alone_and_the_tornado_names_the_extremes(line):
    asked = ("transit_days_mean",)
    base = sim.load(line).with_({RULE: RULES})
    found = sim.sensitivity(base, asked, points=8, replications=2, runner=sim.Runner(workers=1))
    assert found.runs == sensitivity_runs(base, trajectories=2, points=8, replications=2)
    levels = found.alternatives().set_index("level")
    assert list(levels.index) == ["at_once", "{headway: 96h}", "{headway: 48h}"]
    assert levels["change"].iloc[0] == 0
    assert levels["change"].iloc[1] > levels["change"].iloc[2] > 0
    row = found.tornado().set_index("parameter").loc[RULE]
    assert (row["low_end"], row["high_end"]) == ("at_once", "{headway: 96h}")
    assert (row["low_change"], row["high_change"]) == (0, levels["change"].iloc[1])
    assert "at_once to {headway: 96h}" in tornado(found.tornado()).get_yticklabels()[0].get_text()
    by_itself = base.with_({RULE: {"headway": "96h"}})
    study = sim.replicate(by_itself, replications=2, runner=sim.Runner(workers=1))
    summary = study.summary()
    whole = summary[summary[["where", "flow", "activity"]].isna().all(axis=1)].set_index("name")
    assert levels["mean"].iloc[1] == pytest.approx(whole.loc["transit_days_mean", "mean"])


def test_workers_change_nothing(line, capsys):
    documents = []
    for workers in ("1", "2"):
        command = [
            "sensitivity",
            line,
            "--points",
            "8",
            "-n",
            "2",
            "--workers",
            workers,
            "--json",
            "-",
        ]
        assert corridor([*command, "--outcome", "transit_days_mean:boxes"]) == 0
        documents.append(capsys.readouterr().out)
    assert documents[0] == documents[1]
    assert {row["outcome"] for row in json.loads(documents[0])["indices"]} == {
        "transit_days_mean:boxes"
    }


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ([], ["--outcome", "transit_mean"], "outcome transit_mean: the runs have no such number"),
        ([], ["--outcome", "transit_days_mean@c"], "did you mean transit_days_mean"),
        ([], ["--outcome", "carried_share", "--outcome", "carried_share"], "is asked for twice"),
        (
            [],
            ["--points", "12"],
            "points must be a power of two from 8 on, such as 32 or 64; got 12",
        ),
        ([], ["--trajectories", "1"], "'--trajectories'"),
        (
            [f"{path}={value}" for path, value in PLAIN.items()],
            [],
            "line: no value carries a range, so nothing can be varied",
        ),
    ],
)
def test_what_cannot_be_asked_is_reported(line, capsys, changes, options, message):
    sets = [part for change in changes for part in ("--set", change)]
    assert corridor(["sensitivity", line, *FEW, *options, *sets]) == 2
    assert message in capsys.readouterr().err


def test_without_salib_the_remedy_is_reported(line, monkeypatch):
    monkeypatch.setattr(study, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'middle-corridor-sim\[study\]'"):
        sim.sensitivity(sim.load(line))


def test_points_that_are_no_scenario_and_answers_that_do_not_exist_are_reported(line, capsys):
    """A port that is shut nearly always is refused; a line that cannot carry what comes has no transit time."""
    exposure = json.dumps({"value": 1, "low": 0.5, "high": 2, "assumed": "x"})
    demand = json.dumps({"value": 12, "low": 6, "high": 400, "assumed": "x"})
    sets = [
        "weather.closed_share=[0.6,0.6,0.6,0.6,0.6,0.6,0.6,0.6,0.6,0.6,0.6,0.6]",
        "weather.spell=24h",
    ]
    sets += [f"weather.exposure.a={exposure}", f"flows.boxes.arrivals.poisson.per_day={demand}"]
    command = [
        "sensitivity",
        line,
        *FEW,
        *(part for change in sets for part in ("--set", change)),
        "--json",
        "-",
    ]
    assert corridor(command) == 0
    printed, message = capsys.readouterr()
    document = json.loads(printed)
    assert {lost["stage"] for lost in document["lost"]} == {
        "screening",
        "indices",
        "ends of ranges",
    }
    assert all(0 < lost["runs"] < lost["of"] for lost in document["lost"])
    # Two values with a range that are set from outside are two parameters.
    assert document["parameters"] == 5
    assert (
        "warning: ends of ranges: 2 of 20 runs gave no numbers; the first: no scenario: --set: "
        in message
    )
    lost = sum(lost["runs"] for lost in document["lost"])
    assert (
        document["missing"]["carried_t_per_year"] == lost < document["missing"]["transit_days_mean"]
    )
    rows = [row for row in document["tornado"] if row["parameter"] == "weather.exposure.a"]
    assert len(rows) == 4  # outcomes
    assert all(row["at_high"] is None and row["high_change"] is None for row in rows)


def test_a_block_with_a_hole_is_left_out_and_too_few_blocks_have_no_index():
    rng = np.random.default_rng(4)
    answers = rng.normal(size=(20, 5))
    whole = indices(answers[3:], seed=1)
    answers[:3, 2] = np.nan
    assert np.array_equal(indices(answers, seed=1).total, whole.total) and whole.blocks == 17
    assert np.isnan(indices(answers[:10], seed=1).total).all()
    assert np.isnan(indices(np.ones((20, 5)), seed=1).first).all()


def test_a_missing_answer_costs_the_effects_beside_it_alone():
    walk = np.array(
        [[[0.0, 0.0], [2 / 3, 0.0], [2 / 3, 2 / 3]], [[1.0, 1.0], [1.0, 1 / 3], [1 / 3, 1 / 3]]]
    )
    found = effects(walk, np.array([[0.0, 2.0, np.nan], [3.0, 1.0, -1.0]]))
    assert found.mean.tolist() == pytest.approx([3.0, 3.0]) and found.count.tolist() == [2, 1]
    assert found.spread[0] == pytest.approx(0) and np.isnan(found.spread[1])
    assert importance(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == pytest.approx([0.18, 0.32])


def test_the_second_of_two_routes_gets_what_the_first_leaves():
    """Shares sum to one, so that they are one parameter."""
    base = sim.load("baseline-2023")
    (share,) = [one for one in parameters(base) if ".routes." in one.id]
    changed = base.with_(share.changes(0.55))
    routes = changed.spec.flows["boxes-china-poti"].routes
    assert {name: route.share for name, route in routes.items()} == pytest.approx(
        {"altynkol": 0.55, "dostyk": 0.45}
    )


def test_a_tornado_says_what_is_assumed_and_where_there_is_no_number():
    row = {
        "outcome": "carried_share",
        "unit": "share",
        "parameter": "a.b.c",
        "confidence": "assumption",
        "base": 0.9,
    }
    row |= {
        "low_end": "1",
        "high_end": "3",
        "low_change": -0.1,
        "low_change_low": -0.2,
        "low_change_high": 0.0,
    }
    row |= {"high_change": np.nan, "high_change_low": np.nan, "high_change_high": np.nan}
    ax = tornado(pd.DataFrame([row]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a.b.c*\n1 to 3"]
    assert [text.get_text() for text in ax.texts] == [" no number"]
    assert ax.get_xlabel() == "change of carried_share [share]; as it is 0.9"
    assert [text.get_text() for text in tornado(pd.DataFrame()).texts] == [
        "no answer at the ends of the ranges"
    ]
