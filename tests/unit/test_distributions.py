"""Distributions: moments against samples, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.distributions import NAMES, fixed, parse_distribution
from sim.streams import Streams

CASES = {
    "fixed": 5000,
    "exponential": {"mean": 5000},
    "gamma": {"mean": 5000, "cv": 0.6},
    "erlang": {"mean": 5000, "k": 3},
    "lognormal": {"mean": 5000, "cv": 0.9},
    "uniform": {"low": 2000, "high": 9000},
    "triangular": {"low": 1000, "mode": 2000, "high": 9000},
    "pert": {"low": 1000, "mode": 2000, "high": 9000},
    "weibull": {"mean": 5000, "shape": 1.7},
    "empirical": {"values": [1000, 4000, 9000], "weights": [1, 2, 3]},
}
SIZE = 200_000


def test_every_name_is_tried():
    assert set(CASES) == set(NAMES)


@pytest.mark.parametrize("name", CASES)
def test_samples_have_the_moments_that_are_stated(name):
    distribution = parse_distribution(
        {name: CASES[name]} if name != "fixed" else CASES[name], float
    )
    sample = distribution.sample(np.random.default_rng(11), SIZE)
    assert sample.dtype == np.int64
    # Family-wise 99.9 % over the table for the mean; rounding adds 1/12 to the variance.
    quantile = stats.norm.ppf(1 - 0.001 / (2 * len(CASES)))
    assert abs(sample.mean() - distribution.mean) <= quantile * math.sqrt(
        (distribution.variance + 1 / 12) / SIZE
    )
    assert sample.var() == pytest.approx(distribution.variance, rel=0.03, abs=0.1)


def test_scaling_scales_mean_and_spread():
    for name, body in CASES.items():
        distribution = parse_distribution({name: body} if name != "fixed" else body, float)
        twice = distribution.scaled(2)
        assert twice.mean == pytest.approx(2 * distribution.mean)
        assert twice.variance == pytest.approx(4 * distribution.variance)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"normal": {"mean": 3}}, "got normal"),
        ({"gamma": {"mean": 3}}, "needs exactly mean, cv"),
        ({"uniform": {"low": 9, "high": 3}}, "must be ordered"),
        ({"erlang": {"mean": 3, "k": 1.5}}, "whole number"),
        ({"exponential": -3}, "not negative"),
        ({"empirical": {"values": [], "weights": []}}, "list of values"),
        (float("nan"), "finite"),
    ],
)
def test_impossible_distributions_are_refused(raw, message):
    with pytest.raises(ValueError, match=message):
        parse_distribution(raw, float)


def test_streams_depend_on_name_seed_and_replication_alone():
    def draws(seed, replication, name):
        return Streams(seed, replication).generator(name).random(4).tolist()

    assert draws(0, 1, "crossing/a/0") == draws(0, 1, "crossing/a/0")
    different = [
        draws(0, 1, "a"),
        draws(1, 1, "a"),
        draws(0, 2, "a"),
        draws(0, 1, "b"),
        draws(1, 0, "a"),
    ]
    assert len({tuple(d) for d in different}) == len(different)


def test_a_constant_takes_no_random_numbers():
    draws = Streams(1, 1).draws(fixed(7), "x")
    assert [next(draws) for _ in range(3)] == [7, 7, 7]
