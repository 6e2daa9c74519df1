"""Dwell of cargo at nodes as plans, and which cargo needs which."""

from __future__ import annotations

from sim.log import NONE
from sim.network.codes import Codes
from sim.network.parts import DwellPlan
from sim.spec.dwell import Dwell
from sim.spec.itineraries import dwells_before
from sim.units import DAY, WEEK, Seconds


def dwell(codes: Codes, name: str) -> DwellPlan:
    """Return the dwell *name* with the hours in which it pauses."""
    rule = codes.spec.dwell[name]
    return DwellPlan(
        id=name,
        time=rule.time,
        fault_share=0.0 if rule.faults is None else rule.faults.share,
        fault_time=None if rule.faults is None else rule.faults.time,
        pauses=_pauses(rule),
        at_origin=rule.at_origin,
    )


def _pauses(rule: Dwell) -> tuple[tuple[Seconds, Seconds], ...]:
    """Return begin and length of what recurs, as `sim.engine.kernel.calendar.weekly` takes it."""
    pauses = [(pause.from_, pause.lasting) for pause in rule.closed]
    hours = rule.hours
    if hours is not None and hours.open != hours.close:
        pauses.append((hours.close - WEEK, (hours.open - hours.close) % DAY))
    return tuple(pauses)


def dwells_by_leg(codes: Codes) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return, by the next leg, the number of the dwell that each kind of unit needs before it."""
    by_leg: dict[tuple[int, int], tuple[int, ...]] = {}
    if not codes.spec.dwell:
        return by_leg
    numbers = {name: number for number, name in enumerate(codes.spec.dwell)}
    for carrier in codes.kinds:
        for place in codes.end_names[carrier]:
            needed = [dwells_before(codes.spec, unit, carrier, place) for unit in codes.units]
            if any(needed):
                # There is one at most: `sim.spec.checks.dwell` refuses two.
                by_leg[codes.leg(carrier, place)] = tuple(
                    numbers[names[0]] if names else NONE for names in needed
                )
    return by_leg
