"""How much work the kernel does for the corridors of the benchmark: a change of it is to be seen, not guessed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sim.engine.run import simulate
from sim.metrics.measure import measure
from sim.network.build import build
from sim.spec.load import load

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def by_hand(monkeypatch):
    """Return the reduced corridor in plain SimPy."""
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    from plain import TrainByTrain

    return TrainByTrain


def test_the_reduced_corridor_costs_twelve_events_a_train(by_hand):
    network = build(load(BENCHMARKS / "reduced.yaml"))
    log, plain = simulate(network), by_hand(network, 1)
    plain.run()
    # By hand it goes on to the last second, here until the cohort is delivered.
    assert (len(log["consignments"]), plain.created) == (1543, 1645)
    assert log.facts.events == 18_703  # 12.1 a train
    assert plain.events == 64_749  # 39.4 a train


def test_the_reduced_corridor_by_hand_takes_as_long(by_hand):
    """Same trains, storms and crossings: the two differ by who is first of those that come in the same second."""
    network = build(load(BENCHMARKS / "reduced.yaml"))
    for seed in range(3, 6):
        rows = measure(simulate(network, seed=seed))
        days = rows[(rows["name"] == "transit_days_mean") & rows["flow"].isna()]["value"].iloc[0]
        assert by_hand(network, seed).run() == pytest.approx(days, rel=1e-9)


def test_boxes_cost_no_events():
    full = {
        "flows.boxes.consignment_units": 400,
        "trains.to-sea.capacity.teu": 400,
        "trains.from-sea.capacity.teu": 400,
        "vessels.feeder.capacity.teu": 800,
        "ports.aktau.berths.container.units_per_h.teu": 200,
        "ports.alat.berths.container.units_per_h.teu": 200,
    }
    logs = [simulate(build(load(BENCHMARKS / "reduced.yaml", changes))) for changes in ({}, full)]
    assert logs[0].facts.events == logs[1].facts.events
