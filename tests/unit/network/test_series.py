"""Wind and wave become closures of a port for a class of vessels."""

from __future__ import annotations

import pytest

from sim.units import HOUR

WINDY = """
title: ferry with limits
horizon: {{start: 2023-01-01, days: 7, followup_days: 0}}
places: {{port: {{}}, far: {{}}}}
flows: {{wagons: {{unit: wagon, origin: port, destination: far, units_per_year: 365}}}}
vessels: {{ferry: {{capacity: {{wagon: 1}}, limits: {{wind_m_s: 12, wave_m: 3}}}}}}
services: {{line: {{from: port, to: far, vessel: ferry, vessels: 2, crossing: 4h}}}}
weather: {{series: {{one: {{file: {first}.csv, ports: [port]}}, two: {{file: {second}.csv, ports: [port]}}}}}}
"""
HEAD = "time,wind_m_s,wave_m\n2023-01-01T00:00,5,1\n"
WIND = HEAD + "2023-01-02T00:00,20,1\n2023-01-03T00:00,5,1\n2023-01-08T00:00,5,1\n"
WAVE = HEAD + "2023-01-02T12:00,5,4\n2023-01-04T00:00,5,1\n2023-01-06T00:00,5,4\n2023-01-08,5,4\n"


@pytest.mark.parametrize("order", [("wind", "wave"), ("wave", "wind")])
def test_of_two_series_for_one_port_each_holds(network, order):
    first, second = order
    net = network(WINDY.format(first=first, second=second), wind=WIND, wave=WAVE)
    (spells,) = net.series.values()
    assert spells == ((24 * HOUR, 72 * HOUR), (120 * HOUR, 168 * HOUR))
