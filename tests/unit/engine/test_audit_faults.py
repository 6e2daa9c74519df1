"""Faults planted in the engine: each must be caught by the audit, or the audit proves nothing."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.audit.arithmetic import Use
from sim.engine.cargo.dwell import Dwelling
from sim.engine.cargo.gate import Gate
from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel import tokens
from sim.engine.kernel.meter import Meter
from sim.engine.sea.vessel import Vessel
from sim.engine.world.lots import Room, Stack
from sim.engine.world.world import World
from sim.errors import InvariantError
from sim.log import Activity, Columns, Table

CORRIDOR = """
title: t
horizon: {start: 2024-01-01, days: 30, followup_days: 5}
places: {mine: {}, port: {}, far: {}}
flows:
  boxes: {unit: box, origin: mine, destination: far, arrivals: {poisson: {per_day: 20}}, consignment_units: {gamma: {mean: 4, cv: 0.7}}}
  back: {unit: box, origin: far, destination: mine, arrivals: {returns: {flow: boxes, share: 0.5, after: 6h}}}
sections: {track: {from: mine, to: port, running: 5h, paths_per_day: 8, locomotives: pool}}
locomotives: {pool: {locomotives: 3, turn: 1h}}
trains: {freight: {path: [mine, port], capacity: {box: 30}, departure: {full: 1.0, longest_wait: 12h}, handling: 2h}}
ports: {port: {berths: {quay: {berths: 1, units_per_h: {box: 20}}}, stacks: {sea: {box: 60}}, train_tracks: 1}}
vessels: {ship: {capacity: {box: 40}, handling: 2h}}
services: {line: {from: port, to: far, vessel: ship, vessels: 3, crossing: 10h, departure: {full: 0.5, longest_wait: 12h}}}
"""


def test_the_engine_without_a_fault_passes(run):
    log = run(CORRIDOR)
    assert log.facts.audit_residual == 0
    assert log["flow_totals"]["delivered_units"].min() > 300


def _caught(run, law: str) -> None:
    with pytest.raises(InvariantError) as caught:
        run(CORRIDOR)
    assert law in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_lost_unit_is_caught(run, monkeypatch):
    unload = Journeys.unload

    def lose_one(self, trip):
        if trip.id == 5:
            trip.lots[0].units -= 1
        unload(self, trip)

    monkeypatch.setattr(Journeys, "unload", lose_one)
    _caught(run, "units created = units delivered + units inside")


def test_a_lost_lot_is_caught(run, monkeypatch):
    unload = Journeys.unload

    def drop_one(self, trip):
        if trip.id == 5:
            trip.lots = trip.lots[1:]
        unload(self, trip)

    monkeypatch.setattr(Journeys, "unload", drop_one)
    _caught(run, "units created = units delivered + units inside")


def test_a_unit_twice_is_caught(run, monkeypatch):
    take = Stack.take

    def take_twice(self, deck, now, *, apart=False):
        lots, used = take(self, deck, now, apart=apart)
        if lots and now > 200_000:
            lots[0].units += 1
        return lots, used

    monkeypatch.setattr(Stack, "take", take_twice)
    _caught(run, "units created = units delivered + units inside")


def test_a_lot_delivered_twice_is_caught(run, monkeypatch):
    deliver = Journeys._deliver

    def deliver_twice(self, lot):
        deliver(self, lot)
        if lot.id == 7:
            deliver(self, lot)

    monkeypatch.setattr(Journeys, "_deliver", deliver_twice)
    _caught(run, "a lot is delivered once")


@pytest.mark.parametrize("table", ["stays", "vehicle_log"])
def test_an_interval_shortened_by_a_second_is_caught(run, monkeypatch, table):
    by_column = Table.by_column

    def shorten(self):
        out = by_column(self)
        if self.name == table:
            closed = np.flatnonzero(out["end_s"] > out["start_s"] + 1)
            out["end_s"][closed[len(closed) // 2]] -= 1
        return out

    monkeypatch.setattr(Table, "by_column", shorten)
    _caught(run, "off by")


def test_a_berth_over_capacity_is_caught(run, monkeypatch):
    init = tokens.Tokens.__init__

    def one_more(self, *books_and_servers):
        init(self, *books_and_servers)
        self.servers += 1

    monkeypatch.setattr(tokens.Tokens, "__init__", one_more)
    _caught(run, "capacity of port/quay")


def test_a_berth_that_nobody_built_is_caught(run, monkeypatch):
    init = tokens.Tokens.__init__

    def one_more(self, *books_and_servers):
        init(self, *books_and_servers[:-1], books_and_servers[-1] + 1)

    monkeypatch.setattr(tokens.Tokens, "__init__", one_more)
    _caught(run, "servers of port/quay beyond those there are")


def test_a_deck_loaded_beyond_its_size_is_caught(run, monkeypatch):
    begin_trip = World.begin_trip

    def understate(self, vehicle, leg, lots, fill):
        return begin_trip(
            self, vehicle, leg, lots, (fill[0] - 1 if lots and leg[0] else fill[0], *fill[1:])
        )

    monkeypatch.setattr(World, "begin_trip", understate)
    _caught(run, "deck of")


def test_two_trains_on_one_path_are_caught(run, monkeypatch):
    monkeypatch.setattr(
        tokens.Paths,
        "reserve",
        lambda self, vehicle, now: (
            self._add(self._row(self.code, vehicle, now, now, now + self._headways_s[0][1])),
            setattr(self, "sold", self.sold + 1),
            now,
        )[-1],
    )
    _caught(run, "headway of track:mine>port")


def test_a_stack_over_its_limit_is_caught(run, monkeypatch):
    monkeypatch.setattr(Room, "take", lambda self, units, wake: True)
    _caught(run, "room at port")


def test_a_ship_that_vanishes_for_an_hour_is_caught(run, monkeypatch):
    spend = Vessel._spend

    def idle(self, duration_s, trip, activity, end):
        spent_s = spend(self, duration_s, trip, activity, end)
        return spent_s + 3600 if self._world.env.now > 500_000 else spent_s

    monkeypatch.setattr(Vessel, "_spend", idle)
    _caught(run, "a vehicle does one thing after the other")


def test_the_most_at_once_is_that_of_counting_at_every_second():
    rng = np.random.default_rng(1)
    group, units = rng.integers(0, 4, 60), rng.integers(1, 5, 60)
    start_s = rng.integers(0, 40, 60)
    end_s = np.minimum(start_s + rng.integers(0, 12, 60), 45)
    most = Use.of(group, Columns({"start_s": start_s, "end_s": end_s}), units, 45).most(6)
    inside = (start_s <= np.arange(46)[:, None]) & (np.arange(46)[:, None] < end_s)
    assert most.tolist() == [
        int((inside * units)[:, group == number].sum(axis=1).max()) for number in range(6)
    ]


BAN = (
    CORRIDOR
    + """
embargoes: {ban: {port: port, impose: {units: 30}, lift: {units: 5}, quota: {box: 6}}}
"""
)


def test_a_pass_beyond_the_quota_is_caught(run, monkeypatch):
    log = run(BAN)
    assert len(log["passes"]) > 10
    monkeypatch.setattr(Meter, "open_in_s", lambda self: 0)
    with pytest.raises(InvariantError) as caught:
        run(BAN)
    assert "quota of meter 0 of ban" in str(caught.value)


def test_a_pass_that_is_not_logged_is_caught(run, monkeypatch):
    monkeypatch.setattr(Gate, "_note", lambda self, meter, units: None)
    with pytest.raises(InvariantError) as caught:
        run(BAN)
    assert "units past meter 0 of ban" in str(caught.value)


DWELL = CORRIDOR + "dwell: {papers: {at: port, before: [sea], time: {exponential: 9h}}}\n"


def test_a_dwell_that_is_not_booked_is_caught(run, monkeypatch):
    begin = Dwelling._begin

    def late(self, lot, ready_s):
        begin(self, lot, ready_s)
        if lot.id == 40:
            lot.since_s += 60

    monkeypatch.setattr(Dwelling, "_begin", late)
    with pytest.raises(InvariantError) as caught:
        run(DWELL)
    assert "Little's identity of dwell before port/stack/line" in str(caught.value)


def test_dwell_that_takes_no_room_is_caught(run, monkeypatch):
    begin = Dwelling._begin

    def outside(self, lot, ready_s):
        room = self._world.room_of(lot, lot.leg)
        if room is not None:
            room.limit += lot.units
        begin(self, lot, ready_s)

    monkeypatch.setattr(Dwelling, "_begin", outside)
    with pytest.raises(InvariantError) as caught:
        run(DWELL.replace("9h", "60h"))
    assert "room at port (sea, box)" in str(caught.value)


def test_a_vessel_that_is_booked_in_the_roads_at_its_berth_is_caught(run, monkeypatch):
    text = CORRIDOR.replace(
        "longest_wait: 12h}}}\n", "longest_wait: 12h, berth_needed: anchor}}}\n"
    )
    log = run(text)
    assert log.facts.audit_residual == 0
    assert (log["vehicle_log"]["activity"] == Activity.WAIT_ROADS).any()
    wait = Vessel._wait_until_called

    def wait_in_the_roads(self, called, activity, end):
        return wait(self, called, Activity.WAIT_ROADS, end)

    monkeypatch.setattr(Vessel, "_wait_until_called", wait_in_the_roads)
    with pytest.raises(InvariantError, match="a vessel in the roads holds no berth"):
        run(text)


STREET = """
title: t
horizon: {start: 2024-01-01, days: 20}
places: {town: {}, port: {}}
flows: {parcels: {unit: truck, origin: town, destination: port, arrivals: {poisson: {per_day: 6}}, consignment_units: 3}}
roads: {street: {from: town, to: port, running: 5h, gates: {port: {lanes: 1, time: 1h}}}}
"""


def test_a_truck_with_a_whole_consignment_is_caught(run, monkeypatch):
    assert run(STREET).facts.audit_residual == 0

    def drive_all(self, lot, leg):
        self._handover.roads[leg[0]](lot, leg[1])

    monkeypatch.setattr(Journeys, "_drive", drive_all)
    with pytest.raises(InvariantError, match="a truck carries one unit"):
        run(STREET)
