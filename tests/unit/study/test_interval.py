"""Intervals: they cover as often as they say, and keep the bounds of their kind of number."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import sim
from sim.study.interval import (
    ANY,
    MISSING,
    NOT_NEGATIVE,
    SHARE,
    Interval,
    bounds_of,
    interval_columns,
)
from sim.units import format_mean_and_half


def test_t_interval_and_what_does_not_exist():
    interval = Interval.of([1.0, 2.0, 3.0])
    assert tuple(interval) == pytest.approx((2.0, 2 - 2.4841377, 2 + 2.4841377))
    assert (interval.count, interval.confidence, interval.has_bounds) == (3, 0.95, True)
    assert math.isnan(Interval.of([1.0, math.nan]).mean)
    mean, low, high = Interval.of([4.0])
    assert mean == 4
    assert math.isnan(low) and math.isnan(high)
    assert not Interval.of([4.0]).has_bounds and not Interval.of([4.0]).excludes(0)
    assert all(map(math.isnan, Interval.of([]))) and all(map(math.isnan, MISSING))


@pytest.mark.parametrize(
    ("values", "bounds", "expected"),
    [
        ([0.9, 1.0, 0.98], SHARE, (None, 1.0)),
        ([0.0, 0.02, 0.01], SHARE, (0.0, None)),
        ([0.0, 5.0, 1.0], NOT_NEGATIVE, (0.0, None)),
        ([0.0, 5.0, 1.0], ANY, (None, None)),
        ([0.4, 0.5, 0.6], SHARE, (None, None)),
        # A value beyond a bound does not refute it, but an interval beyond it does.
        ([0.0, 1.2, 0.3], SHARE, (0.0, 1.0)),
        ([1.30, 1.31, 1.32], SHARE, (None, None)),
        # The mean is never cut.
        ([1.0 + 1e-12, 1.0 + 1e-12, 1.0 + 1e-12], SHARE, (1.0 + 1e-12, 1.0 + 1e-12)),
        ([0.9, 1.0 + 1e-12, 0.98], SHARE, (None, 1.0)),
    ],
)
def test_an_interval_is_cut_at_the_bounds_of_its_kind_and_nowhere_else(values, bounds, expected):
    cut, whole = Interval.of(values, bounds), Interval.of(values)
    assert cut.mean == whole.mean
    low, high = (
        end if end is not None else whole_end
        for end, whole_end in zip(expected, (whole.low, whole.high), strict=True)
    )
    assert (cut.low, cut.high) == (low, high)
    assert cut.low <= cut.mean <= cut.high


@pytest.mark.parametrize("bounds", [ANY, SHARE, NOT_NEGATIVE])
@pytest.mark.parametrize(("a", "b"), [(5, 5), (20, 0.5), (0.7, 30)])
def test_an_interval_covers_exactly_as_often_cut_as_whole(bounds, a, b):
    """Of shares in the middle, near 1 and near 0: the true mean is never in what is cut off."""
    generator = np.random.default_rng(5)
    true = a / (a + b)
    for _ in range(2000):
        values = generator.beta(a, b, 5).tolist()
        cut, whole = Interval.of(values, bounds), Interval.of(values)
        assert cut.excludes(true) == whole.excludes(true)


def test_the_interval_covers_as_often_as_it_says():
    generator = np.random.default_rng(5)
    intervals = (Interval.of(generator.normal(10, 3, 5).tolist()) for _ in range(2000))
    hits = sum(not interval.excludes(10) for interval in intervals)
    assert abs(hits / 2000 - 0.95) < 3.3 * math.sqrt(0.95 * 0.05 / 2000)


def test_an_interval_knows_its_columns_and_reads_them_back():
    interval = Interval.of([1.0, 2.0, 3.0])
    assert interval_columns() == ("mean", "low", "high")
    assert list(interval.named("gain", "gain")) == ["gain", "gain_low", "gain_high"]
    row = pd.Series({**interval.named("days", "wait"), "n": 3})
    assert Interval.from_row(row, "days", "wait") == interval
    assert interval.half_width == pytest.approx(2.4841377)
    assert interval.excludes(-1) and not interval.excludes(0) and interval.excludes(4.6)


def test_a_cut_interval_is_not_written_as_if_it_were_symmetric():
    assert format_mean_and_half(*Interval.of([2.0, 3.0, 4.0], NOT_NEGATIVE)) == "3.0 (±2.5)"
    assert format_mean_and_half(*Interval.of([0.0, 2.0, 3.0], NOT_NEGATIVE)) == "1.7 (0.0 to 5.5)"
    assert format_mean_and_half(*Interval.of([0.5])) == "0.500"


def test_metrics_have_the_bounds_of_their_kind():
    assert bounds_of("occupancy", "share") == bounds_of("overloaded", "0 or 1") == SHARE
    assert (
        bounds_of("transit_days_p90", "d") == bounds_of("cost_usd_per_t", "USD/t") == NOT_NEGATIVE
    )
    assert bounds_of("stack_growth_per_year", "units/a") == ANY
    assert bounds_of("carried_share", "share") == SHARE


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("baseline-2023", {"horizon.start": "2022-12-01", "horizon.days": 50}),
        ("textbook/one-ferry-line", {"horizon.days": 800, "demand.scale": 4}),
    ],
)
def test_no_metric_lies_beyond_its_bounds_and_no_interval_either(name, changes):
    short = {"horizon.warmup_days": 10, "horizon.followup_days": 10}
    study = sim.replicate(sim.load(name, {**short, **changes}), replications=3, workers=1)
    for row in study.metrics.itertuples(index=False):
        least, most = bounds_of(row.name, row.unit)
        if row.name == "carried_share":
            # A window may deliver what was created before it.
            most = math.inf
        assert math.isnan(row.value) or least <= row.value <= most + 1e-9, row
    for row in study.summary().itertuples(index=False):
        least, most = bounds_of(row.name, row.unit)
        assert not row.low < least and not row.high > max(most, row.mean) + 1e-9, row
