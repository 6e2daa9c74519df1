"""Departure rules of a scenario as plans of its network."""

from __future__ import annotations

from collections.abc import Mapping

from sim.network.parts import DeparturePlan
from sim.spec.departure import Departure
from sim.spec.fields import at_end


def departure_plan(
    by_end: Mapping[str, Departure], place: str, default: Departure
) -> DeparturePlan:
    """Return the rule that holds at *place*; a longest wait alone is one for a full load."""
    rule = at_end(by_end, place, default)
    waits = rule.longest_wait is not None
    return DeparturePlan(
        full=1.0 if rule.full is None and waits else rule.full,
        longest_wait_s=rule.longest_wait,
        headway_s=rule.headway,
        times_of_week=rule.times_of_week,
    )
