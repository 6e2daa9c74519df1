"""Arrivals by hour of day and day of week: exact mean rates, exact intensity, and what follows from it."""

from __future__ import annotations

from datetime import date
from math import exp

import numpy as np
import pytest
from scipy.stats import chi2

import sim
from sim.engine.cargo.demand import draw_arrivals
from sim.streams import Streams
from sim.units import DAY, HOUR, WEEK

START = date(2024, 1, 3)
"""A Wednesday."""
HOURS = "[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]"
DAYS = "[1, 2, 1, 1, 1, 0, 0.5]"
FLOW = """
title: t
horizon: {{start: 2024-01-03, days: {days}, followup_days: 0}}
places: {{a: {{}}, b: {{}}}}
roads: {{r: {{from: a, to: b, running: {{exponential: 6h}}}}}}
flows: {{f: {{unit: truck, origin: a, destination: b, {flow}}}}}
"""


def _times(network, flow, days, changes=()):
    net = network(FLOW.format(flow=flow, days=days), changes)
    return np.array(draw_arrivals(net, 0, Streams(1, 0), (START, days * DAY)).at_s)


def test_poisson_arrivals_have_the_intensity_of_every_hour_of_the_week(network):
    weeks = 200
    flow = f"arrivals: {{poisson: {{per_day: 200}}}}, hours_of_day: {HOURS}, days_of_week: {DAYS}"
    at_s = _times(network, flow, 7 * weeks)
    counts = np.bincount((at_s // HOUR + 2 * 24) % 168, minlength=168).reshape(7, 24)
    days, hours = np.array([1, 2, 1, 1, 1, 0, 0.5]), np.zeros(24)
    hours[8:16] = 1
    exact = 200 * weeks * np.outer(days / days.mean(), hours / hours.mean() / 24)
    assert not counts[exact == 0].any()
    some = exact > 0
    distance = ((counts - exact)[some] ** 2 / exact[some]).sum()
    assert distance < chi2.ppf(0.999, some.sum())
    # The intensity of an hour is known to 3 % at least.
    assert exact[some].min() > 1 / 0.03**2
    # No more variable than Poisson: each week is independent of the others.
    assert counts.sum() == pytest.approx(200 * 7 * weeks, abs=3.3 * (1400 * weeks) ** 0.5)


def test_regular_arrivals_keep_their_rate_and_come_while_it_is_day(network):
    # Eight a day, all within the eight hours that count: one an hour, on the hour.
    at_s = _times(network, f"arrivals: {{scheduled: {{every: 3h}}}}, hours_of_day: {HOURS}", 14)
    expected = [day * DAY + hour * HOUR for day in range(14) for hour in range(8, 16)]
    assert at_s.tolist() == expected
    # 56 a week, of which Tuesday has twice, Sunday half, and Saturday nothing; the run begins on a Wednesday.
    at_s = _times(network, f"arrivals: {{scheduled: {{every: 3h}}}}, days_of_week: {DAYS}", 70)
    by_day = np.bincount(at_s // DAY % 7, minlength=7)
    assert by_day.sum() == 10 * 56
    assert np.abs(by_day / 10 - 56 / 6.5 * np.array([1, 1, 1, 0, 0.5, 1, 2])).max() <= 1
    assert by_day[3] == 0


def test_weights_that_change_on_a_date_hold_from_then_on(network):
    changes = {"changes": {"2024-01-10": {"flows": {"f": {"hours_of_day": [1] * 12 + [0] * 12}}}}}
    flow = f"arrivals: {{scheduled: {{every: 3h}}}}, hours_of_day: {HOURS}"
    at_s = _times(network, flow, 14, changes)
    before, after = at_s[at_s < WEEK] % DAY, at_s[at_s >= WEEK] % DAY
    assert len(before) == len(after) == 56
    assert before.min() == 8 * HOUR
    assert after.max() < 12 * HOUR


def test_trucks_on_the_road_are_a_queue_without_end_of_servers(scenario):
    # M(t)/M/inf: the number on the road at t is Poisson with mean sum over u of intensity(u) exp(-(t - u)/6 h)
    # (Eick, Massey, Whitt 1993); one hour's arrivals are spread over it.
    days, per_day = 120, 48
    flow = f"arrivals: {{poisson: {{per_day: {per_day}}}}}, hours_of_day: {HOURS}"
    run = sim.simulate(scenario(FLOW.format(flow=flow, days=days)), seed=4)
    trips = run.log["trips"]
    ends = trips["end_s"].where(trips["end_s"] >= 0, days * DAY)
    a_day = per_day * 3 / 24
    for hour in (4, 9, 16, 22):
        mean = 0.0
        for age in range(1, 150):
            if 8 <= (hour - age) % 24 < 16:
                mean += a_day * 6 * (exp(-(age - 1) / 6) - exp(-age / 6))
        at = np.arange(5, days) * DAY + hour * HOUR
        there = [int(((trips["start_s"] < t) & (ends >= t)).sum()) for t in at.tolist()]
        # A day later only exp(-4) of them are left: days are independent but for 2 %.
        error = (1.04 * mean / len(at)) ** 0.5
        assert np.mean(there) == pytest.approx(mean, abs=3.5 * error)
        assert 3.5 * error < 0.1 * mean + 0.35
        assert np.var(there) == pytest.approx(mean, rel=0.45)


def test_weights_that_are_all_alike_are_warned_of(scenario):
    flow = "arrivals: {poisson: {per_day: 1}}, days_of_week: [2, 2, 2, 2, 2, 2, 2]"
    loaded = scenario(FLOW.format(flow=flow, days=7))
    assert any("all days have the same weight" in str(warning) for warning in loaded.warnings)
