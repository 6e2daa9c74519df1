"""Turn a checked scenario into a `Network`: names become codes, defaults become values.

Nothing is refused here: `sim.spec` has refused what a scenario file can get wrong.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from sim.errors import InvariantError
from sim.log import CarrierFacts, Names
from sim.network.cargo import flow_facts, flow_plan, stack_limits, stacks
from sim.network.charges import charges_of
from sim.network.codes import Codes
from sim.network.dwell import dwell, dwells_by_leg
from sim.network.embargo import embargo
from sim.network.equipment import equipment
from sim.network.initial import initial
from sim.network.land import breakdowns, locomotive_turns, road_line, train_line
from sim.network.outages import outage
from sim.network.parts import Network
from sim.network.sea import port_rules, reassignment, sea_line
from sim.network.weather import climate, closures_by_class, sea_level
from sim.spec.load import Scenario
from sim.units import DAY


def build(scenario: Scenario) -> Network:
    """Return the network of *scenario*, and how it stands from each later date on."""
    network = _assemble(scenario)
    network = replace(network, charges=charges_of(scenario, network))
    start = scenario.spec.horizon.start
    eras = []
    for era in scenario.eras:
        begins_s = (era.begins - start).days * DAY
        stage = _assemble(replace(scenario, spec=era.spec))
        if [facts.id for facts in stage.resources] != [facts.id for facts in network.resources]:
            raise InvariantError(
                "a dated change moved the codes of resources", begins_s, scenario.name
            )
        eras.append((begins_s, stage))
    return replace(network, eras=tuple(eras))


def _assemble(scenario: Scenario) -> Network:
    """Return the network as it begins, without charges and later dates."""
    spec, codes = scenario.spec, Codes(scenario)
    horizon = spec.horizon
    # Resources get their codes in the order of these lines, and logs depend on it.
    trains = tuple(train_line(codes, train) for train in spec.trains)
    services = tuple(sea_line(codes, service) for service in spec.services)
    roads = tuple(road_line(codes, road) for road in spec.roads)
    stack_codes = stacks(codes)
    turns = locomotive_turns(codes)
    failures = dict(breakdowns(codes))
    embargoes = tuple(embargo(codes, name) for name in spec.embargoes)
    fleets = tuple(equipment(codes, name) for name in spec.equipment)
    return Network(
        scenario=scenario.name,
        hash=scenario.hash,
        start_date=horizon.start.isoformat(),
        start_weekday_s=horizon.start.weekday() * DAY,
        warmup_s=horizon.warmup_days * DAY,
        window_end_s=horizon.days * DAY,
        followup_s=horizon.followup_days * DAY,
        names=_names(codes),
        flows=tuple(flow_plan(codes, flow) for flow in spec.flows),
        flow_facts=tuple(flow_facts(codes, flow) for flow in spec.flows),
        resources=tuple(codes.resources.facts),
        carriers=tuple(_carrier_facts(codes, carrier) for carrier in codes.carriers),
        trains=trains,
        services=services,
        roads=roads,
        stacks=stack_codes,
        room=stack_limits(codes),
        locomotive_turn=turns,
        climate=climate(codes),
        series=closures_by_class(codes),
        ports=port_rules(codes),
        sea_level=sea_level(codes),
        dwells=tuple(dwell(codes, name) for name in spec.dwell),
        dwell_before=dwells_by_leg(codes),
        embargoes=embargoes,
        equipment=fleets,
        breakdowns=failures,
        outages=tuple(outage(codes, name) for name in spec.disruptions),
        reassignments=tuple(reassignment(codes, name) for name in spec.reassignments),
        initial=initial(codes),
        charges=None,
        eras=(),
    )


def _carrier_facts(codes: Codes, carrier: str) -> CarrierFacts:
    kind, ends = codes.kinds[carrier], codes.end_names[carrier]
    if kind != "train":
        return CarrierFacts(carrier, kind, ends)
    path = codes.spec.trains[carrier].path
    marks = {path[0], path[-1]}
    for border in codes.spec.borders.values():
        if set(border.ends) in map(set, pairwise(path)):
            marks.update(border.ends)
    in_order = tuple(place for place in path if place in marks)
    return CarrierFacts(carrier, kind, ends, path, in_order)


def _names(codes: Codes) -> Names:
    return Names(
        flow=tuple(codes.flows),
        unit=tuple(codes.units),
        place=tuple(codes.places),
        resource=tuple(facts.id for facts in codes.resources.facts),
        carrier=tuple(codes.carriers),
        vessel_class=tuple(codes.classes),
        equipment=tuple(codes.fleets),
        embargo=tuple(codes.spec.embargoes),
        outage=tuple(codes.spec.disruptions),
    )
