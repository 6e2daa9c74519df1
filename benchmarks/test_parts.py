"""Time of the parts of the engine one by one: a token, a stack, a path, a draw, a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.distributions import Distribution
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.process import Process
from sim.engine.kernel.tokens import Paths, Tokens
from sim.engine.run import simulate
from sim.engine.world.lots import Consignment, Lot, Stack
from sim.log import Activity, Table
from sim.metrics.measure import measure
from sim.network.build import build
from sim.network.preview import preview
from sim.spec.load import load
from sim.streams import Streams

REDUCED = Path(__file__).parent / "reduced.yaml"
MANY = 1000


@pytest.fixture(scope="module")
def network():
    return build(load(REDUCED))


def test_a_process_that_pauses(benchmark):
    def pause():
        env = Clock()
        Process(env, (10 for _ in range(MANY)))
        env.run(until=10 * MANY + 1)

    benchmark(pause)


def test_a_token_taken_and_given(benchmark):
    env = Clock()

    def use():
        tokens = Tokens(env, Table("resource_log"), Table("capacities"), 0, 1)
        for vehicle in range(MANY):
            tokens.give(tokens.take(vehicle)[0])

    benchmark(use)


def test_a_train_path(benchmark):
    def reserve():
        paths = Paths(Table("resource_log"), 0, [(0, 600)])
        for vehicle in range(MANY):
            paths.reserve(vehicle, 0)

    benchmark(reserve)


def test_a_lot_through_a_stack(benchmark, network):
    deck, flow = network.trains[0].deck, network.flows[0]

    def pass_through():
        stack = Stack(0, 0, Activity.WAIT_TRAIN, network.flows, lambda lot, _: lot)
        for number in range(MANY):
            stack.put(Lot(number, Consignment(number, flow, 0), deck.size, (), 0), 0)
            stack.take(deck, 0)

    benchmark(pass_through)


def test_a_row_of_the_log(benchmark):
    def write():
        table = Table("vehicle_log")
        for number in range(MANY):
            table.add(table.row(number, 0, 0, 0, 0, number, number))

    benchmark(write)


def test_a_draw(benchmark):
    def draw():
        draws = Streams(1, 0).draws(Distribution("gamma", (72000.0, 0.15)), "crossing")
        for _ in range(MANY):
            next(draws)

    benchmark(draw)


def test_a_replication(benchmark, network):
    benchmark(lambda: simulate(network))


def test_its_metrics(benchmark, network):
    log = simulate(network)
    benchmark(lambda: measure(log))


def test_reading_a_scenario(benchmark):
    benchmark(lambda: load("baseline-2023"))


def test_building_its_network(benchmark):
    scenario = load("baseline-2023")
    benchmark(lambda: build(scenario))


def test_previewing_its_capacity(benchmark):
    network = build(load("baseline-2023"))
    benchmark(lambda: preview(network))
