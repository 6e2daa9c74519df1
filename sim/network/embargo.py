"""Loading bans of a scenario as plans in codes and units."""

from __future__ import annotations

from collections.abc import Mapping

from sim.network.codes import Codes
from sim.network.parts import NO_METER, NOT_HELD, EmbargoPlan, LevelPlan, StagePlan
from sim.spec.embargo import ALL, Embargo, Level
from sim.spec.itineraries import itineraries


def embargo(codes: Codes, name: str) -> EmbargoPlan:
    """Return a loading ban with its levels and quotas."""
    ban = codes.spec.embargoes[name]
    codes.resources.code(name, "embargo", ban.port, 0)
    meters = _meters(ban)
    stages = [StagePlan(_level(ban.impose), _quotas(ban.quota, meters))]
    stages += [StagePlan(_level(step), _quotas(step.quota, meters)) for step in ban.steps]
    return EmbargoPlan(
        id=name,
        port=codes.places[ban.port],
        units=tuple(codes.units[unit] for unit in ban.units or codes.units if unit in codes.units),
        stages=tuple(stages),
        lift=_level(ban.lift),
        worked_per_day=ban.worked_per_day or 0.0,
        worked_over_s=ban.worked_over or 0,
        holds_at=frozenset(codes.places[place] for place in ban.holds_at),
        refuses=ban.cargo == "refused",
        meters=ban.meters,
        meter_names=tuple(meters),
        meter_of=tuple(_meter_of(codes, ban, flow, meters) for flow in codes.flows),
    )


def may_be_refused(codes: Codes, name: str) -> bool:
    """Return whether a ban turns new cargo of the flow *name* away while it is on."""
    if codes.spec.flows[name].arrivals.surplus is not None:
        # Equipment that goes back would be lost; it waits.
        return False
    return any(_refuses(codes, ban, name) for ban in codes.spec.embargoes.values())


def _refuses(codes: Codes, ban: Embargo, name: str) -> bool:
    if ban.cargo != "refused" or _meter_of(codes, ban, name, {}) == NOT_HELD:
        return False
    # By sea cargo comes to the port all the same, and what sets out there is at the port already.
    for itinerary in itineraries(codes.spec, name):
        for leg in itinerary.legs[:-1]:
            if leg.destination == ban.port and leg.carrier not in codes.spec.services:
                return True
    return False


def _meters(ban: Embargo) -> dict[str, int]:
    """Return the number of the meter of each flow, kind of unit or `ALL` that has a quota."""
    named: dict[str, None] = dict.fromkeys(ban.quota)
    for step in ban.steps:
        named |= dict.fromkeys(step.quota)
    return {name: number for number, name in enumerate(named)}


def meter_names(ban: Embargo) -> tuple[str, ...]:
    """Return what has a quota, by number of its meter."""
    return tuple(_meters(ban))


def _meter_of(codes: Codes, ban: Embargo, flow: str, meters: Mapping[str, int]) -> int:
    unit = codes.spec.flows[flow].unit
    is_counted = not ban.units or unit in ban.units
    if not is_counted or flow in ban.exempt or unit in ban.exempt:
        return NOT_HELD
    for name in (flow, unit, ALL):
        if name in meters:
            return meters[name]
    return NO_METER


def _quotas(quota: Mapping[str, float], meters: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(round(1000 * quota.get(name, 0.0)) for name in meters)


def _level(level: Level) -> LevelPlan:
    return LevelPlan(level.units, level.days)
