"""Pools: several servers at once without overtaking, weather that stops them, and ships that use them."""

from __future__ import annotations

import pytest

from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.pools import Pool
from sim.log import OPEN, Table
from sim.metrics.measure import measure
from tests.unit.engine.test_exact_times import SHORT


def pool(servers, shut=ALWAYS_OPEN):
    env = Clock()
    return env, Pool(env, (Table("resource_log"), Table("capacities")), 0, servers, shut)


def take(tugs, vessel, servers, priority=5):
    """Return the hold, and a function that returns whether it is granted by now."""
    hold, granted = tugs.take_several(vessel, servers, priority)
    return hold, lambda: granted is None or granted.triggered


def test_who_needs_one_waits_behind_who_waits_for_three():
    _, tugs = pool(4)
    first, _ = take(tugs, 1, 2)
    _, large = take(tugs, 2, 3)
    _, small = take(tugs, 3, 1)
    assert (large(), small()) == (False, False)
    tugs.give_several(first, 2)
    assert (large(), small()) == (True, True)


def test_a_higher_priority_goes_first_and_a_lower_one_does_not_overtake():
    _, tugs = pool(3)
    first, _ = take(tugs, 1, 3)
    _, late = take(tugs, 2, 1, priority=7)
    _, large = take(tugs, 3, 3, priority=2)
    tugs.give_several(first, 3)
    assert (large(), late()) == (True, False)


def test_a_server_has_a_row_and_busy_time_is_counted_by_server():
    env, tugs = pool(3)
    hold, _ = take(tugs, 1, 3)
    env.run(until=50)
    tugs.give_several(hold, 3)
    assert tugs.busy_until(env.now) == 150
    assert tugs._log.by_row()[:, 1:].tolist() == [[1, 0, 0, 50]] * 3


def test_nothing_is_granted_while_weather_stops_it_and_all_that_fits_once_it_does_not():
    env, tugs = pool(2, Calendar([(10, 100)]))
    before, _ = take(tugs, 1, 1)
    env.run(until=20)
    _, waits = take(tugs, 2, 1)
    tugs.give_several(before, 1)
    assert not waits()
    env.run(until=101)
    assert waits()
    assert tugs._log.by_row()[1].tolist() == [0, 2, 20, 100, OPEN]


def test_more_servers_by_date_serve_those_that_wait():
    _, tugs = pool(1)
    take(tugs, 1, 1)
    _, waits = take(tugs, 2, 2)
    tugs.renew(3)
    assert waits()


HARBOUR = (
    SHORT
    + """
places: {{sea: {{}}, port: {{}}}}
flows: {{calls: {{unit: call, origin: sea, destination: port, arrivals: {{trace: {{file: calls.csv}}}}}}}}
vessels: {{ship: {{capacity: {{call: 1}}}}}}
services: {{line: {{from: sea, to: port, vessel: ship, vessels: 2, crossing: 10h, handling: {{port: 3h, sea: 0s}},
  departure: {{sea: {{full: 1.0}}, port: at_once}}}}}}
initial: {{vessels: [{{service: line, vessel: ship, towards: sea}}, {{service: line, vessel: ship, towards: sea}}]}}
ports: {{port: {{berths: {{quay: {{berths: 2}}}}, pools: {pools}}}}}
"""
)
TWO = "time,units\n2024-01-01T00:00,1\n2024-01-01T00:00,1\n"


def steps(log, vehicle):
    """Return what a vessel did at the port, in hours."""
    rows = log["vehicle_log"]
    rows = rows[rows["vehicle"] == vehicle]
    labels = log.labelled(rows)
    ends = zip(labels["activity"], labels["resource"], rows["start_s"] / 3600, strict=True)
    return [step for step in ends if step[1] != "sea/roads"]


def test_pools_are_kept_from_the_first_to_the_last(run):
    # One pilot, kept while the tugs work: two hours with both, then one with the pilot alone.
    pools = (
        "{pilots: {count: 1, in: 1h, out: 30min}, tugs: {count: 2, needs: 2, in: 2h, out: 90min}}"
    )
    log = run(HARBOUR.format(pools=pools), calls=TWO)
    assert steps(log, 0)[:4] == [
        ("sail", "line", 0),
        ("manoeuvre", "port:pool:tugs", 10),
        ("manoeuvre", "port:pool:pilots", 12),
        ("handle", "port/quay", 13),
    ]
    assert steps(log, 1)[:4] == [
        ("sail", "line", 0),
        ("wait_pool", "port:pool:pilots", 10),
        ("manoeuvre", "port:pool:tugs", 13),
        ("manoeuvre", "port:pool:pilots", 15),
    ]


def test_who_berths_goes_first_and_a_class_that_is_not_named_needs_none(run):
    first = "{tugs: {count: 1, in: 6h, out: 1h, first: berthing}}"
    log = run(HARBOUR.format(pools=first), calls=TWO)
    assert [step[::2] for step in steps(log, 0)][1:5] == [
        ("manoeuvre", 10),
        ("handle", 16),
        ("wait_pool", 19),
        ("manoeuvre", 22),
    ]
    none = "{tugs: {count: 1, needs: {}, in: 6h, out: 1h}}"
    log = run(HARBOUR.format(pools=none), calls=TWO)
    assert [step[::2] for step in steps(log, 0)][1:3] == [("handle", 10), ("sail", 13)]


def test_a_tug_ends_what_it_began_before_an_outage_and_begins_nothing_in_it(run):
    pools = "{tugs: {count: 1, in: 5h, out: 1h}}"
    closed = "disruptions: {storm: {port: port, from: 2024-01-01, lasting: 30h}}\n"
    goes_on = HARBOUR.replace(
        "berths: {{quay", "in_storm: {{berthing: goes_on, work: goes_on}}, berths: {{quay"
    )
    log = run(goes_on.format(pools=pools) + closed, calls=TWO)
    assert [step[::2] for step in steps(log, 0)][1:3] == [("wait_pool", 10), ("manoeuvre", 30)]
    assert [step[::2] for step in steps(log, 1)][1:3] == [("wait_pool", 10), ("manoeuvre", 35)]


def test_a_vessel_that_waits_for_two_tugs_is_one_in_the_queue(run):
    # The second ship waits from 10 h to 12 h, and each day has 24.
    log = run(HARBOUR.format(pools="{tugs: {count: 2, needs: 2, in: 2h}}"), calls=TWO)
    frame = measure(log)
    queue = frame[(frame["name"] == "queue_mean") & (frame["where"] == "port:pool:tugs")]["value"]
    assert queue.item() == pytest.approx(2 / (4 * 24))
