"""Services, their vessels and the berths they use as parts of the network of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sim.log import names
from sim.network.codes import Codes
from sim.network.departure import departure_plan
from sim.network.loading import loading_plan, preference_plans, queues_apart
from sim.network.parts import FleetPart, PoolUse, PortRules, ReassignmentPlan, SeaLine
from sim.spec.departure import AT_ONCE
from sim.spec.fields import NO_TIME, at_end
from sim.spec.itineraries import fleet, sailing_share
from sim.spec.sea import Service, berth_groups, crossing_time
from sim.units import DAY, HOUR, MONTHS, Seconds


def sea_line(codes: Codes, service: str) -> SeaLine:
    """Return the line of vessels *service*."""
    line = codes.spec.services[service]
    window = line.sailing.window
    forecast_s = window.forecast if window else 0
    return SeaLine(
        id=service,
        carrier=codes.carriers[service],
        ends=codes.ends(service),
        resource=codes.resources.code(service, "line", line.from_, 0),
        fleet=tuple(
            _fleet_part(codes, service, vessel, count)
            for vessel, count in fleet(codes.spec, service).items()
        ),
        departure=(
            departure_plan(line.departure, line.from_, AT_ONCE, forecast_s),
            departure_plan(line.departure, line.to, AT_ONCE, forecast_s),
        ),
        priority=line.priority,
        forecast_s=forecast_s,
        turns_back=window is not None and window.at_sea == "turn_back",
        preferences=preference_plans(codes, line),
        queues_apart=queues_apart(line),
    )


def _fleet_part(codes: Codes, service: str, vessel: str, count: int) -> FleetPart:
    line, ship = codes.spec.services[service], codes.spec.vessels[vessel]
    first_berths, first_s = _berths(codes, line, vessel, line.from_)
    second_berths, second_s = _berths(codes, line, vessel, line.to)
    default = ship.handling or NO_TIME
    shares = {unit: sailing_share(codes.spec, service, vessel, unit) for unit in codes.units}
    deck = codes.deck(shares)
    return FleetPart(
        vessel_class=codes.classes[vessel],
        name=names.fleet(service, vessel),
        vessels=count,
        deck=deck,
        crossing=crossing_time(line, ship),
        handling=(
            at_end(line.handling, line.from_, default),
            at_end(line.handling, line.to, default),
        ),
        berths=(first_berths, second_berths),
        s_per_unit=(first_s, second_s),
        repair_every=ship.repair.every if ship.repair else None,
        repair_lasting=ship.repair.lasting if ship.repair else None,
        no_repair=months_off(codes, ship.repair.months) if ship.repair else (),
        draught_m=ship.draughts_m,
        segregates=ship.segregates,
        pools=(_pool_uses(codes, vessel, line.from_), _pool_uses(codes, vessel, line.to)),
        loading=loading_plan(codes, service, vessel, deck),
    )


def _berths(
    codes: Codes, service: Service, vessel: str, place: str
) -> tuple[int, tuple[float, ...]]:
    """Return the resource of the berths of a class at a port, and seconds of work by unit code.

    A port without berth groups has room for any number of vessels, at its roads.
    """
    port = codes.spec.ports.get(place)
    groups = berth_groups(port, service, vessel, place)
    if port is None or not groups:
        roads = codes.resources.code(names.berths(place, names.ROADS), "berth", place, 0)
        return roads, (0.0,) * len(codes.units)
    group = groups[0]
    berths = port.berths[group]
    rates = [berths.units_per_h.get(unit, 0.0) for unit in codes.units]
    resource = codes.resources.code(names.berths(place, group), "berth", place, berths.berths)
    return resource, tuple(HOUR / rate if rate else 0.0 for rate in rates)


def _pool_uses(codes: Codes, vessel: str, place: str) -> tuple[PoolUse, ...]:
    """Return what a class of vessels needs of the pools of a port, in the order of asking."""
    port = codes.spec.ports.get(place)
    if port is None:
        return ()
    uses = []
    for name, pool in port.pools.items():
        resource = codes.resources.code(names.pool(place, name), "pool", place, pool.count)
        ranks = (int(pool.first == "leaving"), int(pool.first == "berthing"))
        needed, times = pool.needed_by(vessel), (pool.in_, pool.out)
        uses.append(
            PoolUse(
                resource=resource,
                servers=(needed * (times[0] is not None), needed * (times[1] is not None)),
                times=(times[0] or NO_TIME, times[1] or NO_TIME),
                ranks=ranks,
            )
        )
    return tuple(uses)


def port_rules(codes: Codes) -> dict[int, PortRules]:
    """Return what each port does in a storm and how deep it is, by place code."""
    return {
        codes.places[place]: PortRules(
            berthing_waits=port.in_storm.berthing == "waits",
            work_pauses=port.in_storm.work == "pauses",
            depth_m=port.depth_m,
            pools_in_storm=_pools_in_storm(codes, place),
        )
        for place, port in codes.spec.ports.items()
    }


def _pools_in_storm(codes: Codes, place: str) -> dict[int, bool]:
    """Return, by resource code, whether work with a pool of a port begins while it is shut."""
    goes_on = {}
    for name, pool in codes.spec.ports[place].pools.items():
        resource = codes.resources.find(names.pool(place, name))
        if resource is not None:
            goes_on[resource] = pool.in_storm == "goes_on"
    return goes_on


def reassignment(codes: Codes, name: str) -> ReassignmentPlan:
    """Return a rule by which vessels of one service help out on another."""
    rule = codes.spec.reassignments[name]
    return ReassignmentPlan(
        id=name,
        vessel_class=codes.classes[rule.vessel],
        lender=codes.carriers[rule.from_],
        borrower=codes.carriers[rule.to],
        off_season=months_off(codes, rule.months),
        when=rule.when,
        back=rule.back_at,
        most=rule.most,
        transfer=rule.transfer,
    )


def months_off(codes: Codes, months: Sequence[str]) -> tuple[tuple[Seconds, Seconds], ...]:
    """Return when, from the start of the run on, it is none of *months*; never, where none is named."""
    horizon = codes.spec.horizon
    off: list[tuple[Seconds, Seconds]] = []
    if not months:
        return ()
    last = horizon.start + timedelta(days=horizon.days + horizon.followup_days)
    first = date(horizon.start.year, horizon.start.month, 1)
    while first <= last:
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        if MONTHS[first.month - 1] not in months:
            begin_s = max((first - horizon.start).days, 0) * DAY
            off.append((begin_s, (following - horizon.start).days * DAY))
        first = following
    return tuple(off)
