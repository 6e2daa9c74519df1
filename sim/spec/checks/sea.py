"""Checks of ports, vessels, services and weather."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sim.log import names
from sim.spec.checks.land import end_key, ends
from sim.spec.fields import at_end
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import Leg, deck_share, fleet, itineraries_if_any, train_share
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service, berth_groups
from sim.spec.yaml_tree import Path
from sim.units import HOUR

FASTEST_KN, FAST_KN = 40.0, 25.0
MOST_CLOSED = 0.95
"""Names of what every port has besides berths."""


def check_sea(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with ports, vessels, services and weather."""
    for port in scenario.ports:
        yield from _port(scenario, port)
    for vessel, ship in scenario.vessels.items():
        path = ("vessels", vessel)
        if scenario.units:
            for unit in (*ship.capacity, *ship.carries):
                at = "capacity" if unit in ship.capacity else "carries"
                yield from refer((*path, at, unit), unit, scenario.units, "unit")
        units = scenario.units or {flow.unit for flow in scenario.flows.values()}
        if all(deck_share(scenario, vessel, unit) is None for unit in units):
            what = f"carries none of the units ({', '.join(sorted(units))}); give 'capacity', or 'lane_m' here and there"
            yield Finding(path, what)
        yield from _fast((*path, "speed_kn"), ship.speed_kn, "speed")
        if ship.repair is not None and ship.repair.every.mean <= 0:
            yield Finding(
                (*path, "repair", "every"),
                "goes for repair without ever serving; give a longer time",
            )
    for service, spec in scenario.services.items():
        yield from _service(scenario, service, spec)
    yield from _weather(scenario)
    yield from _room(scenario)


def _port(scenario: ScenarioSpec, port: str) -> Iterator[Finding]:
    path = ("ports", port)
    yield from refer(path, port, scenario.places, "place")
    users = _users(scenario, port)
    for group, spec in scenario.ports[port].berths.items():
        here = (*path, "berths", group)
        for vessel in spec.vessels:
            yield from refer((*here, "vessels"), vessel, scenario.vessels, "vessel class")
        if scenario.units:
            for unit in spec.units_per_h:
                yield from refer((*here, "units_per_h", unit), unit, scenario.units, "unit")
        if group in names.RESERVED_GROUPS:
            yield Finding(
                here, f"a berth group cannot be called {group!r}; the word has a meaning of its own"
            )
        known = set(spec.vessels) & set(scenario.vessels)
        if known and users and not known & set(users):
            what = f"no vessel that calls here can use it (they are {', '.join(users)})"
            yield Finding((*here, "vessels"), what)
        if not spec.berths and _used(scenario, port, group):
            # For a while it is legal: another date may bring one.
            what = "has no berths, but vessels need it; give it one or move them elsewhere"
            yield Finding((*here, "berths"), what, is_warning=bool(scenario.changes))


def _users(scenario: ScenarioSpec, port: str) -> list[str]:
    """Return the vessel classes that call at *port*."""
    calling = [s for s, spec in scenario.services.items() if port in spec.ends]
    return list(dict.fromkeys(vessel for service in calling for vessel in fleet(scenario, service)))


def _used(scenario: ScenarioSpec, port: str, group: str) -> bool:
    return any(
        berth_groups(scenario.ports[port], spec, vessel, port) == [group]
        for service, spec in scenario.services.items()
        if port in spec.ends
        for vessel, count in fleet(scenario, service).items()
        if count
    )


def _service(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    path = ("services", service)
    both_ends = spec.ends
    yield from ends(scenario, path, *both_ends)
    yield from _vessels(scenario, path, spec)
    for key in spec.departure:
        yield from end_key((*path, "departure"), key, both_ends)
    for key in spec.handling:
        yield from end_key((*path, "handling"), key, both_ends)
    for place, group in spec.berths.items():
        yield from end_key((*path, "berths"), place, both_ends, both=False)
        groups = scenario.ports[place].berths if place in scenario.ports else {}
        yield from refer((*path, "berths", place), group, groups, f"berth group of {place}")
    for vessel in fleet(scenario, service):
        for place in both_ends:
            yield from _berth(scenario, path, vessel, place)
        if spec.crossing is None and (
            spec.distance_nm is None or scenario.vessels[vessel].speed_kn is None
        ):
            yield Finding(
                path,
                f"has no crossing time for {vessel}; give 'crossing', or 'distance_nm' and its 'speed_kn'",
            )
    if spec.crossing is not None and spec.distance_nm is not None and spec.crossing.mean > 0:
        yield from _fast(
            (*path, "crossing"), spec.distance_nm / (spec.crossing.mean / HOUR), "makes"
        )
    yield from _never_leaves(scenario, service, spec)


def _vessels(scenario: ScenarioSpec, path: Path, spec: Service) -> Iterator[Finding]:
    if isinstance(spec.vessels, int):
        if spec.vessel is None:
            yield Finding(
                (*path, "vessels"),
                "is a number without a class; add 'vessel', or write {class: number}",
            )
        yield from refer((*path, "vessel"), spec.vessel, scenario.vessels, "vessel class")
        total = spec.vessels
    else:
        if spec.vessel is not None:
            yield Finding((*path, "vessel"), "stands beside a fleet by class; keep one of them")
        for vessel in spec.vessels:
            yield from refer((*path, "vessels", vessel), vessel, scenario.vessels, "vessel class")
        total = sum(spec.vessels.values())
    if not total:
        yield Finding(
            (*path, "vessels"), "has no vessels: cargo for it waits for ever", is_warning=True
        )


def _berth(scenario: ScenarioSpec, path: Path, vessel: str, place: str) -> Iterator[Finding]:
    port = scenario.ports.get(place)
    if port is None or not port.berths:
        return
    spec = scenario.services[path[1]]
    groups = berth_groups(port, spec, vessel, place)
    if not groups:
        yield Finding(
            path,
            f"no berth at {place} takes a {vessel}; name it in 'vessels' of a berth group there",
        )
    elif len(groups) > 1:
        what = f"a {vessel} could use several berth groups at {place} ({', '.join(groups)})"
        yield Finding(path, f"{what}; choose with berths: {{{place}: {groups[0]}}}")
    elif place in spec.berths and port.berths.get(groups[0]) is not None:
        allowed = port.berths[groups[0]].vessels
        if allowed and vessel not in allowed:
            yield Finding(
                (*path, "berths", place), f"{groups[0]} at {place} does not take a {vessel}"
            )


def _never_leaves(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    """A vessel that waits to be full where nothing ever comes would lie there for ever."""
    for place in spec.ends:
        rule = at_end(spec.departure, place, None)
        if rule is None or rule.full is None or rule.longest_wait is not None:
            continue
        if not _has_cargo(scenario, service, place):
            what = f"vessels wait at {place} to be full, but no flow leaves from there; add longest_wait or at_once"
            yield Finding(("services", service, "departure", place), what)


def _has_cargo(scenario: ScenarioSpec, service: str, place: str) -> bool:
    for flow in scenario.flows:
        ways = itineraries_if_any(scenario, flow)
        # A flow whose way is wrong is told by itself; whether it would have come this way is not
        # known.
        if not ways or any(
            leg.carrier == service and leg.origin == place for way in ways for leg in way.legs
        ):
            return True
    return False


def _fast(path: Path, knots: float | None, what: str) -> Iterator[Finding]:
    if knots is None or knots <= FAST_KN:
        return
    if knots >= FASTEST_KN:
        yield Finding(path, f"{what} {knots:.0f} kn; no cargo vessel makes {FASTEST_KN:.0f}")
    else:
        yield Finding(path, f"{what} {knots:.0f} kn, fast for a cargo vessel", is_warning=True)


def _weather(scenario: ScenarioSpec) -> Iterator[Finding]:
    weather = scenario.weather
    if weather is None:
        return
    if any(weather.closed_share) and weather.exposure and weather.spell.mean < HOUR:
        yield Finding(
            ("weather", "spell"),
            "closures last less than an hour on average; they come in spells of days",
        )
    for place, exposure in weather.exposure.items():
        yield from refer(("weather", "exposure", place), place, scenario.places, "place")
        most = max(weather.closed_share) * exposure
        if most >= MOST_CLOSED:
            what = f"{place} would be closed {most:.0%} of a month; at most {MOST_CLOSED:.0%} is simulated"
            yield Finding(("weather", "exposure", place), what)


def _room(scenario: ScenarioSpec) -> Iterator[Finding]:
    """A whole load must fit into the stack where it is unloaded, or it never leaves its vehicle."""
    loads = _loads(scenario)
    for port, spec in scenario.ports.items():
        for side, limits in (("sea", spec.stacks.sea), ("land", spec.stacks.land)):
            for unit, limit in limits.items():
                path = ("ports", port, "stacks", side, unit)
                if scenario.units:
                    yield from refer(path, unit, scenario.units, "unit")
                largest, carrier = loads.get((port, side, unit), (0, ""))
                if largest > limit:
                    what = f"has room for {limit}, but a whole load of {carrier} is {largest}; give it room for one"
                    yield Finding(path, what)


def _loads(scenario: ScenarioSpec) -> dict[tuple[str, str, str], tuple[int, str]]:
    """Return the largest load that is put into each stack, and what brings it, by port, side and
    unit."""
    loads: dict[tuple[str, str, str], tuple[int, str]] = {}
    for flow, spec in scenario.flows.items():
        for way in itineraries_if_any(scenario, flow):
            for leg, following in pairwise(way.legs):
                key = (leg.destination, "sea" if following.kind == "service" else "land", spec.unit)
                load = (_largest(scenario, leg, spec.unit), leg.carrier)
                loads[key] = max(loads.get(key, (0, "")), load)
    return loads


def _largest(scenario: ScenarioSpec, leg: Leg, unit: str) -> int:
    """Return how many of *unit* one vehicle of the leg can bring; a road brings them one by one."""
    if leg.kind == "train":
        shares = [train_share(scenario, leg.carrier, unit)]
    elif leg.kind == "service":
        shares = [deck_share(scenario, vessel, unit) for vessel in fleet(scenario, leg.carrier)]
    else:
        shares = []
    return max((int(1 / share) for share in shares if share is not None), default=1)
