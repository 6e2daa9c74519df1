"""Saturation: the largest demand at which nothing is overloaded, found by bisection on common random
numbers.

At every scale tried, the same replications run. Overload is what `sim.study.growth` calls so: a
stack or queue whose growth from year to year is, at 99 % over the replications, above 2 % of its
yearly flow. Doubling (or halving) finds a scale at which something is overloaded; what is, decides
from then on: its mean growth is brought to 2 % by bisection, and read off the last bracket,
replication by replication, where the straight line through both ends crosses the 2 %. The spread of
these crossings is the interval. So the multiple does not depend on how sure few replications are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from math import inf, nan, sqrt

import numpy as np
import pandas as pd

from sim.errors import UsageError
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.study.growth import LIMIT, StackGrowth, growth_shares
from sim.study.interval import NOT_NEGATIVE, Interval, interval_columns

SCALE = "demand.scale"
OFFERED, CARRIED = "offered_t_per_year", "carried_t_per_year"
LEAST, MOST = 1 / 64, 64.0
"""Multiples beyond which none is tried."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One scale that was tried."""

    scale: float
    growth: StackGrowth
    offered: Interval
    """Tonnes a year, of the whole corridor."""
    carried: Interval

    @property
    def overloaded(self) -> tuple[str, ...]:
        """What is overloaded, the fastest first."""
        return self.growth.overloaded

    def grows(self, among: Iterable[str]) -> bool:
        """Return whether the fastest *among* these grows by more than the limit, on average."""
        return self.growth.mean(self.growth.fastest(among)) > LIMIT


@dataclass(frozen=True, repr=False)
class Saturation:
    """How many times its demand a scenario can carry."""

    scenario: Scenario
    seed: int
    replications: int
    trials: tuple[Trial, ...]
    """In the order in which they were made."""
    binding: str
    """What is overloaded first; empty if nothing is."""
    multiple: float
    """NaN if nothing is overloaded at the largest scale that was tried, or something is at the
    smallest."""
    low: float
    high: float
    """Bounds of the multiple at 95 %."""

    def table(self) -> pd.DataFrame:
        """Return the trials by scale.

        Columns ``scale, overloaded, first, growth_share_per_year`` of the fastest,
        ``offered_t_per_year``, ``carried_t_per_year, carried_low, carried_high`` at 95 %.
        """
        rows = []
        for trial in sorted(self.trials, key=lambda trial: trial.scale):
            names = trial.overloaded
            first = names[0] if names else self.binding
            growth = trial.growth.mean(first)
            amounts = (trial.offered.mean, *trial.carried)
            rows.append((trial.scale, len(names), first, growth, *amounts))
        columns = ["scale", "overloaded", "first", "growth_share_per_year", OFFERED]
        columns += interval_columns(CARRIED, "carried")
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        interval = f"{self.multiple:.3g} ({self.low:.3g} to {self.high:.3g})"
        return f"<Saturation of {self.scenario.name!r}: {interval}>"

    def _repr_html_(self) -> str:
        return f"{escape(repr(self))}<br>{self.table().to_html(index=False)}"


def saturation(
    scenario: Scenario,
    *,
    replications: int = 10,
    seed: int = 1,
    tolerance: float = 0.02,
    runner: Runner | None = None,
    on_trial: Callable[[Trial], object] = lambda _: None,
) -> Saturation:
    """Find the largest multiple of the demand of *scenario* at which nothing is overloaded.

    Parameters
    ----------
    tolerance
        Width of the last bracket, as a share of the multiple.
    on_trial
        Called after each scale that was tried.

    Raises
    ------
    UsageError
        The horizon is too short to see growth from one year to the next, or nothing is demanded.
    """
    if not 0.001 <= tolerance <= 0.5:
        raise UsageError(f"the tolerance must lie between 0.1 % and 50 %; got {tolerance:g}")
    replications, seed = check_replications_and_seed(replications, seed)
    if replications < 2:
        raise UsageError(
            "saturation needs two replications or more, to separate growth from chance"
        )
    if not scenario.spec.demand.scale:
        raise UsageError("demand.scale is 0: no multiple of nothing can be found")
    with runner_or_new(runner) as active:
        trials = _Trials(scenario, seed, replications, active, on_trial)
        low, high = _bracket(trials.at)
        if low is None or high is None:
            return _unbracketed(trials, low, high)
        watched = trials.at(high).overloaded
        low, high = _bisect(trials.at, watched, low, high, tolerance)
    above = trials.at(high)
    binding = above.growth.fastest(watched)
    multiple = _crossing(trials.at(low), above, binding)
    return Saturation(scenario, seed, replications, trials.listed, binding, *multiple)


@dataclass(slots=True)
class _Trials:
    """Scales that were tried, each once."""

    scenario: Scenario
    seed: int
    replications: int
    runner: Runner
    on_trial: Callable[[Trial], object]
    by_scale: dict[float, Trial] = field(default_factory=dict)

    @property
    def listed(self) -> tuple[Trial, ...]:
        return tuple(self.by_scale.values())

    def at(self, scale: float) -> Trial:
        """Return the trial of a multiple of the demand, run if it was not yet."""
        if scale not in self.by_scale:
            self.by_scale[scale] = self._trial(scale)
            self.on_trial(self.by_scale[scale])
        return self.by_scale[scale]

    def _trial(self, scale: float) -> Trial:
        scaled = self.scenario.with_({SCALE: scale * self.scenario.spec.demand.scale})
        request = Request.of(scaled, self.seed, range(self.replications))
        metrics = {
            replication.number: replication.metrics
            for _, replication in self.runner.collect([request])
        }
        in_order = [metrics[number] for number in sorted(metrics)]
        growth = StackGrowth.of([growth_shares(one) for one in in_order])
        amounts = (_of_corridor(in_order, name) for name in (OFFERED, CARRIED))
        return Trial(scale, growth, *amounts)


def _of_corridor(metrics: Sequence[pd.DataFrame], name: str) -> Interval:
    """Return a metric of the whole corridor over replications."""
    values = []
    for one in metrics:
        is_whole = (one["name"] == name) & one["flow"].isna() & one["where"].isna()
        values += one.loc[is_whole, "value"].tolist()
    return Interval.of_metric(values, name, "t/a")


def _bracket(at: Callable[[float], Trial]) -> tuple[float | None, float | None]:
    """Return a scale at which nothing is overloaded and one, at most twice as large, at which
    something is; None for the one that does not exist between `LEAST` and `MOST`."""
    scale = 1.0
    if at(scale).overloaded:
        while at(scale).overloaded:
            if scale <= LEAST:
                return None, scale
            scale /= 2
        return scale, 2 * scale
    while not at(scale).overloaded:
        if scale >= MOST:
            return scale, None
        scale *= 2
    return scale / 2, scale


def _bisect(
    at: Callable[[float], Trial], watched: Sequence[str], low: float, high: float, tolerance: float
) -> tuple[float, float]:
    """Narrow the bracket down to the *tolerance*, by the growth of what is *watched*."""
    while high / low - 1 > tolerance:
        middle = sqrt(low * high)
        if at(middle).grows(watched):
            high = middle
        else:
            low = middle
        while low > LEAST and at(low).grows(watched):
            # Not sure enough to be called overload, and yet above the limit.
            low /= 2
    return low, high


def _unbracketed(trials: _Trials, low: float | None, high: float | None) -> Saturation:
    """Return what is known where something is overloaded at the smallest scale, or nothing at the
    largest."""
    facts = (trials.scenario, trials.seed, trials.replications, trials.listed)
    if high is not None:
        return Saturation(*facts, trials.at(high).overloaded[0], nan, nan, high)
    return Saturation(*facts, "", nan, nan if low is None else low, inf)


def _crossing(below: Trial, above: Trial, binding: str) -> tuple[float, float, float]:
    """Return where the growth of *binding* crosses the limit, with bounds at 95 %.

    The slope is that of the means, and each replication moves the crossing by its own level: a
    ratio of two noisy differences, replication by replication, would have no mean.
    """
    last = np.array(above.growth.shares[binding])
    first = np.array(below.growth.shares.get(binding, last))
    slope = float(last.mean() - first.mean()) / (above.scale - below.scale)
    middle, level = (above.scale + below.scale) / 2, (first + last) / 2
    if slope <= 0:
        return middle, below.scale, above.scale
    crossings = middle + (LIMIT - level) / slope
    mean, low, high = Interval.of(crossings.tolist(), NOT_NEGATIVE)
    return mean, low, high
