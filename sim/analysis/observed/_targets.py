"""Targets: what was observed, its range, and what a replication gives for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import fsum, nan

from sim.analysis.numbers import Numbers
from sim.analysis.observed._forecast import Forecast
from sim.errors import UsageError
from sim.spec.load import Scenario
from sim.spec.messages import dotted, known_names, near
from sim.spec.scenario import CATALOGUES, Observation
from sim.spec.sourced import Sourced
from sim.study.interval import NOT_NEGATIVE, SHARE, Bounds, bounds_of
from sim.units import MONTHS

_DAYS = dict(zip(MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One observed number."""

    id: str
    observation: Observation
    low: float
    high: float
    sourced: Sourced
    naive_sourced: Sourced | None = None

    @property
    def label(self) -> str:
        """Metric and place."""
        where = f" at {self.observation.where}" if self.observation.where else ""
        return f"{self.observation.metric}{where}"

    @property
    def counts(self) -> bool:
        """Whether it is counted: it does not follow from others."""
        return not self.observation.follows_from

    @property
    def is_fitted(self) -> bool:
        """Whether it was used to set an input."""
        return self.observation.use == "fitted"

    @property
    def sd(self) -> float:
        """Standard deviation of the observation: the range is taken as its 95 % interval."""
        return (self.high - self.low) / (2 * 1.96)

    @property
    def naive(self) -> Forecast | None:
        """What would be forecast without a model, if that is stated."""
        if self.naive_sourced is None:
            return None
        ends = float(self.naive_sourced.low), float(self.naive_sourced.high)
        return Forecast(*ends, observed=self.observation.value)

    def holds(self, value: float) -> bool:
        """Return whether *value* lies in the range."""
        return self.low <= value <= self.high

    @property
    def bounds(self) -> Bounds:
        """Bounds of what can be simulated for it: a sum or a ratio of shares may be above 1."""
        bounds = bounds_of(self.observation.metric, self.observation.unit)
        is_one_metric = self.observation.over is None and len(self.observation.flow) <= 1
        if bounds == SHARE and not is_one_metric:
            return NOT_NEGATIVE
        return bounds

    def of(self, numbers: Numbers) -> float:
        """Return what the *numbers* of a replication give for it; NaN where they do not have it."""
        one, over = self.observation, self.observation.over
        value = _sum(numbers, one.metric, one.where, one.flow, one.months)
        if over is None:
            return value
        divisor = _sum(
            numbers,
            one.metric if over.metric is None else over.metric,
            one.where if over.where is None else over.where,
            one.flow if over.flow is None else over.flow,
            one.months if over.months is None else over.months,
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
    weighted = [
        numbers.get((*row, month), nan) * _DAYS[month] for row, month in product(rows, months)
    ]
    return fsum(weighted) / fsum(_DAYS[month] for month in months)


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
    targets = []
    for target, observation in scenario.spec.observed.items():
        sourced = scenario.sources["observed", target, "value"]
        ends = float(sourced.low), float(sourced.high)
        naive = scenario.sources.get(("observed", target, "naive"))
        targets.append(Target(target, observation, *ends, sourced, naive))
    return tuple(targets)


def check_targets(targets: Sequence[Target], numbers: Numbers) -> None:
    """Refuse targets whose metric, or whose place, is none of those that the runs have.

    Raises
    ------
    UsageError
        With the target and the nearest names.
    """
    metrics = dict.fromkeys(name for name, _, _, _ in numbers)
    places = dict.fromkeys(str(where) for _, where, _, _ in numbers if isinstance(where, str))
    for target in targets:
        over = target.observation.over
        for one in (target.observation,) if over is None else (target.observation, over):
            for name, known, kind in (
                (one.metric, metrics, "metric"),
                (one.where, places, "place, line or resource"),
            ):
                if name is not None and name not in known:
                    what = f"observed.{target.id}: the runs have no {kind} {name!r}"
                    raise UsageError(f"{what}{near(name, known)} {known_names(name, known)}")


def inputs_behind(scenario: Scenario, target: Target) -> tuple[str, ...]:
    """Return the paths of the inputs that rest on the evidence row of *target*."""
    row = target.sourced.source
    if row is None:
        return ()
    outside = ("observed", *CATALOGUES)
    inputs = [path for path, sourced in scenario.sources.items() if _rests_on(sourced, row)]
    return tuple(dotted(path) for path in inputs if path[0] not in outside)


def _rests_on(sourced: Sourced, row: str) -> bool:
    """Return whether a value has *row* of the evidence as its source, or in its arithmetic."""
    arithmetic = sourced.derived or ""
    return sourced.source == row or f"[{row}]" in arithmetic or f"[{row}:" in arithmetic
