"""Forecasts of one season against theory: what an interval holds, and what scores are worth."""

from __future__ import annotations

from math import exp, inf, nan, pi, sqrt

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import binomtest

from sim.analysis.observed._forecast import (
    LEVEL,
    TAIL,
    Forecast,
    binomial_interval,
    crps,
    forecast_interval,
    interval_score,
)
from sim.study.interval import Bounds, Interval

SEED = 20231123
Z = 1.6448536269514722
"""Of the normal distribution, 95 %."""


def _density(z: float) -> float:
    return exp(-z * z / 2) / sqrt(2 * pi)


def _crps_of_normal(mean: float, sd: float, observed: float) -> float:
    """Return the exact score of a normal forecast (Gneiting and Raftery 2007)."""
    z = (observed - mean) / sd
    return sd * (z * (2 * ndtr(z) - 1) + 2 * _density(z) - 1 / sqrt(pi))


@pytest.mark.parametrize("observed", [5.0, 6.3, 1.0])
@pytest.mark.parametrize("members", [2, 5, 40])
def test_the_crps_of_a_normal_ensemble_is_unbiased_for_any_number_of_members(members, observed):
    ensembles = np.random.default_rng(SEED).normal(5.0, 2.0, (6000, members))
    scores = [crps(ensemble, observed) for ensemble in ensembles.tolist()]
    estimate = Interval.of(scores, confidence=0.999)
    exact = _crps_of_normal(5.0, 2.0, observed)
    assert not estimate.excludes(exact)
    assert estimate.half_width < 0.1


def test_the_crps_by_hand():
    # |1-4| and |3-4| in the mean, less a quarter of both differences of 2.
    assert crps([3.0, 1.0], 4.0) == pytest.approx((3 + 1) / 2 - 2 / 2)
    assert np.isnan(crps([3.0], 4.0))


def test_the_interval_score_of_a_normal_forecast_has_its_exact_mean():
    """Width 2z and fines 40 (phi(z) - z/20) make 4 phi(z) / 0.1."""
    drawn = np.random.default_rng(SEED).normal(size=40_000).tolist()
    estimate = Interval.of([interval_score(-Z, Z, one) for one in drawn], confidence=0.999)
    assert not estimate.excludes(4 * _density(Z) / 0.1)
    assert estimate.half_width < 0.1


def test_wider_and_narrower_intervals_score_worse_in_the_mean():
    def mean_score(z: float) -> float:
        return 2 * z + 2 / TAIL * (_density(z) - z * (1 - ndtr(z)))

    assert mean_score(Z) < min(mean_score(0.8 * Z), mean_score(1.2 * Z))


@pytest.mark.parametrize(("observed", "score"), [(12, 10), (10, 10), (21, 10 + 20), (9.5, 10 + 10)])
def test_an_observation_outside_costs_twenty_times_its_distance(observed, score):
    assert interval_score(10, 20, observed) == pytest.approx(score)


def test_nineteen_seasons_give_their_extremes_and_thirty_nine_all_but_one_at_each_end():
    values = np.random.default_rng(SEED).permutation(100)[:39].astype(float).tolist()
    assert forecast_interval(values[:19]) == (min(values[:19]), max(values[:19]))
    ordered = sorted(values)
    assert forecast_interval(values) == (ordered[1], ordered[-2])
    # 29 seasons: rank 1.5 from each end.
    ordered = sorted(values[:29])
    low, high = forecast_interval(values[:29])
    assert (low, high) == ((ordered[0] + ordered[1]) / 2, (ordered[-1] + ordered[-2]) / 2)


def test_few_seasons_are_taken_as_normal_and_kept_within_what_can_be():
    low, high = forecast_interval([1.0, 3.0])
    half = 6.313751514675043 * sqrt(2) * sqrt(1.5)
    assert (low, high) == pytest.approx((2 - half, 2 + half))
    assert forecast_interval([1.0, 3.0], Bounds(0.0, inf)) == (0.0, pytest.approx(2 + half))
    assert np.isnan(forecast_interval([1.0])).all()


@pytest.mark.parametrize(
    ("seasons", "draw"),
    [(8, "normal"), (19, "exponential"), (29, "exponential"), (39, "exponential")],
)
def test_a_further_season_lies_inside_nine_times_of_ten(seasons, draw):
    rng = np.random.default_rng(SEED)
    trials = 4000
    hits = 0
    for values in getattr(rng, draw)(size=(trials, seasons + 1)).tolist():
        low, high = forecast_interval(values[1:])
        hits += low <= values[0] <= high
    share = binomial_interval(hits, trials, 0.999)
    assert not share.excludes(LEVEL)
    assert share.half_width < 0.02


@pytest.mark.parametrize(("hits", "of"), [(0, 9), (5, 9), (9, 9), (31, 40)])
def test_the_share_of_hits_has_the_exact_binomial_interval(hits, of):
    share, exact = binomial_interval(hits, of), binomtest(hits, of).proportion_ci(0.95, "exact")
    assert tuple(share) == pytest.approx((hits / of, exact.low, exact.high))


def test_no_targets_have_no_share():
    assert np.isnan(tuple(binomial_interval(0, 0))).all()


def test_seasons_without_a_number_are_left_out_and_counted():
    forecast = Forecast.of_seasons([nan, *range(39)], observed=2.0)
    assert (forecast.low, forecast.high, forecast.seasons) == (1.0, 37.0, 39)
    assert forecast.is_inside and forecast.score == forecast.width == 36.0
    nothing = Forecast.of_seasons([nan, nan], observed=2.0)
    assert not nothing.exists and not nothing.is_inside and nothing.seasons == 0
