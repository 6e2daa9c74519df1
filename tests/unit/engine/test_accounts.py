"""Accounts of demand: what is offered is accepted or refused, of a flow that grows and changes on dates, too."""

from __future__ import annotations

import pytest

import sim
from sim.engine.cargo.journeys import Journeys
from sim.engine.world.world import World
from sim.errors import InvariantError
from sim.study.growth import state_of_summary

# 40 wagons a day for a ferry that takes 20, half as many from a date on, and every year a tenth more; the ban never
# counts boxes. What is there at the start is offered and accepted.
CORRIDOR = """
title: t
horizon: {start: 2024-01-01, days: 760, warmup_days: 0, followup_days: 0}
places: {mine: {}, port: {}, far: {}}
demand: {growth_per_year: 0.1}
flows:
  wagons: {unit: wagon, origin: mine, destination: far, arrivals: {scheduled: {every: 6h}}, consignment_units: 10}
  boxes: {unit: box, origin: mine, destination: far, arrivals: {scheduled: {every: 1d}}}
sections: {track: {from: mine, to: port, running: 10h}}
trains: {freight: {path: [mine, port], capacity: {wagon: 10, box: 10}, departure: at_once}}
vessels: {ferry: {capacity: {wagon: 20, box: 4}}}
services: {line: {from: port, to: far, vessel: ferry, vessels: 1, crossing: 10h, handling: 2h, departure: at_once}}
initial: {stocks: [{flow: wagons, at: port, units: 7}]}
embargoes: {ban: {port: port, units: [wagon], impose: {units: 100}, lift: {units: 50}, cargo: refused}}
changes: {2024-07-01: {flows: {wagons: {arrivals: {scheduled: {every: 12h}}}}}}
"""


def _value(metrics, name, flow):
    rows = metrics[(metrics["name"] == name) & metrics["where"].isna()]
    rows = rows[rows["flow"].isna()] if flow is None else rows[rows["flow"] == flow]
    return rows["value"].iloc[0]


@pytest.fixture
def refusing(scenario):
    return scenario(CORRIDOR)


def test_accepted_and_refused_are_offered_and_shares_are_of_it(refusing):
    metrics = sim.simulate(refusing).metrics()
    for unit in ("units", "t"):
        offered, accepted, refused = (
            _value(metrics, f"{name}_{unit}_per_year", "wagons")
            for name in ("offered", "accepted", "refused")
        )
        assert accepted + refused == pytest.approx(offered, rel=1e-12)
    assert _value(metrics, "refused_share", "wagons") == pytest.approx(refused / offered)
    carried = _value(metrics, "carried_units_per_year", "wagons")
    assert _value(metrics, "carried_share", "wagons") == pytest.approx(carried / offered)
    total = [
        _value(metrics, f"{name}_t_per_year", None) for name in ("offered", "accepted", "refused")
    ]
    boxes = _value(metrics, "offered_t_per_year", "boxes")
    assert total[0] == pytest.approx(offered + boxes)
    assert total[1] + total[2] == pytest.approx(total[0], rel=1e-12)
    # What no ban refuses has the rows of before.
    assert not ((metrics["flow"] == "boxes") & (metrics["name"] == "accepted_units_per_year")).any()


def test_what_refuses_much_is_overloaded_and_never_fine(refusing):
    # Nothing piles up inside, since the ban turns the surplus away.
    summary = sim.replicate(refusing, replications=2, seed=1, workers=1).summary()
    hit = summary[(summary["name"] == "overloaded") & (summary["mean"] == 1)]
    assert hit["where"].tolist() == ["mine:refused:wagons"]
    assert state_of_summary(summary) == "overloaded"
    row = summary[summary["name"] == "refused_share"].iloc[0]
    assert 0.05 < row["mean"] < 0.5


def test_a_scenario_that_refuses_nothing_has_no_row_more(scenario):
    metrics = sim.simulate(scenario(CORRIDOR.replace(", cargo: refused", ""))).metrics()
    assert not metrics["name"].str.contains("accepted|refused_share|refused_growth").any()
    assert _value(metrics, "refused_units_per_year", "wagons") == 0


def test_a_consignment_that_is_neither_accepted_nor_refused_is_caught(refusing, monkeypatch):
    create = Journeys.create

    def forget_some(self, code, units, way):
        if code or self._env.now % 5:
            create(self, code, units, way)

    monkeypatch.setattr(Journeys, "create", forget_some)
    with pytest.raises(InvariantError, match="units of wagons offered = units accepted"):
        sim.simulate(refusing)


def test_a_refusal_that_is_not_counted_is_caught(refusing, monkeypatch):
    there = World.__init__

    def without_count(self, network, streams):
        there(self, network, streams)
        self.refused[0] = -10

    monkeypatch.setattr(World, "__init__", without_count)
    with pytest.raises(InvariantError, match="units refused as logged"):
        sim.simulate(refusing)
