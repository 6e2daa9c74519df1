"""Checks of flows: their references, rates, ways and returns, and the room for them on land."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sim.spec.checks.lines import check_units
from sim.spec.demand import Flow
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import can_carry, itineraries, itineraries_if_any, load_sizes
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.units import MINUTE


def check_references(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield places, units and flows that a flow names and that are not there."""
    if not scenario.flows:
        yield Finding(("flows",), "holds no flow, so that nothing moves; give at least one")
    for flow, cargo in scenario.flows.items():
        path = ("flows", flow)
        yield from refer((*path, "origin"), cargo.origin, scenario.places, "place")
        yield from refer((*path, "destination"), cargo.destination, scenario.places, "place")
        if scenario.units:
            yield from refer((*path, "unit"), cargo.unit, scenario.units, "unit")
        returns = cargo.arrivals.returns
        if returns is not None:
            here = (*path, "arrivals", "returns", "flow")
            yield from refer(here, returns.flow, scenario.flows, "flow")


def check_room(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield stacks without room for a whole load: it would never leave its vehicle."""
    loads = _largest_loads(scenario)
    for port, spec in scenario.ports.items():
        for side, limits in spec.stacks.by_side.items():
            path = ("ports", port, "stacks", side)
            yield from check_units(scenario, path, limits)
            for unit, limit in limits.items():
                largest, carrier = loads.get((port, side, unit), (0, ""))
                if largest > limit:
                    what = f"has room for {limit}, but a whole load of {carrier} is {largest}; give it room for one"
                    yield Finding((*path, unit), what)


def _largest_loads(scenario: ScenarioSpec) -> dict[tuple[str, str, str], tuple[int, str]]:
    """Return the largest load put into each stack and what brings it, by port, side and unit."""
    loads: dict[tuple[str, str, str], tuple[int, str]] = {}
    for flow, cargo in scenario.flows.items():
        for way in itineraries_if_any(scenario, flow):
            for leg, following in pairwise(way.legs):
                side = "sea" if following.kind == "service" else "land"
                key = (leg.destination, side, cargo.unit)
                # A road brings units one by one.
                largest = max(load_sizes(scenario, leg, cargo.unit), default=1)
                loads[key] = max(loads.get(key, (0, "")), (largest, leg.carrier))
    return loads


def check_flows(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with flows whose references hold."""
    for flow, cargo in scenario.flows.items():
        path = ("flows", flow)
        yield from _rate(path, cargo)
        for key in ("season", "days_of_week", "hours_of_day"):
            yield from _weights(path, cargo, key)
        yield from _ways(scenario, flow)
        yield from _returns(scenario, flow)


def _rate(path: Path, flow: Flow) -> Iterator[Finding]:
    arrivals, yearly, here = flow.arrivals, flow.units_per_year, (*path, "arrivals")
    if arrivals.poisson is not None:
        if (arrivals.poisson.per_day is None) == (yearly is None):
            got = "neither" if yearly is None else "both"
            what = f"Poisson arrivals need either units_per_year or poisson.per_day; got {got}"
            yield Finding(here, what)
    elif yearly is not None:
        what = "these arrivals have a rate of their own; leave units_per_year out"
        yield Finding((*path, "units_per_year"), what)
    if arrivals.renewal is not None:
        yield from _interval((*here, "renewal"), arrivals.renewal.interval.mean)
    if arrivals.scheduled is not None:
        yield from _interval((*here, "scheduled"), arrivals.scheduled.every)


def _interval(path: Path, seconds: float) -> Iterator[Finding]:
    if seconds < MINUTE:
        what = f"an interval of {seconds:g} s is too short; give a minute or more, and larger consignments"
        yield Finding(path, what)


def _weights(path: Path, flow: Flow, key: str) -> Iterator[Finding]:
    """Yield what is wrong with the weights of months, days or hours."""
    weights = getattr(flow, key)
    if weights is None:
        return
    here = (*path, key)
    if not any(weights):
        yield Finding(here, f"all {_PARTS[key]} have weight 0; give at least one a weight")
    elif key != "season" and len(set(weights)) == 1:
        what = f"all {_PARTS[key]} have the same weight, which is as if it were left out"
        yield Finding(here, what, is_warning=True)
    if flow.arrivals.returns or flow.arrivals.trace or flow.arrivals.surplus:
        what = f"what returns or is listed in a trace has its own times; leave {key} out"
        yield Finding(here, what)


_PARTS = {"season": "months", "days_of_week": "days", "hours_of_day": "hours"}


def _ways(scenario: ScenarioSpec, flow: str) -> Iterator[Finding]:
    cargo, path = scenario.flows[flow], ("flows", flow)
    yield from _routing(path, cargo)
    here = (*path, "routes")
    try:
        ways = itineraries(scenario, flow)
    except ValueError as error:
        yield Finding(here if cargo.routes else path, str(error))
        return
    for way in ways:
        for number, leg in enumerate(way.legs):
            if not can_carry(scenario, leg.carrier, leg.kind, cargo.unit):
                what = f"{leg.kind} {leg.carrier!r} cannot carry a {cargo.unit}; give it capacity for one"
                yield Finding((*here, way.id, "legs", str(number)), what)


def _routing(path: Path, flow: Flow) -> Iterator[Finding]:
    total = sum(route.share for route in flow.routes.values())
    if flow.routes and flow.routing == "shares" and abs(total - 1) > 1e-6:
        yield Finding((*path, "routes"), f"the shares sum to {total:g}; they must sum to 1")


def _returns(scenario: ScenarioSpec, flow: str) -> Iterator[Finding]:
    """Yield what is wrong with a flow that comes back from another, or at last from itself."""
    cargo, path = scenario.flows[flow], ("flows", flow)
    returns = cargo.arrivals.returns
    if returns is None:
        return
    there = scenario.flows[returns.flow].destination
    if there != cargo.origin:
        what = f"what returns from {returns.flow!r} begins where that ends, at {there!r}; got {cargo.origin!r}"
        yield Finding((*path, "origin"), what)
    chain = [flow]
    while returns is not None and returns.flow not in chain:
        chain.append(returns.flow)
        returns = scenario.flows[returns.flow].arrivals.returns
    if returns is not None and returns.flow == flow:
        circle = " <- ".join([*chain, flow])
        what = f"returns go round in a circle: {circle}; give one flow arrivals of its own"
        yield Finding((*path, "arrivals", "returns", "flow"), what)
