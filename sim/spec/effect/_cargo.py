"""When what is stated of places, units, flows and the rules for cargo has no effect."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sim.log import CORRIDOR_SCOPE
from sim.spec.effect._idle import Idle
from sim.spec.effect._uses import Uses
from sim.spec.itineraries import deck_share

_OWN_SIZES = frozenset({"trace", "returns", "surplus"})
"""Kinds of arrivals that say themselves how many units come."""


# -- places and units
# ------------------------------------------------------------------------------------------------


def _place(uses: Uses, place: str) -> bool:
    return place not in uses.named


def _no_latitude(uses: Uses, place: str) -> bool:
    return uses.spec.places[place].lat is None


def _no_longitude(uses: Uses, place: str) -> bool:
    return uses.spec.places[place].lon is None


def _weight(uses: Uses, unit: str) -> bool:
    flows = [flow for flow in uses.spec.flows.values() if flow.unit == unit]
    return all(flow.tonnes_per_unit is not None for flow in flows)


def _lane(uses: Uses, unit: str) -> bool:
    return not any(
        uses.carries(vessel, unit)
        and unit not in ship.capacity
        and deck_share(uses.spec, vessel, unit) is not None
        for vessel, ship in uses.spec.vessels.items()
    )


# -- flows and demand
# ------------------------------------------------------------------------------------------------


def _size(uses: Uses, flow: str) -> bool:
    return uses.spec.flows[flow].arrivals.kind in _OWN_SIZES


def _by_shares(uses: Uses, flow: str) -> bool:
    """Return whether a flow chooses its ways by their shares."""
    return uses.spec.flows[flow].routing == "shares"


def _one_way(uses: Uses, flow: str) -> bool:
    return not _by_shares(uses, flow) and len(uses.spec.flows[flow].routes) < 2


def _segregation(uses: Uses, flow: str) -> bool:
    carriers = {leg.carrier for leg in uses.legs[flow]}
    return not any(
        ship.segregates and any(service in carriers for service in uses.classes.get(vessel, ()))
        for vessel, ship in uses.spec.vessels.items()
    )


def _scope(uses: Uses, scope: str) -> bool:
    return not any(flow.scope == scope for flow in uses.spec.flows.values())


def _is_one_year(uses: Uses) -> bool:
    horizon = uses.spec.horizon
    end = horizon.start + timedelta(days=horizon.longest_days)
    return end.year == horizon.start.year


def _growth(uses: Uses) -> bool:
    return _scope(uses, CORRIDOR_SCOPE) or _is_one_year(uses)


def _own_growth(uses: Uses, flow: str) -> bool:
    return uses.spec.flows[flow].arrivals.kind in ("returns", "surplus") or _is_one_year(uses)


# -- rules
# ------------------------------------------------------------------------------------------------


def _equipment(uses: Uses, name: str) -> bool:
    return not any(flow.equipment == name for flow in uses.spec.flows.values())


def _items(uses: Uses, name: str, place: str) -> bool:
    flows = [flow for flow in uses.spec.flows.values() if flow.equipment == name]
    return bool(flows) and not any(flow.origin == place for flow in flows)


def _embargo(uses: Uses, name: str) -> bool:
    ban = uses.spec.embargoes[name]
    if ban.port not in uses.callers:
        return True
    return not any(uses.waits_at(ban.port, "sea", unit) for unit in ban.units or uses.units)


def _banned_unit(uses: Uses, name: str, number: str) -> bool:
    ban = uses.spec.embargoes[name]
    return not uses.waits_at(ban.port, "sea", ban.units[int(number)])


def _work_a_day(uses: Uses, name: str) -> bool:
    ban = uses.spec.embargoes[name]
    return all(level.days is None for level in (ban.impose, ban.lift, *ban.steps))


def _outage(uses: Uses, name: str) -> bool:
    kind, target = uses.spec.disruptions[name].target
    if kind == "port":
        return target not in uses.callers
    if kind in ("section", "border"):
        return (f"{kind}s", target) not in uses.links
    if kind == "berths":
        port, _, group = target.partition("/")
        return not any(uses.berthed(port, group))
    sections = uses.spec.sections.items()
    return kind == "locomotives" and not any(
        track.locomotives == target and ("sections", section) in uses.links
        for section, track in sections
    )


def _divert(uses: Uses, name: str) -> bool:
    is_divert = uses.spec.disruptions[name].inside == "divert"
    return is_divert and not any(
        flow.routing == "least_time" and len(flow.routes) > 1 for flow in uses.spec.flows.values()
    )


TABLE: Mapping[str, Idle] = {
    "units.*": Idle(
        lambda uses, unit: unit not in uses.units, "no flow is of this unit; leave it out"
    ),
    "units.*.tonnes": Idle(_weight, "every flow of it gives 'tonnes_per_unit' of its own"),
    "units.*.lane_m": Idle(_lane, "no vessel carries it in lanes; give a class 'lane_m'"),
    "places.*": Idle(_place, "no line, port or flow names it; leave it out"),
    "places.*.lat": Idle(_no_longitude, "stands without 'lon'; give both"),
    "places.*.lon": Idle(_no_latitude, "stands without 'lat'; give both"),
    "demand.scale": Idle(
        lambda uses: _scope(uses, CORRIDOR_SCOPE),
        "multiplies no flow: none has the scope 'titr'; see 'scale_by_scope'",
    ),
    "demand.scale_by_scope.*": Idle(_scope, "multiplies no flow: none has this scope"),
    "demand.growth_per_year": Idle(
        _growth, "begins with the year after that of the start, which no flow of 'titr' sees"
    ),
    "flows.*.growth_per_year": Idle(
        _own_growth,
        "begins with the year after that of the start, or the flow follows others in what comes",
    ),
    "flows.*.consignment_units": Idle(
        _size, "changes nothing: these arrivals say themselves how many units come"
    ),
    "flows.*.routes.*.share": Idle(
        lambda uses, flow, _route: not _by_shares(uses, flow),
        "chooses no way of a flow with 'routing: least_time'",
    ),
    "flows.*.routing": Idle(_one_way, "has nothing to choose from; give several routes"),
    "flows.*.segregation": Idle(
        _segregation, "means nothing while no vessel class on its way has 'segregates: true'"
    ),
    "equipment.*": Idle(_equipment, "no flow uses it; name it in 'equipment' of one"),
    "equipment.*.fleet.*": Idle(_items, "no flow that uses these items begins here"),
    "embargoes.*": Idle(
        _embargo, "nothing of it ever waits for vessels at the port, so it is never imposed"
    ),
    "embargoes.*.units.*": Idle(
        _banned_unit, "no such unit ever waits for vessels at the port; leave it out"
    ),
    "embargoes.*.worked_per_day": Idle(_work_a_day, "is for levels in days, and all are in units"),
    "disruptions.*": Idle(_outage, "breaks what no train or vessel uses; name what one does"),
    "disruptions.*.inside": Idle(
        _divert, "needs a flow with several routes and 'routing: least_time'; there is none"
    ),
}
