"""Occupancy, queues, growth and weather."""

from __future__ import annotations

import math

import pytest

from sim.log import NONE, OPEN
from sim.metrics.measure import measure

STACK = "kuryk/stack/line"


def test_occupancy_is_held_time_over_server_time_inside_the_window(make_log, value):
    log = make_log(
        (10, 20, 30), resource_log=[(1, 0, 8, 8, 12), (1, 0, 11, 13, 14), (1, 0, 18, 19, OPEN)]
    )
    frame = measure(log)
    assert value(frame, "occupancy", where="alat/ferry") == pytest.approx((2 + 1 + 1) / (2 * 10))
    assert value(frame, "queue_mean", where="alat/ferry") == pytest.approx((2 + 1) / 10)
    # Two calls began in the window: waits of 2 and 1 days, alongside for 1 and (to the end of the run) 11.
    assert value(frame, "wait_to_service", where="alat/ferry") == pytest.approx(3 / 12)


def test_the_share_of_time_that_weather_shut_a_berth_stands_beside_its_occupancy(make_log, value):
    frame = measure(make_log((0, 10, 10), closures=[(0, NONE, 2, 4), (0, NONE, 9, OPEN)]))
    assert value(frame, "unavailable_share", where="kuryk/rail") == pytest.approx(0.3)
    assert value(frame, "unavailable_share", where="alat/ferry") == 0


def test_a_berth_that_nobody_used_was_never_waited_for(make_log, value):
    frame = measure(make_log((0, 10, 10)))
    assert value(frame, "occupancy", where="kuryk/rail") == 0
    assert math.isnan(value(frame, "wait_to_service", where="kuryk/rail"))


def test_growth_compares_the_same_days_of_two_years(make_log, value):
    # Window of two years: the mean level of its second year less that of its first.
    log = make_log(
        (365, 1095, 1100),
        lots=[(0, -1, 0, 0, 0), (1, -1, 1, 0, 800)],
        stays=[(0, 100, 1, 0, 3, 0, OPEN), (1, 73, 1, 0, 3, 912.5, OPEN)],
    )
    frame = measure(log)
    assert value(frame, "stack_mean", where=STACK) == pytest.approx(100 + 73 / 4)
    assert value(frame, "stack_growth_per_year", where=STACK) == pytest.approx(36.5)
    assert value(frame, "growth_share_per_year", where=STACK) == pytest.approx(36.5 / (73 / 2))


def test_what_nobody_uses_does_not_grow(make_log, value):
    frame = measure(make_log((365, 730, 730)))
    assert value(frame, "growth_share_per_year", where="alat/stack/line") == 0
    assert value(frame, "growth_share_per_year", where="alat/ferry") == 0


def test_growth_needs_a_year_before(make_log, value):
    cargo = {"stays": [(0, 5, 1, 0, 3, 0, OPEN)], "lots": [(0, -1, 0, 0, 0)]}
    short = measure(make_log((0, 400, 400), **cargo))
    assert math.isnan(value(short, "stack_growth_per_year", where=STACK))
    assert math.isnan(value(short, "growth_share_per_year", where=STACK))
    long = measure(make_log((365, 730, 730), **cargo))
    assert value(long, "stack_growth_per_year", where=STACK) == 0


def test_cargo_outside_a_full_stack_counts_once_when_it_comes(make_log, value):
    # Came before the window, let in during it; came during the window, let in during it; came and still outside.
    stays = [
        (0, 10, 2, 0, 3, 350, 400),
        (0, 10, 1, 0, 3, 400, 500),
        (1, 20, 2, 0, 3, 450, 460),
        (1, 20, 1, 0, 3, 460, 470),
        (2, 40, 2, 0, 3, 720, OPEN),
    ]
    log = make_log((365, 730, 740), stays=stays, lots=[(i, -1, i, 0, 0) for i in range(3)])
    frame = measure(log)
    growth = value(frame, "stack_growth_per_year", where=STACK)
    # Half a year, to whole days: 182 of them, to day 730 and to day 365.
    assert growth == pytest.approx((40 * 10 - 10 * 15) / 182)
    assert value(frame, "growth_share_per_year", where=STACK) == pytest.approx(growth / (20 + 40))


def test_cargo_in_a_train_before_a_full_stack_stands_there_too(make_log, value):
    log = make_log(
        (0, 10, 10),
        lots=[(0, -1, 0, 0, 0)],
        vehicles=[(0, 0, 1, -1, 0)],
        trips=[(0, 0, 1, 0, 1, OPEN, 30, 50, 50)],
        aboard=[(0, 0, 30)],
        vehicle_log=[(0, 0, 5, 2, 5, 1, 6), (0, 0, 2, 0, 3, 6, OPEN)],
    )
    assert value(measure(log), "stack_mean", where=STACK) == pytest.approx(30 * 4 / 10)


def test_queue_growth_is_measured_against_who_asks_in_a_year(make_log, value):
    log = make_log(
        (365, 730, 730), resource_log=[(0, 0, 730 - 91, OPEN, OPEN), (0, 1, 400, 400, 401)]
    )
    frame = measure(log)
    assert value(frame, "queue_growth_per_year", where="kuryk/rail") == pytest.approx(0.5)
    assert value(frame, "growth_share_per_year", where="kuryk/rail") == pytest.approx(0.25)


def test_closed_share_by_month_adds_the_years_up(make_log, value):
    # Day 0 is 2023-01-01: shut the first ten days of both Januaries and all of November 2023. The 730 days end with
    # 30 December 2024, a leap year.
    log = make_log(
        (0, 730, 730), closures=[(0, NONE, 0, 10), (0, NONE, 304, 334), (0, NONE, 365, 375)]
    )
    frame = measure(log)
    assert value(frame, "closed_share", where="kuryk") == pytest.approx(50 / 730)
    assert value(frame, "closed_share", where="kuryk", activity="jan") == pytest.approx(20 / 62)
    assert value(frame, "closed_share", where="kuryk", activity="nov") == pytest.approx(30 / 60)
    assert value(frame, "closed_share", where="kuryk", activity="nov-dec") == pytest.approx(
        30 / 121
    )
    assert value(frame, "closed_share", where="kuryk", activity="jun") == 0


def test_closures_count_inside_the_window_only(make_log, value):
    frame = measure(make_log((10, 20, 30), closures=[(0, NONE, 5, 12), (0, NONE, 19, OPEN)]))
    assert value(frame, "closed_share", where="kuryk") == pytest.approx(0.3)
    assert value(frame, "closed_share", where="kuryk", activity="jan") == pytest.approx(0.3)
