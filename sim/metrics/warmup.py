"""How long a run takes to forget how it began: the rule MSER-5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BATCH = 5


@dataclass(frozen=True, slots=True)
class Truncation:
    """What MSER-5 says of a series."""

    days: int
    """Days at the beginning that are best left out."""
    is_settled: bool
    """Whether the best place lies inside the first half; else the series has not settled in the
    time it was watched."""


def mser5(daily: NDArray[np.float64]) -> Truncation | None:
    r"""Return where to cut a daily series so that the mean of the rest is least uncertain; None if
    it is too short.

    With means :math:`z_i` of batches of five, the number of batches :math:`d` that minimises
    :math:`\frac{1}{(k-d)^2} \sum_{i>d} (z_i - \bar z_{>d})^2` over the first half (White, Cobb and
    Spratt, 2000).
    """
    count = len(daily) // BATCH
    if count < 4:
        return None
    means = daily[: count * BATCH].reshape(count, BATCH).mean(axis=1)
    # Around its own level, so that no digits are lost, and what is rounding counts as none.
    level = float(means.mean())
    means = means - level
    means[np.abs(means) <= 1e-12 * abs(level)] = 0.0
    left = np.arange(count, 0, -1)
    # Sums over what is left after each place, from the end.
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means**2)[::-1])[::-1]
    spread = np.maximum(squares - total**2 / left, 0.0) / left**2
    half = count // 2
    best = int(np.argmin(spread[:half]))
    return Truncation(best * BATCH, best < half - 1)
