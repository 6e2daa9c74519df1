"""What a date changes has its effect from that date on, exactly: priorities and processes of demand."""

from __future__ import annotations

import pytest

HOUR, DAY = 3600, 86_400
HORIZON = "title: t\nhorizon: {start: 2024-01-01, days: 20, followup_days: 0}\n"

FERRY = (
    HORIZON
    + """
places: {port: {}, far: {}}
flows:
  early: {unit: wagon, origin: port, destination: far, arrivals: {trace: {file: early.csv}}}
  late: {unit: wagon, origin: port, destination: far, arrivals: {trace: {file: late.csv}}}
vessels: {ferry: {capacity: {wagon: 1}}}
services:
  line:
    {from: port, to: far, vessel: ferry, vessels: 1, crossing: 5h, departure: {port: {timetable: ['12:00']}, far: at_once}}
"""
)
EARLY = "time,units\n" + 4 * "2024-01-01T00:00,1\n"
LATE = "time,units\n" + 2 * "2024-01-01T01:00,1\n" + "2024-01-04T06:00,1\n"


def _loaded(log):
    """Return day and flow of each wagon in the order in which they are loaded, at noon each day."""
    trips = log["aboard"].merge(log["trips"], on="trip").merge(log["lots"], on="lot")
    assert (trips["start_s"] % DAY == 12 * HOUR).all()
    return [
        (s // DAY, log.flows[f].id) for s, f in zip(trips["start_s"], trips["flow"], strict=True)
    ]


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ("", ["early", "early", "early", "early", "late", "late", "late"]),
        # From the third day on: what waits already, and what comes on the fourth.
        (
            "changes: {2024-01-03: {flows: {late: {priority: 1}}}}\n",
            ["early", "early", "late", "late", "late", "early", "early"],
        ),
        # And back again, before the last has come.
        (
            "changes: {2024-01-03: {flows: {late: {priority: 1}}}, 2024-01-04: {flows: {late: {priority: 9}}}}\n",
            ["early", "early", "late", "early", "early", "late", "late"],
        ),
        (
            "changes: {2024-01-02: {flows: {early: {priority: 8}}}}\n",
            ["early", "late", "late", "late", "early", "early", "early"],
        ),
    ],
)
def test_a_dated_priority_holds_for_what_waits_and_what_comes(run, changes, order):
    log = run(FERRY + changes, early=EARLY, late=LATE)
    assert _loaded(log) == list(enumerate(order))
    assert log.facts.audit_residual == 0


def test_a_dated_priority_holds_for_cargo_that_was_on_its_way_on_the_date(run):
    text = """
places: {mine: {}, port: {}, far: {}}
flows:
  early: {unit: wagon, origin: port, destination: far, arrivals: {trace: {file: early.csv}}}
  late: {unit: wagon, origin: mine, destination: far, arrivals: {trace: {file: late.csv}}}
roads: {street: {from: mine, to: port, running: 47h}}
vessels: {ferry: {capacity: {wagon: 1}}}
services:
  line:
    {from: port, to: far, vessel: ferry, vessels: 1, crossing: 5h, departure: {port: {timetable: ['12:00']}, far: at_once}}
changes: {2024-01-02: {flows: {late: {priority: 1}}}}
"""
    log = run(HORIZON + text, early=EARLY, late="time,units\n2024-01-01T12:00,1\n")
    # It comes at 11:00 on the third day.
    order = [row for row in _loaded_by_ferry(log)]
    assert order == [(0, "early"), (1, "early"), (2, "late"), (3, "early"), (4, "early")]


def _loaded_by_ferry(log):
    ferry = [number for number, carrier in enumerate(log.carriers) if carrier.id == "line"]
    trips = log["aboard"].merge(log["trips"], on="trip").merge(log["lots"], on="lot")
    trips = trips[trips["carrier"].isin(ferry)].sort_values("start_s")
    return [
        (s // DAY, log.flows[f].id) for s, f in zip(trips["start_s"], trips["flow"], strict=True)
    ]


def test_a_dated_priority_holds_for_cargo_that_waits_for_equipment(run):
    text = """
places: {here: {}, there: {}}
equipment: {boxes: {fleet: {here: 1}}}
flows:
  a: {unit: box, origin: here, destination: there, equipment: boxes, arrivals: {trace: {file: a.csv}}}
  b: {unit: box, origin: here, destination: there, equipment: boxes, arrivals: {trace: {file: b.csv}}}
  back: {unit: box, origin: there, destination: here, equipment: boxes, arrivals: {surplus: {}}}
roads: {street: {from: here, to: there, running: 6h}}
changes: {2024-01-02: {flows: {b: {priority: 1}}}}
"""
    a = "time,units\n" + 4 * "2024-01-01T00:00,1\n"
    b = "time,units\n" + 2 * "2024-01-01T03:00,1\n"
    log = run(HORIZON + text, a=a, b=b)
    out = log["deliveries"].query(f"flow != {log.names.flow.index('back')}")
    delivered = [
        (at_s // HOUR, log.flows[flow].id)
        for at_s, flow in zip(out["delivered_s"], out["flow"], strict=True)
    ]
    # The one box goes to and fro in 12 h; on the second day at 0:00 it has just come back.
    assert delivered == [(6, "a"), (18, "a"), (30, "b"), (42, "b"), (54, "a"), (66, "a")]
    assert log.facts.audit_residual == 0


DEMAND = """
title: t
horizon: {{start: 2024-01-01, days: 2000, followup_days: 0}}
places: {{here: {{}}, there: {{}}}}
flows: {{trucks: {{unit: truck, origin: here, destination: there, {arrivals}}}}}
roads: {{street: {{from: here, to: there, running: 1h}}}}
changes: {{2024-04-10: {{flows: {{trucks: {{{later}}}}}}}}}
"""


def _created(run, arrivals, later):
    return run(DEMAND.format(arrivals=arrivals, later=later))["consignments"]["born_s"]


@pytest.mark.parametrize(
    ("none", "some"),
    [
        ("units_per_year: 0", "units_per_year: 3650"),
        ("arrivals: {poisson: {per_day: 0}}", "arrivals: {poisson: {per_day: 10}}"),
    ],
)
def test_a_random_flow_that_begins_on_a_date_comes_at_its_rate_from_then_on(run, none, some):
    born_s = _created(run, none, some)
    assert born_s.min() >= 100 * DAY
    # 1,900 days with 10 a day: the count has a standard deviation of 138.
    assert abs(len(born_s) - 19_000) < 4 * 138


def test_a_date_that_changes_only_the_length_of_intervals_stretches_the_same_ones(run):
    interval = "arrivals: {{renewal: {{interval: {{gamma: {{mean: {mean}h, cv: 0.5}}}}}}}}"
    same = _created(run, interval.format(mean=6), interval.format(mean=6))
    longer = _created(run, interval.format(mean=6), interval.format(mean=12))
    since = 100 * DAY
    assert same[same < since].equals(longer[longer < since])
    after, stretched = same[same >= since].to_numpy(), longer[longer >= since].to_numpy()
    count = min(len(after), len(stretched))
    # Whole seconds are cut off on both sides.
    assert abs(2 * (after - since)[:count] - (stretched - since)[:count]).max() <= 2
