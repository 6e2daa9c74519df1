"""Response surfaces: outcomes over a box of parameters as polynomials of second degree.

A parameter with alternatives has no order and no distance: each of its levels but the first is an
indicator, by itself and with every other parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Surface:
    """Polynomials of second degree, one a target."""

    coefficients: Floats
    """By term and target."""
    residual: Floats
    """Variance that they leave over, by target."""
    levels: tuple[int, ...]

    @classmethod
    def through(cls, shares: Floats, means: Floats, levels: Sequence[int]) -> Surface:
        """Return the surfaces nearest to *means* (points x targets) at *shares* (points x
        parameters).

        Parameters
        ----------
        levels
            How many levels each parameter has; 0 for one with a range.
        """
        terms = _terms(shares, levels)
        coefficients, *_ = np.linalg.lstsq(terms, means)
        left = means - terms @ coefficients
        residual = np.sum(left**2, axis=0) / max(len(terms) - terms.shape[1], 1)
        return cls(
            np.asarray(coefficients, np.float64), np.asarray(residual, np.float64), tuple(levels)
        )

    def at(self, shares: Floats) -> Floats:
        """Return the targets at *shares*: points x targets."""
        return np.asarray(_terms(shares, self.levels) @ self.coefficients)


def _terms(shares: Floats, levels: Sequence[int]) -> Floats:
    """Return 1, every variable, and every product of two that can differ from both: points x
    terms."""
    owner = _owners(levels)
    columns = []
    for number, of_parameter in enumerate(levels):
        share = shares[:, number]
        if not of_parameter:
            columns.append(share)
        level = np.round(share * (of_parameter - 1))
        columns += [np.where(level == one, 1.0, 0.0) for one in range(1, of_parameter)]
    variables = np.stack(columns, axis=1)
    first, second = _products(owner, levels)
    ones = np.ones((len(shares), 1))
    return np.hstack([ones, variables, variables[:, first] * variables[:, second]])


def _owners(levels: Sequence[int]) -> NDArray[np.int64]:
    """Return the parameter of each variable: one for a range, one for each level but the first."""
    return np.repeat(np.arange(len(levels)), [max(count - 1, 1) for count in levels])


def _products(
    owner: NDArray[np.int64], levels: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of variables that are multiplied: two indicators of one parameter are not."""
    first, second = np.triu_indices(len(owner))
    has_levels = np.asarray(levels)[owner] > 0
    is_term = (owner[first] != owner[second]) | ~has_levels[first]
    return first[is_term], second[is_term]


def least_points(levels: Sequence[int]) -> int:
    """Return how many points a surface needs at least: one for each of its terms.

    *levels* as in `Surface.through`.
    """
    owner = _owners(levels)
    first, _ = _products(owner, levels)
    return 1 + len(owner) + len(first)
