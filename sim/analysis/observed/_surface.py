"""Response surfaces: outcomes over a box of parameters as polynomials of second degree."""

from __future__ import annotations

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

    @classmethod
    def through(cls, shares: Floats, means: Floats) -> Surface:
        """Return the surfaces nearest to *means* (points x targets) at *shares* (points x
        parameters)."""
        terms = _terms(shares)
        coefficients, *_ = np.linalg.lstsq(terms, means)
        left = means - terms @ coefficients
        residual = np.sum(left**2, axis=0) / max(len(terms) - terms.shape[1], 1)
        return cls(np.asarray(coefficients, np.float64), np.asarray(residual, np.float64))

    def at(self, shares: Floats) -> Floats:
        """Return the targets at *shares*: points x targets."""
        return np.asarray(_terms(shares) @ self.coefficients)


def _terms(shares: Floats) -> Floats:
    """Return 1, every share, and every product of two: points x terms."""
    first, second = np.triu_indices(shares.shape[1])
    return np.hstack([np.ones((len(shares), 1)), shares, shares[:, first] * shares[:, second]])


def least_points(parameters: int) -> int:
    """Return how many points a surface needs at least: one for each of its terms."""
    return (parameters + 1) * (parameters + 2) // 2
