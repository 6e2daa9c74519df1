"""Flows, their demand and their ways, and the stacks they wait in, as parts of the network."""

from __future__ import annotations

from calendar import monthrange
from itertools import product

from sim.log import NONE, FlowFacts, names
from sim.network.codes import Codes
from sim.network.embargo import may_be_refused
from sim.network.parts import (
    ArrivalsPlan,
    FlowPlan,
    PoissonPlan,
    RenewalPlan,
    ReturnsPlan,
    SchedulePlan,
    SurplusPlan,
    TracePlan,
    Way,
)
from sim.spec.demand import Flow, tonnes_per_unit
from sim.spec.itineraries import itineraries
from sim.units import YEAR


def flow_plan(codes: Codes, name: str) -> FlowPlan:
    """Return the flow *name* with all that its consignments need."""
    flow = codes.spec.flows[name]
    arrivals = _arrivals(codes, name)
    is_return = isinstance(arrivals, ReturnsPlan)
    return FlowPlan(
        code=codes.flows[name],
        id=name,
        unit=codes.units[flow.unit],
        origin=codes.places[flow.origin],
        priority=flow.priority,
        ways=_ways(codes, name),
        arrivals=arrivals,
        consignment_units=flow.consignment_units,
        scale=1.0 if is_return else codes.spec.demand.scale_of(flow.scope),
        growth_per_year=0.0 if is_return else codes.spec.demand.growth_of(flow),
        season=() if flow.season is None else _season(flow.season),
        week=_week(flow),
        by_time=flow.routing == "least_time",
        equipment=NONE if flow.equipment is None else codes.fleets[flow.equipment],
        segregation=0 if flow.segregation is None else 1 + codes.segregations[flow.segregation],
    )


def _arrivals(codes: Codes, name: str) -> ArrivalsPlan:
    """Return how the consignments of the flow *name* come."""
    flow = codes.spec.flows[name]
    arrivals = flow.arrivals
    if arrivals.renewal is not None:
        return RenewalPlan(arrivals.renewal.interval)
    if arrivals.scheduled is not None:
        return SchedulePlan(arrivals.scheduled.every, arrivals.scheduled.first)
    if arrivals.trace is not None:
        return TracePlan(codes.scenario.traces.get(name, ()))
    if arrivals.returns is not None:
        returns = arrivals.returns
        return ReturnsPlan(codes.flows[returns.flow], returns.share, returns.after)
    if arrivals.surplus is not None:
        return SurplusPlan(arrivals.surplus.above)
    return PoissonPlan(flow.consignments_per_year / YEAR)


def flow_facts(codes: Codes, name: str) -> FlowFacts:
    """Return what the metrics must know of the flow *name*."""
    flow = codes.spec.flows[name]
    unit = codes.spec.units.get(flow.unit)
    return FlowFacts(
        id=name,
        unit=flow.unit,
        scope=flow.scope,
        kg_per_unit=round(1000 * tonnes_per_unit(flow, codes.spec.units)),
        teu_per_unit=unit.teu if unit else 0.0,
        equipment=flow.equipment or "",
        ends=(flow.origin, flow.destination),
        tare_kg_per_unit=round(1000 * unit.tare_tonnes) if unit else 0,
        may_be_refused=may_be_refused(codes, name),
    )


def _ways(codes: Codes, flow: str) -> tuple[Way, ...]:
    ways = []
    for itinerary in itineraries(codes.spec, flow):
        legs = tuple(codes.leg(leg.carrier, leg.origin) for leg in itinerary.legs)
        ways.append(Way(itinerary.share, legs))
    return tuple(ways)


def _season(weights: tuple[float, ...]) -> tuple[float, ...]:
    """Scale the monthly weights such that their mean over the days of a year is 1."""
    days = [monthrange(2023, month)[1] for month in range(1, 13)]
    mean = sum(w * d for w, d in zip(weights, days, strict=True)) / sum(days)
    return tuple(weight / mean for weight in weights)


def _week(flow: Flow) -> tuple[float, ...]:
    """Return the weights of the hours of a week, with a mean of 1 over every day and over its
    days; empty where all are alike."""
    if flow.days_of_week is None and flow.hours_of_day is None:
        return ()
    days, hours = flow.days_of_week or (1.0,) * 7, flow.hours_of_day or (1.0,) * 24
    mean = sum(days) / len(days) * sum(hours) / len(hours)
    return tuple(day * hour / mean for day, hour in product(days, hours))


def stacks(codes: Codes) -> dict[tuple[int, int], int]:
    """Return the resource code of the stack at each end of each train and service.

    Roads take cargo at once and need none. The key is ``(carrier, direction)``.
    """
    by_leg = {}
    for carrier, kind in codes.kinds.items():
        if kind == "road":
            continue
        for place in codes.end_names[carrier]:
            by_leg[codes.leg(carrier, place)] = codes.resources.code(
                names.stack(place, carrier), "stack", place, 0
            )
    return by_leg


def stack_limits(codes: Codes) -> dict[tuple[int, str, int], int]:
    """Return the limits of units by ``(place, "sea" or "land", unit)``, of units in use."""
    by_side = {}
    for place, port in codes.spec.ports.items():
        for side, limits in (("sea", port.stacks.sea), ("land", port.stacks.land)):
            for unit, limit in limits.items():
                if unit in codes.units:
                    by_side[codes.places[place], side, codes.units[unit]] = limit
    return by_side
