"""Checks of weather and the level of the sea: that vessels can sail at some time of the run."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

from sim.spec.findings import Finding, refer
from sim.spec.itineraries import fleet
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import crossing_time
from sim.spec.weather import Weather
from sim.units import DAY, HOUR

MOST_CLOSED = 0.95
LONG_WAIT_DAYS = 30.0
"""A mean wait for weather from which a sailing rule is doubtful."""
WRONG_WAIT_DAYS = 365.0
"""A mean wait for weather from which it is wrong."""


def check_weather(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with storms and series."""
    weather = scenario.weather
    if weather is not None:
        yield from _storms(scenario, weather)
        for name, series in weather.series.items():
            path = ("weather", "series", name, "ports")
            for port in series.ports:
                yield from refer(path, port, scenario.places, "place")


def _storms(scenario: ScenarioSpec, weather: Weather) -> Iterator[Finding]:
    if any(weather.closed_share) and weather.exposure and weather.spell.mean < HOUR:
        what = "closures last less than an hour on average; they come in spells of days"
        yield Finding(("weather", "spell"), what)
    for place, exposure in weather.exposure.items():
        path = ("weather", "exposure", place)
        yield from refer(path, place, scenario.places, "place")
        most = max(weather.closed_share) * exposure
        if most >= MOST_CLOSED:
            what = f"{place} would be closed {most:.0%} of a month; at most {MOST_CLOSED:.0%} is simulated"
            yield Finding(path, what)


def check_crossings(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield services that hardly ever find the weather or the water they need."""
    for service in scenario.services:
        yield from _window(scenario, service)
        yield from _depth(scenario, service)


def _window(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """Yield a sailing window that hardly any open spell is long enough for."""
    spec, weather = scenario.services[service], scenario.weather
    if spec.sailing.window is None or weather is None:
        return
    exposure = max(weather.exposure.get(place, 0.0) for place in spec.ends)
    share = max(weather.closed_share) * exposure
    if not share:
        return
    ships = [scenario.vessels[vessel] for vessel in fleet(scenario, service)]
    longest_s = max((crossing_time(spec, ship).mean for ship in ships), default=0.0)
    window_s = min(spec.sailing.window.forecast, longest_s)
    closed_s = weather.spell.mean * exposure
    open_s = closed_s * (1 - share) / share
    # Tries until an open spell is long enough, each an open and a closed spell.
    tries = 1 / max(exp(-window_s / open_s), 1e-300) - 1
    wait_days = tries * (open_s + closed_s) / DAY
    if wait_days > LONG_WAIT_DAYS:
        what = f"{window_s / HOUR:.0f} h of open weather are wanted, and in the worst month a spell lasts"
        what += (
            f" {open_s / HOUR:.0f} h on average: vessels would wait {min(wait_days, 1e6):,.0f} days"
        )
        is_warning = wait_days < WRONG_WAIT_DAYS
        yield Finding(("services", service, "sailing"), what, is_warning=is_warning)


def _depth(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """Yield vessels that cannot reach a port loaded, or not even empty, at some time of the run."""
    light_m = _light_draughts_m(scenario, service)
    water = _water_m(scenario, service)
    if water is None:
        return
    lowest_m, highest_m = water
    path: Path = ("services", service)
    classes = [vessel for vessel, count in fleet(scenario, service).items() if count]
    aground = [vessel for vessel, draught_m in light_m.items() if highest_m < draught_m]
    if aground and len(aground) == len(classes):
        what = f"the water is at most {highest_m:.1f} m, too shallow for every vessel even empty"
        yield Finding(path, f"{what} ({', '.join(aground)}); dredge, or use others")
        return
    for vessel, draught_m in light_m.items():
        if lowest_m < draught_m:
            what = f"{vessel} draws {draught_m:g} m empty and finds {lowest_m:.1f} m at the lowest"
            yield Finding(path, f"{what}: it sails empty then", is_warning=True)


def _light_draughts_m(scenario: ScenarioSpec, service: str) -> dict[str, float]:
    """Return the draught when empty of each class in service that has one."""
    light_m = {}
    for vessel, count in fleet(scenario, service).items():
        draughts_m = scenario.vessels[vessel].draughts_m
        if count and draughts_m is not None:
            light_m[vessel] = draughts_m[0]
    return light_m


def _water_m(scenario: ScenarioSpec, service: str) -> tuple[float, float] | None:
    """Return the lowest and highest water under which a service sails, less that under the keel.

    None: no port of it has a depth.
    """
    ports = [scenario.ports.get(place) for place in scenario.services[service].ends]
    depths_m = [port.depth_m for port in ports if port is not None and port.depth_m is not None]
    if not depths_m:
        return None
    sea = scenario.sea_level
    if sea is None:
        return min(depths_m), min(depths_m)
    levels_m = [level_m - sea.datum_m for level_m in sea.level_m.values()]
    lowest_m, highest_m = (min(depths_m) + level_m for level_m in (min(levels_m), max(levels_m)))
    return lowest_m - sea.under_keel_m, highest_m - sea.under_keel_m
