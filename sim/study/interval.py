"""t intervals over replications: the precision of every number that leaves the tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import fsum, inf, isfinite, isnan, nan, sqrt
from typing import Any, NamedTuple

CONFIDENCE = 0.95


class Bounds(NamedTuple):
    """Numbers between which a kind of number must lie."""

    least: float
    most: float


ANY = Bounds(-inf, inf)
"""Differences, growth, net present values."""
NOT_NEGATIVE = Bounds(0.0, inf)
"""Times, counts, levels, costs."""
SHARE = Bounds(0.0, 1.0)
"""Parts of a whole."""

# A carried share is one of them: within a window, more may be delivered than is created, from a stock
# of before; in the long run, which the interval speaks of, it cannot.
_BY_UNIT = {"share": SHARE, "0 or 1": SHARE}
"""Units of metrics that have an upper bound; those of all others are counted from 0 up."""
_BY_NAME = {
    # Differences of two years, and of what comes and goes.
    "stack_growth_per_year": ANY,
    "queue_growth_per_year": ANY,
    "refused_growth_per_year": ANY,
    "growth_share_per_year": ANY,
    "equipment_imbalance_per_year": ANY,
}
"""Metrics whose bounds are not those of their unit."""


def bounds_of(name: str, unit: str) -> Bounds:
    """Return the physical bounds of the metric *name* in *unit*."""
    return _BY_NAME.get(name) or _BY_UNIT.get(unit, NOT_NEGATIVE)


def interval_columns(mean: str = "mean", ends: str = "") -> tuple[str, str, str]:
    """Return the columns of an interval: *mean*, ``low, high``, or ``ENDS_low, ENDS_high``."""
    before = f"{ends}_" if ends else ""
    return mean, f"{before}low", f"{before}high"


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over replications and the bounds of its confidence interval, in this order.

    NaN stands for what does not exist: the mean where one of the values does not exist, the bounds
    of a single value.
    """

    mean: float
    low: float
    high: float
    count: int = 0
    """Number of values."""
    confidence: float = CONFIDENCE

    @classmethod
    def of(
        cls, values: Iterable[float], bounds: Bounds = ANY, confidence: float = CONFIDENCE
    ) -> Interval:
        r"""Return the t interval :math:`\bar x \pm t_{n-1} s / \sqrt n`, cut at *bounds*.

        A mean of numbers between *bounds* lies between them too. So the part of the t interval
        beyond a bound can never hold the true mean, and without it the interval holds the true
        mean exactly as often as before. Where the whole interval lies beyond a bound, that bound is
        refuted, and nothing is cut there. The mean is never cut.
        """
        listed = list(values)
        count = len(listed)
        if not listed or not all(isfinite(value) for value in listed):
            return cls(nan, nan, nan, count, confidence)
        mean = fsum(listed) / count
        if count == 1:
            return cls(mean, nan, nan, count, confidence)
        spread = sqrt(fsum((value - mean) ** 2 for value in listed) / (count - 1))
        half = t_quantile(confidence, count - 1) * spread / sqrt(count)
        lowest, highest = mean - half, mean + half
        low, high = lowest, highest
        if highest >= bounds.least:
            low = min(max(lowest, bounds.least), mean)
        if lowest <= bounds.most:
            high = max(min(highest, bounds.most), mean)
        return cls(mean, low, high, count, confidence)

    @classmethod
    def of_metric(cls, values: Iterable[float], name: str, unit: str) -> Interval:
        """Return the interval of the metric *name* in *unit*, cut at the bounds of its kind."""
        return cls.of(values, bounds_of(name, unit))

    @classmethod
    def from_row(
        cls, row: Mapping[Any, Any], mean: str = "mean", ends: str = "", count: str = "n"
    ) -> Interval:
        """Return the interval that `named` wrote into *row*, with the count of its column *count*
        (0 where there is none)."""
        middle, low, high = (float(row[column]) for column in interval_columns(mean, ends))
        return cls(middle, low, high, int(row.get(count, 0)))

    def named(self, mean: str = "mean", ends: str = "") -> dict[str, float]:
        """Return the interval by the names of its columns, see `interval_columns`."""
        return dict(zip(interval_columns(mean, ends), self, strict=True))

    @property
    def half_width(self) -> float:
        """Half of the distance between the bounds."""
        return (self.high - self.low) / 2

    @property
    def has_bounds(self) -> bool:
        """Whether there is more than a single value."""
        return not isnan(self.low)

    def excludes(self, value: float) -> bool:
        """Return whether *value* lies outside; False where there are no bounds."""
        return value < self.low or value > self.high

    def __iter__(self) -> Iterator[float]:
        return iter((self.mean, self.low, self.high))


MISSING = Interval(nan, nan, nan)
"""The interval of a number that does not exist."""


@cache
def t_quantile(confidence: float, degrees: int) -> float:
    """Return the two-sided quantile of Student's t."""
    # Not scipy.stats, which takes a second to import.
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))
