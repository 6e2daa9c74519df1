"""Checks of the rules by which vessels load: that each names what is there, and can have an effect."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.checks.lines import check_units
from sim.spec.fields import at_end
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import fleet, itineraries_if_any, sailing_share
from sim.spec.loading import ALL_CLASSES, Loading, Preference, of_class
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec


def check_loading_names(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield units and classes in rules for loading that the scenario does not have."""
    for service, line in scenario.services.items():
        path = ("services", service, "loading")
        for vessel, rule in line.loading.items():
            if vessel != ALL_CLASSES:
                yield from refer((*path, vessel), vessel, line.fleet, f"class of {service}")
            yield from check_units(scenario, (*path, "quota"), rule.quota or {})
        path = ("services", service, "prefers")
        yield from check_units(scenario, path, line.prefers)
        for unit, preference in line.prefers.items():
            for vessel in preference.classes:
                here = (*path, unit, "classes")
                yield from refer(here, vessel, line.fleet, f"class of {service}")


def check_loading(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield rules for loading that leave cargo behind for ever, or do nothing."""
    for service, line in scenario.services.items():
        if not line.loading and not line.prefers:
            continue
        units = _units_on(scenario, service)
        for rule_of, rule in line.loading.items():
            yield from _rule(scenario, service, rule_of, rule, units)
        yield from _never_loaded(scenario, service, units)
        yield from _never_full(scenario, service, units)
        for unit, preference in line.prefers.items():
            yield from _preference(scenario, service, unit, preference, units)


def _units_on(scenario: ScenarioSpec, service: str) -> dict[str, set[str]]:
    """Return the kinds of unit that flows take over *service*, each with the ends it leaves from."""
    units: dict[str, set[str]] = {}
    for flow, spec in scenario.flows.items():
        for way in itineraries_if_any(scenario, flow):
            for leg in way.legs:
                if leg.carrier == service:
                    units.setdefault(spec.unit, set()).add(leg.origin)
    return units


def _carried(scenario: ScenarioSpec, service: str, vessel: str) -> set[str]:
    """Return the kinds of unit in use that a class carries on *service*."""
    units = {flow.unit for flow in scenario.flows.values()}
    return {unit for unit in units if sailing_share(scenario, service, vessel, unit) is not None}


def _rule(
    scenario: ScenarioSpec, service: str, rule_of: str, rule: Loading, units: dict[str, set[str]]
) -> Iterator[Finding]:
    """Yield what is wrong with the rule of a class, or of all."""
    path: Path = ("services", service, "loading")
    if rule_of != ALL_CLASSES:
        path = (*path, rule_of)
    classes = [rule_of] if rule_of != ALL_CLASSES else list(fleet(scenario, service))
    if rule.order == "highest_revenue":
        yield from _fares(scenario, service, path, units)
    for unit in rule.quota or {}:
        if not any(unit in _carried(scenario, service, vessel) for vessel in classes):
            what = f"has no effect: no vessel that loads by it carries a {unit} that a flow brings"
            yield Finding((*path, "quota", unit), f"{what}; leave it out", is_warning=True)


def _fares(
    scenario: ScenarioSpec, service: str, path: Path, units: dict[str, set[str]]
) -> Iterator[Finding]:
    """Yield the tariffs that are missing."""
    tariffs = {} if scenario.money is None else scenario.money.tariffs_usd.get(service, {})
    for unit in sorted(set(units) - set(tariffs)):
        what = f"needs the price of a {unit}; give money.tariffs_usd.{service}.{unit}"
        yield Finding(path, f"highest_revenue {what}")


def _never_loaded(
    scenario: ScenarioSpec, service: str, units: dict[str, set[str]]
) -> Iterator[Finding]:
    """Yield the kinds of unit for which no vessel has room, by parts that nobody may borrow from."""
    line = scenario.services[service]
    for unit in sorted(units):
        carriers = [v for v in fleet(scenario, service) if unit in _carried(scenario, service, v)]
        rules = {vessel: of_class(line.loading, vessel, Loading()) for vessel in carriers}
        if carriers and not any(_holds(scenario, service, v, unit, rules[v]) for v in carriers):
            what = f"leaves no vessel room for one {unit}, and flows bring some; give it a larger part or borrowing"
            yield Finding(("services", service, "loading"), what)


def _holds(scenario: ScenarioSpec, service: str, vessel: str, unit: str, rule: Loading) -> bool:
    """Return whether a class may ever take one *unit* by *rule*."""
    share = sailing_share(scenario, service, vessel, unit)
    if not rule.is_strict or share is None:
        return share is not None
    quota = rule.quota or {}
    carried = _carried(scenario, service, vessel)
    left = 1 - sum(part for kind, part in quota.items() if kind not in carried)
    part = quota.get(unit, 1 - sum(quota.values()))
    return left > 1e-9 and part / left + 1e-9 >= share


def _never_full(
    scenario: ScenarioSpec, service: str, units: dict[str, set[str]]
) -> Iterator[Finding]:
    """Yield the ends where vessels wait to be full and a part of their deck is kept for what never
    comes."""
    line = scenario.services[service]
    for place in line.ends:
        rule = at_end(line.departure, place, None)
        if rule is None or rule.full is None or rule.longest_wait is not None:
            continue
        missing = {
            unit for unit in _kept_for(scenario, service) if place not in units.get(unit, ())
        }
        for unit in sorted(missing):
            what = f"keeps a part of the deck for {unit}, of which none leaves from {place}"
            remedy = "vessels that wait there to be full never are; add borrowing or longest_wait"
            yield Finding(("services", service, "loading"), f"{what}: {remedy}")


def _kept_for(scenario: ScenarioSpec, service: str) -> set[str]:
    """Return the kinds of unit for which a class keeps a part of its deck that none may borrow."""
    kept: set[str] = set()
    for vessel in fleet(scenario, service):
        rule = of_class(scenario.services[service].loading, vessel, Loading())
        if rule.is_strict:
            parts = {unit for unit, part in (rule.quota or {}).items() if part > 0}
            kept |= parts & _carried(scenario, service, vessel)
    return kept


def _preference(
    scenario: ScenarioSpec,
    service: str,
    unit: str,
    preference: Preference,
    units: dict[str, set[str]],
) -> Iterator[Finding]:
    """Yield why a preference has no effect."""
    path = ("services", service, "prefers", unit)
    if unit not in units:
        what = f"has no effect: no flow takes a {unit} over {service}; leave it out"
        yield Finding(path, what, is_warning=True)
        return
    classes = fleet(scenario, service)
    for vessel in preference.classes:
        if sailing_share(scenario, service, vessel, unit) is None:
            yield Finding((*path, "classes"), f"{vessel} carries no {unit} on {service}")
    others = [
        vessel
        for vessel in classes
        if vessel not in preference.classes
        and sailing_share(scenario, service, vessel, unit) is not None
    ]
    if not others:
        what = f"has no effect: no other class carries a {unit} on {service}; leave it out"
        yield Finding(path, what, is_warning=True)
