"""What was offered and carried, counted by hand."""

from __future__ import annotations

import math

import pytest

from sim.metrics.measure import measure


@pytest.fixture
def frame(make_log):
    # A window of 73 days: a fifth of a year.
    log = make_log(
        (100, 173, 200),
        consignments=[
            (0, 0, 10, 99),
            (1, 0, 4, 100),
            (2, 1, 2, 150),
            (3, 2, 5, 150),
            (4, 3, 7, 172),
            (5, 0, 9, 173),
        ],
        lots=[
            (i, -1, i, flow, day)
            for i, (flow, day) in enumerate([(0, 99), (0, 100), (1, 150), (2, 150), (3, 172)])
        ],
        deliveries=[
            (0, 0, 0, 10, 99, 101),
            (1, 1, 0, 3, 100, 172.9),
            (2, 2, 1, 2, 150, 173),
            (4, 4, 3, 7, 172, 172.5),
        ],
    )
    return measure(log)


def test_births_and_deliveries_count_in_the_half_open_window_only(frame, value):
    assert value(frame, "offered_units_per_year", flow="wagons") == pytest.approx(4 * 5)
    assert value(frame, "carried_units_per_year", flow="wagons") == pytest.approx(13 * 5)
    assert value(frame, "offered_t_per_year", flow="boxes") == pytest.approx(2 * 14 * 5)
    assert value(frame, "carried_teu_per_year", flow="boxes") == 0


def test_corridor_totals_count_the_scope_titr_alone(frame, value):
    assert value(frame, "offered_t_per_year") == pytest.approx((4 * 60 + 2 * 14) * 5)
    assert value(frame, "carried_t_per_year") == pytest.approx(13 * 60 * 5)
    assert value(frame, "carried_share") == pytest.approx(13 * 60 / (4 * 60 + 2 * 14))


def test_empties_have_a_share_although_they_weigh_nothing(frame, value):
    assert value(frame, "carried_share", flow="empties") == 0
    assert value(frame, "offered_t_per_year", flow="empties") == 0


def test_a_share_of_nothing_does_not_exist(make_log, value):
    assert math.isnan(value(measure(make_log((0, 10, 10))), "carried_share"))
