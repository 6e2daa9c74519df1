"""Departure rules of a scenario as plans of its network."""

from __future__ import annotations

from collections.abc import Mapping

from sim.network.parts import DeparturePlan, FarCargoPlan, StormPlan
from sim.spec.departure import BeforeStorm, Departure, FarCargo
from sim.spec.fields import at_end
from sim.units import Seconds


def departure_plan(
    by_end: Mapping[str, Departure], place: str, default: Departure, forecast_s: Seconds = 0
) -> DeparturePlan:
    """Return the rule that holds at *place*.

    Parameters
    ----------
    forecast_s
        How far ahead the weather is known where the rule does not say.
    """
    rule = at_end(by_end, place, default)
    return DeparturePlan(
        full=rule.full_share,
        longest_wait_s=rule.longest_wait,
        headway_s=rule.headway,
        times_of_week=rule.times_of_week,
        far_cargo=_far_cargo(rule.cargo_waits_over_there),
        storm=_storm(rule.before_storm, forecast_s),
        leaves_for_others=rule.berth_needed == "leave",
        anchors_for_others=rule.berth_needed == "anchor",
        needs_more_cargo=rule.needs_more_cargo,
    )


def _far_cargo(condition: FarCargo | None) -> FarCargoPlan | None:
    if condition is None:
        return None
    return FarCargoPlan(condition.deck_share, condition.known_after)


def _storm(condition: BeforeStorm | None, forecast_s: Seconds) -> StormPlan | None:
    if condition is None:
        return None
    if condition.within is not None:
        return StormPlan(condition.within, condition.within)
    return StormPlan(None, condition.forecast or forecast_s)
