r"""Screening by elementary effects: which of many parameters matter at all.

A trajectory begins anywhere in the ranges and changes one input after another by :math:`\Delta`,
two thirds of its range; the elementary effect of an input is :math:`(y' - y) / \Delta`, the change
of the answer for the whole range. Over trajectories :math:`\mu` is the mean effect, :math:`\mu^*`
the mean size, which alternating signs do not hide, and :math:`\sigma` the standard deviation, large
where the effect depends on the other inputs [1]_ [2]_.

Luck is an input like the others: at a random step of each trajectory another replication takes
over. What luck alone does is the size of effect that an input has which only shuffles it.

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
    """Statistics of the elementary effects of one answer, by input; NaN where none exists."""

    mean: Floats
    size: Floats
    """Mean of the absolute effects."""
    spread: Floats
    """Standard deviation; NaN with fewer than two effects."""
    count: NDArray[np.int64]
    """Trajectories that have an effect: both ends of the step have an answer."""


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


def effects(design: Floats, answers: Floats) -> ElementaryEffects:
    """Return the effects of every input on *answers* (trajectories x steps); a missing answer costs
    two effects."""
    steps = np.diff(design, axis=1)
    changed = np.abs(steps).argmax(axis=2)
    sizes = np.take_along_axis(steps, changed[:, :, None], axis=2)[:, :, 0]
    found = np.full((design.shape[0], design.shape[2]), np.nan)
    np.put_along_axis(found, changed, np.diff(answers, axis=1) / sizes, axis=1)
    exists = np.isfinite(found)
    count = exists.sum(axis=0)
    known = np.where(exists, found, 0.0)
    mean = _over(known.sum(axis=0), count)
    left = np.where(exists, found - mean, 0.0)
    return ElementaryEffects(
        mean,
        _over(np.abs(known).sum(axis=0), count),
        np.sqrt(_over((left**2).sum(axis=0), count - 1)),
        np.asarray(count, np.int64),
    )


def importance(sizes: Floats) -> Floats:
    """Return how much each input matters to all answers together, from the sizes of its effects
    (answers x inputs).

    The share of an input in the sum of squared sizes of an answer, averaged over the answers;
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
