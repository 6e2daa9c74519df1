"""Saturation: the largest demand at which nothing is overloaded, found by bisection on the same
luck.

At every scale tried, the same replications run. Overload is what `sim.study.growth` calls so: a
stack or queue whose growth from year to year is, at 99 % over the replications, above 2 % of its
yearly flow. Doubling (or halving) finds a scale at which something is overloaded; what is, decides
from then on: its mean growth is brought to 2 % by bisection, and read off the last bracket,
replication by replication, where the straight line through both ends crosses the 2 %. The spread of
these crossings is the interval. So the multiple does not hang on how sure few replications are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd

from sim.errors import UsageError
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.study.growth import LIMIT, StackGrowth, growth_shares
from sim.study.interval import NOT_NEGATIVE, Interval

SCALE = "demand.scale"
LEAST, MOST = 1 / 64, 64.0
"""Multiples beyond which nobody looks."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One scale that was tried."""

    scale: float
    growth: StackGrowth

    @property
    def overloaded(self) -> tuple[str, ...]:
        """What is overloaded, the fastest first."""
        return self.growth.overloaded


@dataclass(frozen=True, repr=False)
class Saturation:
    """How many times its demand a scenario can carry."""

    scenario: Scenario
    seed: int
    replications: int
    trials: tuple[Trial, ...]
    """In the order in which they were made."""
    binding: str
    """What is overloaded first."""
    multiple: float
    """NaN if nothing is overloaded at the largest scale that was tried, or something is at the
    smallest."""
    low: float
    high: float
    """Bounds of the multiple at 95 %."""

    def table(self) -> pd.DataFrame:
        """Return the trials by scale: ``scale, overloaded, first, growth_share_per_year`` of the
        fastest."""
        rows = []
        for trial in sorted(self.trials, key=lambda trial: trial.scale):
            names = trial.overloaded
            first = names[0] if names else self.binding
            rows.append((trial.scale, len(names), first, trial.growth.mean(first)))
        return pd.DataFrame(rows, columns=["scale", "overloaded", "first", "growth_share_per_year"])

    def __repr__(self) -> str:
        return f"<Saturation of {self.scenario.name!r}: {self.multiple:.3g} ({self.low:.3g} to {self.high:.3g})>"

    def _repr_html_(self) -> str:
        return f"{self!r}<br>".replace("<S", "&lt;S") + str(self.table().to_html(index=False))


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

    Raises
    ------
    UsageError
        The horizon is too short to see growth from one year to the next, or nothing is demanded.
    """
    if not 0.001 <= tolerance <= 0.5:
        raise UsageError(f"the tolerance must lie between 0.1 % and 50 %; got {tolerance:g}")
    check_replications_and_seed(replications, seed)
    if replications < 2:
        raise UsageError("saturation needs two replications or more, to tell growth from luck")
    base = scenario.spec.demand.scale
    if not base:
        raise UsageError("demand.scale is 0: no multiple of nothing can be found")
    trials: dict[float, Trial] = {}
    with runner_or_new(runner) as active:

        def at(scale: float) -> Trial:
            if scale not in trials:
                request = Request.of(
                    scenario.with_({SCALE: scale * base}), seed, range(replications)
                )
                metrics_by_number = {
                    replication.number: replication.metrics
                    for _, replication in active.collect([request])
                }
                growth = [growth_shares(metrics_by_number[n]) for n in range(replications)]
                trials[scale] = Trial(scale, StackGrowth.of(growth))
                on_trial(trials[scale])
            return trials[scale]

        low, high = _bracket(at)
        suspects = trials[high].overloaded if high is not None else ()

        def grows(scale: float) -> bool:
            growth = at(scale).growth
            return growth.mean(growth.fastest(suspects)) > LIMIT

        while low is not None and high is not None and high / low - 1 > tolerance:
            middle = sqrt(low * high)
            low, high = (low, middle) if grows(middle) else (middle, high)
            while low > LEAST and grows(low):
                # Not sure enough to be called overload, and yet above the limit.
                low /= 2
    found = tuple(trials.values())
    if low is None or high is None:
        binding = suspects[0] if suspects else ""
        edge = (float("nan"), high or float("inf")) if low is None else (low, float("inf"))
        return Saturation(scenario, seed, replications, found, binding, float("nan"), *edge)
    binding = trials[high].growth.fastest(suspects)
    multiple, least, most = _crossing(trials[low], trials[high], binding)
    return Saturation(scenario, seed, replications, found, binding, multiple, least, most)


def _bracket(at: Callable[[float], Trial]) -> tuple[float | None, float | None]:
    """Return a scale at which nothing is overloaded and one, at most twice as large, at which
    something is."""
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
