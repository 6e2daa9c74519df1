"""Weather and demand, drawn in advance: shares, seasons, exposure, and the random numbers they share."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.distributions import Distribution
from sim.engine.cargo.demand import draw_arrivals
from sim.engine.kernel.calendar import Calendar
from sim.engine.world.weather import draw_closures
from sim.network.parts import Climate
from sim.streams import Streams
from sim.units import DAY, YEAR

START = date(2023, 1, 1)


def _climate(shares: tuple[float, ...]) -> Climate:
    return Climate(shares, Distribution("lognormal", (2.0 * DAY, 0.88)), {0: 1.0, 1: 0.5, 2: 0.0})


def _closed(closures: Calendar, first_s: int, last_s: int) -> int:
    return sum(max(0, min(b, last_s) - max(a, first_s)) for a, b in closures.intervals)


def test_closed_shares_are_those_of_the_month_and_the_exposure():
    shares = (0.25,) * 3 + (0.1,) * 3 + (0.05,) * 4 + (0.5,) * 2
    years = [
        draw_closures(_climate(shares), Streams(3, n), START, 10 * 365 * DAY) for n in range(20)
    ]  # without 29 February: see the bounds below
    exposed = np.array([_closed(y[0], 0, 10 * YEAR) / (10 * YEAR) for y in years])
    want = (
        sum(
            share * days
            for share, days in zip(
                shares, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True
            )
        )
        / 365
    )
    half = 2.9 * exposed.std(ddof=1) / np.sqrt(len(exposed))
    assert half < 0.02 * want * 2
    # Storms spill over into the next month and the first month begins calm: a bias of less than 2 %.
    assert abs(exposed.mean() - want) < half + 0.02 * want
    sheltered = np.array([_closed(y[1], 0, 10 * YEAR) / (10 * YEAR) for y in years])
    assert sheltered.mean() == pytest.approx(0.5 * exposed.mean(), rel=1e-3)
    assert all(y[2].intervals == [] for y in years)


def test_storms_hit_all_shores_together_and_the_sheltered_one_for_less_long():
    closures = draw_closures(_climate((0.3,) * 12), Streams(1, 0), START, YEAR)
    assert len(closures[0].intervals) > 20
    for (a, b), (c, d) in zip(closures[0].intervals, closures[1].intervals, strict=True):
        assert a <= c <= d <= b
        assert abs((d - c) - (b - a) / 2) <= 1


def test_a_port_opens_when_its_closure_ends():
    closures = Calendar([(10, 20), (30, 40)])
    assert [closures.next_open_s(t) for t in (0, 9, 10, 19, 20, 35, 40, 99)] == [
        0,
        9,
        20,
        20,
        20,
        40,
        40,
        99,
    ]


FLOW = """
title: t
horizon: {{start: 2023-01-01, days: 365}}
places: {{a: {{}}, b: {{}}}}
roads: {{r: {{from: a, to: b}}}}
flows: {{f: {{unit: x, origin: a, destination: b, {flow}}}}}
"""


def _arrivals(network, flow, seed=1, scale=1.0):
    net = network(FLOW.format(flow=flow), {"demand.scale": scale})
    return draw_arrivals(net, 0, Streams(seed, 0), (START, YEAR))


def test_a_season_moves_cargo_between_months_and_keeps_the_year(network):
    flow = "units_per_year: 36500, season: [1, 1, 1, 1, 0, 1, 1, 1, 1, 3, 1, 1]"
    at = np.array(_arrivals(network, flow).at_s)
    assert abs(len(at) - 36500) < 3.3 * 36500**0.5
    months = np.array([(START.toordinal() + s // DAY) for s in at])
    count = {
        m: int((np.vectorize(lambda d: date.fromordinal(d).month)(months) == m).sum())
        for m in (5, 9, 10)
    }
    assert count[5] == 0
    assert 2.8 < count[10] / 31 / (count[9] / 30) < 3.2


@pytest.mark.parametrize(
    "flow",
    [
        "units_per_year: 5000",
        "units_per_year: 5000, consignment_units: {gamma: {mean: 6, cv: 0.8}}",
        "arrivals: {renewal: {interval: {gamma: {mean: 3h, cv: 0.4}}}}",
        "arrivals: {scheduled: {every: 3h, first: 1h}}",
    ],
)
@pytest.mark.parametrize("scale", [0.4, 2, 5])
def test_more_demand_contains_less(network, flow, scale):
    one, more = _arrivals(network, flow), _arrivals(network, flow, scale=scale)
    few, many = sorted((set(zip(b.at_s, b.units, strict=True)) for b in (one, more)), key=len)
    assert few <= many
    # Thinning n to a share s leaves n s arrivals with variance n s (1 - s); scaling by s adds at most n s (s - 1).
    spread = (abs(scale * (scale - 1)) * len(one.at_s)) ** 0.5
    assert abs(len(more.at_s) - scale * len(one.at_s)) < 2.6 * spread
    assert more.at_s == sorted(more.at_s)


def test_units_a_year_are_what_was_written(network):
    arrivals = _arrivals(
        network, "units_per_year: 90000, consignment_units: {gamma: {mean: 30, cv: 0.5}}"
    )
    # Compound Poisson: variance n * m^2 * (1 + cv^2).
    assert abs(sum(arrivals.units) - 90000) < 3.3 * (3000 * 900 * 1.25) ** 0.5


MONTHS = "time,units" + "".join(
    f"\n2023-{month:02d}-01,{units}"
    for month, units in enumerate([1250, 980, 7, 0, 1, 1311, 3, 1400, 1200, 1, 1100, 999], 1)
)


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 1.5, 2.4])
def test_a_scaled_trace_keeps_its_total_and_its_months(network, scale):
    flow = "arrivals: {trace: {file: m.csv}}"
    once = network(FLOW.format(flow=flow), m=MONTHS)
    scaled = network(FLOW.format(flow=flow), {"demand.scale": scale}, m=MONTHS)
    run = (START, YEAR)
    one = draw_arrivals(once, 0, Streams(1, 0), run)
    for seed in (1, 2):
        many = draw_arrivals(scaled, 0, Streams(seed, 0), run)
        assert abs(sum(many.units) - scale * sum(one.units)) <= 1
        for at_s, units in zip(one.at_s, one.units, strict=True):
            month = [size for at, size in zip(many.at_s, many.units, strict=True) if at == at_s]
            assert abs(sum(month) - scale * units) <= 1
            assert scale < 1 or month[0] == units
        assert all(units > 0 for units in many.units)
