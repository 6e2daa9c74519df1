r"""Sobol indices: what share of the variance of a response comes from what.

Two independent points of the inputs' ranges are drawn for every block, *A* and *B*, as a scrambled
Sobol sequence; a factor is a set of inputs, and :math:`AB_j` is *A* with the inputs of factor *j*
taken from *B*. With :math:`V` the variance of the response, the first-order index is the share that
the factor explains alone, the total index what would be left over if everything but the factor were
known [1]_ [2]_:

.. math:: S_j = \frac{E[y_B (y_{AB_j} - y_A)]}{V}, \qquad T_j = \frac{E[(y_A - y_{AB_j})^2]}{2 V}

.. [1] Saltelli, Annoni, Azzini, Campolongo, Ratto, Tarantola (2010), Variance based sensitivity
analysis of model
   output, Computer Physics Communications 181.
.. [2] Jansen (1999), Analysis of variance designs for model output, Computer Physics Communications
117.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.study.interval import Interval

Floats = NDArray[np.float64]

RESAMPLES = 500
LEAST_BLOCKS = 8
"""Blocks that an estimate needs."""
Z = 1.96


@dataclass(frozen=True, slots=True)
class Factor:
    """Inputs that are changed together."""

    name: str
    inputs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Indices:
    """Estimates for one response, by factor; all NaN where too few blocks are whole or the response
    is always the same."""

    first: Floats
    first_half: Floats
    """Half-widths of the 95 % intervals, by the bootstrap over blocks."""
    total: Floats
    total_half: Floats
    total_draws: Floats
    """Bootstrap draws x factors: draws of several factors belong together."""
    blocks: int
    """Those that are whole."""

    def bounds(self, kind: Literal["first", "total"], factor: int) -> Interval:
        """Return an index of a factor with its interval."""
        value = float(getattr(self, kind)[factor])
        half = float(getattr(self, f"{kind}_half")[factor])
        return Interval(value, value - half, value + half)


def design(factors: Sequence[Factor], inputs: int, blocks: int, *, seed: int) -> Floats:
    """Return shares of the ranges: blocks x (A, one for each factor, B) x inputs. More blocks begin
    with the same."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(2 * inputs, rng=np.random.default_rng([seed, 2])).random(blocks)
    first, second = sequence[:, :inputs], sequence[:, inputs:]
    rows = np.repeat(first[:, None, :], len(factors) + 2, axis=1)
    rows[:, -1] = second
    for number, factor in enumerate(factors):
        changed = list(factor.inputs)
        rows[:, number + 1, changed] = second[:, changed]
    return rows


def indices(responses: Floats, *, seed: int) -> Indices:
    """Return the indices of every factor from *responses* (blocks x rows of the design); estimators
    by SALib.

    A block with a missing number is left out, since its differences do not exist.
    """
    whole = responses[np.isfinite(responses).all(axis=1)]
    count, factors = len(whole), responses.shape[1] - 2
    ends = whole[:, [0, -1]]
    if count < LEAST_BLOCKS or np.ptp(ends) <= 1e-12 * np.abs(ends).max():
        nothing = np.full(factors, np.nan)
        return Indices(
            nothing, nothing, nothing, nothing, np.full((RESAMPLES, factors), np.nan), count
        )
    # Estimates would be biased by a mean far from zero.
    scaled = (whole - ends.mean()) / ends.std()
    drawn = np.random.default_rng([seed, 3]).integers(count, size=(count, RESAMPLES))
    first, total = _estimates(scaled, np.arange(count)[:, None])
    first_draws, total_draws = _estimates(scaled, drawn)
    return Indices(
        first[0],
        Z * first_draws.std(axis=0, ddof=1),
        total[0],
        Z * total_draws.std(axis=0, ddof=1),
        total_draws,
        count,
    )


def _estimates(responses: Floats, drawn: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return first and total indices, draws x factors, from *responses* at the blocks *drawn*
    (blocks x draws)."""
    from SALib.analyze.sobol import first_order, total_order

    a, b = responses[drawn, 0], responses[drawn, -1]
    first, total = [], []
    for number in range(1, responses.shape[1] - 1):
        ab = responses[drawn, number]
        first.append(first_order(a, ab, b))
        total.append(total_order(a, ab, b))
    return np.stack(first, axis=1), np.stack(total, axis=1)
