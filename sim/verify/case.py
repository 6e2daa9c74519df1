"""A case of the verification, and what its exact value and its controls are made of.

A case is a textbook scenario, a number that comes out of it, and the theory that says what this
must be. The exact value is computed from the numbers of the scenario, so the two cannot drift
apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from sim.distributions import Distribution
from sim.log import names
from sim.spec.scenario import ScenarioSpec
from sim.units import HOUR

Exact: TypeAlias = Callable[[ScenarioSpec], float]
"""Computes a mean from the numbers of a scenario."""
Row: TypeAlias = Mapping[str, str]
"""A row of metrics: ``name`` and, where it has them, ``where``, ``flow`` and ``activity``."""

CLOSE, HEAVY = 0.01, 0.03
"""Largest difference from the exact value, as a share of it: in general, and at a load of 0.9."""
HOURS_A_YEAR = 8760


class Control(NamedTuple):
    """A row of metrics whose mean the scenario states.

    What the random numbers did to this row they did to the row of the case, too: see
    `sim.verify.verify.judge`.
    """

    row: Row
    mean: Exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the verification."""

    id: str
    what: str
    file: str
    """Name of the textbook scenario."""
    unit: str
    row: Row
    """The number that is held against theory."""
    exact: Exact
    """What it must be, in its unit."""
    changes: Mapping[str, Any] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    replications: int = 20
    tolerance: float = CLOSE
    is_certain: bool = False
    """Whether nothing is random, so that every replication must give the exact value."""

    @property
    def rows(self) -> list[Row]:
        """The row of the case, then those of its controls."""
        return [self.row, *(control.row for control in self.controls)]


# -- numbers of a scenario
# --------------------------------------------------------------------------------------------------


def rate_per_h(scenario: ScenarioSpec, flow: str) -> float:
    """Return the consignments per hour of a Poisson flow."""
    poisson = scenario.flows[flow].arrivals.poisson
    if poisson is None or poisson.per_day is None:
        return 0.0
    return poisson.per_day / 24


def units_per_h(scenario: ScenarioSpec, flow: str) -> float:
    """Return the units per hour of a Poisson flow."""
    return rate_per_h(scenario, flow) * scenario.flows[flow].consignment_units.mean


def hours(time: Distribution | int | None) -> float:
    """Return a time, or the mean of one, in hours."""
    if time is None:
        raise ValueError("the scenario has no such time")
    if isinstance(time, Distribution):
        return time.mean / HOUR
    return time / HOUR


def variation(time: Distribution) -> float:
    """Return the coefficient of variation of a time."""
    return time.variance**0.5 / time.mean


# -- rows of metrics
# --------------------------------------------------------------------------------------------------


def transit(flow: str) -> Row:
    """Return the row of the mean transit time of a flow [d]."""
    return {"name": "transit_days_mean", "flow": flow}


def wait(activity: str, flow: str, where: str) -> Row:
    """Return the row of the mean time of one activity of a flow at a resource [d]."""
    return {"name": "wait_days", "flow": flow, "activity": activity, "where": where}


# -- controls
# --------------------------------------------------------------------------------------------------


def offered(flow: str) -> Control:
    """Return the control on how many units of a Poisson flow were offered."""
    return Control(
        {"name": "offered_units_per_year", "flow": flow},
        lambda scenario: units_per_h(scenario, flow) * HOURS_A_YEAR,
    )


def time_at_gate(flow: str, road: str, place: str) -> Control:
    """Return the control on how long a gate took."""
    return Control(
        wait("gate", flow, names.gate(road, place)),
        lambda scenario: hours(scenario.roads[road].gates[place].time) / 24,
    )


TIME_FAR_AWAY = Control(
    wait("handle", "wagons", names.berths("far", names.ROADS)),
    lambda scenario: hours(scenario.services["line"].handling["far"]) / 24,
)
"""The control on how long vessels were handled at the far end."""


def _closed_share(scenario: ScenarioSpec) -> float:
    if scenario.weather is None:
        raise ValueError("the scenario has no weather")
    return scenario.weather.closed_share[0]


TIME_CLOSED = Control({"name": "closed_share", "where": "port"}, _closed_share)
"""The control on how much of the time storms closed a port of exposure 1."""
