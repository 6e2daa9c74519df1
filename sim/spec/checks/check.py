"""Checks across a scenario: references, ways, fits, and physics that is impossible or doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from sim.distributions import Distribution
from sim.spec.checks.catalogue import check_catalogues
from sim.spec.checks.economy import check_economy
from sim.spec.checks.land import check_land
from sim.spec.checks.observed import check_observed
from sim.spec.checks.rules import check_rules
from sim.spec.checks.sea import check_sea
from sim.spec.checks.size import check_size
from sim.spec.demand import Flow
from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import can_carry, itineraries
from sim.spec.scenario import CATALOGUES, ScenarioSpec
from sim.spec.traces import Trace
from sim.spec.yaml_tree import Path
from sim.units import MINUTE


def check_scenario(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> list[Finding]:
    """Return everything that is wrong or doubtful in *scenario*, references first.

    What leans on a broken reference is not checked, so that one slip is told once.
    """
    findings = [*_horizon(scenario), *_names(scenario), *check_land(scenario), *check_sea(scenario)]
    findings += _short_times(scenario, ())
    for flow in scenario.flows:
        findings += _flow_references(scenario, flow)
    if any(not finding.is_warning for finding in findings):
        return findings
    for flow in scenario.flows:
        findings += _flow(scenario, flow)
    findings += [
        *_circles(scenario),
        *check_rules(scenario),
        *check_observed(scenario),
        *check_catalogues(scenario),
    ]
    findings += check_economy(scenario)
    if any(not finding.is_warning for finding in findings):
        return findings
    return [*findings, *check_size(scenario, traces)]


def _horizon(scenario: ScenarioSpec) -> Iterator[Finding]:
    horizon = scenario.horizon
    if not scenario.flows:
        yield Finding(("flows",), "holds no flow, so that nothing moves; give at least one")
    if horizon.warmup_days >= horizon.days:
        what = f"warm-up of {horizon.warmup_days} days leaves nothing of {horizon.days}; it must be shorter"
        yield Finding(("horizon", "warmup_days"), what)
    if not 1900 <= horizon.start.year <= 2200:
        yield Finding(
            ("horizon", "start"), f"must lie between the years 1900 and 2200; got {horizon.start}"
        )


def _names(scenario: ScenarioSpec) -> Iterator[Finding]:
    """What moves or serves cargo is told apart by its id alone."""
    if BOTH_ENDS in scenario.places:
        yield Finding(
            ("places", BOTH_ENDS),
            f"a place cannot be called {BOTH_ENDS!r}; the word means both ends",
        )
    first: dict[str, str] = {}
    for kind in ("trains", "services", "roads", "borders", "locomotives"):
        for name in getattr(scenario, kind):
            if name in first:
                yield Finding(
                    (kind, name), f"the id is taken by {first[name]}.{name}; give it another"
                )
            first.setdefault(name, kind)


def _short_times(model: BaseModel, path: Path) -> Iterator[Finding]:
    """Yield a warning for every duration of less than a minute on average."""
    for name, field in type(model).model_fields.items():
        if name not in ("consignment_units", *CATALOGUES):
            yield from _short_time(getattr(model, name), (*path, field.alias or name))


def _short_time(value: object, path: Path) -> Iterator[Finding]:
    if isinstance(value, BaseModel):
        yield from _short_times(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _short_time(item, (*path, str(key)))
    elif isinstance(value, Distribution) and 0 < value.mean < MINUTE:
        what = (
            f"takes {value.mean:g} s on average; below a minute the rounding to whole seconds shows"
        )
        yield Finding(path, what, is_warning=True)


def _flow_references(scenario: ScenarioSpec, flow: str) -> Iterator[Finding]:
    spec, path = scenario.flows[flow], ("flows", flow)
    yield from refer((*path, "origin"), spec.origin, scenario.places, "place")
    yield from refer((*path, "destination"), spec.destination, scenario.places, "place")
    if scenario.units:
        yield from refer((*path, "unit"), spec.unit, scenario.units, "unit")
    if spec.arrivals.returns is not None:
        yield from refer(
            (*path, "arrivals", "returns", "flow"),
            spec.arrivals.returns.flow,
            scenario.flows,
            "flow",
        )


def _flow(scenario: ScenarioSpec, flow: str) -> Iterator[Finding]:
    spec, path = scenario.flows[flow], ("flows", flow)
    yield from _rate(spec, path)
    if spec.season is not None and not any(spec.season):
        yield Finding((*path, "season"), "all months have weight 0; give at least one a weight")
    own_times = spec.arrivals.returns or spec.arrivals.trace or spec.arrivals.surplus
    if spec.season is not None and own_times:
        yield Finding(
            (*path, "season"),
            "what returns or is listed in a trace has its own times; leave season out",
        )
    total = sum(route.share for route in spec.routes.values())
    if spec.routes and spec.routing == "shares" and abs(total - 1) > 1e-6:
        yield Finding((*path, "routes"), f"the shares sum to {total:g}; they must sum to 1")
    yield from _routes(scenario, flow)
    returns = spec.arrivals.returns
    if returns is not None and scenario.flows[returns.flow].destination != spec.origin:
        there = scenario.flows[returns.flow].destination
        what = f"what returns from {returns.flow!r} begins where that ends, at {there!r}; got {spec.origin!r}"
        yield Finding((*path, "origin"), what)


def _routes(scenario: ScenarioSpec, flow: str) -> Iterator[Finding]:
    spec, path = scenario.flows[flow], ("flows", flow)
    try:
        ways = itineraries(scenario, flow)
    except ValueError as error:
        yield Finding((*path, "routes") if spec.routes else path, str(error))
        return
    for way in ways:
        for number, leg in enumerate(way.legs):
            if not can_carry(scenario, leg.carrier, leg.kind, spec.unit):
                what = f"{leg.kind} {leg.carrier!r} cannot carry a {spec.unit}; give it capacity for one"
                yield Finding((*path, "routes", way.id, "legs", str(number)), what)


def _rate(spec: Flow, path: Path) -> Iterator[Finding]:
    arrivals, yearly = spec.arrivals, spec.units_per_year
    if arrivals.poisson is not None:
        if (arrivals.poisson.per_day is None) == (yearly is None):
            got = "neither" if yearly is None else "both"
            what = f"Poisson arrivals need either units_per_year or poisson.per_day; got {got}"
            yield Finding((*path, "arrivals"), what)
    elif yearly is not None:
        yield Finding(
            (*path, "units_per_year"),
            "these arrivals have a rate of their own; leave units_per_year out",
        )
    for key, seconds in (
        ("renewal", arrivals.renewal.interval.mean if arrivals.renewal else None),
        ("scheduled", arrivals.scheduled.every if arrivals.scheduled else None),
    ):
        if seconds is not None and seconds < MINUTE:
            what = f"an interval of {seconds:g} s is too short; give a minute or more, and larger consignments"
            yield Finding((*path, "arrivals", key), what)


def _circles(scenario: ScenarioSpec) -> Iterator[Finding]:
    """A flow that returns from itself has no beginning, or with a share of 1 no end."""
    for flow in scenario.flows:
        chain, returns = [flow], scenario.flows[flow].arrivals.returns
        while returns is not None and returns.flow not in chain:
            chain.append(returns.flow)
            returns = scenario.flows[returns.flow].arrivals.returns
        if returns is not None and returns.flow == flow:
            what = f"returns go round in a circle: {' <- '.join([*chain, flow])}; give one flow arrivals of its own"
            yield Finding(("flows", flow, "arrivals", "returns", "flow"), what)
