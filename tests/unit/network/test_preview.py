"""What a rule by the clock lets go in a year, by hand and against the run of a line that never has too little cargo."""

from __future__ import annotations

from math import inf

import pytest

import sim
from sim.cli.main import run as corridor
from sim.network.build import build
from sim.network.preview import preview

LINE = """
title: more cargo than ships may leave
horizon: {start: 2023-01-01, days: 1825}
places: {port: {}, far: {}}
flows: {w: {unit: wagon, origin: port, destination: far, arrivals: {scheduled: {every: 1h}}}}
vessels: {ferry: {capacity: {wagon: 1}}}
services:
  line: {from: port, to: far, vessel: ferry, vessels: 60, crossing: 6h, handling: 1h, departure: at_once}
weather:
  closed_share: [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
  spell: {gamma: {mean: 2d, cv: 1}}
  exposure: {port: 0}
"""


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return sim.load(file)


def departures(scenario):
    loads = preview(build(scenario))
    return next((load for load in loads if load.resource == "line:port:departures"), None)


@pytest.mark.parametrize(
    ("rule", "a_year"),
    [
        ({"headway": "12h"}, 730),
        ({"timetable": ["mon 06:00", "08:00"]}, 8 * 365 / 7),
        ("at_once", None),
    ],
)
def test_a_rule_by_the_clock_is_a_limit_of_its_own(line, rule, a_year):
    load = departures(line.with_({"services.line.departure": {"port": rule, "far": "at_once"}}))
    if a_year is None:
        assert load is None
    else:
        assert load.capacity_per_year == pytest.approx(a_year)
        assert load.demand_per_year == pytest.approx(8760)


def test_trains_by_the_clock_have_a_limit_too(tmp_path):
    file = tmp_path / "rail.yaml"
    file.write_text("""
        title: a train a day
        horizon: {start: 2023-01-01, days: 100}
        places: {mine: {}, yard: {}}
        flows: {w: {unit: wagon, origin: mine, destination: yard, arrivals: {scheduled: {every: 1h}}}}
        sections: {track: {from: mine, to: yard, running: 4h}}
        trains: {ore: {path: [mine, yard], capacity: {wagon: 20}, departure: {headway: 24h}}}
        """)
    loads = {load.resource: load.ratio for load in preview(build(sim.load(file)))}
    assert loads == {"ore:mine:departures": pytest.approx(24 / 20), "ore:yard:departures": 0}


def test_a_border_is_loaded_by_the_time_of_each_direction():
    """Three trains a day each way, 3 h in and 1 h out, on one track: 12 of 24 h."""
    loads = preview(build(sim.load("pairs/border-two-ways")))
    border = next(load for load in loads if load.kind == "border")
    assert border.ratio == pytest.approx(12 / 24)


def test_a_border_with_hours_of_one_direction_has_a_row_for_each():
    """A train a day inward for 2 h in 4 h of the day, two outward in 24 h."""
    loads = {load.resource: load.ratio for load in preview(build(sim.load("pairs/border-hours")))}
    assert loads["line:abroad>inland"] == pytest.approx(2 / 4)
    assert loads["line:inland>abroad"] == pytest.approx(4 / 24)
    assert loads["line"] == pytest.approx(6 / 24)


def test_users_of_borders_and_gates_are_counted_with_their_own_times():
    """Empties 1 h and boxes 4 h, three trains a day each; two trucks a day each, 1 h and 3 h."""
    loads = {load.resource: load.ratio for load in preview(build(sim.load("pairs/border-empties")))}
    assert loads["line"] == pytest.approx(3 * (4 + 1) / 24)
    (gate,) = preview(build(sim.load("pairs/gate-by-cargo")))
    assert gate.ratio == pytest.approx(2 * (1 + 3) / 24)
    (shared,) = preview(build(sim.load("pairs/shared-gate")))
    assert shared.ratio == pytest.approx(4 / 24)
    (trucks,) = preview(build(sim.load("pairs/trucks-at-once")))
    assert trucks.ratio == pytest.approx(5 * 2 / 24)


def test_a_line_without_a_vessel_for_its_cargo_can_do_nothing(line, capsys):
    none = line.with_({"services.line.vessels": 0})
    (load,) = preview(build(none))
    assert (load.resource, load.demand_per_year, load.ratio) == ("line", pytest.approx(8760), inf)
    assert corridor(["capacity", str(line.file), "--set", "services.line.vessels=0"]) == 0
    assert "infinite" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("rule", "berths", "lost"),
    [
        ({"headway": "3h"}, 0, 0),  # without limit, so that every turn is taken
        ({"headway": "3h"}, 2, 0.265),
        ({"headway": "2d"}, 1, 0.11),  # as long as a storm is on average
        ({"headway": "8d"}, 1, 0.005),  # longer than most storms
        ({"timetable": ["06:00", "18:00"]}, 1, 0.234),
    ],
)
def test_storms_take_what_the_run_says_they_take(line, rule, berths, lost):
    ports = (
        {"port": {"berths": {"quay": {"berths": berths, "vessels": ["ferry"]}}}} if berths else {}
    )
    changes = {"services.line.departure": {"port": rule, "far": "at_once"}, "ports": ports}
    calm, stormy = (line.with_(changes | {"weather.exposure": {"port": share}}) for share in (0, 1))
    log = sim.simulate(stormy).log
    trips = log.tables["trips"]
    begun = (trips["direction"] == 0) & (trips["start_s"] < log.facts.window_end_s)
    allowed = departures(stormy).capacity_per_year
    assert allowed / departures(calm).capacity_per_year == pytest.approx(1 - lost, abs=0.005)
    assert allowed == pytest.approx(begun.sum() / 5, rel=0.06)


BACK = {
    "unit": "wagon",
    "origin": "far",
    "destination": "port",
    "arrivals": {"scheduled": {"every": "4h"}},
}
"""A quarter of what goes the other way."""


def sea(scenario, resource="line"):
    """Return the load of the service, or of its departures."""
    return next(load for load in preview(build(scenario)) if load.resource == resource)


@pytest.mark.parametrize(
    ("rule", "wait_h"),
    [
        ({"full": 1.0, "longest_wait": "10h"}, 10),
        ({"longest_wait": "10h", "headway": "3h"}, 3),
        ({"longest_wait": "10h", "timetable": ["06:00", "18:00"]}, 10),
        ({"longest_wait": "10h", "cargo_waits_over_there": {"deck_share": 1.0}}, 0),
        ({"full": 1.0, "longest_wait": "10h", "berth_needed": "leave"}, 0),
        ({"headway": "1h"}, 0),  # by the clock alone: a limit of its own
        ("at_once", 0),
    ],
)
def test_ships_wait_at_the_emptier_end_as_long_as_their_rule_lets_them(line, rule, wait_h):
    # By hand: 6 h each way, 1 h at each end, and the wait; twenty ships of one wagon.
    departure = {"port": "at_once", "far": rule}
    changes = {"flows.back": BACK, "services.line.vessels": 20, "ports.far.berths.q.berths": 9}
    scenario = line.with_(changes | {"services.line.departure": departure, "weather": None})
    assert sea(scenario).capacity_per_year == pytest.approx(20 * 8760 / (14 + wait_h))


def test_ships_that_share_the_cargo_of_both_ends_do_not_wait(line):
    rule = {"full": 1.0, "longest_wait": "10h"}
    even = line.with_({"flows.back": BACK | {"arrivals": {"scheduled": {"every": "1h"}}}})
    scenario = even.with_({"services.line.departure": rule, "weather": None})
    assert sea(scenario).capacity_per_year == pytest.approx(60 * 8760 / 14)


def test_a_full_line_makes_the_round_trips_that_the_preview_grants(line):
    # 7,300 a year of 8,760 wanted: the ships are short, and lie at the far end for most of their ten hours.
    departure = {"port": "at_once", "far": {"full": 1.0, "longest_wait": "10h"}}
    changes = {"flows.back": BACK, "services.line.vessels": 20, "weather": None}
    scenario = line.with_(changes | {"services.line.departure": departure})
    log = sim.simulate(scenario).log
    trips = log.tables["trips"]
    begun = (trips["direction"] == 0) & (trips["start_s"] < log.facts.window_end_s)
    assert begun.sum() / 5 == pytest.approx(sea(scenario).capacity_per_year, rel=0.06)


def test_where_cargo_alone_lets_ships_leave_the_emptier_end_sets_the_pace(line):
    departure = {"port": "at_once", "far": {"full": 1.0}}
    scenario = line.with_({"flows.back": BACK, "services.line.departure": departure})
    load = sea(scenario, "line:far:departures")
    assert (load.demand_per_year, load.capacity_per_year) == (
        pytest.approx(8760),
        pytest.approx(2190),
    )
