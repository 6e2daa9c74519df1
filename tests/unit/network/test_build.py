"""What the network makes of a scenario: decks in whole numbers, links by their ends, charges of what is given."""

from __future__ import annotations

import pytest

import sim
from sim.network.build import build
from sim.network.land import link_between
from sim.spec.formalities import Border
from sim.spec.land import Section

CORRIDOR = """
title: a railway to a ferry
horizon: {start: 2023-01-01, days: 100}
places: {mine: {}, frontier: {}, port: {}, far: {}}
units: {truck: {lane_m: 16}, box: {teu: 1}, wagon: {}}
flows:
  wagons: {unit: wagon, origin: mine, destination: far, arrivals: {poisson: {per_day: 1}}}
  trucks: {unit: truck, origin: port, destination: far, arrivals: {poisson: {per_day: 1}}}
  boxes: {unit: box, origin: port, destination: far, arrivals: {poisson: {per_day: 1}}}
sections: {track: {from: mine, to: frontier, running: 4h, length_km: 100}}
borders: {line: {from: port, to: frontier, handover: 1h}}
trains: {ore: {path: [mine, frontier, port], capacity: {wagon: 20}}}
vessels: {ferry: {capacity: {wagon: 6, box: 16}, lane_m: 160}}
services: {sea: {from: port, to: far, vessel: ferry, vessels: 2, crossing: 6h, handling: 1h}}
"""
MONEY = """
money:
  price_base: 2023
  discount_rate: 0.05
  vessels: {ferry: {running_usd_per_day: 1000}}
  trains: {usd_per_gross_t_km: 0.01}
"""
ENERGY = """
energy:
  sources: {diesel: {per: kg, co2e_kg: 3, usd: 1}}
  traction: {loco: {source: diesel, per_gross_t_km: 0.005}}
  sections: {track: loco}
  vessels: {ferry: {source: diesel, sailing_per_day: 100}}
"""


@pytest.fixture
def scenario(tmp_path):
    def load(text=""):
        file = tmp_path / "corridor.yaml"
        file.write_text(CORRIDOR + text)
        return sim.load(file)

    return load


def test_a_deck_is_the_coarsest_in_which_every_unit_takes_a_whole_number(scenario):
    network = build(scenario())
    deck = network.services[0].fleet[0].deck
    # A sixth, a tenth (16 m of 160 m) and a sixteenth of the deck.
    assert network.names.unit == ("wagon", "truck", "box")
    assert (deck.size, deck.per_unit) == (240, (40, 24, 15))
    assert network.trains[0].deck.per_unit == (1, 0, 0)


def test_links_are_found_in_either_direction(scenario):
    spec = scenario().spec
    name, link = link_between(spec, "frontier", "mine")
    assert name == "track"
    assert isinstance(link, Section)
    name, link = link_between(spec, "frontier", "port")
    assert name == "line"
    assert isinstance(link, Border)
    with pytest.raises(KeyError):
        link_between(spec, "mine", "port")


def test_a_train_passes_its_links_in_reverse_on_the_way_back(scenario):
    there, back = build(scenario()).trains[0].links
    assert [link.id for link in there] == ["track", "line"]
    assert [link.id for link in back] == ["line", "track"]
    assert there[0].resource != back[1].resource
    assert there[1].resource == back[0].resource


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("", None),
        (MONEY, {"cost"}),
        (ENERGY, {"co2e"}),
        (MONEY + ENERGY, {"cost", "co2e"}),
    ],
)
def test_charges_are_those_of_the_money_and_energy_that_are_given(scenario, text, measures):
    charges = build(scenario(text)).charges
    if measures is None:
        assert charges is None
        return
    assert {charge.measure for charge in charges.vehicles} == measures
    assert {charge.measure for charge in charges.legs} == measures


def test_fuel_costs_only_where_there_is_money(scenario):
    def usd_at_sea(text):
        charges = build(scenario(text)).charges
        return sum(c.per_s for c in charges.vehicles if (c.measure, c.label) == ("cost", "sail"))

    assert usd_at_sea(ENERGY) == 0
    assert usd_at_sea(MONEY) == pytest.approx(1000 / 86400)
    assert usd_at_sea(MONEY + ENERGY) == pytest.approx(1100 / 86400)
