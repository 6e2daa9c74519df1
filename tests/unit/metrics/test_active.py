"""Active periods and the momentary bottleneck, by hand and against looking at every second."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.log import Columns
from sim.metrics.active import _sole_and_shifting, active_periods, bottlenecks, groups, momentary
from sim.metrics.window import Window


def _columns(rows):
    table = np.array(rows, np.int64).reshape(-1, 3).T
    return Columns(dict(zip(("group", "start_s", "end_s"), table, strict=True)))


def test_the_longest_period_is_the_bottleneck_and_overlaps_are_shifts():
    # A works from 0 to 50, B from 40 to 100 and C for a moment inside: B is longer, so it takes over at 40.
    turns = momentary(_columns([(0, 0, 50), (1, 40, 100), (2, 60, 70)]))
    assert [turns[name].tolist() for name in ("group", "from_s", "to_s")] == [
        [0, 1],
        [0, 40],
        [40, 100],
    ]
    sole, shifting = _sole_and_shifting(turns, Window(0, 100), 3)
    assert sole.tolist() == [40, 50, 0] and shifting.tolist() == [10, 10, 0]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(1, 15)),
        max_size=12,
        unique_by=lambda row: row[:2],
    )
)
def test_at_every_moment_it_is_the_longest_of_those_that_are_active(rows):
    spans = [(group, start, start + length) for group, start, length in rows]
    turns = momentary(_columns(sorted(spans)))
    for now in range(50):
        active = [(start - end, start, group) for group, start, end in spans if start <= now < end]
        longest = turns["group"][(turns["from_s"] <= now) & (now < turns["to_s"])].tolist()
        assert longest == ([min(active)[2]] if active else [])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(1, 15)), max_size=12),
    st.integers(0, 20),
    st.integers(20, 50),
)
def test_shifts_are_the_seconds_in_which_one_bottleneck_and_the_next_are_active(
    rows, start_s, end_s
):
    turns = momentary(
        _columns(sorted((group, start, start + length) for group, start, length in rows))
    )
    sole, shifting = np.zeros(4, int), np.zeros(4, int)
    listed = list(zip(*(turns[name].tolist() for name in turns.names), strict=True))
    spans = [(number, start, end) for number, (_, start, end, *_) in enumerate(listed)]
    for now in range(start_s, end_s):
        shifts = set()
        for (one, _, one_end), (two, two_start, _) in pairwise(spans):
            if two_start <= now < one_end:
                shifts |= {one, two}
        for number, (group, _, _, from_s, to_s) in enumerate(listed):
            shifting[group] += number in shifts
            sole[group] += from_s <= now < to_s and number not in shifts
    found = _sole_and_shifting(turns, Window(start_s, end_s), 4)
    assert found[0].tolist() == sole.tolist() and found[1].tolist() == shifting.tolist()


def test_a_gate_is_active_while_it_works_without_a_pause(run):
    # A truck every 10 h, which takes 4 h: four hours at a time; with three every 10 h, without end.
    text = """
        title: gate
        horizon: {days: 10, followup_days: 0}
        places: {a: {}, b: {}}
        flows: {t: {unit: truck, origin: a, destination: b, arrivals: {scheduled: {every: 10h}}}}
        roads: {r: {from: a, to: b, gates: {b: {lanes: 1, time: 4h}}}}
        """
    log = run(text)
    periods = active_periods(log)
    assert {groups(log)[g].id for g in periods["group"].tolist()} == {"r:gate:b"}
    assert set((periods["end_s"] - periods["start_s"]).tolist()) == {4 * 3600}
    busy = run(text.replace("every: 10h", "every: 3h"))
    assert len(active_periods(busy)) == 1
    shares = {(row.name, row.activity): row.value for row in bottlenecks(busy)}
    assert shares["bottleneck_share", None] == pytest.approx(shares["active_share", None])


def test_a_fleet_that_waits_for_cargo_or_a_berth_is_not_active(run):
    text = """
        title: fleet
        horizon: {days: 20, followup_days: 0}
        places: {a: {}, b: {}}
        flows: {w: {unit: wagon, origin: a, destination: b, arrivals: {scheduled: {every: 12h}}}}
        ports: {a: {berths: {quay: {berths: 1}}}}
        vessels: {ferry: {capacity: {wagon: 2}}}
        services: {s: {from: a, to: b, vessel: ferry, vessels: 1, crossing: 4h, handling: 2h, departure: {a: {full: 1.0}, b: at_once}}}
        """
    shares = {(row.name, row.where, row.activity): row.value for row in bottlenecks(run(text))}
    # Two wagons a day; 12 h of work a round trip and 12 h of waiting for the second wagon. At the berth 2 h of work.
    assert shares["active_share", "s/ferry", None] == pytest.approx(0.5, abs=0.03)
    assert shares["active_share", "a/quay", None] == pytest.approx(2 / 24, abs=0.01)
