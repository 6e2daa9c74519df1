"""Departure conditions and fleets that move, against their absence; the files are in ``scenarios/pairs``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import GridlockError, ScenarioError
from sim.log import Activity, RunLog
from sim.units import MONTHS

FOLDER = Path(__file__).parents[2] / "scenarios" / "pairs"


@cache
def _log(name: str) -> RunLog:
    return sim.simulate(sim.load(FOLDER / f"{name}.yaml")).log


def _hours(log: RunLog, activity: Activity, service: str, place: str) -> list[tuple[float, float]]:
    """Return begin and end of what vessels of *service* did at *place*, in hours, in order."""
    rows, vehicles = log.tables["vehicle_log"], log.tables["vehicles"]
    carrier = vehicles["carrier"][rows["vehicle"]]
    wanted = (rows["activity"] == activity) & (rows["place"] == log.names.place.index(place))
    rows = rows.where(wanted & (carrier == log.names.carrier.index(service)))
    pairs = zip(rows["start_s"].tolist(), rows["end_s"].tolist(), strict=True)
    return sorted((start_s / 3600, end_s / 3600) for start_s, end_s in pairs)


def _sailings(log: RunLog, service: str, place: str) -> list[float]:
    return [start_h for start_h, _ in _hours(log, Activity.SAIL, service, place)]


def _loads(log: RunLog, direction: int) -> list[int]:
    trips = log.tables["trips"]
    ferry = (trips["direction"] == direction) & (trips["carrier"] == 0)
    return trips["deck_used"][ferry].tolist()


# -- cargo over there
# --------------------------------------------------------------------------------------------------


def test_a_ferry_leaves_for_cargo_over_there_as_soon_as_it_hears_of_it():
    # Fails if it waits on, if it knows at once, or if it hears of cargo that it has fetched itself.
    without, log = _log("departure-far-cargo-without"), _log("departure-far-cargo")
    assert set(np.diff(_sailings(without, "line", "here"))) == {92}
    assert _sailings(log, "line", "here")[:4] == [6, 54, 102, 150]
    stays = log.tables["stays"]
    lasted_h = (stays["end_s"] - stays["start_s"]) / 3600
    assert set(lasted_h[stays["end_s"] > 0].tolist()) == {16}


def test_two_ferries_do_not_leave_for_the_same_cargo():
    # Fails if what a vessel under way will take is counted for the next one. By hand: the one that was there at the
    # start is back, empty, at 10 h and leaves at 54 h for the 20 boxes of 48 h; the other, back at 26 h, waits its 72 h
    # though it hears of the same 20, and so the first, back at 74 h, waits while that one is under way.
    changes = {"services.line.vessels": 2, "horizon.days": 7}
    log = sim.simulate(sim.load("pairs/departure-far-cargo", changes)).log
    assert _sailings(log, "line", "here")[:4] == [6, 54, 98, 146]


# -- before the storm
# --------------------------------------------------------------------------------------------------


def test_a_ferry_leaves_before_the_storm_with_what_is_there():
    # Fails if it leaves earlier or later than stated, or if it is kept in as before.
    without, log = _log("departure-storm-without"), _log("departure-storm")
    assert _sailings(without, "line", "here")[:3] == [114, 288, 354]
    assert _sailings(log, "line", "here")[:4] == [114, 181, 300, 420]
    assert _loads(log, 0)[:3] == [20, 11, 20]
    assert _hours(without, Activity.WAIT_WEATHER, "line", "here") == [(234, 288)]


@pytest.mark.parametrize(
    ("condition", "leaves_h"),
    [
        ({"within": "11h"}, 181),
        ({"forecast": "24h"}, 186),
        ({"forecast": "5h"}, 187),
    ],
)
def test_nobody_sees_further_than_the_forecast(condition, leaves_h):
    # Fails if the closure is known earlier than the forecast shows it. By default: in time for the crossing of 6 h.
    rule = {"here": {"full": 1.0, "before_storm": condition}, "there": "at_once"}
    log = sim.simulate(sim.load("pairs/departure-storm", {"services.line.departure": rule})).log
    assert _sailings(log, "line", "here")[1] == leaves_h


# -- the berth is needed
# --------------------------------------------------------------------------------------------------


def test_a_ship_waits_for_a_ferry_that_keeps_the_berth():
    log = _log("departure-berth-without")
    assert _hours(log, Activity.WAIT_BERTH, "other", "here")[0] == (18, 96)


def test_a_ferry_leaves_when_its_berth_is_needed():
    # Fails if it leaves without need, or once too often for one ship.
    log = _log("departure-berth-leave")
    assert _sailings(log, "line", "here")[:3] == [18, 55, 92]
    assert _loads(log, 0)[:3] == [2, 4, 4]
    assert all(start == end for start, end in _hours(log, Activity.WAIT_BERTH, "other", "here"))


def test_a_ferry_lies_in_the_roads_until_it_may_leave():
    # Fails if it keeps the berth, if it comes back too early, or if it forgets since when it is ready.
    log = _log("departure-berth-anchor")
    assert _hours(log, Activity.WAIT_CARGO, "line", "here")[0] == (0, 18)
    assert _hours(log, Activity.WAIT_ROADS, "line", "here")[0] == (18, 96)
    assert _sailings(log, "line", "here")[:2] == [96, 204]
    assert _loads(log, 0)[:2] == [10, 11]
    assert all(start == end for start, end in _hours(log, Activity.WAIT_BERTH, "other", "here"))


def test_one_of_two_ferries_gives_way_to_one_ship():
    # Fails if both leave for the same ship: two berths, two ferries, one ship at 18 h.
    changes = {
        "services.line.vessels": 2,
        "services.line.from": "here",
        "ports.here.berths.quay.berths": 2,
        "ports.here.berths.quay.units_per_h.box": 1,
        "services.line.departure": {
            "here": {"full": 1.0, "berth_needed": "leave"},
            "there": "at_once",
        },
    }
    log = sim.simulate(sim.load("pairs/departure-berth-leave", changes)).log
    assert [start for start in _sailings(log, "line", "here") if start < 40] == [20]


# -- fleets that move by season
# --------------------------------------------------------------------------------------------------

DAYS_TO = {"feb": 31, "mar": 31 + 29}
"""From 2024-01-01."""


def test_a_ferry_changes_over_for_a_season_and_comes_back():
    # Fails if it goes before February, stays beyond it, or goes later than a discharge after it began (2 x 12 h).
    log = sim.simulate(sim.load("pairs/reassignment-season", {"horizon.days": 90})).log
    duties = log.tables["duties"]
    northern, southern = (log.names.carrier.index(name) for name in ("northern", "southern"))
    (helper,) = duties["vehicle"][(duties["carrier"] == northern) & (duties["start_s"] > 0)]
    mine = duties.where(duties["vehicle"] == helper)
    assert mine["carrier"].tolist() == [southern, northern, southern]
    # A duty begins when the ferry has changed over, 6 h after its discharge.
    goes_h, returns_h = (mine["start_s"][1:] / 3600).tolist()
    assert 0 <= goes_h - 6 - 24 * DAYS_TO["feb"] <= 24
    assert 0 <= returns_h - 6 - 24 * DAYS_TO["mar"] <= 24


def test_a_season_adds_what_the_second_ferry_carries():
    # Fails if fewer than 29 days, less a round trip to come and one under way, have a second ferry of 20 a day.
    carried = []
    for name in ("reassignment-without", "reassignment-season"):
        rows = sim.simulate(sim.load(f"pairs/{name}")).metrics()
        wanted = (rows["name"] == "carried_units_per_year") & (rows["flow"] == "to-north")
        carried.append(float(rows["value"][wanted].iloc[0]))
    assert carried[0] == pytest.approx(7300)
    trip = 20 / 40 * 365
    assert carried[1] == pytest.approx(7300 + 20 * 29 / 40 * 365, abs=2 * trip)


def test_stays_in_the_yard_wait_for_their_months():
    # Fails if a stay begins in another month, if one is lost, or if what is due twice is done twice.
    every = _hours(_log("yard-season-without"), Activity.REPAIR, "line", "port")
    june = _hours(_log("yard-season"), Activity.REPAIR, "line", "port")
    assert len(every) in (20, 21)
    first_of_june = (151 * 24, (365 + 152) * 24)
    assert len(june) == 2
    for (begin_h, end_h), due_h in zip(june, first_of_june, strict=True):
        assert 0 <= begin_h - due_h <= 24
        assert end_h - begin_h == 5 * 24


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"months": []}, "never acts; give 'when'"),
        ({"months": ["feb"], "back": 1}, "'back' belongs to 'when'"),
        ({"months": list(MONTHS)}, "names all months"),
    ],
)
def test_a_reassignment_that_says_nothing_is_refused(rule, message):
    whole = {"vessel": "ferry", "from": "southern", "to": "northern"} | rule
    with pytest.raises(ScenarioError, match=message):
        sim.load("pairs/reassignment-without", {"reassignments.help": whole})


def test_a_season_outside_the_run_is_doubtful():
    whole = {"vessel": "ferry", "from": "southern", "to": "northern", "months": ["aug"]}
    loaded = sim.load("pairs/reassignment-without", {"reassignments.help": whole})
    assert any("names no month of the run" in warning.what for warning in loaded.warnings)


# -- locks
# --------------------------------------------------------------------------------------------------

FULL_ONLY = {"full": 1.0}


@pytest.mark.parametrize(
    "more",
    [
        {"cargo_waits_over_there": {"deck_share": 1.0}},
        {"berth_needed": "anchor"},
    ],
)
def test_conditions_that_never_hold_do_not_hide_a_lock(more):
    # Twelve wagons are split 6 and 6, and a deck takes 10: neither side has one, nor waits one over there.
    changes = {
        "services.line.departure": FULL_ONLY | more,
        "ports.here.berths.quay.berths": 1,
        "services.line.vessels": 3,
    }
    with pytest.raises(GridlockError, match="for a full load"):
        sim.simulate(sim.load("pairs/equipment-lock", changes))


def test_cargo_over_there_opens_the_lock_of_one_ferry():
    # With two, each would leave the cargo over there to the one that lies there.
    rule = FULL_ONLY | {"cargo_waits_over_there": {"deck_share": 0.5}}
    changes = {"services.line.departure": rule, "services.line.vessels": 1}
    run = sim.simulate(sim.load("pairs/equipment-lock", changes))
    rows = run.metrics()
    (share,) = rows["value"][
        (rows["name"] == "carried_share") & rows["where"].isna() & rows["flow"].isna()
    ]
    assert share > 0.5
