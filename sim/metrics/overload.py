"""Overload: what is offered grows faster than it is carried, beyond doubt."""

from __future__ import annotations

from math import fsum, nan, sqrt

import numpy as np
from numpy.typing import NDArray

LIMIT = 0.02
"""Growth from year to year, as a share of the yearly flow, above which a stack or queue is
overloaded."""
CONFIDENCE = 0.99


def overloaded(growth_share: NDArray[np.float64]) -> float:
    """Return 1 if the lower 99 % bound of the mean growth over replications exceeds `LIMIT`, else
    0; NaN if unknown.

    Parameters
    ----------
    growth_share
        Growth from year to year over the yearly flow, one value a replication. A single one is
        taken as it is.
    """
    values = [float(v) for v in growth_share]
    if not values or any(np.isnan(v) for v in values):
        return nan
    mean = fsum(values) / len(values)
    if len(values) == 1:
        return float(mean > LIMIT)
    from scipy.special import stdtrit

    spread = sqrt(fsum((v - mean) ** 2 for v in values) / (len(values) - 1))
    low = mean - float(stdtrit(len(values) - 1, CONFIDENCE)) * spread / sqrt(len(values))
    return float(low > LIMIT)
