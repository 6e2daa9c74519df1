r"""A forecast of one season, and how it is judged by what was then observed.

An observation is one draw. A model that is right gives the distribution it was drawn from, so that
nine observations of ten lie in an interval of 90 %. Simulated seasons :math:`x_{(1)} \le \dots \le
x_{(n)}` are draws of it too. A further one lies between :math:`x_{(r)}` and :math:`x_{(n+1-r)}` with
probability :math:`1 - 2r/(n+1)`, whatever the distribution [1]_: 19 seasons and their extremes, or 39
without one at each end, make 90 %. Between whole ranks the ends are interpolated. Fewer than 19
seasons have no such interval; there it is Student's :math:`\bar x \pm t_{n-1} s \sqrt{1 + 1/n}`, which
is exact for normal seasons.

Two scores, both in the unit of the target, both lower for the better forecast, and both least in the
mean for the distribution that is true [2]_. The interval score is the width and a fine for an
observation outside,

.. math:: S(l, u; y) = u - l + \frac{2}{\alpha} (l - y)^+ + \frac{2}{\alpha} (y - u)^+,
   \qquad \alpha = 0.1,

and compares intervals whatever stands behind them, a naive one too. The continuous ranked probability
score looks at all of the distribution; its estimate from *n* seasons is unbiased in this form [3]_,

.. math:: \frac{1}{n} \sum_i |x_i - y| - \frac{1}{2 n (n-1)} \sum_{i,j} |x_i - x_j|.

.. [1] Wilks (1941), Determination of sample sizes for setting tolerance limits, Ann. Math. Stat. 12.
.. [2] Gneiting, Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102.
.. [3] Ferro (2014), Fair scores for ensemble forecasts, Q. J. R. Meteorol. Soc. 140.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, isnan, nan, sqrt

import numpy as np

from sim.study.interval import ANY, Bounds, Interval, t_quantile

TAIL = 0.05
"""Share of seasons that a forecast interval leaves out at each end."""
LEVEL = 1 - 2 * TAIL
"""Share of seasons that a forecast interval is to hold."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The interval of a single season, and its scores by what was observed; NaN where there is
    none."""

    low: float
    high: float
    observed: float
    crps: float = nan
    """Continuous ranked probability score, of simulated seasons alone."""
    seasons: int = 0
    """Simulated seasons that have a number."""

    @classmethod
    def of_seasons(cls, values: Iterable[float], observed: float, bounds: Bounds = ANY) -> Forecast:
        """Return the forecast of *values*, one a season; those that do not exist are left out.

        *bounds* are those of the kind of number.
        """
        seasons = [value for value in values if isfinite(value)]
        low, high = forecast_interval(seasons, bounds)
        return cls(low, high, observed, crps(seasons, observed), len(seasons))

    @property
    def exists(self) -> bool:
        """Whether there is an interval."""
        return not isnan(self.low)

    @property
    def is_inside(self) -> bool:
        """Whether the observation lies in the interval."""
        return self.low <= self.observed <= self.high

    @property
    def width(self) -> float:
        """How sharp it is [unit of the target]."""
        return self.high - self.low

    @property
    def score(self) -> float:
        """Interval score by the observation [unit of the target]."""
        return interval_score(self.low, self.high, self.observed)


def forecast_interval(values: Iterable[float], bounds: Bounds = ANY) -> tuple[float, float]:
    """Return the ends between which one more value lies with probability `LEVEL`.

    NaN of fewer than two values.
    """
    ordered = sorted(values)
    count = len(ordered)
    if count < 2:
        return nan, nan
    rank = TAIL * (count + 1)
    if rank < 1:
        return _normal_interval(ordered, bounds)
    # Counted from one end alone, so that both ends are taken alike.
    ranks = np.arange(1, count + 1)
    from_low, from_high = np.array(ordered), np.array(ordered[::-1])
    return float(np.interp(rank, ranks, from_low)), float(np.interp(rank, ranks, from_high))


def _normal_interval(values: list[float], bounds: Bounds) -> tuple[float, float]:
    """Return Student's interval of one more value, cut at *bounds*."""
    count, mean = len(values), float(np.mean(values))
    half = t_quantile(LEVEL, count - 1) * float(np.std(values, ddof=1)) * sqrt(1 + 1 / count)
    return max(mean - half, bounds.least), min(mean + half, bounds.most)


def interval_score(low: float, high: float, observed: float) -> float:
    """Return the score of an interval of `LEVEL` [unit of the numbers]; the less the better."""
    fine = 1 / TAIL * (max(low - observed, 0.0) + max(observed - high, 0.0))
    return high - low + fine


def crps(values: Iterable[float], observed: float) -> float:
    """Return the fair estimate of the continuous ranked probability score [unit of the numbers].

    NaN of fewer than two values.
    """
    ordered = np.sort(np.array(list(values), np.float64))
    count = len(ordered)
    if count < 2:
        return nan
    # The sum of all differences, from values in order.
    weights = 2 * np.arange(1, count + 1) - count - 1
    between = 2 * float(weights @ ordered)
    distance = float(np.abs(ordered - observed).mean())
    return distance - between / (2 * count * (count - 1))


def binomial_interval(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """Return the share *hits* of *of* with the exact interval of Clopper and Pearson (1934)."""
    if not of:
        return Interval(nan, nan, nan, 0, confidence)
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    low, high = 0.0, 1.0
    if hits:
        low = float(betaincinv(hits, of - hits + 1, tail))
    if hits < of:
        high = float(betaincinv(hits + 1, of - hits, 1 - tail))
    return Interval(hits / of, low, high, of, confidence)
