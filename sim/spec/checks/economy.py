"""Checks of money and energy: that the parts they name are there, and that no rate is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.economy import Energy, Money, UsdByEnd
from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer, unknown
from sim.spec.itineraries import ends_of
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec

BY_UNIT = (
    "hire_usd_per_day",
    "rail_usd_per_km",
    "road_usd_per_km",
    "empty_share",
    "time_usd_per_day",
)
"""Rates of money by kind of unit."""


def check_economy(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with the money and energy of *scenario*."""
    money, energy = scenario.money, scenario.energy
    if money is not None:
        yield from _money(scenario, money)
    if energy is not None:
        yield from _energy(scenario, energy)
    has_rate_of_km = money is not None and money.trucks_usd_per_km
    if has_rate_of_km or (energy is not None and energy.trucks_per_km):
        for road, spec in scenario.roads.items():
            if spec.length_km is None:
                what = "has no length_km, so its trucks cost and burn nothing by km"
                yield Finding(("roads", road), what, is_warning=True)


def _units(scenario: ScenarioSpec) -> dict[str, object]:
    """Return the kinds of unit that are declared or in use."""
    units: dict[str, object] = dict(scenario.units)
    return units | dict.fromkeys(flow.unit for flow in scenario.flows.values())


def _listed(scenario: ScenarioSpec, kind: str) -> dict[str, object]:
    """Return the parts of a *kind*, those included that a project would bring: rates may name them."""
    listed: dict[str, object] = dict(getattr(scenario, kind))
    for project in scenario.project_catalogue.values():
        brought = project.change.get(kind)
        if isinstance(brought, Mapping):
            listed |= dict.fromkeys(brought)
    return listed


def _keys(
    path: Path, named: Mapping[str, object], known: Mapping[str, object], kind: str
) -> Iterator[Finding]:
    """Yield a finding for each key of *named* that is not *known*."""
    for name in named:
        yield from refer((*path, name), name, known, kind)


# -- money
# ------------------------------------------------------------------------------------------------


def _money(scenario: ScenarioSpec, money: Money) -> Iterator[Finding]:
    at, vessels = ("money",), _listed(scenario, "vessels")
    yield from _keys((*at, "vessels"), money.vessels, vessels, "class of vessels")
    for key in BY_UNIT:
        yield from _keys((*at, key), getattr(money, key), _units(scenario), "kind of unit")
    by_flow = money.time_usd_per_day_of_flow
    yield from _keys((*at, "time_usd_per_day_of_flow"), by_flow, scenario.flows, "flow")
    yield from _prices(scenario, money)
    for name, by_unit in money.tariffs_usd.items():
        yield from _tariff_ends(scenario, name, by_unit)
    yield from _missing_vessels(scenario, at, money.vessels)
    for project in money.lives:
        if project not in scenario.project_catalogue:
            path = (*at, "lives", project)
            finding = unknown(path, project, scenario.project_catalogue, "project")
            yield Finding(finding.path, finding.what, is_warning=True)


def _prices(scenario: ScenarioSpec, money: Money) -> Iterator[Finding]:
    """Yield wrong names in the tables of prices: places, borders or lines, each by kind of unit."""
    carriers = {**_listed(scenario, "trains"), **_listed(scenario, "services"), **scenario.roads}
    tables: tuple[tuple[str, Mapping[str, object], str], ...] = (
        ("handling_usd", scenario.places, "place"),
        ("borders_usd", scenario.borders, "border"),
        ("tariffs_usd", carriers, "train, service or road"),
    )
    for key, known, kind in tables:
        table: Mapping[str, Mapping[str, object]] = getattr(money, key)
        yield from _keys(("money", key), table, known, kind)
        for name, prices in table.items():
            yield from _keys(("money", key, name), prices, _units(scenario), "kind of unit")


def _tariff_ends(
    scenario: ScenarioSpec, carrier: str, by_unit: Mapping[str, UsdByEnd]
) -> Iterator[Finding]:
    """Yield ends in the tariffs of a line that it does not have; one of a project is not looked at."""
    if carrier not in {**scenario.trains, **scenario.services, **scenario.roads}:
        return
    ends = dict.fromkeys((*ends_of(scenario, carrier), BOTH_ENDS))
    for unit, by_end in by_unit.items():
        path = ("money", "tariffs_usd", carrier, unit)
        yield from _keys(path, by_end, ends, f"end of {carrier}")


def _missing_vessels(
    scenario: ScenarioSpec, path: Path, named: Mapping[str, object]
) -> Iterator[Finding]:
    """Yield a warning for vessels in service that are not named where others are."""
    for service, spec in scenario.services.items():
        for vessel in spec.fleet:
            if named and vessel not in named:
                what = (
                    f"has no entry for {vessel!r}, which sails on {service}; it would count as free"
                )
                yield Finding((*path, "vessels"), what, is_warning=True)


# -- energy
# ------------------------------------------------------------------------------------------------


def _energy(scenario: ScenarioSpec, energy: Energy) -> Iterator[Finding]:
    at, vessels = ("energy",), _listed(scenario, "vessels")
    for key in ("tare_t", "hauled_empty", "handling"):
        yield from _keys((*at, key), getattr(energy, key), _units(scenario), "kind of unit")
    yield from _keys((*at, "vessels"), energy.vessels, vessels, "class of vessels")
    yield from _sections(scenario, energy)
    for key in ("vessels", "traction", "handling"):
        for name, use in getattr(energy, key).items():
            path = (*at, key, name, "source")
            yield from refer(path, use.source, energy.sources, "source of energy")
    if energy.trucks_per_km is not None:
        source, here = energy.trucks_per_km.source, (*at, "trucks_per_km", "source")
        yield from refer(here, source, energy.sources, "source of energy")
    yield from _missing_vessels(scenario, at, energy.vessels)


def _sections(scenario: ScenarioSpec, energy: Energy) -> Iterator[Finding]:
    """Yield wrong names in the traction of sections, and sections without a length to charge."""
    at = ("energy", "sections")
    yield from _keys(at, energy.sections, _listed(scenario, "sections"), "section")
    for section, traction in energy.sections.items():
        yield from refer((*at, section), traction, energy.traction, "kind of traction")
    for section, spec in scenario.sections.items():
        if section in energy.sections and spec.length_km is None:
            what = f"section {section!r} has no length_km; give it one"
            yield Finding((*at, section), what, is_warning=True)
