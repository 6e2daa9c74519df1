"""Ways of cargo, and how much of a train or deck it takes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sim.spec.itineraries import Itinerary, Leg, deck_share, itineraries, train_share
from sim.spec.scenario import ScenarioSpec


def world(**parts):
    places = {place: {} for place in ("beineu", "aktau", "kuryk", "alat", "tbilisi")}
    return ScenarioSpec.model_validate({"title": "x", "places": places, "flows": {}} | parts)


def flow(origin: str, destination: str, unit: str = "wagon", **more: object):
    return {
        "f": {"unit": unit, "origin": origin, "destination": destination, "units_per_year": 1}
        | more
    }


NETWORK = {
    "sections": {
        "west": {"from": "beineu", "to": "kuryk", "running": "10h"},
        "caucasus": {"from": "alat", "to": "tbilisi", "running": "10h"},
    },
    "trains": {
        "kz": {"path": ["beineu", "kuryk"], "capacity": {"wagon": 50}},
        "az": {"path": ["alat", "tbilisi"], "capacity": {"wagon": 40}},
    },
    "roads": {"lorry": {"from": "beineu", "to": "kuryk"}},
    "vessels": {
        "ferry": {"capacity": {"wagon": 54}, "lane_m": 1000, "carries": ["truck", "car"]},
        "ro-pax": {"lane_m": 840},
    },
    "services": {
        "line": {
            "from": "kuryk",
            "to": "alat",
            "vessels": {"ferry": 2, "ro-pax": 1},
            "crossing": "20h",
        }
    },
    "units": {
        "wagon": {},
        "truck": {"lane_m": 16.5},
        "car": {"lane_m": 5},
        "long": {"lane_m": 20},
        "box": {},
    },
}


def test_the_shortest_way_is_found_in_either_direction():
    there = (Leg("line", "service", "kuryk", "alat"), Leg("az", "train", "alat", "tbilisi"))
    back = (Leg("az", "train", "tbilisi", "alat"), Leg("line", "service", "alat", "kuryk"))
    assert itineraries(world(**NETWORK, flows=flow("kuryk", "tbilisi")), "f") == (
        Itinerary("direct", 1.0, there),
    )
    assert itineraries(world(**NETWORK, flows=flow("tbilisi", "kuryk")), "f") == (
        Itinerary("direct", 1.0, back),
    )


def test_a_carrier_that_cannot_carry_is_no_way():
    scenario = world(**NETWORK, flows=flow("beineu", "alat", "truck"))
    assert [leg.carrier for leg in itineraries(scenario, "f")[0].legs] == ["lorry", "line"]
    with pytest.raises(ValueError, match="no way leads a box from beineu to alat"):
        itineraries(world(**NETWORK, flows=flow("beineu", "alat", "box")), "f")


def test_routes_keep_their_shares_and_their_order():
    routes = {
        "rail": {"share": 0.75, "legs": ["kz", "line"]},
        "road": {"share": 0.25, "legs": ["lorry", "line"]},
    }
    ways = itineraries(world(**NETWORK, flows=flow("beineu", "alat", routes=routes)), "f")
    assert [(way.id, way.share, len(way.legs)) for way in ways] == [
        ("rail", 0.75, 2),
        ("road", 0.25, 2),
    ]


def test_equally_short_ways_are_named():
    with pytest.raises(
        ValueError, match=r"several ways are equally short \(kz, line; lorry, line\)"
    ):
        itineraries(world(**NETWORK, flows=flow("beineu", "alat")), "f")


def test_a_flow_goes_somewhere():
    with pytest.raises(ValueError, match="origin and destination are the same place, kuryk"):
        itineraries(world(**NETWORK, flows=flow("kuryk", "kuryk")), "f")


def test_decks_are_shared_by_capacity_or_by_lane_metres():
    scenario = world(**NETWORK)
    assert deck_share(scenario, "ferry", "wagon") == Fraction(1, 54)
    assert deck_share(scenario, "ferry", "truck") == Fraction(16_500, 1_000_000)
    assert deck_share(scenario, "ferry", "long") is None
    assert deck_share(scenario, "ro-pax", "long") == Fraction(20, 840)
    assert deck_share(scenario, "ro-pax", "wagon") is None
    assert train_share(scenario, "kz", "wagon") == Fraction(1, 50)
    assert train_share(scenario, "kz", "truck") is None


def test_what_is_longer_than_the_deck_cannot_be_carried():
    small = NETWORK | {"vessels": {"ferry": {"lane_m": 15}, "ro-pax": {"lane_m": 15}}}
    assert deck_share(world(**small), "ferry", "truck") is None
