"""Checks of money and energy: that they speak of parts that there are, and say all that is needed
of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.economy import Energy, Money
from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer, unknown
from sim.spec.itineraries import ends_of
from sim.spec.scenario import ScenarioSpec


def check_economy(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with the money and energy of *scenario*."""
    units = dict.fromkeys([*scenario.units, *(flow.unit for flow in scenario.flows.values())])
    carriers = {
        **_listed(scenario, "trains"),
        **_listed(scenario, "services"),
        **scenario.roads,
    }
    if scenario.money is not None:
        yield from _money(scenario, scenario.money, units, carriers)
    if scenario.energy is not None:
        yield from _energy(scenario, scenario.energy, units)
    uses_km = [(scenario.energy, "trucks_per_km"), (scenario.money, "trucks_usd_per_km")]
    if any(part is not None and getattr(part, key) for part, key in uses_km):
        for road, spec in scenario.roads.items():
            if spec.length_km is None:
                yield Finding(
                    ("roads", road),
                    "has no length_km, so its trucks cost and burn nothing by km",
                    True,
                )


def _listed(scenario: ScenarioSpec, kind: str) -> dict[str, object]:
    """Return what the scenario has of a *kind*, and what a project of its catalogue would bring:
    rates may name it."""
    listed: dict[str, object] = dict(getattr(scenario, kind))
    for project in scenario.project_catalogue.values():
        brought = project.change.get(kind)
        listed |= dict.fromkeys(brought) if isinstance(brought, Mapping) else {}
    return listed


def _keys(
    path: tuple[str, ...], named: Mapping[str, object], known: Mapping[str, object], kind: str
) -> Iterator[Finding]:
    for name in named:
        yield from refer((*path, name), name, known, kind)


def _money(
    scenario: ScenarioSpec,
    money: Money,
    units: Mapping[str, object],
    carriers: Mapping[str, object],
) -> Iterator[Finding]:
    at = ("money",)
    yield from _keys(
        (*at, "vessels"), money.vessels, _listed(scenario, "vessels"), "class of vessels"
    )
    for key in (
        "hire_usd_per_day",
        "rail_usd_per_km",
        "road_usd_per_km",
        "empty_share",
        "time_usd_per_day",
    ):
        yield from _keys((*at, key), getattr(money, key), units, "kind of unit")
    yield from _keys(
        (*at, "time_usd_per_day_of_flow"), money.time_usd_per_day_of_flow, scenario.flows, "flow"
    )
    tables = (
        ("handling_usd", scenario.places, "place"),
        ("borders_usd", scenario.borders, "border"),
        ("tariffs_usd", carriers, "train, service or road"),
    )
    for key, known, kind in tables:
        table: Mapping[str, Mapping[str, object]] = getattr(money, key)
        yield from _keys((*at, key), table, known, kind)
        for name, prices in table.items():
            yield from _keys((*at, key, name), prices, units, "kind of unit")
    for name, prices in money.tariffs_usd.items():
        if name in {**scenario.trains, **scenario.services, **scenario.roads}:
            ends = (*ends_of(scenario, name), BOTH_ENDS)
            for unit, by_end in prices.items():
                for end in by_end:
                    if end not in ends:
                        yield unknown(
                            (*at, "tariffs_usd", name, unit, end), end, ends, f"end of {name}"
                        )
    yield from _all_vessels(scenario, at, money.vessels)
    for project in money.lives:
        if project not in scenario.project_catalogue:
            finding = unknown(
                (*at, "lives", project), project, scenario.project_catalogue, "project"
            )
            yield Finding(finding.path, finding.what, is_warning=True)


def _all_vessels(
    scenario: ScenarioSpec, path: tuple[str, ...], named: Mapping[str, object]
) -> Iterator[Finding]:
    """Warn of vessels in service of which nothing is said though something is said of others."""
    for service, spec in scenario.services.items():
        for vessel in spec.fleet:
            if named and vessel not in named:
                what = (
                    f"says nothing of {vessel!r}, which sails on {service}; it would count as free"
                )
                yield Finding((*path, "vessels"), what, is_warning=True)


def _energy(
    scenario: ScenarioSpec, energy: Energy, units: Mapping[str, object]
) -> Iterator[Finding]:
    at = ("energy",)
    for key in ("tare_t", "hauled_empty", "handling"):
        yield from _keys((*at, key), getattr(energy, key), units, "kind of unit")
    yield from _keys(
        (*at, "vessels"), energy.vessels, _listed(scenario, "vessels"), "class of vessels"
    )
    yield from _keys((*at, "sections"), energy.sections, _listed(scenario, "sections"), "section")
    for section, traction in energy.sections.items():
        yield from refer((*at, "sections", section), traction, energy.traction, "kind of traction")
    for section, spec in scenario.sections.items():
        if section in energy.sections and spec.length_km is None:
            yield Finding(
                (*at, "sections", section),
                f"section {section!r} has no length_km; give it one",
                True,
            )
    for key in ("vessels", "traction", "handling"):
        for name, use in getattr(energy, key).items():
            yield from refer(
                (*at, key, name, "source"), use.source, energy.sources, "source of energy"
            )
    if energy.trucks_per_km is not None:
        source = energy.trucks_per_km.source
        yield from refer(
            (*at, "trucks_per_km", "source"), source, energy.sources, "source of energy"
        )
    yield from _all_vessels(scenario, at, energy.vessels)
