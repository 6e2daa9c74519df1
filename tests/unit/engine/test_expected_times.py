"""What who comes now is expected to wait, and ways by least time at everything that has servers."""

from __future__ import annotations

import numpy as np
import pytest
from ruamel.yaml import YAML

import sim
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.watched import Holding, WatchedTokens
from sim.log import Table
from sim.spec.load import load

HOUR = 3600
HEAD = """
title: two ways
horizon: {start: 2024-01-01, days: 25, followup_days: 10}
places: {here: {}, x: {}, y: {}, there: {}}
"""
FLOW = {
    "unit": "box",
    "origin": "here",
    "destination": "there",
    "arrivals": {"scheduled": {"every": "7h"}},
    "routing": "least_time",
}


def trains(by_way):
    """Return a train line by each way, of which *by_way* states the particulars."""
    lines = {}
    for way in ("x", "y"):
        line = {"path": ["here", way], "capacity": {"box": 1}, "departure": "at_once"}
        lines[way] = line | by_way(way)
    return lines


def borders(servers, works):
    """One border a way, then a section of an hour."""
    parts = {"borders": {}, "sections": {}}
    for way, work in works.items():
        border = {"from": "here", "to": way, "tracks": servers, "clearance": work}
        parts["borders"][f"border-{way}"] = border
        parts["sections"][way] = {"from": way, "to": "there", "running": "1h"}
    parts["trains"] = trains(lambda way: {"path": ["here", way, "there"]})
    return parts, {way: [way] for way in works}


def pools(servers, works):
    """One pool of locomotives a way, on its first section; the second needs none."""
    parts = {"locomotives": {}, "sections": {}}
    for way, work in works.items():
        parts["locomotives"][f"pool-{way}"] = {"locomotives": servers}
        first = {"from": "here", "to": way, "running": work, "locomotives": f"pool-{way}"}
        parts["sections"][f"first-{way}"] = first
        parts["sections"][f"second-{way}"] = {"from": way, "to": "there", "running": "1h"}
    parts["trains"] = trains(lambda way: {"path": ["here", way, "there"]})
    return parts, {way: [way] for way in works}


def tracks(servers, works):
    """Loading tracks in a port a way, where trains are discharged; on by road."""
    parts = {"sections": {}, "ports": {}, "roads": {}}
    for way in works:
        parts["sections"][f"line-{way}"] = {"from": "here", "to": way, "running": "0s"}
        parts["ports"][way] = {"train_tracks": servers}
        parts["roads"][f"road-{way}"] = {"from": way, "to": "there", "running": "1h"}
    parts["trains"] = trains(lambda way: {"handling": {"here": "0s", way: works[way]}})
    return parts, {way: [way, f"road-{way}"] for way in works}


def gates(servers, works):
    """A road with a gate a way, then another road."""
    parts = {"roads": {}}
    for way, work in works.items():
        gate = {"lanes": servers, "time": work}
        parts["roads"][way] = {"from": "here", "to": way, "running": "0s", "gates": {way: gate}}
        parts["roads"][f"road-{way}"] = {"from": way, "to": "there", "running": "1h"}
    return parts, {way: [way, f"road-{way}"] for way in works}


def simulated(folder, kind, servers, works, *, changes=(), seed=1):
    parts, legs = kind(servers, works)
    parts["flows"] = {"boxes": FLOW | {"routes": {way: {"legs": legs[way]} for way in legs}}}
    path = folder / "scenario.yaml"
    with path.open("w") as file:
        file.write(HEAD)
        YAML().dump(parts, file)
    return sim.simulate(load(path, changes), seed=seed)


def by_hand(servers, works_h, every_h, count):
    """Return how long each takes: the shorter of two queues, as they are seen when it comes [h]."""
    ends = [[], []]
    takes_h = []
    for number in range(count):
        now = number * every_h
        expected = []
        for work_h, free_h in zip(works_h, ends, strict=True):
            there = sum(end > now for end in free_h)
            wait_h = 0.0
            if there >= servers:
                wait_h = ((there - servers) * work_h + work_h / 2) / servers
            expected.append(wait_h + work_h)
        way = int(expected[1] < expected[0])
        busy = sorted(end for end in ends[way] if end > now)
        begins = now if len(busy) < servers else busy[len(busy) - servers]
        ends[way].append(begins + works_h[way])
        takes_h.append(begins + works_h[way] + 1 - now)
    return takes_h


@pytest.mark.parametrize("kind", [borders, pools, tracks, gates])
@pytest.mark.parametrize(
    ("servers", "works_h"),
    [(1, (10.1, 10.1)), (1, (10.1, 15.3)), (2, (19.1, 26.3))],
    ids=["equal", "unequal", "two-servers"],
)
def test_cargo_takes_the_way_with_the_shorter_wait(tmp_path, kind, servers, works_h):
    # Fails if any of them is not seen: all take the first way, and the last waits for hundreds of hours.
    works = {way: f"{int(work * 10) * 6}min" for way, work in zip("xy", works_h, strict=True)}
    deliveries = simulated(tmp_path, kind, servers, works).log["deliveries"].sort_values("born_s")
    takes_h = ((deliveries["delivered_s"] - deliveries["born_s"]) / HOUR).tolist()
    assert takes_h == pytest.approx(by_hand(servers, works_h, 7, len(takes_h)))
    assert max(takes_h) < 3 * max(works_h)


def test_two_equal_borders_share_a_train_every_six_hours(tmp_path):
    # Fails if all take the first: 529 h on average in place of 11 h.
    every = [("flows.boxes.arrivals", {"scheduled": {"every": "6h"}})]
    deliveries = simulated(tmp_path, borders, 1, {"x": "10h", "y": "10h"}, changes=every).log[
        "deliveries"
    ]
    assert set((deliveries["delivered_s"] - deliveries["born_s"]) / HOUR) == {11}


def test_cargo_goes_by_the_port_whose_berth_is_free(tmp_path):
    # Fails if a queue of vessels at the other end is not seen: ways that are equal go by the first.
    text = (
        HEAD
        + """
flows:
  boxes: {unit: box, origin: here, destination: there, arrivals: {scheduled: {every: 7h}}, routing: least_time,
          routes: {x: {legs: [line-x, road-x]}, y: {legs: [line-y, road-y]}}}
roads: {road-x: {from: x, to: there, running: 1h}, road-y: {from: y, to: there, running: 1h}}
ports: {x: {berths: {quay: {berths: 1}}}, y: {berths: {quay: {berths: 1}}}}
vessels: {feeder: {capacity: {box: 1}}, barge: {capacity: {box: 1}}}
services:
  line-x: {from: here, to: x, vessel: feeder, vessels: 1, crossing: 2h, handling: 1h, departure: at_once}
  line-y: {from: here, to: y, vessel: feeder, vessels: 1, crossing: 2h, handling: 1h, departure: at_once}
  blocks: {from: x, to: here, vessel: barge, vessels: 3, crossing: 10h, handling: {x: 500h, here: 1h}, departure: at_once}
"""
    )
    (tmp_path / "scenario.yaml").write_text(text)
    log = sim.simulate(load(tmp_path / "scenario.yaml")).log
    trips = log["trips"]
    loaded = set(trips[trips["deck_used"] > 0]["carrier"])
    assert {log.carriers[carrier].id for carrier in loaded} == {"line-y", "road-y"}


def test_a_gate_that_is_shut_counts_until_it_opens(tmp_path):
    """At midnight and 21:00 three hours by the slow gate are less than the wait for 08:00."""
    works = {"x": "1h", "y": "3h"}
    hours = [("roads.x.gates.x.hours", {"open": "08:00", "close": "20:00"})]
    deliveries = simulated(tmp_path, gates, 5, works, changes=hours).log["deliveries"]
    takes_h = (deliveries["delivered_s"] - deliveries["born_s"]) / HOUR
    by_hour = dict(zip(deliveries["born_s"] // HOUR % 24, takes_h, strict=True))
    assert by_hour[0] == by_hour[21] == 4
    assert (by_hour[7], by_hour[14]) == (3, 2)


# -- the wait itself
# ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tokens():
    env = Clock()
    books = (Table("resource_log"), Table("capacities"))
    watched = WatchedTokens(env, *books, 0, 2, kind_of=lambda vehicle: vehicle % 10)
    return env, watched


def test_the_wait_is_that_of_the_queue_with_several_servers(tokens):
    # Exponential times: with n there, (n - 2 + 1) times the mean, by two servers.
    _, watched = tokens
    watched.state(1, Holding(10.0, 200.0))
    for number, wait_s in enumerate([0, 0, 5, 10, 15]):
        assert watched.wait_s() == wait_s
        watched.take(10 * number + 1)


def test_kinds_and_priorities_are_told_apart(tokens):
    _, watched = tokens
    watched.state(1, Holding(10.0, 100.0))
    watched.state(2, Holding(30.0, 900.0))
    for vehicle, priority in ((1, 5), (2, 5), (12, 3), (11, 7)):
        watched.take(vehicle, priority)
    rest_s = (100 + 900) / (2 * (10 + 30))
    assert watched.wait_s(1) == rest_s / 2
    assert watched.wait_s(5) == (rest_s + 30) / 2
    assert watched.wait_s(9) == (rest_s + 30 + 10) / 2


def test_what_is_an_outcome_is_learned_from_those_before(tokens):
    env, watched = tokens
    watched.assume(1, Holding(100.0, 10_000.0))
    holds = [watched.take(1)[0], watched.take(11)[0]]
    assert watched.wait_s() == 25
    env.pause(40)
    env.run(until=41)
    for hold in holds:
        watched.give(hold)
    assert watched.wait_s() == 0
    for vehicle in (1, 11):
        watched.take(vehicle)
    assert watched.wait_s() == 41 / 2 / 2


# -- join the shorter queue
# ---------------------------------------------------------------------------------------------------


def shorter_queue(load_of_one, most=25):
    """Return the mean number in two M/M/1 queues whose customers join the shorter, in units of
    service: the Markov chain of both lengths, cut at *most*, solved by its balance equations."""
    size = most + 1
    rates = np.zeros((size * size, size * size))
    for first in range(size):
        for second in range(size):
            here = first * size + second
            joins = [(1, 0)] if first < second else [(0, 1)]
            if first == second:
                joins = [(1, 0), (0, 1)]
            moves = [(up, 2 * load_of_one / len(joins)) for up in joins]
            moves += [((-1, 0), 1.0), ((0, -1), 1.0)]
            for (one, other), rate in moves:
                to = (first + one, second + other)
                if min(to) >= 0 and max(to) <= most:
                    rates[to[0] * size + to[1], here] += rate
                    rates[here, here] -= rate
    rates[0, :] = 1
    total = np.zeros(size * size)
    total[0] = 1
    share = np.linalg.solve(rates, total).reshape(size, size)
    numbers = np.arange(size)
    return float((share.sum(1) * numbers).sum() + (share.sum(0) * numbers).sum())


def test_the_mean_time_is_that_of_the_shorter_queue(tmp_path):
    """Two gates of one lane, exponential times, load 0.5 each: the chain says how long it takes."""
    load_of_one = 0.5
    in_system = shorter_queue(load_of_one)
    exact_h = in_system / (2 * load_of_one)
    # Each alone, with half of the trucks at random, would take 1 / (1 - 0.5) = 2 h.
    assert 1.3 < exact_h < 1.6
    changes = [
        ("flows.boxes.arrivals", {"poisson": {"per_day": 2 * load_of_one * 24}}),
        ("horizon.days", 1500),
        ("horizon.warmup_days", 20),
    ]
    works = {"x": {"exponential": "1h"}, "y": {"exponential": "1h"}}
    batches = []
    for seed in (1, 2):
        deliveries = simulated(tmp_path, gates, 1, works, changes=changes, seed=seed).log[
            "deliveries"
        ]
        deliveries = deliveries[deliveries["born_s"] >= 20 * 24 * HOUR]
        takes_h = ((deliveries["delivered_s"] - deliveries["born_s"]) / HOUR - 1).to_numpy()
        # Of some 37 days each, so that they are all but independent.
        batches += [batch.mean() for batch in np.array_split(takes_h, 40)]
    # 99 % of Student's t with 79 degrees of freedom.
    half = 2.64 * np.std(batches, ddof=1) / np.sqrt(len(batches))
    assert half < 0.025 * exact_h
    assert abs(np.mean(batches) - exact_h) < half
