"""Departure rules as they are written: what stands where nothing is said, and what is doubtful."""

from __future__ import annotations

import pytest

from sim.network.departure import departure_plan
from sim.spec.departure import Departure
from sim.spec.load import load

SCENARIO = """title: one ferry line
horizon: {{start: 2023-01-01, days: 200, warmup_days: 10}}
places: {{kuryk: {{}}, alat: {{}}}}
vessels: {{ferry: {{capacity: {{wagon: 54}}}}}}
flows:
  wagons: {{unit: wagon, origin: kuryk, destination: alat, arrivals: {{poisson: {{per_day: 10}}}}}}
{more}
services:
  line: {{from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h, departure: {rule}}}
"""


@pytest.fixture
def warnings_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def warnings_of(rule: str, more: str = "") -> list[str]:
        (tmp_path / "ferry.yaml").write_text(SCENARIO.format(rule=rule, more=more))
        return [warning.what for warning in load("ferry.yaml").warnings]

    return warnings_of


@pytest.mark.parametrize(
    ("rule", "full", "needs_more_cargo"),
    [
        ({"at_once": True}, None, False),
        ({"full": 0.9}, 0.9, True),
        ({"longest_wait": "72h"}, 1.0, False),
        ({"headway": "72h"}, None, False),
        ({"headway": "72h", "longest_wait": "24h"}, 1.0, False),
        ({"timetable": ["08:00"], "full": 0.5}, 0.5, False),
        ({"cargo_waits_over_there": {"deck_share": 0.5}}, 1.0, True),
        ({"before_storm": {"forecast": "48h"}}, 1.0, False),
        ({"berth_needed": "leave"}, 1.0, False),
        ({"berth_needed": "anchor"}, 1.0, True),
    ],
)
def test_a_full_deck_is_a_condition_where_no_clock_is(rule, full, needs_more_cargo):
    departure = Departure.model_validate(rule)
    assert (departure.full_share, departure.needs_more_cargo) == (full, needs_more_cargo)


def test_conditions_that_never_act_are_doubtful(warnings_of):
    (storm,) = warnings_of("{longest_wait: 72h, before_storm: {forecast: 48h}}")
    assert storm == "never acts: no weather and no outage closes kuryk or alat"
    (berth,) = warnings_of("{longest_wait: 72h, berth_needed: anchor}")
    assert berth.startswith("never acts: no berths are counted at kuryk or alat")


def test_conditions_that_act_at_one_of_both_ends_are_not(warnings_of):
    weather = "weather: {closed_share: [0.2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], spell: 30h, exposure: {alat: 1}}"
    assert not warnings_of("{longest_wait: 72h, before_storm: {forecast: 48h}}", weather)
    berths = "ports: {alat: {berths: {quay: {berths: 1}}}}"
    assert not warnings_of("{longest_wait: 72h, berth_needed: leave}", berths)
    assert not warnings_of("{longest_wait: 72h, cargo_waits_over_there: {deck_share: 1}}")


def test_never_and_stay_are_what_stands_where_nothing_is_said():
    # Beside them a file can write the alternatives that an operator may follow.
    said = {"cargo_waits_over_there": "never", "before_storm": "never", "full": 0.9}
    assert Departure.model_validate(said) == Departure.model_validate({"full": 0.9})
    stays = departure_plan(
        {"both": Departure(full=0.9, berth_needed="stay")}, "kuryk", Departure(at_once=True)
    )
    assert not stays.leaves_for_others and not stays.anchors_for_others


def test_a_storm_that_is_seen_further_than_the_window_of_sailing_is_doubtful(warnings_of):
    rule = "{full: 1.0, before_storm: {within: 60h}}, sailing: {window: {forecast: 48h}}"
    assert any(
        "looks further than the 2d that 'sailing' sees" in what for what in warnings_of(rule)
    )
