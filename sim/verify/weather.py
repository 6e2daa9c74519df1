"""Cases of storms: sailing when a port is open, sailing into a window, work that pauses."""

from __future__ import annotations

from sim.log import names
from sim.spec.scenario import ScenarioSpec
from sim.spec.weather import Weather
from sim.verify import theory
from sim.verify.case import TIME_CLOSED, Case, hours, variation, wait


def _weather(scenario: ScenarioSpec) -> Weather:
    if scenario.weather is None:
        raise ValueError("the scenario has no weather")
    return scenario.weather


def _spells_h(scenario: ScenarioSpec) -> tuple[float, float]:
    """Return the mean open and closed spells of a port of exposure 1 [h]."""
    weather = _weather(scenario)
    closed_h, closed_share = hours(weather.spell), weather.closed_share[0]
    return closed_h * (1 - closed_share) / closed_share, closed_h


def _wait_until_open(scenario: ScenarioSpec) -> float:
    cv = variation(_weather(scenario).spell)
    return theory.closure_wait_h(*_spells_h(scenario), cv) / 24


def _wait_for_window(scenario: ScenarioSpec) -> float:
    crossing_h = hours(scenario.services["line"].crossing)
    cv = variation(_weather(scenario).spell)
    return theory.window_wait_h(*_spells_h(scenario), crossing_h, cv) / 24


def _paused_work(scenario: ScenarioSpec) -> float:
    work_h = hours(scenario.services["line"].handling["port"])
    return theory.paused_work_h(work_h, *_spells_h(scenario)) / 24


STORMS = (
    Case(
        id="closure-departure",
        what="storms, sailing when the port is open (renewal)",
        file="closures",
        unit="d",
        row=wait("wait_weather", "wagons", names.berths("port", names.ROADS)),
        exact=_wait_until_open,
        # Closed half of the time, as in November: fewer of the wagons find the port open, so that
        # fewer replications fix the mean.
        changes={"weather.closed_share": [0.5] * 12, "horizon.days": 14_000},
        controls=(TIME_CLOSED,),
        replications=30,
    ),
    Case(
        id="closure-window",
        what="storms, sailing into a window of the whole crossing (renewal)",
        file="closures",
        unit="d",
        row=wait("wait_weather", "wagons", names.berths("port", names.ROADS)),
        exact=_wait_for_window,
        changes={
            "services.line.sailing": {"window": {"forecast": "48h"}},
            "horizon.days": 20_000,
        },
        controls=(TIME_CLOSED,),
        replications=30,
    ),
    Case(
        id="paused-work",
        what="work at a berth that stops in storms",
        file="paused-work",
        unit="d",
        row=wait("handle", "wagons", "port/quay"),
        exact=_paused_work,
        changes={"horizon.days": 8000},
        replications=10,
    ),
)
