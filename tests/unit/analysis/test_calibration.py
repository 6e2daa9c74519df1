"""Calibration as a user calls it: what is refused, what is written, and that it goes on where it was."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.observed._surface import Surface, least_points
from sim.cli.main import run as corridor
from sim.plot import plausible

LINE = """
title: a line
horizon: {start: 2023-01-01, days: 60, warmup_days: 10, followup_days: 20}
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
    crossing: {gamma: {mean: {value: 20h, low: 15h, high: 30h, assumed: x}, cv: {value: 0.1, low: 0.05, high: 0.2, assumed: x}}}
    handling: 4h
    departure: at_once
observed:
  wagons: {title: wagons, metric: units_per_day, where: b, flow: [unit:wagon], use: fitted, unit: 1/d,
           value: {value: 10, low: 9, high: 11, assumed: x}}
  trips: {title: trips, metric: round_trips_per_vessel_year, where: line, use: fitted, family: ships, unit: 1/a,
          value: {value: 160, low: 150, high: 170, assumed: x}}
"""
CROSSING = "services.line.crossing.gamma.mean"
PER_DAY = "flows.boxes.arrivals.poisson.per_day"
FEW = ["--search", "4", "--wave", "12", "-n", "1"]


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return str(file)


def test_a_surface_of_second_degree_goes_through_a_polynomial_of_second_degree():
    rng = np.random.default_rng(5)
    shares = rng.uniform(size=(least_points([0, 0, 0]) + 4, 3))

    def truth(x):
        return np.stack(
            [1 + 2 * x[:, 0] - 3 * x[:, 1] * x[:, 2] + x[:, 2] ** 2, x.sum(axis=1)], axis=1
        )

    surface = Surface.through(shares, truth(shares), [0, 0, 0])
    new = rng.uniform(size=(20, 3))
    assert np.allclose(surface.at(new), truth(new))
    assert np.allclose(surface.residual, 0)


def test_the_command_writes_a_scenario_with_its_provenance_and_goes_on_where_it_was(
    line, tmp_path, capsys
):
    out = tmp_path / "out"
    command = [
        "calibrate",
        line,
        "--parameter",
        CROSSING,
        "--parameter",
        PER_DAY,
        *FEW,
        "--out",
        str(out),
    ]
    command += ["--set", "services.line.vessels=4"]
    assert corridor([*command, "--workers", "1"]) == 0
    printed, message = capsys.readouterr()
    assert "40 replications in all" in message and "40 replications computed, 0 read" in message
    assert "each family of targets, by a fit to the others" in printed
    assert corridor([*command, "--workers", "2", "--json", "-"]) == 0
    printed, message = capsys.readouterr()
    assert "0 replications computed, 40 read" in message
    document = json.loads(printed)
    assert [row["parameter"] for row in document["parameters"]] == [CROSSING, PER_DAY]
    (tmp_path / "calibrated.yaml").write_text((out / "calibrated.yaml").read_text())
    fitted = sim.load(tmp_path / "calibrated.yaml")
    (crossing,) = [row for row in document["parameters"] if row["parameter"] == CROSSING]
    sourced = fitted.sources[tuple(CROSSING.split("."))]
    assert sourced.confidence == "fitted" and sourced.fitted == "to wagons, trips"
    assert fitted.spec.services["line"].crossing.mean == pytest.approx(
        crossing["best"] * 3600, abs=1
    )
    assert fitted.spec.services["line"].vessels == 4
    assert fitted.spec.services["line"].crossing.parameters[1] == pytest.approx(0.1)
    assert "# Made by: corridor calibrate line --parameter" in (out / "calibrated.yaml").read_text()
    assert len(pd.read_csv(out / "points.csv")) == 40


def test_workers_change_nothing(line, tmp_path, capsys):
    command = ["calibrate", line, "--parameter", CROSSING, *FEW, "--json", "-"]
    documents = []
    for workers in ("1", "2"):
        assert corridor([*command, "--workers", workers]) == 0
        documents.append(capsys.readouterr().out)
    assert documents[0] == documents[1]


def test_a_surface_tells_levels_apart_that_have_no_order():
    rng = np.random.default_rng(6)
    levels = [0, 4]
    count = least_points(levels) + 6
    assert least_points(levels) == 1 + 4 + 1 + 3
    shares = np.column_stack([rng.uniform(size=count), np.arange(count) % 4 / 3])

    def truth(x):
        effect = np.array([0.0, 5.0, -2.0, 3.0])[np.round(3 * x[:, 1]).astype(int)]
        return (effect * (1 + x[:, 0]) + x[:, 0] ** 2)[:, None]

    surface = Surface.through(shares, truth(shares), levels)
    assert np.allclose(surface.at(shares), truth(shares))
    assert np.allclose(surface.residual, 0)


def test_a_calibration_chooses_between_rules_and_says_which_are_left(line):
    """At 12 wagons a day and a headway of ten days, 37 trips a year are far from the 160 seen."""
    rule = "services.line.departure"
    rules = {"value": {"headway": "240h"}, "alternatives": ["at_once"], "assumed": "unknown"}
    found = sim.calibrate(
        sim.load(line).with_({rule: rules}),
        [rule, CROSSING],
        search=4,
        wave=12,
        replications=1,
        runner=sim.Runner(workers=1),
    )
    fit, _ = found.fits
    assert fit.is_identified and fit.level_names() == ["at_once"]
    assert found.table()["plausible_levels"].tolist() == ["at_once", ""]
    assert found.changes()[rule]["value"] == "at_once"
    assert set(found.points()[rule].map(str)) == {"at_once", "{'headway': '240h'}"}
    chosen = found.scenario.with_(found.changes())
    assert all(one.at_once for one in chosen.spec.services["line"].departure.values())
    texts = [text.get_text() for text in plausible(found.table()).texts]
    assert "plausible: at_once" in texts


def test_whole_numbers_stay_whole(line):
    found = sim.calibrate(
        sim.load(line),
        ["services.line.vessels", CROSSING],
        search=4,
        wave=12,
        replications=1,
        runner=sim.Runner(workers=1),
    )
    vessels = found.points()["services.line.vessels"]
    assert set(vessels) <= {2, 3, 4} and len(set(vessels)) == 3


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        (
            [],
            ["--parameter", "services.line.crossing"],
            "services.line.crossing is no value with a range",
        ),
        ([], ["--parameter", CROSSING, "--parameter", CROSSING], "is named twice"),
        ([], ["--parameter", CROSSING, "--wave", "3"], "for 1 parameters, 6 a wave; got 64 and 3"),
        ([], [], "Missing option '--parameter'"),
        (["observed=null"], ["--parameter", CROSSING], "says nothing of what was observed"),
        (
            ["observed.wagons.use=judged", "observed.trips.use=judged"],
            ["--parameter", CROSSING],
            "no targets that may",
        ),
        (
            ["observed.trips.where=lime"],
            ["--parameter", CROSSING, *FEW],
            "observed.trips: the runs have no place, line or resource 'lime'; did you mean 'line'?",
        ),
    ],
)
def test_what_cannot_be_fitted_is_reported(line, capsys, changes, options, message):
    sets = [part for change in changes for part in ("--set", change)]
    assert corridor(["calibrate", line, *options, *sets, "--workers", "1"]) == 2
    assert message in capsys.readouterr().err


def test_without_optuna_the_remedy_is_reported(line, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert corridor(["calibrate", line, "--parameter", CROSSING, *FEW, "--workers", "1"]) == 2
    assert "pip install 'middle-corridor-sim[study]'" in capsys.readouterr().err


def test_a_point_that_is_no_scenario_is_passed_over(line):
    """A port that is shut nearly always is refused; the other points are enough."""
    exposure = {"value": 1, "low": 0.5, "high": 2, "assumed": "x"}
    weather = {"closed_share": [0.6] * 12, "spell": "24h", "exposure": {"a": exposure}}
    stormy = sim.load(line).with_({"weather": weather})
    options = {"search": 4, "wave": 12, "replications": 1, "runner": sim.Runner(workers=1)}
    found = sim.calibrate(stormy, ["weather.exposure.a"], **options)
    refused = ~np.isfinite(found.discrepancy)
    assert 0 < refused.sum() < len(refused) / 2
    assert np.isfinite(found.discrepancy[found.best])
