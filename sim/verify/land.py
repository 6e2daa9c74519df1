"""Cases of the railway: locomotives that break down, and two trains that meet at a siding."""

from __future__ import annotations

from sim.spec.scenario import ScenarioSpec
from sim.units import HOUR
from sim.verify import theory
from sim.verify.case import Case, hours, transit


def _locomotives_out(scenario: ScenarioSpec) -> float:
    """Return the share of locomotives out of service."""
    pool = scenario.locomotives["pool"]
    breakdowns = pool.breakdowns
    if breakdowns is None:
        raise ValueError("the pool has no breakdowns")
    up = theory.machines_up(
        pool.locomotives,
        breakdowns.crews or pool.locomotives,
        hours(breakdowns.every),
        hours(breakdowns.lasting),
    )
    return 1 - up / pool.locomotives


LOCOMOTIVES = (
    Case(
        id="machine-repair",
        what="ten locomotives and one crew (machine repair)",
        file="locomotive-repair",
        unit="share",
        row={"name": "unavailable_share", "where": "pool"},
        exact=_locomotives_out,
        changes={"horizon.days": 26_000},
    ),
)


def _running(scenario: ScenarioSpec) -> float:
    """Return the running time without a stop [d]."""
    return hours(scenario.sections["track"].running) / 24


def _waiting_at_siding(scenario: ScenarioSpec) -> float:
    """Return the time of the first of two trains that meet half-way [d].

    It waits at the siding until the other is past and the points are set.
    """
    second = scenario.flows["westbound"].arrivals.scheduled
    if second is None:
        raise ValueError("the westbound train has no schedule")
    wait_s = second.first + scenario.sections["track"].clearing
    return _running(scenario) + wait_s / HOUR / 24


MEETING = (
    Case(
        id="siding-waits",
        what="two trains, one siding: the one that waits (by hand)",
        file="siding",
        unit="d",
        row=transit("eastbound"),
        exact=_waiting_at_siding,
        replications=2,
        is_certain=True,
    ),
    Case(
        id="siding-passes",
        what="two trains, one siding: the one that passes (by hand)",
        file="siding",
        unit="d",
        row=transit("westbound"),
        exact=_running,
        replications=2,
        is_certain=True,
    ),
)
