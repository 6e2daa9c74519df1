r"""Screening by elementary effects: which of many parameters matter at all.

A trajectory begins anywhere in the ranges and changes one input after another by :math:`\Delta`,
two thirds of its range; the elementary effect of an input is :math:`(y' - y) / \Delta`, the change
of the response for the whole range. Over trajectories :math:`\mu` is the mean effect, :math:`\mu^*`
the mean size, which alternating signs do not hide, and :math:`\sigma` the standard deviation, large
where the effect depends on the other inputs [1]_ [2]_.

The random numbers are an input like the others: at a random step of each trajectory another
replication takes over. Their effect alone is the size of effect that an input has which does nothing
but shuffle them.

.. [1] Morris (1991), Factorial sampling plans for preliminary computational experiments,
Technometrics 33.
.. [2] Campolongo, Cariboni, Saltelli (2007), An effective screening design for sensitivity analysis
of large models,
   Environmental Modelling & Software 22.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = 4


@dataclass(frozen=True, slots=True)
class ElementaryEffects:
    """Statistics of the elementary effects on one response, by input; NaN where none exists."""

    mean: Floats
    size: Floats
    """Mean of the absolute effects."""
    spread: Floats
    """Standard deviation; NaN with fewer than two effects."""
    count: NDArray[np.int64]
    """Trajectories that have an effect: both ends of the step have a number."""


def trajectories(inputs: int, count: int, *, seed: int) -> Floats:
    """Return *count* trajectories over shares of the ranges (SALib): trajectories x (inputs + 1) x
    inputs."""
    from SALib.sample import morris

    problem: dict[str, Any] = {
        "num_vars": inputs,
        "names": [str(number) for number in range(inputs)],
        "bounds": [[0.0, 1.0]] * inputs,
    }
    rows = morris.sample(problem, count, num_levels=LEVELS, seed=np.random.default_rng([seed, 1]))
    return np.asarray(rows, np.float64).reshape(count, inputs + 1, inputs)


def effects(design: Floats, responses: Floats) -> ElementaryEffects:
    """Return the effects of every input on *responses* (trajectories x steps); a missing number
    costs two effects."""
    steps = np.diff(design, axis=1)
    changed = np.abs(steps).argmax(axis=2)
    sizes = np.take_along_axis(steps, changed[:, :, None], axis=2)[:, :, 0]
    by_input = np.full((design.shape[0], design.shape[2]), np.nan)
    np.put_along_axis(by_input, changed, np.diff(responses, axis=1) / sizes, axis=1)
    exists = np.isfinite(by_input)
    count = exists.sum(axis=0)
    existing = np.where(exists, by_input, 0.0)
    mean = _over(existing.sum(axis=0), count)
    deviation = np.where(exists, by_input - mean, 0.0)
    return ElementaryEffects(
        mean,
        _over(np.abs(existing).sum(axis=0), count),
        np.sqrt(_over((deviation**2).sum(axis=0), count - 1)),
        np.asarray(count, np.int64),
    )


def importance(sizes: Floats) -> Floats:
    """Return how much each input matters to all responses together, from the sizes of its effects
    (responses x inputs).

    The share of an input in the sum of squared sizes of a response, averaged over the responses;
    effects that do not exist count as none.
    """
    squared = np.nan_to_num(sizes) ** 2
    total = squared.sum(axis=1, keepdims=True)
    return np.asarray(
        np.divide(squared, total, out=np.zeros_like(squared), where=total > 0).mean(axis=0)
    )


def _over(numerator: Floats, count: Any) -> Floats:
    return np.divide(
        numerator, count, out=np.full(len(numerator), np.nan), where=np.asarray(count) > 0
    )
