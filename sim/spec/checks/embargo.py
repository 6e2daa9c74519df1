"""Checks of loading bans: that each can be imposed and lifted, and holds trains where they run."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.embargo import ALL, Embargo, Quota
from sim.spec.fields import at_end
from sim.spec.findings import Finding, refer, unknown
from sim.spec.itineraries import fleet, sailing_share
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
        levels = (ban.impose, ban.lift, *ban.steps)
        in_days = any(level.days is not None for level in levels)
        if in_days and not ban.worked_per_day:
            yield Finding(path, "levels in days need 'worked_per_day'")
            continue
        if ban.worked_over is not None and not in_days:
            what = (
                "counts days of work, and no level is in days; give levels in days, or leave it out"
            )
            yield Finding((*path, "worked_over"), what)
        yield from _levels(path, ban)
        yield from _steps(path, ban)
        yield from _what_passes(scenario, path, ban)
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


def _steps(path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield steps that are out of order: each is reached at less than the one before."""
    before = ban.units_of(ban.impose)
    for number, step in enumerate(ban.steps):
        level = ban.units_of(step)
        if not ban.units_of(ban.lift) < level < before:
            what = (
                f"at {level:g} units is never reached in order; each step must lie below the one "
                f"before ({before:g}) and above lifting ({ban.units_of(ban.lift):g})"
            )
            yield Finding((*path, "steps", str(number)), what)
        before = level


def _what_passes(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield exemptions and quotas of what the ban does not hold, and steps that hold less."""
    for name in ban.exempt:
        yield from _is_held(scenario, (*path, "exempt"), ban, name)
    quota = ban.quota
    yield from _quota(scenario, (*path, "quota"), ban, quota)
    for number, step in enumerate(ban.steps):
        here = (*path, "steps", str(number), "quota")
        yield from _quota(scenario, here, ban, step.quota)
        less = [name for name in quota if step.quota.get(name, 0) < quota[name]]
        if less:
            what = f"lets less of {', '.join(less)} pass than before; a step is to let more pass"
            yield Finding(here, what, is_warning=True)
        quota = step.quota
    if ban.meters and ban.cargo == "refused" and not ban.quota and not ban.exempt:
        what = "all cargo is refused until the ban is lifted: without a quota only the steps let some pass"
        yield Finding((*path, "cargo"), what, is_warning=True)


def _quota(scenario: ScenarioSpec, path: Path, ban: Embargo, quota: Quota) -> Iterator[Finding]:
    for name in quota:
        if name == ALL:
            continue
        if name in ban.exempt:
            yield Finding((*path, name), "is exempt and needs no quota; remove one of the two")
            continue
        yield from _is_held(scenario, (*path, name), ban, name)


def _is_held(scenario: ScenarioSpec, path: Path, ban: Embargo, name: str) -> Iterator[Finding]:
    """Yield a finding unless *name* is a flow or a kind of unit, one of both, that the ban counts."""
    units, counted = _units(scenario), ban.units or tuple(_units(scenario))
    is_flow, is_unit = name in scenario.flows, name in units
    if is_flow and is_unit:
        yield Finding(path, f"{name!r} is a flow and a kind of unit; give one another id")
    elif not is_flow and not is_unit:
        yield unknown(path, name, [*scenario.flows, *units], "flow or kind of unit")
    elif (scenario.flows[name].unit if is_flow else name) not in counted:
        what = f"the ban does not hold {name} (it counts {', '.join(counted)})"
        yield Finding(path, what)


def _never_lifts(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield a warning where vessels that leave full only leave more behind than the ban allows."""
    lift = ban.units_of(ban.lift)
    for service, line in scenario.services.items():
        rule = at_end(line.departure, ban.port, None)
        if ban.port not in line.ends or rule is None or rule.full_share is None:
            continue
        left = _left_behind(scenario, ban, service, rule.full_share)
        if rule.needs_more_cargo and lift < left:
            what = f"at {lift:g} units may never be reached: {service} leaves full only, and up to {left:.0f} stay"
            what += "; lift it earlier, or add longest_wait"
            yield Finding((*path, "lift"), what, is_warning=True)


def _left_behind(scenario: ScenarioSpec, ban: Embargo, service: str, full: float) -> float:
    """Return how many units of a ban are too few for any vessel that leaves at *full* of its deck."""
    units = ban.units or tuple({flow.unit: None for flow in scenario.flows.values()})
    left = 0.0
    for vessel in fleet(scenario, service):
        for unit in units:
            share = sailing_share(scenario, service, vessel, unit)
            if share is not None:
                left = max(left, float(full / share - 1))
    return left


def _never_imposed(scenario: ScenarioSpec, path: Path, ban: Embargo) -> Iterator[Finding]:
    """Yield a warning where the stacks hold less than the ban asks for."""
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
