"""Names of resources: what is written is parsed back, and every shipped scenario's names are of a known form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.errors import InvariantError
from sim.log import TABLES, Columns, RunFacts, RunLog, names
from sim.metrics.resources import resources
from sim.network.build import build
from sim.network.preview import preview
from sim.spec.library import shipped

IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True).filter(
    lambda text: text not in names.RESERVED_GROUPS
)
NUMBERS = st.integers(1, 99)
WRITERS = {
    "stack": (names.stack, {"place": IDS, "carrier": IDS}),
    "gate": (names.gate, {"carrier": IDS, "place": IDS}),
    "path": (names.path, {"section": IDS, "place": IDS, "towards": IDS}),
    "block": (names.block, {"section": IDS, "number": NUMBERS}),
    "track": (names.tracks, {"place": IDS}),
    "holding": (names.holding, {"place": IDS, "section": IDS}),
    "workshop": (names.workshop, {"pool": IDS}),
    "equipment": (names.equipment_at, {"equipment": IDS, "place": IDS}),
    "pool": (names.pool, {"place": IDS, "pool": IDS}),
    "berth": (names.berths, {"place": IDS, "group": IDS | st.just(names.ROADS)}),
    "fleet": (names.fleet, {"carrier": IDS, "vessel_class": IDS}),
    "way": (names.way, {"carrier": IDS, "place": IDS, "towards": IDS}),
    "departures": (names.departures, {"carrier": IDS, "place": IDS}),
    "calls": (names.calls, {"place": IDS, "carrier": IDS}),
    "closure": (names.closure, {"place": IDS, "vessel_class": IDS}),
    "refusal": (names.refusal, {"place": IDS, "flow": IDS}),
}
OF_AN_ID = {
    "border": "border",
    "section": "section",
    "locomotive": "pool",
    "line": "carrier",
    "embargo": "embargo",
}
"""Kinds whose name is an id as it is."""


def test_every_kind_is_tried():
    assert {*WRITERS, *OF_AN_ID} == set(names.FORMS)


@pytest.mark.parametrize("kind", WRITERS)
@given(data=st.data())
def test_what_is_written_is_parsed_back(kind, data):
    write, drawn = WRITERS[kind]
    parts = {part: data.draw(values, part) for part, values in drawn.items()}
    name = write(*parts.values())
    parsed = names.parse(name, kind)
    assert parsed == names.ResourceName(
        kind=kind, **{part: str(value) for part, value in parts.items()}
    )
    assert str(parsed) == name
    assert str(names.parse(name)) == name


@pytest.mark.parametrize("kind", OF_AN_ID)
@given(text=IDS)
def test_an_id_is_a_name(kind, text):
    parsed = names.parse(text, kind)
    assert parsed == names.ResourceName(kind=kind, **{OF_AN_ID[kind]: text})
    assert str(parsed) == text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("alat/stack/line", "stack"),
        ("street:gate:port", "gate"),
        ("a-b:a>b", "path"),
        ("a-b/block-2", "block"),
        ("alat/tracks", "track"),
        ("diesel/workshop", "workshop"),
        ("flats@alat", "equipment"),
        ("alat/ferry", "berth"),
        ("alat/roads", "berth"),
        ("line:alat:departures", "departures"),
    ],
)
def test_a_name_of_a_resource_alone_says_its_kind(name, kind):
    assert names.parse(name).kind == kind


def test_the_ids_in_a_name_leave_out_words_and_numbers():
    assert names.parse("alat/stack/line").ids == {"alat", "line"}
    assert names.parse("street:gate:port").ids == {"street", "port"}
    assert names.parse("a-b/block-2").ids == {"a-b"}
    assert names.parse("alat/roads").ids == {"alat"}


@pytest.mark.parametrize("name", ["", "a/b/c", "a:b", "a>b", "a:gate:b/c", "a@b@c"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InvariantError, match="has not the form of a resource"):
        names.parse(name)


def test_a_name_of_another_kind_is_refused():
    with pytest.raises(InvariantError, match="'alat/ferry' has not the form of a stack"):
        names.parse("alat/ferry", "stack")


def _without_a_run(network):
    """Return a log in which nothing happened."""
    facts = RunFacts("2023-01-01", 0, 86_400, 86_400, seed=1, replication=0, events=0)
    tables = {
        name: Columns({column: np.zeros(0, np.int64) for column in columns})
        for name, columns in TABLES.items()
    }
    return RunLog(
        facts, network.names, network.flow_facts, network.resources, network.carriers, tables
    )


@pytest.fixture(scope="module")
def networks():
    """Return the network of every shipped scenario."""
    return {name: build(sim.load(name)) for name in shipped() if name != "corridor"}


def test_every_resource_of_every_shipped_scenario_parses(networks):
    kinds = set()
    for network in networks.values():
        for resource in network.resources:
            assert str(names.parse(resource.id, resource.kind)) == resource.id
            kinds.add(resource.kind)
    not_resources = {"fleet", "way", "departures", "calls", "closure", "refusal"}
    assert kinds == set(names.FORMS) - not_resources


def test_capacity_and_occupancy_join_by_name(networks):
    joined = set()
    for scenario, network in networks.items():
        kind_of = {resource.id: resource.kind for resource in network.resources}
        occupied = {
            row.where for row in resources(_without_a_run(network)) if row.name == "occupancy"
        }
        for load in preview(network):
            if load.kind == "departures":
                assert names.parse(load.resource).kind == "departures"
                continue
            if load.kind == "border way":
                assert names.parse(load.resource, "way").carrier in occupied
                continue
            assert load.resource in kind_of, f"{scenario}: {load}"
            if load.kind not in ("service", "block", "lifts", "deck part"):
                assert kind_of[load.resource] == load.kind
                assert load.resource in occupied, f"{scenario}: {load}"
                joined.add(load.kind)
    assert joined == {"berth", "border", "gate", "locomotive", "path", "pool", "track"}


@pytest.mark.parametrize("scenario", ["pairs/equipment", "pairs/series", "pairs/reassignment-rule"])
def test_every_place_of_the_metrics_is_a_name(scenario):
    places = sim.simulate(sim.load(scenario), seed=5).metrics()["where"].dropna().unique()
    assert len(places)
    for place in places:
        assert str(names.parse(place)) == place
