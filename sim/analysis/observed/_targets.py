"""Targets: what was observed, its range, and what a replication gives for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, nan

from sim.analysis.numbers import Numbers
from sim.errors import UsageError
from sim.spec.load import Scenario
from sim.spec.scenario import CATALOGUES, Observation
from sim.spec.sourced import Sourced
from sim.study.interval import NOT_NEGATIVE, SHARE, Bounds, bounds_of
from sim.units import MONTHS

_DAYS = dict(zip(MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One observed number."""

    id: str
    seen: Observation
    low: float
    high: float
    sourced: Sourced

    @property
    def counts(self) -> bool:
        """Whether it is counted: it does not follow from others."""
        return not self.seen.follows_from

    @property
    def is_fitted(self) -> bool:
        """Whether it was used to set an input."""
        return self.seen.use == "fitted"

    @property
    def sd(self) -> float:
        """Standard deviation of the observation: the range is taken as its 95 % interval."""
        return (self.high - self.low) / (2 * 1.96)

    def holds(self, value: float) -> bool:
        """Return whether *value* lies in the range."""
        return self.low <= value <= self.high

    @property
    def bounds(self) -> Bounds:
        """Bounds of what can be simulated for it: a sum or a ratio of shares may be above 1."""
        bounds = bounds_of(self.seen.metric, self.seen.unit)
        is_one_metric = self.seen.over is None and len(self.seen.flow) <= 1
        if bounds == SHARE and not is_one_metric:
            return NOT_NEGATIVE
        return bounds

    def of(self, numbers: Numbers) -> float:
        """Return what the *numbers* of a replication give for it; NaN where they do not have it."""
        seen, over = self.seen, self.seen.over
        value = _sum(numbers, seen.metric, seen.where, seen.flow, seen.months)
        if over is None:
            return value
        divisor = _sum(
            numbers,
            seen.metric if over.metric is None else over.metric,
            seen.where if over.where is None else over.where,
            seen.flow if over.flow is None else over.flow,
            seen.months if over.months is None else over.months,
        )
        return value / divisor if divisor else nan


def _sum(
    numbers: Numbers, metric: str, where: str | None, flows: Sequence[str], months: Sequence[str]
) -> float:
    """Return the sum over *flows* of a metric, a mean over the days of *months* if any are
    named."""
    rows = [(metric, where, flow) for flow in flows or (None,)]
    if not months:
        return fsum(numbers.get((*row, None), nan) for row in rows)
    days = fsum(_DAYS[month] for month in months)
    return (
        fsum(numbers.get((*row, month), nan) * _DAYS[month] for row in rows for month in months)
        / days
    )


def targets_of(scenario: Scenario) -> tuple[Target, ...]:
    """Return the targets of *scenario*, in order.

    Raises
    ------
    UsageError
        It has none.
    """
    if not scenario.spec.observed:
        raise UsageError(
            f"{scenario.name} says nothing of what was observed; give it targets under 'observed'"
        )
    found = []
    for target, seen in scenario.spec.observed.items():
        sourced = scenario.sources["observed", target, "value"]
        found.append(Target(target, seen, float(sourced.low), float(sourced.high), sourced))
    return tuple(found)


def inputs_behind(scenario: Scenario, target: Target) -> tuple[str, ...]:
    """Return the paths of the inputs that lean on the evidence row of *target*."""
    row = target.sourced.source
    if row is None:
        return ()
    leaning = []
    for path, sourced in scenario.sources.items():
        arithmetic = sourced.derived or ""
        leans = sourced.source == row or f"[{row}]" in arithmetic or f"[{row}:" in arithmetic
        if leans and path[0] not in ("observed", *CATALOGUES):
            leaning.append(".".join(path))
    return tuple(leaning)
