r"""Whether a set of projects reaches a target: feasibility in stages, on common random numbers.

Each set is looked at after 4, 8 and 16 replications, the same for all sets, until it is decided.
With :math:`\alpha` for a whole verdict, each of the :math:`L` looks has :math:`\alpha / L`
(Bonferroni over looks, as in group sequential tests after Pocock 1977). It *reaches* the target if
for each stack and queue the upper t bound at :math:`1 - \alpha/L` of the mean growth is at most 2 %
of its yearly flow: all must hold, so each may use the whole level (intersection-union, Berger
1982). It *fails* if for one of the :math:`c` constraints the lower bound at :math:`1 - \alpha/(Lc)`
lies above (as feasibility under several constraints by Batur and Kim 2010 divides its level).
Otherwise it is undecided. A limit of the P90 transit time is one constraint more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, nan, sqrt
from typing import Literal, NamedTuple, TypeAlias

from sim.analysis.numbers import outcomes_by_name
from sim.analysis.plan._choices import Built
from sim.runs.replication import Replication
from sim.study.growth import LIMIT, StackGrowth, growth_shares

Verdict: TypeAlias = Literal["reaches", "fails", "undecided"]

LOOKS = (4, 8, 16)
"""Replications of a set at which it is looked at."""
CONFIDENCE = 0.95
"""Of one verdict."""
P90 = "transit_days_p90"


class Variant(NamedTuple):
    """A set of projects at a multiple of the demand, under a stress or none."""

    built: Built
    scale: float
    stress: str = ""

    def is_no_worse_than(self, other: Variant) -> bool:
        """Return whether it has all projects of *other*, no more demand, and no other stress.

        More projects, less demand and no stress never do worse.
        """
        return (
            self.built >= other.built
            and self.scale <= other.scale
            and self.stress in ("", other.stress)
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """What is kept of a replication."""

    growth: Mapping[str, float]
    """By stack or queue, growth in a year as a share of its flow."""
    outcomes: Mapping[str, float]
    """The main outcomes by name."""

    @classmethod
    def of(cls, replication: Replication) -> Measured:
        """Return what is kept of *replication*."""
        return cls(growth_shares(replication.metrics), outcomes_by_name(replication.metrics))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on."""

    verdict: Verdict
    because: tuple[str, ...] = ()
    """What is too much, or where that is not decided, the worst first."""
    n: int = 0
    """Replications; 0 where it follows from other sets."""


@dataclass(frozen=True, slots=True)
class _Constraint:
    """A number whose mean must stay at or below a limit."""

    name: str
    limit: float
    values: Sequence[float]

    @property
    def mean(self) -> float:
        """Mean over replications; NaN where the number does not exist in one of them."""
        if not all(map(isfinite, self.values)):
            return nan
        return fsum(self.values) / len(self.values)

    @property
    def excess(self) -> float:
        """How far the mean is above the limit, over the limit."""
        return (self.mean - self.limit) / self.limit if isfinite(self.mean) else inf

    def verdict(self, level_to_fail: float, level_to_reach: float) -> Verdict:
        """Return whether the mean is above the limit, at or below it, or neither is sure."""
        mean = self.mean
        if not isfinite(mean):
            # A transit time that does not exist, since too much is never delivered, is not known to
            # be short.
            return "undecided"
        error = self._error(mean)
        if mean - self._t(level_to_fail) * error > self.limit:
            return "fails"
        if mean + self._t(level_to_reach) * error > self.limit:
            return "undecided"
        return "reaches"

    def _error(self, mean: float) -> float:
        """Return the standard error of the mean."""
        count = len(self.values)
        return sqrt(fsum((value - mean) ** 2 for value in self.values) / (count - 1) / count)

    def _t(self, level: float) -> float:
        """Return the one-sided quantile of Student's t."""
        from scipy.special import stdtrit

        return float(stdtrit(len(self.values) - 1, 1 - level))


def verdict_of(
    sample: Sequence[Measured], p90_days: float | None = None, looks: int = len(LOOKS)
) -> Judgement:
    """Return the verdict of one look at the replications of *sample*, two or more.

    Raises
    ------
    UsageError
        Nothing is watched for two years in a row.
    """
    constraints = _constraints(sample, p90_days)
    level = (1 - CONFIDENCE) / looks
    by_verdict: dict[Verdict, list[_Constraint]] = {"fails": [], "undecided": [], "reaches": []}
    for constraint in constraints:
        verdict = constraint.verdict(level / len(constraints), level)
        by_verdict[verdict].append(constraint)
    if by_verdict["fails"]:
        return Judgement("fails", _worst_first(by_verdict["fails"]), len(sample))
    if by_verdict["undecided"]:
        return Judgement("undecided", _worst_first(by_verdict["undecided"]), len(sample))
    return Judgement("reaches", (), len(sample))


def _constraints(sample: Sequence[Measured], p90_days: float | None) -> list[_Constraint]:
    """Return the growth of all that is watched in each replication, and the transit time."""
    growth = StackGrowth.of([one.growth for one in sample])
    constraints = [_Constraint(name, LIMIT, shares) for name, shares in growth.shares.items()]
    if p90_days is not None:
        constraints.append(_Constraint(P90, p90_days, [one.outcomes[P90] for one in sample]))
    return constraints


def _worst_first(constraints: Sequence[_Constraint]) -> tuple[str, ...]:
    ranked = sorted(constraints, key=lambda constraint: -constraint.excess)
    return tuple(constraint.name for constraint in ranked)
