"""Sailings, fill, calls, time budgets, stack levels, and the frame they all stand in."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sim.log import OPEN
from sim.metrics.measure import measure
from sim.metrics.rows import COLUMNS
from sim.metrics.stacks import stack_levels


def test_fill_is_deck_used_over_deck_sailed(parted_log, value):
    frame = measure(parted_log)
    assert value(frame, "load_factor", where="line:kuryk>alat") == pytest.approx(10 / 20)
    assert value(frame, "load_factor", where="line/ferry") == pytest.approx(10 / 20)
    assert math.isnan(value(frame, "load_factor", where="line:alat>kuryk"))
    assert math.isnan(value(frame, "load_factor", where="block:beineu>kuryk"))


def test_sailings_and_round_trips_are_counted_where_they_begin(parted_log, value):
    frame = measure(parted_log)
    assert value(frame, "sailings_per_day", where="line:kuryk>alat") == pytest.approx(0.2)
    assert value(frame, "sailings_per_day", where="line:alat>kuryk") == 0
    assert value(frame, "round_trips_per_vessel_year", where="line") == pytest.approx(2 * 36.5)
    assert value(frame, "round_trips_per_vessel_year", where="line/ferry") == pytest.approx(
        2 * 36.5
    )
    assert value(frame, "units_per_sailing", where="line:kuryk>alat", flow="unit:wagon") == 5
    assert value(frame, "units_per_sailing", where="line/ferry", flow="unit:wagon") == 5


def test_a_call_is_handling_and_its_units_go_both_ways(parted_log, value):
    frame = measure(parted_log)
    assert value(frame, "calls_per_year", where="alat") == pytest.approx(2 * 36.5)
    assert value(frame, "calls_per_year", where="alat/line") == pytest.approx(2 * 36.5)
    assert value(frame, "units_per_call", where="alat", flow="unit:wagon") == 5


def test_units_count_where_they_were_loaded_and_where_they_were_discharged(make_log, value):
    log = make_log(
        (0, 10, 10),
        lots=[(0, -1, 0, 1, 0), (1, -1, 1, 1, 0)],
        aboard=[(0, 0, 8), (1, 1, 3)],
        vehicles=[(0, 1, 0, 1, 0)],
        duties=[(0, 0, 0, OPEN)],
        trips=[
            (0, 0, 0, 0, 2, 3, 8, 10, 10),
            (1, 0, 0, 1, 4, OPEN, 3, 10, 10),
            (2, 0, 0, 1, 5, 6, 0, 10, 10),
        ],
        vehicle_log=[(0, -1, 15, 0, 0, 1, 2), (0, 0, 15, 1, 1, 3, 4)],
    )
    frame = measure(log)
    assert value(frame, "units_per_call", where="kuryk", flow="unit:teu") == 8
    assert value(frame, "units_per_call", where="alat", flow="unit:teu") == 8 + 3


@pytest.mark.parametrize(
    "where", ["line/ferry", "kuryk/rail", "alat/ferry", "beineu-kuryk:beineu>kuryk"]
)
def test_every_time_budget_adds_up_to_one(parted_log, where):
    frame = measure(parted_log)
    shares = frame[(frame["name"] == "time_share") & (frame["where"] == where)]["value"]
    assert len(shares) >= 2
    assert shares.sum() == pytest.approx(1, abs=1e-12)


def test_a_time_budget_says_what_was_done(parted_log, value):
    frame = measure(parted_log)
    assert value(frame, "time_share", where="line/ferry", activity="sail") == pytest.approx(0.325)
    assert value(frame, "time_share", where="kuryk/rail", activity="wait_cargo") == pytest.approx(
        0.2
    )
    assert value(frame, "time_share", where="alat/ferry", activity="idle") == pytest.approx(
        1 - 0.75 / 20
    )
    assert value(frame, "time_share", where="beineu-kuryk:beineu>kuryk", activity="idle") == 1


def test_a_berth_held_for_nothing_else_is_held_by_weather(make_log, value):
    log = make_log(
        (0, 10, 10),
        vehicles=[(0, 1, 0, 0, 0)],
        duties=[(0, 0, 0, OPEN)],
        vehicle_log=[(0, -1, 17, 0, 0, 1, 2)],
        resource_log=[(0, 0, 1, 1, 5)],
    )
    assert value(
        measure(log), "time_share", where="kuryk/rail", activity="wait_weather"
    ) == pytest.approx(0.3)


def test_levels_are_read_at_midnight(parted_log):
    levels = stack_levels(parted_log)
    kuryk = levels[levels["stack"] == "kuryk/stack/line"]
    assert kuryk["level"].tolist() == [0, 10, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0]
    assert str(kuryk["day"].iloc[1]) == "2023-01-02 00:00:00"
    assert set(levels["stack"]) == {"kuryk/stack/line", "alat/stack/line"}


def test_levels_count_what_still_lies_there_and_not_what_left_before_midnight(make_log):
    log = make_log(
        (0, 4, 4),
        lots=[(0, -1, 0, 0, 0)],
        stays=[(0, 3, 1, 0, 3, 0.5, OPEN), (0, 2, 1, 1, 4, 1.25, 1.75)],
    )
    levels = stack_levels(log).set_index("stack")["level"]
    assert levels["kuryk/stack/line"].tolist() == [0, 3, 3, 3]
    assert levels["alat/stack/line"].tolist() == [0, 0, 0, 0]


def test_the_frame_is_tidy_and_each_number_stands_once(parted_log):
    frame = measure(parted_log)
    assert tuple(frame.columns) == COLUMNS
    assert not frame[["name", "where", "flow", "activity"]].duplicated().any()
    assert frame["value"].dtype == float
    keys = [text for key in ("where", "flow", "activity") for text in frame[key]]
    assert all(text is None or isinstance(text, str) for text in keys)


def test_rows_of_one_name_stand_together(parted_log):
    names = measure(parted_log)["name"]
    assert (names != names.shift()).sum() == names.nunique()


def test_measuring_twice_gives_the_same(parted_log):
    assert measure(parted_log).equals(measure(parted_log))


def test_an_empty_log_has_numbers_or_none_but_no_error(make_log):
    frame = measure(make_log((0, 10, 10)))
    means = frame[
        frame["name"].isin(["transit_days_mean", "load_factor", "wait_to_service", "carried_share"])
    ]
    assert len(means) > 0
    assert means["value"].isna().all()


def test_a_log_that_was_not_audited_does_not_pass_for_one_that_was(make_log, value):
    log = make_log((0, 10, 10))
    assert math.isnan(value(measure(log), "audit_residual"))
    audited = replace(log, facts=replace(log.facts, audit_residual=0))
    assert value(measure(audited), "audit_residual") == 0
