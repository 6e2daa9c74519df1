"""Facts that checks, network, preview and bottlenecks share: stated once in spec, and used by all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sim
from sim.network.build import build
from sim.spec.itineraries import fleet, itineraries
from sim.spec.land import running_time
from sim.spec.sea import berth_groups, crossing_time
from sim.units import HOUR

TEXT = """
title: t
horizon: {start: 2024-01-01, days: 10}
places: {mine: {}, port: {}, far: {}}
flows: {ore: {unit: wagon, origin: mine, destination: far, arrivals: {poisson: {per_day: 5}}}}
sections: {line: {from: mine, to: port, length_km: 400, speed_km_per_day: 800, running_cv: 0.5}}
trains: {freight: {path: [mine, port], capacity: {wagon: 10}, departure: at_once}}
ports:
  port: {berths: {big: {berths: 1, vessels: [ferry]}, small: {berths: 2, vessels: [barge]}}}
vessels:
  ferry: {capacity: {wagon: 20}, speed_kn: 12.5, handling: 2h}
  barge: {capacity: {wagon: 5}, speed_kn: 5, handling: 2h}
services:
  sea: {from: port, to: far, vessels: {ferry: 2, barge: 1}, distance_nm: 100, departure: at_once}
"""


@pytest.fixture
def small(scenario):
    return scenario(TEXT)


def test_times_follow_from_lengths_and_speeds_and_the_network_has_the_same(small):
    spec = small.spec
    service = spec.services["sea"]
    hours = {name: crossing_time(service, spec.vessels[name]).mean / HOUR for name in service.fleet}
    assert hours == {"ferry": 8.0, "barge": 20.0}
    running = running_time(spec.sections["line"])
    assert (running.name, running.parameters) == ("gamma", (12 * HOUR, 0.5))
    network = build(small)
    (line,) = network.services
    names = network.names.vessel_class
    crossings = {names[part.vessel_class]: part.crossing.mean / HOUR for part in line.fleet}
    assert crossings == hours
    assert network.trains[0].links[0][0].running == running


def test_a_fleet_is_by_class_however_it_is_written(small, scenario):
    assert fleet(small.spec, "sea") == {"ferry": 2, "barge": 1}
    text = TEXT.replace("vessels: {ferry: 2, barge: 1}", "vessel: ferry, vessels: 3")
    one_class = scenario(text.replace(", small: {berths: 2, vessels: [barge]}", ""))
    assert fleet(one_class.spec, "sea") == {"ferry": 3}


def test_each_class_has_its_berths_and_the_flow_its_way(small):
    spec = small.spec
    groups = {
        vessel: berth_groups(spec.ports["port"], spec.services["sea"], vessel, "port")
        for vessel in spec.vessels
    }
    assert groups == {"ferry": ["big"], "barge": ["small"]}
    (way,) = itineraries(spec, "ore")
    assert [(leg.kind, leg.carrier) for leg in way.legs] == [
        ("train", "freight"),
        ("service", "sea"),
    ]


def test_nobody_else_divides_a_distance_by_a_speed():
    root = Path(sim.__file__).parent
    home = {root / "spec" / "sea.py", root / "spec" / "land.py"}
    formula = re.compile(
        r"(distance_nm|nautical_miles|length_km)[^\n]*/[^\n]*(speed_kn|knots|speed_km)"
    )
    others = [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        if path not in home and formula.search(path.read_text(encoding="utf-8"))
    ]
    assert others == []
