"""MSER-5: where a series has settled."""

from __future__ import annotations

import numpy as np
import pytest

from sim.metrics.warmup import mser5


@pytest.mark.parametrize("days", [40, 100, 200])
def test_a_start_that_fades_is_cut_off(days):
    generator = np.random.default_rng(days)
    series = 100 + generator.normal(0, 3, 1000)
    series[:days] -= 100
    found = mser5(series)
    assert found is not None and found.is_settled
    assert abs(found.days - days) <= 15


def test_a_level_series_needs_no_run_in():
    found = mser5(50 + np.random.default_rng(1).normal(0, 5, 2000))
    assert found is not None and found.is_settled
    assert found.days <= 100


def test_a_series_that_grows_has_not_settled():
    found = mser5(np.arange(1000.0))
    assert found is not None and not found.is_settled


def test_the_rule_is_the_one_of_its_authors():
    """By hand over the batches 0, 8, 10, 10, 10, 10: the spread over what is left is 0 once two are cut."""
    found = mser5(np.repeat([0.0, 8, 10, 10, 10, 10], 5))
    assert found is not None
    assert found.days == 10


def test_a_series_of_days_is_too_short_to_tell():
    assert mser5(np.ones(19)) is None


@pytest.mark.parametrize("level", [0.1, 1 / 3, 1e6 + 1 / 3, 0.0])
def test_a_constant_series_needs_no_run_in(level):
    found = mser5(np.full(400, level))
    assert found is not None
    assert (found.days, found.is_settled) == (0, True)


def test_a_high_level_hides_nothing():
    noise = np.random.default_rng(2).normal(0, 1, 500)
    noise[:60] -= 30
    assert mser5(1e9 + noise) == mser5(noise + 100)
