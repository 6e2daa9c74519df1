"""How many times the demand a set of projects carries: between two verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, sqrt

from sim.analysis.plan._choices import Built
from sim.analysis.plan._judge import Judge
from sim.analysis.plan._verdict import LOOKS, P90, Variant
from sim.study.interval import MISSING, Interval

BRACKET = 1.15
"""Upper over lower end of the multiples that is close enough."""
MOST_TRIALS = 3
"""Multiples that are tried between two rungs."""
LEAST, MOST = 0.125, 64.0
"""Multiples beyond which none is tried."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many times the demand a set carries."""

    built: Built
    low: float
    """Largest multiple that it is known to carry; 0 if none is."""
    high: float
    """Smallest multiple at which something is known to be overloaded; infinite if none is."""
    p90_scale: float
    """Multiple at which the transit time below holds, the largest it is known to carry; NaN if none
    is."""
    p90_days: Interval


def reach_of(judge: Judge, built: Built, scales: Iterable[float]) -> Reach:
    """Return between which multiples *built* ceases to carry its demand: by all verdicts there are,
    and a few trials."""
    tried = {variant.scale for variant in judge.verdicts if not variant.stress} | set(scales)
    for _ in range(MOST_TRIALS + 1):
        low, high = _bracket(judge, built, tried)
        if low > 0 and high / low <= BRACKET:
            break
        scale = next_trial(low, high)
        if scale in tried or not LEAST <= scale <= MOST:
            break
        tried.add(scale)
        if judge.decide(Variant(built, scale), LOOKS[:2]) == "undecided":
            break
    low, high = _bracket(judge, built, tried)
    p90_scale = _largest_run(judge, built, [scale for scale in tried if scale <= low])
    p90_days = judge.mean(Variant(built, p90_scale), P90) if isfinite(p90_scale) else MISSING
    return Reach(built, low, high, p90_scale, p90_days)


def next_trial(low: float, high: float) -> float:
    """Return the multiple to try next: between carried and not carried, or one step beyond what is
    known."""
    if not low:
        return high / 2
    if not isfinite(high):
        return 1.25 * low
    return sqrt(low * high)


def _bracket(judge: Judge, built: Built, scales: Iterable[float]) -> tuple[float, float]:
    """Return the largest of *scales* that *built* carries (0 if none) and the smallest that it does
    not (infinite if none)."""
    verdicts = {scale: judge.verdict(Variant(built, scale)).verdict for scale in scales}
    carried = [scale for scale, verdict in verdicts.items() if verdict == "reaches"]
    not_carried = [scale for scale, verdict in verdicts.items() if verdict == "fails"]
    return max(carried, default=0.0), min(not_carried, default=inf)


def _largest_run(judge: Judge, built: Built, scales: Sequence[float]) -> float:
    """Return the largest of *scales* at which *built* was simulated; NaN if at none."""
    simulated = [scale for scale in scales if judge.measured(Variant(built, scale))]
    return max(simulated, default=nan)
