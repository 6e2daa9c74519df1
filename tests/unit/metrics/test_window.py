"""Windows, months and duties: what tables are cut and joined by."""

from __future__ import annotations

import numpy as np

from sim.log import OPEN, VESSEL, Columns
from sim.metrics.duty import carrier_at, duty_s
from sim.metrics.window import latest_of_vehicle, measured, month_of, months
from sim.units import DAY


def columns(*rows):
    vehicle, days = np.array(rows, np.int64).reshape(-1, 2).T
    return Columns({"vehicle": vehicle, "start_s": days * DAY})


def test_the_latest_row_of_a_vehicle_is_the_last_that_had_begun(make_log):
    log = make_log((0, 10, 12))
    table = columns((1, 5), (0, 2), (1, 0), (0, 4))
    rows = columns((0, 1), (0, 2), (0, 3), (0, 9), (1, 4), (1, 5), (2, 9))
    assert latest_of_vehicle(table, rows, log).tolist() == [-1, 1, 1, 3, 2, 0, -1]
    assert latest_of_vehicle(columns(), rows, log).tolist() == [-1] * 7
    assert latest_of_vehicle(table, columns(), log).tolist() == []


def test_of_two_rows_that_begin_together_the_later_counts(make_log):
    log = make_log((0, 10, 12))
    assert latest_of_vehicle(columns((0, 2), (0, 2)), columns((0, 3)), log).tolist() == [1]


def test_a_vehicle_works_for_its_latest_duty_or_the_carrier_it_began_with(make_log):
    log = make_log(
        (0, 10, 12),
        vehicles=[(0, VESSEL, 0, 0, 0), (1, 0, 1, -1, 0)],
        duties=[(0, 0, 2, 4), (0, 1, 4, OPEN)],
    )
    rows = columns((0, 1), (0, 3), (0, 4), (0, 9), (1, 9))
    assert carrier_at(log, rows).tolist() == [0, 0, 1, 1, 1]


def test_duty_is_cut_to_the_window(make_log):
    log = make_log(
        (3, 10, 12), vehicles=[(0, VESSEL, 0, 1, 0)], duties=[(0, 0, 2, 4), (0, 1, 4, OPEN)]
    )
    assert (duty_s(log, measured(log)) / DAY).tolist() == [[0, 1], [0, 6]]


def test_the_months_of_a_window_are_those_of_its_days(make_log):
    log = make_log((20, 400, 401))
    days = np.arange(20, 400) * DAY
    listed = np.concatenate(
        [np.full(part.length_s // DAY, month) for month, part in months(log, measured(log))]
    )
    assert listed.tolist() == month_of(log, days).tolist()
