"""Rules for loading against strict priority: pairs of scenarios with the effect worked out by hand.

All that comes is scheduled, so that numbers are exact; the first line of each file says what to expect.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import sim
from sim.log import Activity
from sim.runs.replication import Run

FOLDER = Path(__file__).parents[2] / "scenarios" / "pairs"
YEAR = 365


@cache
def _run(name: str) -> Run:
    return sim.simulate(sim.load(FOLDER / f"{name}.yaml"))


def _value(name: str, metric: str, **keys: str) -> float:
    rows = _run(name).metrics()
    rows = rows[rows["name"] == metric]
    for key in ("where", "flow", "activity"):
        rows = rows[rows[key] == keys[key]] if key in keys else rows[rows[key].isna()]
    (value,) = rows["value"]
    return float(value)


def _a_day(name: str) -> tuple[float, float]:
    """Return wagons and trucks carried a day."""
    wagons, trucks = (
        _value(name, "carried_units_per_year", flow=flow) / YEAR for flow in ("wagons", "trucks")
    )
    return wagons, trucks


@pytest.mark.parametrize(
    ("name", "wagons", "trucks"),
    [
        ("loading-priority", 4, 0),
        ("loading-oldest-first", 16 / 7, 12 / 7),
        ("loading-highest-revenue", 1, 3),
        ("loading-quota", 2, 2),
        ("loading-borrowing-without", 2, 1),
        ("loading-borrowing", 3, 1),
        ("loading-by-class", 3, 1),
    ],
)
def test_the_deck_goes_to_whom_the_rule_gives_it(name, wagons, trucks):
    # One sailing more or less in the window of a year moves a mean by a hundredth of a unit.
    assert _a_day(name) == pytest.approx((wagons, trucks), abs=4 / YEAR)


def test_oldest_first_leaves_in_the_order_of_arrival():
    log = _run("loading-oldest-first").log
    aboard = log["aboard"].merge(log["lots"], on="lot").merge(log["consignments"], on="consignment")
    assert aboard.sort_values("trip")["born_s"].is_monotonic_increasing


def test_units_that_prefer_a_class_are_left_by_the_others():
    stack = {"activity": "wait_vessel", "where": "port/stack/line"}
    waits_h = [
        24 * _value(name, "wait_days", flow="wagons", **stack)
        for name in ("prefers-without", "prefers")
    ]
    assert waits_h == pytest.approx([6, 9], rel=0.01)
    assert _cargo_by_class("prefers-without") == {("ferry", "wagon"), ("ferry", "truck")}
    assert _cargo_by_class("prefers") == {("ferry", "wagon"), ("ro-pax", "truck")}


def test_a_berth_without_track_takes_no_wagons_from_a_ship_with_rails():
    stack = {"activity": "wait_vessel", "where": "port/stack/line"}
    waits_h = [
        24 * _value(name, "wait_days", flow=flow, **stack)
        for name in ("berth-units-without", "berth-units")
        for flow in ("wagons", "trucks")
    ]
    assert waits_h == pytest.approx([6, 6, 9, 18], rel=0.02)
    assert _cargo_by_class("berth-units") == {("ferry", "wagon"), ("ro-pax", "truck")}


def _cargo_by_class(name: str) -> set[tuple[str, str]]:
    """Return which kinds of unit sailed with which class."""
    log = _run(name).log
    names, units = log.names.vessel_class, {flow.id: flow.unit for flow in log.flows}
    flows = [flow.id for flow in log.flows]
    aboard = log["aboard"].merge(log["trips"], on="trip")
    aboard = aboard.merge(log["lots"][["lot", "flow"]], on="lot")
    aboard = aboard.merge(log["vehicles"][["vehicle", "vessel_class"]], on="vehicle")
    return {
        (names[vessel_class], units[flows[flow]])
        for vessel_class, flow in aboard[["vessel_class", "flow"]].itertuples(index=False)
    }


def test_the_preview_knows_the_parts_of_a_deck():
    loads = sim.capacity(sim.load(FOLDER / "loading-quota.yaml"))
    parts = loads[loads["kind"] == "deck part"].set_index("unit")
    # Three ferries make a round trip in 12 h: 6 a day, each with 2 of a kind.
    assert parts["capacity_per_year"].to_dict() == {"wagon": 12 * YEAR, "truck": 12 * YEAR}
    assert parts["demand_per_year"].to_dict() == pytest.approx(
        {"wagon": 4 * YEAR, "truck": 3 * YEAR}
    )
    borrowed = sim.capacity(sim.load(FOLDER / "loading-borrowing.yaml"))
    assert "deck part" not in set(borrowed["kind"])


def test_a_vessel_is_full_once_its_parts_are():
    """With a strict quota, 2 wagons are all that it waits for where 2 trucks are there."""
    base = sim.load(FOLDER / "loading-quota.yaml")
    run = sim.simulate(
        base.with_({"services.line.departure": {"full": 1.0, "longest_wait": "20d"}})
    )
    log = run.log
    sailings = log["trips"][log["trips"]["direction"] == 0]
    assert set(sailings["deck_used"]) == set(sailings["deck_size"])
    waits = log["vehicle_log"]
    assert (waits["activity"] == Activity.WAIT_CARGO).any()
    kinds = Counter(log["aboard"].merge(log["lots"], on="lot")["flow"])
    assert kinds[0] == kinds[1]
