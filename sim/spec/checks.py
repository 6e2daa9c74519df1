"""Checks across a scenario: references, ways, fits, and physics that is impossible or doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.checks_land import check_land
from sim.spec.checks_sea import check_sea
from sim.spec.demand import Flow
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import can_carry, itineraries
from sim.spec.scenario import Scenario
from sim.units import DAY, MINUTE

MOST_CONSIGNMENTS = 20_000_000
MOST_VESSELS = 10_000

Traces = Mapping[str, tuple[tuple[int, int], ...]]


def check_scenario(scenario: Scenario, traces: Traces) -> list[Finding]:
    """Return everything that is wrong or doubtful in *scenario*, references first.

    What leans on a broken reference is not checked, so that one slip is told once.
    """
    findings = [*_horizon(scenario), *check_land(scenario), *check_sea(scenario)]
    for flow in scenario.flows:
        findings += _flow_references(scenario, flow)
    if any(not finding.is_warning for finding in findings):
        return findings
    for flow in scenario.flows:
        findings += _flow(scenario, flow)
    findings += _returns_end(scenario)
    findings += _size(scenario, traces)
    return findings


def _horizon(scenario: Scenario) -> Iterator[Finding]:
    horizon = scenario.horizon
    if horizon.warmup_days >= horizon.days:
        what = f"warm-up of {horizon.warmup_days} days leaves nothing of {horizon.days}; it must be shorter"
        yield Finding(("horizon", "warmup_days"), what)
    if horizon.start.year + horizon.days // 365 > 9900:
        yield Finding(("horizon", "start"), f"{horizon.start} is beyond the calendar")


def _flow_references(scenario: Scenario, flow: str) -> Iterator[Finding]:
    spec, path = scenario.flows[flow], ("flows", flow)
    yield from refer((*path, "origin"), spec.origin, scenario.places, "place")
    yield from refer((*path, "destination"), spec.destination, scenario.places, "place")
    if scenario.units:
        yield from refer((*path, "unit"), spec.unit, scenario.units, "unit")
    if spec.arrivals.returns is not None:
        yield from refer((*path, "arrivals", "returns", "flow"), spec.arrivals.returns.flow, scenario.flows, "flow")


def _flow(scenario: Scenario, flow: str) -> Iterator[Finding]:
    spec, path = scenario.flows[flow], ("flows", flow)
    yield from _rate(spec, (*path, "arrivals"))
    if spec.season is not None and not any(spec.season):
        yield Finding((*path, "season"), "all months have weight 0; give at least one a weight")
    if spec.season is not None and (spec.arrivals.returns or spec.arrivals.trace):
        yield Finding((*path, "season"), "a flow that returns or is traced has its own times; leave season out")
    total = sum(route.share for route in spec.routes.values())
    if spec.routes and abs(total - 1) > 1e-6:
        yield Finding((*path, "routes"), f"the shares sum to {total:g}; they must sum to 1")
    try:
        ways = itineraries(scenario, flow)
    except ValueError as error:
        yield Finding((*path, "routes") if spec.routes else path, str(error))
        return
    for way in ways:
        for leg in way.legs:
            if not can_carry(scenario, leg.carrier, leg.kind, spec.unit):
                yield Finding((*path, "routes", way.id), f"leg {leg.carrier!r} cannot carry a {spec.unit}")
    returns = spec.arrivals.returns
    if returns is not None and scenario.flows[returns.flow].destination != spec.origin:
        there = scenario.flows[returns.flow].destination
        yield Finding(
            (*path, "origin"), f"returns of {returns.flow!r} begin where it ends, at {there}; got {spec.origin}"
        )


def _rate(spec: Flow, path: tuple[str, ...]) -> Iterator[Finding]:
    arrivals, yearly = spec.arrivals, spec.units_per_year
    if arrivals.poisson is not None:
        if (arrivals.poisson.per_day is None) == (yearly is None):
            got = "neither" if yearly is None else "both"
            yield Finding(path, f"a Poisson flow needs units_per_year or poisson.per_day; got {got}")
    elif yearly is not None:
        yield Finding((*path[:-1], "units_per_year"), "these arrivals have their own rate; leave units_per_year out")
    for key, seconds in (
        ("renewal", arrivals.renewal.interval.mean if arrivals.renewal else None),
        ("scheduled", arrivals.scheduled.every if arrivals.scheduled else None),
    ):
        if seconds is not None and seconds < MINUTE:
            yield Finding((*path, key), f"an interval of {seconds:g} s is below a minute; give a larger one")


def _returns_end(scenario: Scenario) -> Iterator[Finding]:
    """Units that return from units that return must die out."""
    for flow in scenario.flows:
        at, product, seen = flow, 1.0, []
        while (returns := scenario.flows[at].arrivals.returns) is not None and at not in seen:
            seen.append(at)
            product *= returns.share
            at = returns.flow
        if at == flow and seen and product >= 1:
            path = ("flows", flow, "arrivals", "returns")
            yield Finding(path, f"returns go round for ever: {' <- '.join([*seen, at])}; a share must be below 1")
        elif at in seen and at == flow:
            yield Finding(
                ("flows", flow, "arrivals", "returns"), "a circle of returns has no beginning; give one flow arrivals"
            )


def _size(scenario: Scenario, traces: Traces) -> Iterator[Finding]:
    """Refuse a world that would eat the machine, with the number that is too large."""
    days = scenario.horizon.days + scenario.horizon.followup_days
    for flow, spec in scenario.flows.items():
        scale = scenario.demand.scale if spec.scope == "titr" else scenario.demand.scale_by_scope.get(spec.scope, 1.0)
        count = _consignments_per_day(spec, len(traces.get(flow, ())) / days) * days * scale
        if count > MOST_CONSIGNMENTS:
            what = f"{count:.3g} consignments in {days} days at scale {scale:g}; at most {MOST_CONSIGNMENTS:,} are simulated"
            yield Finding(("flows", flow), f"{what}; make consignments larger or the horizon shorter")
    vessels = sum(
        n if isinstance(n := service.vessels, int) else sum(n.values()) for service in scenario.services.values()
    )
    if vessels > MOST_VESSELS:
        yield Finding(("services",), f"{vessels:,} vessels; at most {MOST_VESSELS:,} are simulated")


def _consignments_per_day(spec: Flow, traced: float) -> float:
    arrivals = spec.arrivals
    if spec.units_per_year is not None:
        return spec.units_per_year / 365 / spec.consignment_units.mean
    if arrivals.poisson is not None:
        return arrivals.poisson.per_day or 0.0
    if arrivals.renewal is not None:
        return DAY / arrivals.renewal.interval.mean if arrivals.renewal.interval.mean else 0.0
    if arrivals.scheduled is not None:
        return DAY / arrivals.scheduled.every if arrivals.scheduled.every else 0.0
    return traced
