"""A corridor whose truth is one draw of the model: nine observations of ten lie in their interval.

The truth has inputs of its own within the ranges, and random numbers of its own, of neither of which
the forecast knows anything. A forecast that holds inputs at their written values must be seen to
cover less, or the test could not tell.
"""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.analysis.numbers import numbers_of
from sim.analysis.observed import INPUTS, REPLICATIONS, draw_seasons, targets_of, validate
from sim.analysis.observed._forecast import LEVEL, binomial_interval
from sim.runs.runner import Runner
from sim.spec.parameters import changes_at, parameters
from sim.study.replicate import replicate

LINE = """
title: a line
horizon: {start: 2023-01-01, days: 45, warmup_days: 5, followup_days: 20}
places: {a: {}, b: {}}
flows:
  boxes: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: {value: 12, low: 8, high: 18, assumed: x}}}}
vessels: {ferry: {capacity: {wagon: 54}}}
services:
  line:
    from: a
    to: b
    vessel: ferry
    vessels: {value: 3, low: 2, high: 4, assumed: x}
    crossing: {gamma: {mean: {value: 20h, low: 12h, high: 36h, assumed: x}, cv: 0.3}}
    handling: 4h
    departure: {a: {value: at_once, alternatives: [{headway: 12h}], assumed: x}, b: at_once}
observed:
  wagons: {title: wagons, metric: units_per_day, where: b, flow: [unit:wagon], unit: 1/d,
           value: {value: 12, low: 11.5, high: 12.5, assumed: x}}
  load: {title: load, metric: load_factor, where: "line:a>b", unit: share,
         value: {value: 0.2, low: 0.19, high: 0.21, assumed: x}}
  days: {title: days, metric: transit_days_mean, unit: days,
         value: {value: 2, low: 1, high: 3, assumed: x}}
"""
TRUTH_SEED = 10_000
REPLICATED = 8
"""Replications of the forecast that holds inputs; they are few, since it is to be seen to fail."""
TARGETS = ("wagons", "load", "days")


@pytest.fixture(scope="module")
def line(tmp_path_factory) -> sim.Scenario:
    file = tmp_path_factory.mktemp("line") / "line.yaml"
    file.write_text(LINE)
    return sim.load(file)


def _with_truth(line: sim.Scenario, trial: int) -> sim.Scenario:
    """Return the line with what one season at inputs of its own gives as its observations."""
    varied = parameters(line)
    shares = np.random.default_rng([TRUTH_SEED, trial]).random(len(varied)).tolist()
    truth = line.with_(changes_at(varied, shares))
    numbers = numbers_of(sim.simulate(truth, seed=TRUTH_SEED + trial).metrics())
    seen = {}
    for target in targets_of(line):
        value = target.of(numbers)
        ends = {"low": 0.98 * value, "high": 1.02 * value, "assumed": "simulated"}
        seen[f"observed.{target.id}.value"] = {"value": value, **ends}
    return line.with_(seen)


def _hits(line: sim.Scenario, trials: int, seasons: int) -> dict[str, dict[str, int]]:
    """Return how many observations of each target lie inside, by what varies in the forecast."""
    hits = {kind: dict.fromkeys(TARGETS, 0) for kind in (REPLICATIONS, INPUTS)}
    with Runner(workers=1) as runner:
        for trial in range(trials):
            data = _with_truth(line, trial)
            options = {"seed": 1 + trial, "runner": runner}
            study = replicate(data, replications=REPLICATED, keep_log=False, **options)
            validation = validate(study, draw_seasons(data, seasons, **options))
            for checked in validation.checked:
                for kind, of_target in hits.items():
                    of_target[checked.target.id] += checked.forecasts[kind].is_inside
    return hits


def _check(line: sim.Scenario, trials: int, seasons: int, half_width: float) -> None:
    hits = _hits(line, trials, seasons)
    for target in TARGETS:
        # Three targets, each at 99.7 %: together at 99 %.
        share = binomial_interval(hits[INPUTS][target], trials, 0.997)
        assert not share.excludes(LEVEL), (target, tuple(share))
        assert share.half_width < half_width
        alone = binomial_interval(hits[REPLICATIONS][target], trials, 0.997)
        assert alone.high < LEVEL, (target, tuple(alone))


def test_an_observation_lies_in_the_interval_of_a_season_nine_times_of_ten(line):
    _check(line, trials=40, seasons=19, half_width=0.2)


@pytest.mark.long
def test_many_observations_lie_in_the_interval_of_a_season_nine_times_of_ten(line):
    _check(line, trials=300, seasons=39, half_width=0.06)


def test_seasons_are_the_same_for_any_number_of_workers_and_more_keep_the_first(line):
    few = draw_seasons(line, 6)
    with Runner(workers=2) as runner:
        more = draw_seasons(line, 11, runner=runner)
    assert np.array_equal(few.values, more.values[:6], equal_nan=True)
    table = few.table()
    assert list(table) == ["season", *TARGETS, *(one.id for one in parameters(line))]
    assert set(table["services.line.departure.a"]) == {"at_once", "{headway: 12h}"}
