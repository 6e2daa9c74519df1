r"""Which of several may be the best, as far as replications can say: screening on common random
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
    complete = {name: sample for name, sample in values.items() if all(map(isfinite, sample))}
    samples = list(complete.values())
    if len(samples) < 2 or len(samples[0]) < 2:
        return tuple(complete)
    comparisons = max((of or len(complete)) - 1, 1)
    # The quantile is two-sided: a one-sided error of e is a confidence of 1 - 2 e.
    quantile = t_quantile(1 - 2 * error / comparisons, len(samples[0]) - 1)
    return tuple(
        name
        for name, sample in complete.items()
        if not any(_beats(other, sample, quantile) for other in samples)
    )


def _beats(better: Sequence[float], worse: Sequence[float], quantile: float) -> bool:
    """Return whether the mean paired difference is more than *quantile* of its standard errors.

    Nothing beats itself: both are 0.
    """
    differences = [b - w for b, w in zip(better, worse, strict=True)]
    count = len(differences)
    mean = fsum(differences) / count
    error = sqrt(fsum((d - mean) ** 2 for d in differences) / (count - 1) / count)
    return mean > quantile * error
