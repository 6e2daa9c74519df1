"""Checks of ports, vessels, services and reassignments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sim.log.names import RESERVED_GROUPS
from sim.spec.checks.departure import check_departures
from sim.spec.checks.lines import check_end_keys, check_ends, check_units
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import deck_share, fleet, sailing_share
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import EVERY_CLASS, BerthGroup, Pool, Service, Vessel, berth_groups
from sim.units import HOUR, MONTHS

FASTEST_KN, FAST_KN = 40.0, 25.0


def check_sea(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with ports, vessels and services."""
    for port, terminal in scenario.ports.items():
        path = ("ports", port)
        yield from refer(path, port, scenario.places, "place")
        for group, berths in terminal.berths.items():
            yield from _berth_group(scenario, (*path, "berths", group), berths)
        for name, pool in terminal.pools.items():
            yield from _pool(scenario, (*path, "pools", name), pool)
    for vessel, ship in scenario.vessels.items():
        yield from _vessel(scenario, vessel, ship)
    for service, line in scenario.services.items():
        yield from _service(scenario, service, line)


# -- ports
# ------------------------------------------------------------------------------------------------


def _berth_group(scenario: ScenarioSpec, path: Path, spec: BerthGroup) -> Iterator[Finding]:
    _, port, _, group = path
    for vessel in spec.vessels:
        yield from refer((*path, "vessels"), vessel, scenario.vessels, "vessel class")
    yield from check_units(scenario, (*path, "units_per_h"), spec.units_per_h)
    yield from check_units(scenario, (*path, "units"), spec.units)
    for unit in spec.units_per_h:
        if spec.units and unit not in spec.units:
            what = f"gives a rate for {unit}, which cannot be worked there; name it in 'units'"
            yield Finding((*path, "units_per_h", unit), what)
    if group in RESERVED_GROUPS:
        what = f"a berth group cannot be called {group!r}; the word has a meaning of its own"
        yield Finding(path, what)
    known = set(spec.vessels) & set(scenario.vessels)
    users = _users(scenario, port)
    if known and users and not known & set(users):
        what = f"no vessel that calls here can use it (they are {', '.join(users)})"
        yield Finding((*path, "vessels"), what)
    if not spec.berths and _is_needed(scenario, port, group):
        # For a while it is legal: another date may bring one.
        what = "has no berths, but vessels need it; give it one or move them elsewhere"
        yield Finding((*path, "berths"), what, is_warning=bool(scenario.changes))


def _pool(scenario: ScenarioSpec, path: Path, spec: Pool) -> Iterator[Finding]:
    for vessel, needed in spec.needs.items():
        here = (*path, "needs", vessel)
        if vessel != EVERY_CLASS:
            yield from refer(here, vessel, scenario.vessels, "vessel class")
        if needed > spec.count:
            what = f"asks for {needed} at once where there are {spec.count}, so it waits for ever"
            yield Finding(here, f"{what}; raise 'count' or need fewer")
    if EVERY_CLASS in spec.needs and len(spec.needs) > 1:
        what = f"gives a number for {EVERY_CLASS!r} beside classes; name every class, or none"
        yield Finding((*path, "needs"), what)


def _users(scenario: ScenarioSpec, port: str) -> list[str]:
    """Return the vessel classes that call at *port*."""
    users: dict[str, None] = {}
    for service, line in scenario.services.items():
        if port in line.ends:
            users |= dict.fromkeys(fleet(scenario, service))
    return list(users)


def _is_needed(scenario: ScenarioSpec, port: str, group: str) -> bool:
    """Return whether vessels in service have no other berths at *port* than those of *group*."""
    terminal = scenario.ports[port]
    for service, line in scenario.services.items():
        if port not in line.ends:
            continue
        for vessel, count in fleet(scenario, service).items():
            if count and berth_groups(terminal, line, vessel, port) == [group]:
                return True
    return False


# -- vessels
# ------------------------------------------------------------------------------------------------


def _vessel(scenario: ScenarioSpec, vessel: str, ship: Vessel) -> Iterator[Finding]:
    path = ("vessels", vessel)
    yield from check_units(scenario, (*path, "capacity"), ship.capacity)
    not_in_capacity = [unit for unit in ship.carries if unit not in ship.capacity]
    yield from check_units(scenario, (*path, "carries"), not_in_capacity)
    units = scenario.units or {flow.unit for flow in scenario.flows.values()}
    if all(deck_share(scenario, vessel, unit) is None for unit in units):
        what = f"carries none of the units ({', '.join(sorted(units))})"
        yield Finding(path, f"{what}; give 'capacity', or 'lane_m' here and there")
    yield from _fast((*path, "speed_kn"), ship.speed_kn, "speed")
    if ship.repair is not None and ship.repair.every.mean <= 0:
        what = "goes for repair without ever serving; give a longer time"
        yield Finding((*path, "repair", "every"), what)
    if ship.repair is not None and len(set(ship.repair.months)) == len(MONTHS):
        what = "names all months, so nothing hangs on the season; leave it out"
        yield Finding((*path, "repair", "months"), what)
    yield from _light_draught((*path, "light_draught_m"), ship)


def _light_draught(path: Path, ship: Vessel) -> Iterator[Finding]:
    light_m, full_m = ship.light_draught_m, ship.draught_m
    if light_m is not None and (full_m is None or light_m > full_m):
        yield Finding(path, "must not be more than 'draught_m', which belongs to it")


def _fast(path: Path, knots: float | None, what: str) -> Iterator[Finding]:
    if knots is None or knots <= FAST_KN:
        return
    if knots >= FASTEST_KN:
        yield Finding(path, f"{what} {knots:.0f} kn; no cargo vessel makes {FASTEST_KN:.0f}")
    else:
        yield Finding(path, f"{what} {knots:.0f} kn, fast for a cargo vessel", is_warning=True)


# -- services
# ------------------------------------------------------------------------------------------------


def _service(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    path = ("services", service)
    yield from check_ends(scenario, path, spec.ends)
    yield from _fleet(scenario, path, spec)
    yield from check_end_keys((*path, "departure"), spec.departure, spec.ends)
    yield from check_end_keys((*path, "handling"), spec.handling, spec.ends)
    yield from _chosen_berths(scenario, path, spec)
    for vessel in fleet(scenario, service):
        for place in spec.ends:
            yield from _berth(scenario, service, vessel, place)
        yield from _nothing_to_work(scenario, service, vessel)
    yield from _crossing(scenario, service, spec)
    yield from check_departures(scenario, service, spec)


def _fleet(scenario: ScenarioSpec, path: Path, spec: Service) -> Iterator[Finding]:
    here = (*path, "vessels")
    if isinstance(spec.vessels, int):
        if spec.vessel is None:
            what = "is a number without a class; add 'vessel', or write {class: number}"
            yield Finding(here, what)
        yield from refer((*path, "vessel"), spec.vessel, scenario.vessels, "vessel class")
    else:
        if spec.vessel is not None:
            yield Finding((*path, "vessel"), "stands beside a fleet by class; keep one of them")
        for vessel in spec.vessels:
            yield from refer((*here, vessel), vessel, scenario.vessels, "vessel class")
    if not sum(spec.fleet.values()):
        yield Finding(here, "has no vessels: cargo for it waits for ever", is_warning=True)


def _chosen_berths(scenario: ScenarioSpec, path: Path, spec: Service) -> Iterator[Finding]:
    here = (*path, "berths")
    yield from check_end_keys(here, spec.berths, spec.ends, both=False)
    for place, group in spec.berths.items():
        port = scenario.ports.get(place)
        groups = {} if port is None else port.berths
        yield from refer((*here, place), group, groups, f"berth group of {place}")


def _berth(scenario: ScenarioSpec, service: str, vessel: str, place: str) -> Iterator[Finding]:
    """Yield a finding unless *vessel* has exactly one berth group at *place*."""
    port = scenario.ports.get(place)
    if port is None or not port.berths:
        return
    path, spec = ("services", service), scenario.services[service]
    groups = berth_groups(port, spec, vessel, place)
    if not groups:
        what = f"no berth at {place} takes a {vessel}; name it in 'vessels' of a berth group there"
        yield Finding(path, what)
    elif len(groups) > 1:
        what = f"a {vessel} could use several berth groups at {place} ({', '.join(groups)})"
        yield Finding(path, f"{what}; choose with berths: {{{place}: {groups[0]}}}")
    elif place in spec.berths and groups[0] in port.berths:
        allowed = port.berths[groups[0]].vessels
        if allowed and vessel not in allowed:
            what = f"{groups[0]} at {place} does not take a {vessel}"
            yield Finding((*path, "berths", place), what)


def _nothing_to_work(scenario: ScenarioSpec, service: str, vessel: str) -> Iterator[Finding]:
    """Yield a finding where the berths work none of what a class of vessels carries."""
    units = {flow.unit for flow in scenario.flows.values()}
    carried = [unit for unit in sorted(units) if deck_share(scenario, vessel, unit) is not None]
    if not carried or scenario.changes:
        return
    if all(sailing_share(scenario, service, vessel, unit) is None for unit in carried):
        what = f"carries nothing on {service}: no berth works {', '.join(carried)} at both ends"
        yield Finding(("services", service), f"a {vessel} {what}; see 'units' of the berths")


def _crossing(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    path = ("services", service)
    if spec.crossing is None:
        for vessel in fleet(scenario, service):
            if spec.distance_nm is None or scenario.vessels[vessel].speed_kn is None:
                what = f"has no crossing time for {vessel}; give 'crossing', or 'distance_nm' and its 'speed_kn'"
                yield Finding(path, what)
    elif spec.distance_nm is not None and spec.crossing.mean > 0:
        knots = spec.distance_nm / (spec.crossing.mean / HOUR)
        yield from _fast((*path, "crossing"), knots, "makes")


# -- with the cargo
# ------------------------------------------------------------------------------------------------


def check_sailings(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with goods kept apart, and with reassignments."""
    for service in scenario.services:
        yield from _rare_group(scenario, service)
    for name in scenario.reassignments:
        yield from _reassignment(scenario, name)


def _rare_group(scenario: ScenarioSpec, service: str) -> Iterator[Finding]:
    """Yield a warning where one unit of a rare group at the head holds a vessel that leaves full."""
    spec = scenario.services[service]
    classes = [v for v in fleet(scenario, service) if scenario.vessels[v].segregates]
    groups = {flow.segregation for flow in scenario.flows.values()}
    if not classes or len(groups) < 2:
        return
    if any(rule.needs_more_cargo for rule in spec.departure.values()):
        what = f"leaves full only, and {classes[0]} takes one group of goods at a time: a rare one holds up the others"
        path = ("services", service, "departure")
        yield Finding(path, f"{what}; add longest_wait", is_warning=True)


def _reassignment(scenario: ScenarioSpec, name: str) -> Iterator[Finding]:
    spec, path = scenario.reassignments[name], ("reassignments", name)
    yield from refer((*path, "vessel"), spec.vessel, scenario.vessels, "vessel class")
    for key, service in (("from", spec.from_), ("to", spec.to)):
        yield from refer((*path, key), service, scenario.services, "service")
        if service in scenario.services and spec.vessel not in fleet(scenario, service):
            what = f"service {service} has no class {spec.vessel}; write it there, with 0 vessels if it has none"
            yield Finding((*path, key), what)
    if spec.from_ == spec.to:
        yield Finding((*path, "to"), f"is the service it comes from, {spec.from_}")
    if spec.when is not None and spec.back_at >= spec.when:
        what = f"at {spec.back_at:g} decks is not below changing over at {spec.when:g}; it must be lower"
        yield Finding((*path, "back"), what)
    if spec.months and len(set(spec.months)) == len(MONTHS):
        what = "names all months, so nothing hangs on the season; leave it out"
        yield Finding((*path, "months"), what)
    elif spec.months and not _any_simulated(scenario, spec.months):
        what = "names no month of the run, so the rule never acts"
        yield Finding((*path, "months"), what, is_warning=True)


def _any_simulated(scenario: ScenarioSpec, months: tuple[str, ...]) -> bool:
    """Return whether the run has a day in any of *months*."""
    horizon = scenario.horizon
    days = range(horizon.days + 1)
    return any(MONTHS[(horizon.start + timedelta(days=n)).month - 1] in months for n in days)
