"""Shares of variance against exact values: the Ishigami function, and an M/M/1 queue written as a scenario."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

import sim
from sim.analysis.sensitivity._screening import effects, trajectories
from sim.analysis.sensitivity._sobol import Factor, design, indices

CERTAIN = 3.29 / 1.96
"""From an interval of 95 % to one of 99.9 %."""


def ishigami(shares):
    """Ishigami and Homma (1990) with a = 7, b = 0.1, over -pi to pi."""
    x = np.pi * (2 * shares - 1)
    return np.sin(x[..., 0]) + 7 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * np.sin(x[..., 0])


def test_ishigami():
    """Each index within 0.02 and within its own interval at 99.9 %; the factor of two inputs has their closed share."""
    a, b = 7, 0.1
    alone = [0.5 * (1 + b * np.pi**4 / 5) ** 2, a**2 / 8, 0.0]
    together = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = sum(alone) + together
    first = np.array([*alone, alone[1] + alone[2]]) / variance
    total = np.array([alone[0] + together, alone[1], together, alone[1] + together]) / variance
    factors = [Factor("1", (0,)), Factor("2", (1,)), Factor("3", (2,)), Factor("2 and 3", (1, 2))]
    shares = indices(ishigami(design(factors, 3, 4096, seed=1)), seed=1)
    assert np.abs(shares.first - first).max() < 0.02
    assert np.abs(shares.total - total).max() < 0.02
    assert (
        np.abs(shares.first - first) <= CERTAIN * shares.first_half
    ).all() and shares.first_half.max() < 0.04
    assert (
        np.abs(shares.total - total) <= CERTAIN * shares.total_half
    ).all() and shares.total_half.max() < 0.05


def test_intervals_cover_the_exact_indices():
    """Over 100 designs of 64 blocks 95 % intervals hold the exact total index 88 times or more, and are no wider than need be."""
    factors = [Factor("1", (0,)), Factor("2", (1,)), Factor("3", (2,))]
    exact = np.array([0.5576, 0.4424, 0.2437])
    held, half_widths = np.zeros(3), np.zeros(3)
    for seed in range(100):
        shares = indices(ishigami(design(factors, 3, 64, seed=seed)), seed=seed)
        held += np.abs(shares.total - exact) <= shares.total_half
        half_widths += shares.total_half / 100
    assert (held >= 88).all()
    assert (half_widths < [0.33, 0.18, 0.12]).all()


def test_what_only_redraws_the_noise_has_no_share_alone_and_no_more_than_the_noise_in_all():
    """The answer is the first input and noise that any change at all draws anew."""

    def answer(rows):
        noise = np.sin(1e5 * (rows @ np.array([1.0, np.e, np.pi])))
        return rows[..., 0] + 0.2 * noise

    factors = [Factor("matters", (0,)), Factor("redraws", (1,)), Factor("noise", (2,))]
    shares = indices(answer(design(factors, 3, 1024, seed=3)), seed=3)
    noise = 0.02 / (0.02 + 1 / 12)
    assert abs(shares.first[1]) <= shares.first_half[1] < 0.05
    assert shares.total[1] == pytest.approx(noise, abs=0.02)
    assert shares.total[2] == pytest.approx(noise, abs=0.02)
    assert shares.total[1] - shares.total_half[1] < shares.total[2]


def test_effects_are_those_of_salib():
    from SALib.analyze import morris

    walks = trajectories(3, 10, seed=1)
    answers = ishigami(walks)
    of_walks = effects(walks, answers)
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(
        problem, walks.reshape(-1, 3), answers.reshape(-1), num_levels=4, seed=1
    )
    for ours, name in (
        (of_walks.mean, "mu"),
        (of_walks.size, "mu_star"),
        (of_walks.spread, "sigma"),
    ):
        assert np.allclose(ours, np.asarray(theirs[name], float))


QUEUE = """
title: a queue of which nobody knows the rate or the time of service
horizon: {days: 130, warmup_days: 10, followup_days: 10}
places: {town: {}, port: {}}
flows:
  trucks:
    unit: truck
    origin: town
    destination: port
    arrivals: {poisson: {per_day: {value: 9, low: 6, high: 12, assumed: x}}}
roads:
  street:
    from: town
    to: port
    gates: {port: {lanes: 1, time: {exponential: {value: 60min, low: 30min, high: 84min, source: TT_SEA_MIN, fitted: x}}}}
vessels: {laid-up: {capacity: {truck: {value: 54, low: 20, high: 60, assumed: x}}}}
"""
RATE, SERVICE, LAID_UP = (
    "flows.trucks.arrivals.poisson.per_day",
    "roads.street.gates.port.time.exponential",
    "vessels.laid-up",
)


def exact():
    """First-order indices of the mean time in an M/M/1 system, s / (1 - rate s), over the ranges."""

    def mean(function, low, high):
        return quad(function, low, high)[0] / (high - low)

    rates, times = (6.0, 12.0), (30 / 1440, 84 / 1440)

    def days(rate, s):
        return s / (1 - rate * s)

    all_of_it = mean(lambda rate: mean(lambda s: days(rate, s), *times), *rates)
    variance = mean(lambda rate: mean(lambda s: (days(rate, s) - all_of_it) ** 2, *times), *rates)
    by_rate = mean(lambda rate: (mean(lambda s: days(rate, s), *times) - all_of_it) ** 2, *rates)
    by_time = mean(lambda s: (mean(lambda rate: days(rate, s), *rates) - all_of_it) ** 2, *times)
    return by_rate / variance, by_time / variance


def test_an_mm1_queue_as_a_scenario(scenario):
    """Shares of the inputs' variance against integration over the ranges; random numbers have one of their own; what is unused has none."""
    by_rate, by_time = exact()
    queue = scenario(QUEUE)
    runner = sim.Runner(workers=1)
    options = {"trajectories": 2, "points": 64, "replications": 2, "runner": runner}
    study = sim.sensitivity(queue, ["transit_days_mean"], **options)
    table = study.indices().set_index("factor")
    noise = table.loc["random numbers", "total"]
    assert noise < 0.1
    for path, alone, other in ((RATE, by_rate, by_time), (SERVICE, by_time, by_rate)):
        row = table.loc[path]
        half = row["first_high"] - row["first"]
        assert abs(row["first"] - alone * (1 - noise)) <= CERTAIN * half and half < 0.27
        half = row["total_high"] - row["total"]
        in_all = (1 - other) * (1 - noise)
        # The total index holds what the input does to the noise, too: at most all of it.
        assert (
            in_all - CERTAIN * half <= row["total"] <= in_all + noise + CERTAIN * half
            and half < 0.27
        )
    unused = table.loc[f"{LAID_UP}.capacity.truck"]
    assert abs(unused["first"]) <= 1e-9 and unused["total"] <= 1e-9 and not unused["above_noise"]
    share = study.shares().iloc[0]
    # Alone, the rate is all that is assumed.
    assert share["assumptions_low"] <= by_rate <= share["assumptions_high"]
    assert share["assumptions_high"] - share["assumptions_low"] < 0.5
