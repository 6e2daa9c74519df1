"""Journeys of trains from end to end and between the ends of a border, and gross tonnes, by hand."""

from __future__ import annotations

import pytest

import sim

LINE = """
title: a border on the way
horizon: {start: 2023-01-01, days: 40, warmup_days: 10}
units: {wagon: {tonnes: 60, tare_tonnes: 23}}
places: {a: {}, b: {}, c: {}, d: {}}
flows:
  loaded: {unit: wagon, origin: a, destination: d, arrivals: {scheduled: {every: 1d}}}
  empty: {unit: wagon, origin: d, destination: a, tonnes_per_unit: 0, arrivals: {scheduled: {every: 1d}}}
  others: {unit: wagon, origin: a, destination: d, scope: crude, arrivals: {scheduled: {every: 2d}}}
sections:
  a-b: {from: a, to: b, running: 10h}
  c-d: {from: c, to: d, running: 5h}
borders: {b-c: {from: b, to: c, transload: 20h, tracks: 9}}
trains:
  t: {path: [a, b, c, d], capacity: {wagon: 1}, departure: {full: 1.0}, handling: 3h}
"""


@pytest.fixture
def frame(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return sim.simulate(sim.load(file)).metrics()


@pytest.mark.parametrize(
    ("where", "hours"),
    [("a>d", 35), ("a>b", 10), ("a>c", 30), ("b>c", 20), ("b>d", 25), ("c>d", 5), ("d>c", 5)],
)
def test_a_journey_is_measured_between_the_ends_of_a_border(frame, value, where, hours):
    """A source that counts from the change of gauge has a number to be held against."""
    days = value(frame, "journey_days_mean", where=f"t:{where}")
    assert days * 24 == pytest.approx(hours)


def test_the_parts_of_a_journey_add_up_to_it_where_trains_wait(tmp_path, value):
    """One track at the border and single paths: trains wait for both, and nothing is left out."""
    file = tmp_path / "line.yaml"
    file.write_text(LINE.replace("tracks: 9", "tracks: 2").replace("20h", "{exponential: 12h}"))
    frame = sim.simulate(sim.load(file)).metrics()
    parts = sum(
        value(frame, "journey_days_mean", where=f"t:{way}") for way in ("a>b", "b>c", "c>d")
    )
    assert parts == pytest.approx(value(frame, "journey_days_mean", where="t:a>d"), rel=1e-12)


def test_gross_is_net_and_tare_of_every_wagon_empty_ones_included(frame, value):
    """Each day a loaded wagon of 60 + 23 t and an empty one of 23 t; every other day crude."""
    assert value(frame, "carried_t_per_year") == pytest.approx(365 * 60)
    assert value(frame, "carried_gross_t_per_year") == pytest.approx(365 * (60 + 23 + 23))
    assert value(frame, "carried_gross_t_per_year", flow="empty") == pytest.approx(365 * 23)
    crude = value(frame, "carried_by_scope_t_per_year", flow="scope:crude")
    assert crude == pytest.approx(365 / 2 * 60)
    gross = value(frame, "carried_by_scope_gross_t_per_year", flow="scope:crude")
    assert gross == pytest.approx(365 / 2 * 83)
    assert value(frame, "carried_by_scope_t_per_year", flow="scope:background") == 0
