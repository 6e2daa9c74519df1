"""Studies against theory: saturation, common random numbers, and the coverage of intervals of what is simulated."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import sim
from sim.runs.requests import Request
from sim.runs.runner import Runner
from sim.study.growth import LIMIT
from sim.study.interval import Interval
from sim.study.replicate import replicate
from sim.verify import theory

FAST_GATE = {
    "flows.trucks.arrivals.poisson.per_day": 48,
    "roads.street.gates.port.time": {"exponential": "15min"},
}


def test_saturation_of_a_queue_is_where_theory_says():
    """Three lanes of an hour each carry 72 a day; growth counts beyond 2 % of the flow, so 72 / 0.98 can be offered."""
    changes = {"horizon.days": 800, "horizon.warmup_days": 30, "roads.street.gates.port.lanes": 3}
    gate = sim.load("textbook/gate", {**changes, "flows.trucks.arrivals.poisson.per_day": 40})
    saturation = sim.saturation(gate, replications=6, seed=20231123)
    exact = 72 / 40 / (1 - LIMIT)
    assert saturation.binding == "street:gate:port"
    assert saturation.multiple == pytest.approx(exact, rel=0.02)
    assert saturation.high - saturation.low < 0.06 * exact
    assert saturation.low <= exact <= saturation.high


def test_common_random_numbers_halve_the_interval_of_one_more_berth():
    """Vessels queue for one berth, or two: the difference in transit time, on the same and on other random numbers."""
    text = {"ports.alat.berths.rail.berths": 2}
    base = sim.load(
        "textbook/closed-fleet",
        {"services.line.vessels": 4, "horizon.days": 400, "horizon.warmup_days": 30},
    )
    name, count = "round_trips_per_vessel_year", 12

    def values(scenario, seed):
        rows = replicate(scenario, replications=count, seed=seed, workers=1, keep_log=False).metrics
        return (
            rows[(rows["name"] == name) & (rows["where"] == "line")]
            .sort_values("replication")["value"]
            .to_numpy()
        )

    before = values(base, 1)
    same, other = values(base.with_(text), 1), values(base.with_(text), 2)

    def width(differences):
        mean, low, high = Interval.of(differences.tolist())
        assert mean > 0
        return high - low

    independent = (
        2 * 2.07 * sqrt((before.var(ddof=1) + other.var(ddof=1)) / count)
    )  # t of 22 degrees, 95 %
    assert width(same - before) <= 0.5 * independent


@pytest.mark.long
@pytest.mark.parametrize("precision", [None, 0.03])
def test_intervals_of_a_queue_cover_what_theory_says(precision):
    """M/M/1 at load 0.5: 400 studies of ten replications, or of as many as a precision takes."""
    gate = sim.load("textbook/gate", {**FAST_GATE, "horizon.days": 40, "horizon.warmup_days": 5})
    exact = (theory.mmc_wait_h(2, 1, 0.25) + 0.25) / 24
    hits, sizes = 0, []
    with Runner() as runner:
        for seed in range(400):
            if precision is None:
                request = Request.of(gate, seed, range(10))
                metrics = {r.number: r.metrics for _, r in runner.collect([request])}
                frames = [metrics[number] for number in sorted(metrics)]
            else:
                study = replicate(
                    gate,
                    replications=400,
                    precision=precision,
                    seed=seed,
                    runner=runner,
                    keep_log=False,
                )
                frames = [replication.metrics for replication in study.replications]
            values = []
            for frame in frames:
                rows = frame[(frame["name"] == "transit_days_mean") & frame["flow"].isna()]
                values.append(float(rows["value"].iloc[0]))
            _, low, high = Interval.of(values)
            hits += low <= exact <= high
            sizes.append(len(values))
    assert 0.92 <= hits / 400 <= 0.98, (
        f"{hits} of 400, {np.mean(sizes):.1f} replications on average"
    )
