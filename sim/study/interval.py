"""t intervals over replications: the precision of every number that leaves the tool."""

from __future__ import annotations

from functools import cache
from math import fsum, isfinite, nan, sqrt

CONFIDENCE = 0.95


@cache
def t_quantile(confidence: float, degrees: int) -> float:
    """Return the two-sided quantile of Student's t."""
    # Not scipy.stats, which takes a second to import.
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def mean_interval(
    values: list[float], confidence: float = CONFIDENCE
) -> tuple[float, float, float]:
    r"""Return mean, low and high: :math:`\bar x \pm t_{n-1} s / \sqrt n`.

    NaN where a number does not exist: a mean of which one part does not exist, bounds from a single
    replication.
    """
    if not values or not all(isfinite(v) for v in values):
        return nan, nan, nan
    count = len(values)
    mean = fsum(values) / count
    if count == 1:
        return mean, nan, nan
    spread = sqrt(fsum((v - mean) ** 2 for v in values) / (count - 1))
    half = t_quantile(confidence, count - 1) * spread / sqrt(count)
    return mean, mean - half, mean + half
