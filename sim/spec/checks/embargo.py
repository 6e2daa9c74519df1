"""Checks of loading bans: that each can be imposed and lifted, and holds trains where they run."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.embargo import Embargo
from sim.spec.fields import at_end
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import deck_share, fleet
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec


def check_embargoes(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the loading bans of *scenario*."""
    for name, ban in scenario.embargoes.items():
        path = ("embargoes", name)
        yield from refer((*path, "port"), ban.port, scenario.places, "place")
        units = _units(scenario)
        for unit in ban.units:
            yield from refer((*path, "units"), unit, units, "unit")
        in_days = ban.impose.days is not None or ban.lift.days is not None
        if in_days and not ban.worked_per_day:
            yield Finding(path, "levels in days need 'worked_per_day'")
            continue
        yield from _levels(path, ban)
        yield from _never_lifts(scenario, path, ban)
        yield from _never_imposed(scenario, path, ban)
        yield from _holds(scenario, path, ban)


def _units(scenario: ScenarioSpec) -> dict[str, object]:
    """Return the kinds of unit there are: those declared, or else those in use."""
    in_use = (flow.unit for flow in scenario.flows.values())
    return dict.fromkeys(scenario.units or in_use)


def _levels(path: Path, ban: Embargo) -> Iterator[Finding]:
    impose, lift = ban.units_of(ban.impose), ban.units_of(ban.lift)
    if impose <= 0:
        what = "is on from the start and for ever; give more than nothing"
        yield Finding((*path, "impose"), what)
    elif lift >= impose:
        what = f"at {lift:g} units is not below imposing at {impose:g}; it must be lower"
        yield Finding((*path, "lift"), what)


def _never_lifts(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield a warning where vessels that leave full only leave more behind than the ban allows."""
    lift = ban.units_of(ban.lift)
    for service, line in scenario.services.items():
        rule = at_end(line.departure, ban.port, None)
        if ban.port not in line.ends or rule is None or rule.full is None:
            continue
        left = _left_behind(scenario, ban, service, rule.full)
        if rule.longest_wait is None and lift < left:
            what = f"at {lift:g} units may never be reached: {service} leaves full only, and up to {left:.0f} stay"
            what += "; lift it earlier, or add longest_wait"
            yield Finding((*path, "lift"), what, is_warning=True)


def _left_behind(scenario: ScenarioSpec, ban: Embargo, service: str, full: float) -> float:
    """Return how many units of a ban are too few for any vessel that leaves at *full* of its deck."""
    units = ban.units or tuple({flow.unit: None for flow in scenario.flows.values()})
    left = 0.0
    for vessel in fleet(scenario, service):
        for unit in units:
            share = deck_share(scenario, vessel, unit)
            if share is not None:
                left = max(left, float(full / share - 1))
    return left


def _never_imposed(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield a warning where no vessel calls, or the stacks hold less than the ban asks for."""
    if not any(ban.port in line.ends for line in scenario.services.values()):
        what = f"no service calls at {ban.port}, so nothing ever waits there"
        yield Finding((*path, "port"), what, is_warning=True)
    if ban.port not in scenario.ports:
        return
    limits, impose = scenario.ports[ban.port].stacks.sea, ban.units_of(ban.impose)
    units = ban.units or tuple(_units(scenario))
    if not limits or any(unit not in limits for unit in units):
        return
    most = sum(limits[unit] for unit in units)
    if most < impose:
        what = f"at {impose:g} units is never reached: the stacks hold {most}, and what stands outside does not count"
        yield Finding((*path, "impose"), what, is_warning=True)


def _holds(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    passed: set[str] = set()
    for line in scenario.trains.values():
        if ban.port in line.ends:
            passed |= set(line.path)
    for place in ban.holds_at:
        if place not in passed:
            what = f"no train to {ban.port} passes {place}"
            yield Finding((*path, "holds_at"), what)
