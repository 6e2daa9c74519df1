"""Small corridors, one rule each, exact to the second: times are chosen so that they can be followed by hand."""

from __future__ import annotations

import pytest

from tests.conftest import timeline

SHORT = "title: t\nhorizon:\n  start: 2024-01-01\n  days: 4\n  followup_days: 4\n"  # a Monday


def test_a_truck_drives_passes_the_gate_and_arrives(run):
    log = run(
        SHORT
        + """
places: {town: {}, port: {}}
flows: {trucks: {unit: truck, origin: town, destination: port, arrivals: {scheduled: {every: 10d, first: 1h}}}}
roads: {street: {from: town, to: port, running: 2h, gates: {port: {lanes: 1, time: 3h}}}}
"""
    )
    assert timeline(log) == [("drive", "street", 1, 3, 1), ("gate", "street:gate:port", 3, 6, 1)]


def test_a_lane_serves_one_truck_after_the_other(run):
    log = run(
        SHORT
        + """
places: {town: {}, port: {}}
flows: {trucks: {unit: truck, origin: town, destination: port, arrivals: {trace: {file: trucks.csv}}}}
roads: {street: {from: town, to: port, gates: {port: {lanes: 1, time: 3h}}}}
""",
        trucks="time,units\n2024-01-01T00:00,1\n2024-01-01T01:00,1\n",
    )
    gate = "street:gate:port"
    assert timeline(log) == [
        ("gate", gate, 0, 3, 1),
        ("wait_gate", gate, 1, 3, 1),
        ("gate", gate, 3, 6, 1),
    ]


def test_a_gate_opens_in_the_morning(run):
    log = run(
        SHORT
        + """
places: {town: {}, port: {}}
flows: {trucks: {unit: truck, origin: town, destination: port, arrivals: {scheduled: {every: 10d, first: 20h}}}}
roads: {street: {from: town, to: port, gates: {port: {lanes: 1, time: 1h, hours: {open: "08:00", close: "18:00"}}}}}
"""
    )
    gate = "street:gate:port"
    assert timeline(log) == [("wait_gate", gate, 20, 32, 1), ("gate", gate, 32, 33, 1)]


TRAIN = (
    SHORT
    + """
places: {{east: {{}}, middle: {{}}, west: {{}}}}
flows: {{wagons: {{unit: wagon, origin: east, destination: west, arrivals: {{trace: {{file: wagons.csv}}}}}}}}
sections: {{plain: {{from: east, to: middle, running: 5h{section}}}}}
borders: {{line: {{from: middle, to: west, tracks: 1, handover: 1h, clearance: 2h, transload: 4h}}}}
trains: {{freight: {{path: [east, middle, west], capacity: {{wagon: 10}}, departure: {rule}}}}}
"""
)
TRAIN_STACK = "east/stack/freight"


def test_a_full_train_leaves_at_once_and_the_rest_waits_its_time(run):
    log = run(
        TRAIN.format(section="", rule="{full: 1.0, longest_wait: 12h}"),
        wagons="time,units\n2024-01-01T00:00,14\n",
    )
    there = "plain:east>middle"
    assert timeline(log) == [
        ("wait_train", TRAIN_STACK, 0, 12, 4),
        ("run", there, 12, 17, 4),
        ("border", "line", 17, 24, 4),
        ("wait_train", TRAIN_STACK, 0, 0, 10),
        ("run", there, 0, 5, 10),
        ("border", "line", 5, 12, 10),
    ]


def test_a_split_changes_no_time_of_any_unit(run):
    lots = run(
        TRAIN.format(section="", rule="{full: 1.0, longest_wait: 12h}"),
        wagons="time,units\n2024-01-01T00:00,14\n",
    )["lots"]
    assert lots[["lot", "parent", "from_s"]].to_numpy().tolist() == [[0, -1, 0], [1, 0, 0]]


def test_paths_keep_trains_apart(run):
    log = run(
        TRAIN.format(section=", paths_per_day: 6, background_trains_per_day: 2", rule="at_once"),
        wagons="time,units\n2024-01-01T00:00,20\n",
    )
    runs = [row for row in timeline(log) if row[0] in ("wait_path", "run")]
    there = "plain:east>middle"
    assert runs == [
        ("wait_path", there, 0, 6, 10),
        ("run", there, 6, 11, 10),
        ("run", there, 0, 5, 10),
    ]


def test_a_border_track_is_used_by_one_train_at_a_time(run):
    log = run(TRAIN.format(section="", rule="at_once"), wagons="time,units\n2024-01-01T00:00,20\n")
    border = [row for row in timeline(log) if "border" in row[0]]
    assert border == [
        ("wait_border", "line", 5, 12, 10),
        ("border", "line", 12, 19, 10),
        ("border", "line", 5, 12, 10),
    ]


def test_a_consignment_larger_than_the_room_where_its_road_ends_comes_in_parts(run):
    log = run(
        SHORT
        + """
places: {town: {}, port: {}, far: {}}
flows: {boxes: {unit: box, origin: town, destination: far, arrivals: {trace: {file: boxes.csv}}}}
roads: {street: {from: town, to: port, running: 1h}}
ports: {port: {stacks: {sea: {box: 10}}}}
vessels: {ship: {capacity: {box: 10}}}
services: {line: {from: port, to: far, vessel: ship, vessels: 1, crossing: 10h, departure: {port: {timetable: ['06:00']}}}}
""",
        boxes="time,units\n2024-01-01T01:00,25\n",
    )
    landed = log["deliveries"].groupby("delivered_s")["units"].sum()
    assert landed.tolist() == [10, 10, 5]
    assert (log["deliveries"]["units"] == 1).all()  # each on a truck of its own


def test_a_train_waits_for_a_locomotive_until_its_turn_is_over(run):
    text = (
        TRAIN.format(section=", locomotives: pool", rule="at_once")
        + "locomotives: {pool: {locomotives: 1, turn: 3h}}\n"
    )
    log = run(text, wagons="time,units\n2024-01-01T00:00,20\n")
    waits = [row for row in timeline(log) if row[0] == "wait_locomotive"]
    assert waits == [("wait_locomotive", "pool", 0, 8, 10)]


@pytest.mark.parametrize(
    ("rule", "departures"),
    [
        ("at_once", [1, 3, 30]),
        ("{headway: 24h}", [1, 25, 49]),
        ("{timetable: ['06:00']}", [6, 30]),
        ("{timetable: ['tue 12:00', 'thu 00:00']}", [36]),
        ("{full: 0.5}", [3]),
        ("{full: 0.5, longest_wait: 1h}", [2, 4, 31]),
        ("{full: 0.5, timetable: ['06:00']}", [3, 30]),
        ("{full: 0.3, headway: 24h}", [1, 3, 30]),
        ("{full: 0.5, headway: 24h, longest_wait: 2h}", [1, 5, 30]),
    ],
)
def test_departure_rules_of_a_train(run, rule, departures):
    log = run(
        TRAIN.format(section="", rule=rule),
        wagons="time,units\n2024-01-01T01:00,3\n2024-01-01T03:00,3\n2024-01-02T06:00,3\n",
    )
    assert (log["trips"]["start_s"] / 3600).tolist() == departures


FERRY = (
    SHORT
    + """
places: {{east: {{}}, west: {{}}}}
flows: {{wagons: {{unit: wagon, origin: east, destination: west, arrivals: {{trace: {{file: wagons.csv}}}}}}}}
vessels: {{ferry: {{capacity: {{wagon: 10}}, handling: 2h}}}}
services: {{line: {{from: east, to: west, vessel: ferry, vessels: 1, crossing: 8h, departure: {rule}}}}}
"""
)


def test_a_ferry_calls_waits_for_a_full_deck_sails_and_hands_over(run):
    log = run(
        FERRY.format(rule="{east: {full: 1.0}, west: at_once}"),
        wagons="time,units\n2024-01-01T05:00,10\n",
    )
    assert timeline(log) == [
        ("wait_vessel", "east/stack/line", 5, 5, 10),
        ("sail", "line", 5, 13, 10),
        ("handle", "west/roads", 13, 15, 10),
    ]
    vessel = [row for row in timeline(log, "vehicle_log") if row[2] < 30]
    assert vessel[:6] == [
        ("handle", "east/roads", 0, 2),
        ("wait_cargo", "east/roads", 2, 5),
        ("sail", "line", 5, 13),
        ("handle", "west/roads", 13, 15),
        ("sail", "line", 15, 23),
        ("handle", "east/roads", 23, 25),
    ]


def test_a_ferry_leaves_half_empty_after_its_longest_wait(run):
    log = run(
        FERRY.format(rule="{east: {full: 1.0, longest_wait: 10h}, west: at_once}"),
        wagons="time,units\n2024-01-01T05:00,4\n",
    )
    trips = log["trips"]
    assert (trips["start_s"] / 3600).tolist()[:2] == [12, 22]
    assert trips["deck_used"].tolist()[:2] == [4, 0]


def test_wagons_and_trucks_share_the_deck(run):
    log = run(
        SHORT
        + """
places: {east: {}, west: {}}
flows:
  wagons: {unit: wagon, origin: east, destination: west, arrivals: {trace: {file: wagons.csv}}}
  trucks: {unit: truck, origin: east, destination: west, arrivals: {trace: {file: trucks.csv}}}
units: {wagon: {lane_m: 14}, truck: {lane_m: 16.5}}
vessels: {ferry: {lane_m: 100}}
services: {line: {from: east, to: west, vessel: ferry, vessels: 1, crossing: 8h, departure: {timetable: ['06:00']}}}
""",
        wagons="time,units\n2024-01-01T01:00,3\n",
        trucks="time,units\n2024-01-01T02:00,9\n",
    )
    first = log["aboard"][log["aboard"]["trip"] == 0]
    assert first["units"].tolist() == [3, 3]  # 42 m of wagons leave 58 m: three trucks of 16.5 m


def test_priority_goes_first_and_order_of_arrival_decides_within_it(run):
    log = run(
        SHORT
        + """
places: {east: {}, west: {}}
flows:
  late: {unit: wagon, origin: east, destination: west, priority: 1, arrivals: {trace: {file: late.csv}}}
  early: {unit: wagon, origin: east, destination: west, arrivals: {trace: {file: early.csv}}}
vessels: {ferry: {capacity: {wagon: 10}}}
services: {line: {from: east, to: west, vessel: ferry, vessels: 1, crossing: 8h, departure: {timetable: ['06:00']}}}
""",
        late="time,units\n2024-01-01T03:00,6\n",
        early="time,units\n2024-01-01T01:00,6\n",
    )
    first = log["aboard"][log["aboard"]["trip"] == 0].merge(log["lots"], on="lot")
    assert first[["flow", "units"]].to_numpy().tolist() == [[0, 6], [1, 4]]


PORT = (
    SHORT
    + """
places: {{inland: {{}}, port: {{}}, far: {{}}}}
flows: {{boxes: {{unit: box, origin: inland, destination: far, arrivals: {{trace: {{file: boxes.csv}}}}}}}}
sections: {{plain: {{from: inland, to: port, running: 1h}}}}
trains: {{freight: {{path: [inland, port], capacity: {{box: 10}}, departure: at_once, handling: 1h}}}}
ports: {{port: {{{port}}}}}
vessels: {{ship: {{capacity: {{box: 10}}, handling: 1h}}}}
services:
  line:
    {{from: port, to: far, vessel: ship, vessels: {ships}, crossing: 10h, departure: {{port: {{full: 1}}}}}}
"""
)
BOXES = "time,units\n2024-01-01T00:00,10\n2024-01-01T00:00,10\n2024-01-01T00:00,10\n"


def test_a_full_stack_holds_trains_outside(run):
    log = run(PORT.format(port="stacks: {sea: {box: 10}}", ships=1), boxes=BOXES)
    outside = [row[:4] for row in timeline(log, "vehicle_log") if row[0] == "wait_room"]
    # The ship takes the first ten at hour 3 and is back at 25; the second ten unload by 4, and the third wait till 25.
    assert outside == [
        ("wait_room", "port/stack/line", 2, 3),
        ("wait_room", "port/stack/line", 2, 25),
    ]


def test_cargo_created_before_a_full_stack_waits_outside(run):
    log = run(
        SHORT
        + """
places: {port: {}, far: {}}
flows: {boxes: {unit: box, origin: port, destination: far, arrivals: {trace: {file: boxes.csv}}}}
ports: {port: {stacks: {sea: {box: 10}}}}
vessels: {ship: {capacity: {box: 10}}}
services:
  line: {from: port, to: far, vessel: ship, vessels: 1, crossing: 10h, departure: {port: {timetable: ['06:00']}}}
""",
        boxes="time,units\n2024-01-01T01:00,25\n",
    )
    waits = sorted(
        (row[0], row[2], row[3], row[4]) for row in timeline(log) if row[0].startswith("wait")
    )
    assert waits == [
        ("wait_room", 1, 6, 10),
        ("wait_room", 1, 30, 5),
        ("wait_vessel", 1, 6, 10),
        ("wait_vessel", 6, 30, 10),
        ("wait_vessel", 30, 54, 5),
    ]


def test_lifts_work_off_a_call_by_rate_and_a_berth_holds_one_ship(run):
    log = run(
        PORT.format(port="berths: {quay: {berths: 1, units_per_h: {box: 5}}}", ships=2),
        boxes="time,units\n2024-01-01T00:00,10\n",
    )
    vehicle_log = log["vehicle_log"]

    def of_ship(vehicle):
        rows = vehicle_log[vehicle_log["vehicle"] == vehicle]
        labels = log.labelled(rows)
        return list(
            zip(labels["activity"], labels["resource"], rows["start_s"] / 3600, strict=True)
        )

    # Ten boxes at 5 an hour are two hours' work; there are no more, so the second ship keeps the berth.
    first, second = log["vehicles"].query("kind == 1")["vehicle"].tolist()
    assert of_ship(first) == [
        ("handle", "port/quay", 0),
        ("wait_cargo", "port/quay", 1),
        ("load", "port/quay", 3),
        ("sail", "line", 5),
        ("handle", "far/roads", 15),
        ("sail", "line", 16),
        ("wait_berth", "port/quay", 26),
    ]
    assert of_ship(second) == [
        ("handle", "far/roads", 0),
        ("sail", "line", 1),
        ("handle", "port/quay", 11),
        ("wait_cargo", "port/quay", 12),
    ]


def test_a_vessel_goes_for_repair_when_it_is_due(run):
    log = run(
        FERRY.format(rule="at_once").replace(
            "handling: 2h", "handling: 2h, repair: {every: 20h, lasting: 30h}"
        ),
        wagons="time,units\n2024-01-01T00:00,1\n",
    )
    repairs = [row for row in timeline(log, "vehicle_log") if row[0] == "repair"]
    # Due after 20 hours at work: in port at 22, and again 20 hours after the first ended.
    assert repairs == [("repair", "east/roads", 22, 52), ("repair", "east/roads", 72, None)]


def test_empties_come_back_after_delivery_in_the_stated_share(run):
    log = run(
        SHORT
        + """
places: {east: {}, west: {}}
flows:
  loaded: {unit: wagon, origin: east, destination: west, arrivals: {trace: {file: wagons.csv}}}
  empty: {unit: wagon, origin: west, destination: east, arrivals: {returns: {flow: loaded, share: 0.75, after: 6h}}}
roads: {street: {from: east, to: west, running: 1h}}
""",
        wagons="time,units\n2024-01-01T00:00,5\n2024-01-01T01:00,5\n2024-01-01T02:00,2\n",
    )
    empty = log["consignments"][log["consignments"]["flow"] == 1]
    by_hour = empty.groupby(empty["born_s"] / 3600)["units"].sum()
    assert by_hour.to_dict() == {7: 3, 8: 4, 9: 2}  # 3.75, then 7.5 in all, then 9 in all
    assert (empty["units"] == 1).all()  # each from a truck of its own


def test_what_is_under_way_at_the_horizon_stays_open(run):
    log = run(
        FERRY.format(rule="{east: {full: 1.0}, west: at_once}").replace(
            "followup_days: 4", "followup_days: 0"
        ),
        wagons="time,units\n2024-01-04T20:00,10\n2024-01-04T23:00,3\n",
    )
    assert [row[3] for row in timeline(log)][-2:] == [None, None]
    assert log["flow_totals"][
        ["born_units", "delivered_units", "inside_units"]
    ].to_numpy().tolist() == [[13, 0, 13]]


def test_two_itineraries_share_a_flow(run):
    log = run(
        SHORT
        + """
places: {a: {}, b: {}}
flows:
  f:
    {unit: x, origin: a, destination: b, arrivals: {poisson: {per_day: 500}}, routes: {r: {share: 0.25, legs: [one]},
    s: {share: 0.75, legs: [two]}}}
roads: {one: {from: a, to: b, running: 1h}, two: {from: a, to: b, running: 2h}}
"""
    )
    days = log["deliveries"]["delivered_s"] - log["deliveries"]["born_s"]
    count = len(days)
    assert abs((days == 3600).sum() / count - 0.25) < 3.3 * (0.25 * 0.75 / count) ** 0.5


def test_one_train_a_timetabled_time(run):
    log = run(
        TRAIN.format(section="", rule="{timetable: ['06:00']}"),
        wagons="time,units\n2024-01-01T01:00,25\n",
    )
    assert (log["trips"]["start_s"] / 3600).tolist() == [6, 30, 54]
    assert log["trips"]["deck_used"].tolist() == [10, 10, 5]


def test_what_returns_takes_its_ways_by_their_shares(run):
    log = run(
        SHORT
        + """
places: {a: {}, b: {}}
flows:
  f: {unit: x, origin: a, destination: b, arrivals: {poisson: {per_day: 400}}, routes: {r: {legs: [one]}}}
  back:
    {unit: x, origin: b, destination: a, arrivals: {returns: {flow: f}}, routes: {r: {share: 0.3, legs: [one]},
    s: {share: 0.7, legs: [two]}}}
roads: {one: {from: a, to: b, running: 1h}, two: {from: a, to: b, running: 2h}}
"""
    )
    back = log["deliveries"].query("flow == 1")
    quick = (back["delivered_s"] - back["born_s"] == 3600).sum()
    assert abs(quick / len(back) - 0.3) < 3.3 * (0.3 * 0.7 / len(back)) ** 0.5


HOURS_ONE_WAY = """
title: inward trains are dealt with from 08:00 to 12:00
horizon: {start: 2023-01-01, days: 3}
places: {abroad: {}, inland: {}}
flows:
  first: {unit: box, origin: abroad, destination: inland, arrivals: {scheduled: {every: 9d, first: 11h}}}
  second: {unit: box, origin: abroad, destination: inland, arrivals: {scheduled: {every: 9d, first: 11h 30min}}}
  third: {unit: box, origin: abroad, destination: inland, arrivals: {scheduled: {every: 9d, first: 31h}}}
  outward: {unit: box, origin: inland, destination: abroad, arrivals: {scheduled: {every: 9d, first: 10h 30min}}}
borders: {line: {from: abroad, to: inland, tracks: 1, clearance: 2h, hours: {inland: {open: '08:00', close: '12:00'}}}}
trains: {shuttle: {path: [abroad, inland], capacity: {box: 1}, departure: at_once}}
"""


def test_who_gives_a_track_back_at_closing_time_is_first_when_hours_begin(run):
    """The outward train has the track until 12:30. The first two inward ones give it back then and go
    at 08:00 and 10:00 of the next day, before the third, which came at 07:00 and goes a day later."""
    deliveries = run(HOURS_ONE_WAY)["deliveries"]
    stays_s = deliveries["delivered_s"] - deliveries["born_s"]
    hours = dict(zip(deliveries["flow"].tolist(), (stays_s / 3600).tolist(), strict=True))
    assert hours == {0: 23, 1: 24.5, 2: 27, 3: 2}


def test_who_gave_a_track_back_goes_before_those_of_its_priority_who_wait_when_hours_begin(run):
    """Outward trains are not bound to the hours: one has the track from 07:00 to 09:00, another asks for
    it at 07:30. The inward train that gave it back at noon of the day before comes between them."""
    flows = """
  inward: {unit: box, origin: abroad, destination: inland, arrivals: {scheduled: {every: 9d, first: 11h}}}
  a: {unit: box, origin: inland, destination: abroad, arrivals: {scheduled: {every: 9d, first: 10h 30min}}}
  b: {unit: box, origin: inland, destination: abroad, arrivals: {scheduled: {every: 9d, first: 31h}}}
  c: {unit: box, origin: inland, destination: abroad, arrivals: {scheduled: {every: 9d, first: 31h 30min}}}
"""
    before, _, after = HOURS_ONE_WAY.partition("flows:")
    _, borders, places = after.partition("borders:")
    deliveries = run(before + "flows:" + flows + borders + places)["deliveries"]
    done = dict(zip(deliveries["flow"].tolist(), deliveries["delivered_s"] / 3600, strict=True))
    assert done == {0: 35, 1: 12.5, 2: 33, 3: 37}
