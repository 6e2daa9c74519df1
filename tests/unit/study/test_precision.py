"""Precision: replications until the intervals are narrow enough, and intervals that still cover what they say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import UsageError
from sim.metrics.rows import Row, frame_of
from sim.runs.replication import Replication
from sim.study import replicate as module
from sim.study.interval import Interval
from sim.study.replicate import replicate


class Drawn:
    """A runner that draws outcomes in place of simulating: lognormal around 1, with a variation of a quarter."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self.stages: list[int] = []

    def collect(self, requests):
        (request,) = requests
        self.stages.append(len(request.numbers))
        for number in request.numbers:
            value = self._generator.lognormal(-0.5 * math.log(1.0625), math.sqrt(math.log(1.0625)))
            rows = frame_of([Row("transit_days_mean", value, "d")])
            yield (
                0,
                Replication(number, rows, pd.DataFrame(), np.zeros(0, np.int64), pd.DataFrame(), 0),
            )


@pytest.fixture(scope="module")
def line():
    return sim.load("textbook/one-ferry-line", {"horizon.days": 100, "horizon.warmup_days": 10})


def _interval(study) -> Interval:
    return Interval.of(float(r.metrics["value"].iloc[0]) for r in study.replications)


def test_the_interval_covers_as_often_as_it_says_after_stopping(line, monkeypatch):
    """The binomial bounds of 95 % over 400 studies are 92.5 to 97.2 % (at 99 %)."""
    request = module.Request.of(line, 1, range(1))
    monkeypatch.setattr(module.Request, "of", lambda *_, **__: request)
    hits = 0
    generator = np.random.default_rng(20231123)
    for _ in range(400):
        runner = Drawn(generator)

        def of(_scenario, _seed, numbers, **_rest):
            from dataclasses import replace

            return replace(request, numbers=numbers)

        monkeypatch.setattr(module.Request, "of", of)
        study = replicate(line, replications=5000, precision=0.08, runner=runner)
        mean, low, high = _interval(study)
        assert study.precision_missed is None
        assert (high - low) / 2 <= 0.08 * mean
        hits += low <= 1 <= high
    assert 0.925 <= hits / 400 <= 0.975


def test_stages_are_few(line):
    runner = Drawn(np.random.default_rng(1))
    study = replicate(line, replications=5000, precision=0.02, runner=runner)
    assert runner.stages[0] == module.FIRST_STAGE
    assert len(runner.stages) <= 5
    assert sum(runner.stages) == len(study.replications)


def test_a_precision_that_is_not_reached_is_reported(line):
    study = replicate(
        line, replications=30, precision=0.001, runner=Drawn(np.random.default_rng(1))
    )
    assert len(study.replications) == 30
    assert study.precision_missed == 0.001


def test_the_precision_holds_for_what_is_simulated(line):
    study = replicate(line, replications=300, precision=0.05, workers=1, keep_log=False)
    summary = study.summary()
    main = summary[
        summary["name"].isin([o.name for o in module.MAIN])
        & summary["flow"].isna()
        & summary["where"].isna()
    ]
    assert sorted(main["name"]) == sorted(outcome.name for outcome in module.MAIN)
    assert ((main["high"] - main["low"]) / 2 <= 0.05 * main["mean"].abs()).all()


@pytest.mark.parametrize("precision", [0, -0.1, 1, 5])
def test_impossible_precisions_are_refused(line, precision):
    with pytest.raises(UsageError, match="precision"):
        replicate(line, precision=precision)


def test_one_replication_is_no_precision(line):
    study = replicate(line, replications=1, precision=0.5, runner=Drawn(np.random.default_rng(1)))
    assert study.precision_missed == 0.5


def test_without_a_number_it_runs_as_many_as_it_takes(line):
    study = replicate(line, precision=0.05, runner=Drawn(np.random.default_rng(1)))
    assert study.precision_missed is None
    assert len(study.replications) > module.FIRST_STAGE
