"""Every state in which a run ends begins another one."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim

WAGONS = """title: a few wagons and nobody who brings them back
horizon: {days: 20, followup_days: 0}
places: {a: {}, b: {}, c: {}}
equipment: {wagons: {fleet: {a: 4}}}
flows:
  f: {unit: wagon, origin: a, destination: c, equipment: wagons, arrivals: {poisson: {per_day: 10}}}
roads: {r: {from: a, to: b, running: 2h}}
vessels: {v: {capacity: {wagon: 100}}}
services: {l: {from: b, to: c, vessel: v, vessels: 1, crossing: 20h, handling: 8h, departure: DEPARTURE}}
"""


@pytest.mark.parametrize(
    ("departure", "where"),
    [("{full: 1.0, longest_wait: 60d}", "in the stack of a port"), ("at_once", "far away, idle")],
)
def test_wagons_may_be_anywhere_when_a_run_ends(tmp_path, departure, where):
    file = Path(tmp_path / "wagons.yaml")
    file.write_text(WAGONS.replace("DEPARTURE", departure))
    scenario = sim.load(file)
    state = sim.simulate(scenario).end_state()
    assert state["equipment"]["wagons"]["fleet"]["a"] == 0, where
    second = sim.simulate(scenario.with_(dict(state)))
    items = second.end_state()["equipment"]["wagons"]["fleet"]
    stocks = second.end_state()["initial"]["stocks"]
    loaded = sum(stock["units"] for stock in stocks if stock.get("equipped", True))
    assert sum(items.values()) + loaded == 4


def test_wagons_that_never_come_are_an_error_where_a_run_begins_afresh(tmp_path):
    file = Path(tmp_path / "wagons.yaml")
    file.write_text(WAGONS.replace("DEPARTURE", "at_once"))
    with pytest.raises(sim.ScenarioError, match="no item of wagons ever comes to a"):
        sim.load(file).with_({"equipment.wagons.fleet": {"a": 0, "b": 4}})
