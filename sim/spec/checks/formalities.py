"""Checks of borders and gates: directions, hours, and those that are dealt with in a way of their
own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.checks.lines import check_end_keys, check_ends
from sim.spec.effect import sharing
from sim.spec.findings import Finding, refer
from sim.spec.formalities import WORKS, Border, BorderUser, GateUser, Hours, User
from sim.spec.itineraries import links_of
from sim.spec.land import Road
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec

# -- borders
# ------------------------------------------------------------------------------------------------


def check_border(scenario: ScenarioSpec, path: Path, spec: Border) -> Iterator[Finding]:
    """Yield what is wrong with a border."""
    yield from check_ends(scenario, path, spec.ends)
    for part in (*WORKS, "hours", "priority"):
        yield from check_end_keys((*path, part), getattr(spec, part), spec.ends)
    for end, hours in spec.hours.items():
        yield from _hours((*path, "hours"), hours, end)
    for name, user in spec.users.items():
        here = (*path, "users", name)
        yield from _user(scenario, here, user)
        yield from _towards((*here, "towards"), user.towards, spec.ends)
        for number, train in enumerate(user.trains):
            yield from _train(scenario, (*here, "trains", str(number)), train, path[1])


def _towards(path: Path, towards: str | None, ends: tuple[str, str]) -> Iterator[Finding]:
    if towards not in (None, *ends):
        what = f"{towards!r} is no end of this border; its ends are {ends[0]} and {ends[1]}"
        yield Finding(path, what)


def _train(scenario: ScenarioSpec, path: Path, train: str, border: str) -> Iterator[Finding]:
    yield from refer(path, train, scenario.trains, "train")
    if train in scenario.trains and ("borders", border) not in links_of(scenario, train):
        yield Finding(path, f"train {train} does not cross here; leave it out")


# -- gates
# ------------------------------------------------------------------------------------------------


def check_gates(scenario: ScenarioSpec, path: Path, spec: Road) -> Iterator[Finding]:
    """Yield what is wrong with the gates of a road, and those of others that it uses."""
    for place, gate in spec.gates.items():
        here = (*path, "gates", place)
        yield from _hours((*here, "hours"), gate.hours)
        roads = [path[1], *sharing(scenario, path[1], place)]
        for name, user in gate.users.items():
            yield from _user(scenario, (*here, "users", name), user)
            for number, road in enumerate(user.roads):
                at = (*here, "users", name, "roads", str(number))
                yield from refer(at, road, scenario.roads, "road")
                if road in scenario.roads and road not in roads:
                    yield Finding(at, f"road {road} does not use this gate; leave it out")
    yield from _shared_gates(scenario, (*path, "shared_gates"), spec)


def _shared_gates(scenario: ScenarioSpec, path: Path, spec: Road) -> Iterator[Finding]:
    yield from check_end_keys(path, spec.shared_gates, spec.ends, both=False)
    for place, owner in spec.shared_gates.items():
        here = (*path, place)
        yield from refer(here, owner, scenario.roads, "road")
        if place in spec.gates:
            yield Finding(here, f"the road has a gate of its own at {place}; keep one of the two")
        elif owner in scenario.roads and place not in scenario.roads[owner].gates:
            what = f"road {owner} has no gate at {place}; name the road whose gate it is"
            yield Finding(here, what)


# -- both
# ------------------------------------------------------------------------------------------------


def _user(scenario: ScenarioSpec, path: Path, user: BorderUser | GateUser) -> Iterator[Finding]:
    """Yield what is wrong with those that are dealt with in a way of their own."""
    yield from _names(scenario, path, user)
    yield from _hours((*path, "hours"), user.hours)
    own = (user.priority, user.inspection, user.hours)
    if not user.works and all(value is None for value in own):
        keys = [*_times_of(user), "priority", "inspection", "hours"]
        what = f"is dealt with like all others; give one of {', '.join(keys)}, or leave it out"
        yield Finding(path, what)


def _times_of(user: BorderUser | GateUser) -> tuple[str, ...]:
    return WORKS if isinstance(user, BorderUser) else ("time",)


def _names(scenario: ScenarioSpec, path: Path, user: User) -> Iterator[Finding]:
    """Yield units and flows that are not there."""
    yield from _units(scenario, path, user.units)
    for number, flow in enumerate(user.flows):
        yield from refer((*path, "flows", str(number)), flow, scenario.flows, "flow")


def _units(scenario: ScenarioSpec, path: Path, units: tuple[str, ...]) -> Iterator[Finding]:
    known: Mapping[str, object] = scenario.units
    if not known:
        known = {flow.unit: flow for flow in scenario.flows.values()}
    for number, unit in enumerate(units):
        yield from refer((*path, "units", str(number)), unit, known, "unit")


def _hours(path: Path, hours: Hours | None, end: str = "both") -> Iterator[Finding]:
    if hours is not None and hours.open == hours.close:
        at = path if end == "both" else (*path, end)
        what = "opens and closes at the same time; leave hours out if it is always open"
        yield Finding(at, what)
