r"""Which of several is the best, as far as replications can tell: screening on common random
numbers.

The rule is the subset selection of Nelson, Swann, Goldsman and Song (2001) with paired differences:
:math:`i` stays if :math:`\bar x_i \ge \bar x_j - t_{1-\alpha/(k-1),\,n-1}\, s_{ij} / \sqrt n` for
every other :math:`j`, where :math:`s_{ij}` is the standard deviation of the paired differences. The
best of :math:`k` stays with a probability of :math:`1-\alpha` at least (Bonferroni), whatever the
dependence between them. Looked at in several stages, each gets its part of :math:`\alpha`, so what
is said at the end holds over all of them. If one is left it is the best; if several are, it is
undecided between them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, isfinite, sqrt

from sim.study.interval import t_quantile


def contenders(
    values: Mapping[str, Sequence[float]], error: float, of: int | None = None
) -> tuple[str, ...]:
    """Return those that may be the best (the largest mean), in their order.

    Parameters
    ----------
    values
        By name the value of each replication, all of the same ones. What does not exist in some is
        no contender.
    error
        Probability with which the best may be lost.
    of
        How many there were at the beginning, where some were left out before; default, those in
        *values*.
    """
    known = {
        name: list(found)
        for name, found in values.items()
        if all(isfinite(value) for value in found)
    }
    if len(known) < 2:
        return tuple(known)
    count = len(next(iter(known.values())))
    if count < 2:
        return tuple(known)
    # The quantile is two-sided: a one-sided error of e is a confidence of 1 - 2 e.
    quantile = t_quantile(1 - 2 * error / max((of or len(known)) - 1, 1), count - 1)
    return tuple(
        name
        for name, mine in known.items()
        if all(
            _gap(other, mine) <= quantile * _error(other, mine)
            for key, other in known.items()
            if key != name
        )
    )


def _gap(better: Sequence[float], worse: Sequence[float]) -> float:
    return fsum(b - w for b, w in zip(better, worse, strict=True)) / len(worse)


def _error(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the standard error of the mean paired difference."""
    differences = [a - b for a, b in zip(one, other, strict=True)]
    mean = fsum(differences) / len(differences)
    return sqrt(
        fsum((d - mean) ** 2 for d in differences) / (len(differences) - 1) / len(differences)
    )
