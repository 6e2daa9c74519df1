"""Lengths and times against where places lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.spec.library import shipped
from sim.spec.load import load

LINE = """title: a section and a ferry between points on the map
places: {a: {lat: 43, lon: 51}, b: {lat: 50, lon: 80}, c: {lat: 40, lon: 49}}
flows: {f: {unit: box, origin: a, destination: c, arrivals: {poisson: {per_day: 10}}}}
sections: {s: {from: a, to: b, length_km: LENGTH, speed_km_per_day: 500}}
trains: {tr: {path: [a, b], capacity: {box: 20}}}
vessels: {v: {capacity: {box: 50}}}
services: {l: {from: b, to: c, vessel: v, vessels: 2, crossing: CROSSING, handling: 8h}}
"""


@pytest.fixture
def warnings_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def warnings_of(length_km: object, crossing: str) -> list[str]:
        text = LINE.replace("LENGTH", str(length_km)).replace("CROSSING", crossing)
        Path("map.yaml").write_text(text)
        return [str(warning) for warning in load("map.yaml").warnings]

    return warnings_of


def test_shorter_than_a_straight_line_is_doubtful(warnings_of):
    assert warnings_of(1, "300h") == [
        "map.yaml:4:32: sections.s.length_km: is 1 km, and a and b lie 2,335 km apart by their coordinates; one of them is wrong"
    ]


def test_slower_than_a_walk_or_longer_than_the_run_is_doubtful(warnings_of):
    assert warnings_of(2500, "9000h") == [
        "map.yaml:7:55: services.l.crossing: makes 0.15 kn between the coordinates, slower than anything drifts"
    ]
    assert warnings_of(2500, "30000h")[0] == (
        "map.yaml:7:55: services.l.crossing: 1250d is longer than the whole run of 425 days, so hardly any ends in it"
    )


def test_coordinates_are_rough(warnings_of):
    assert not warnings_of(2335 * 0.95 - 9, "300h")
    assert warnings_of(2335 * 0.95 - 11, "300h")


def test_far_longer_than_a_straight_line_is_doubtful(warnings_of):
    warnings_of(2500, "300h")
    near = load("map.yaml", {"places.b.lat": 44, "places.b.lon": 52})
    assert near.warnings[0].path == "sections.s.length_km"
    assert "is 2500 km, and a and b lie 137 km apart" in near.warnings[0].what


def test_a_crossing_is_held_against_the_coordinates(warnings_of):
    assert warnings_of(2500, "20h") == [
        "map.yaml:7:55: services.l.crossing: makes 68 kn on a straight line between the coordinates, fast for a cargo vessel"
    ]


def test_what_set_gives_is_held_against_them_too(warnings_of):
    assert not warnings_of(2500, "300h")
    with pytest.raises(ScenarioError, match=r"crossing: covers 1356 nautical miles in no time"):
        load("map.yaml", {"services.l.crossing": "0h"})


@pytest.mark.parametrize(
    "name", [name for name in shipped() if "/" not in name and name != "corridor"]
)
def test_no_shipped_scenario_is_at_odds_with_its_map(name):
    doubts = [str(warning) for warning in load(name).warnings]
    assert not [doubt for doubt in doubts if "coordinates" in doubt]
