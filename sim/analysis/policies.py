r"""Policies side by side: what each alternative of what no source settles does to the corridor, one
at a time.

A value with alternatives (`sim.spec.sourced`) is a choice that somebody made and nobody published.
Every alternative is run by itself, the others as the scenario has them, on common random numbers.

Where the scenario says what was observed, each alternative is asked how far the observation lies
from what it gives. An observation is one season: with mean :math:`m` of *n* simulated seasons, their
variance :math:`s^2`, pooled over the alternatives, and :math:`u` the standard deviation of the
observation, its range taken as an interval of 95 %,

.. math:: t = (y - m) / \sqrt{s^2 (1 + 1/n) + u^2}

and the chance of a season as far off is that of Student's *t*, its degrees of freedom after
Satterthwaite [1]_, :math:`u` being known: :math:`(n - 1) (1 + u^2 / (s^2 (1 + 1/n)))^2`. A target that
no alternative brings within chance misses for another reason and says nothing of them; of the other
judged targets that count, an alternative is ruled out where the least chance, times their number, is
below 5 % (Bonferroni).

.. [1] Satterthwaite (1946), An approximate distribution of estimates of variance components,
Biometrics Bulletin 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import pandas as pd

from sim.analysis.answer import answer
from sim.analysis.numbers import numbers_of
from sim.analysis.observed import Target, targets_of
from sim.errors import UsageError
from sim.runs.runner import Runner
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, parameters
from sim.study.interval import Interval
from sim.study.replicate import replicate
from sim.study.study import Study

RULED_OUT = 0.05
"""Chance below which an alternative is ruled out by what was observed."""
OWN = "as it is"
"""Input of the row of the scenario itself."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One alternative of one input."""

    input: str
    """Path of the input; `OWN` for the scenario as it is."""
    level: str
    """As a file writes it."""
    study: Study


@dataclass(frozen=True, repr=False)
class Policies:
    """A scenario as it is, then with each alternative."""

    scenario: Scenario
    policies: tuple[Policy, ...]

    def table(self) -> pd.DataFrame:
        """Return one row an alternative, that of the scenario first.

        Columns ``scenario, input, level``; those of `sim.analysis.answer.answer`; ``change,
        change_low, change_high``, the paired difference of carried tonnes to the scenario with its
        95 % interval; ``chance``, of a season as far from what was observed as the worst judged
        target is, for as many as there are, and ``worst``, that target; ``ruled_out``, 0 or 1. NaN
        and empty where nothing was observed, or there is a single replication.
        """
        rows = answer([policy.study for policy in self.policies]).to_dict("records")
        telling = self._telling()
        base = self.policies[0].study
        table = []
        for policy, row in zip(self.policies, rows, strict=True):
            change = _paired(base, policy.study, "carried_t_per_year")
            chance, worst = self._least_chance(policy, telling)
            table.append(
                {
                    "scenario": self.scenario.name,
                    "input": policy.input,
                    "level": policy.level,
                    **{key: value for key, value in row.items() if key != "scenario"},
                    **change.named("change", "change"),
                    "chance": chance,
                    "worst": worst,
                    "ruled_out": nan if isnan(chance) else float(chance < RULED_OUT),
                }
            )
        return pd.DataFrame(table)

    def targets(self) -> pd.DataFrame:
        """Return how far every target lies from what each alternative gives: one row a target and
        alternative.

        Columns ``scenario, input, level, target, use, counts, observed, range_low, range_high,
        simulated, low, high, inside, chance, unit``.
        """
        pairs = product(targets_of(self.scenario), self.policies)
        return pd.DataFrame([self._target_row(policy, target) for target, policy in pairs])

    def _target_row(self, policy: Policy, target: Target) -> dict[str, Any]:
        values = _seasons(policy.study, target)
        simulated = Interval.of(values, target.bounds)
        return {
            "scenario": self.scenario.name,
            "input": policy.input,
            "level": policy.level,
            "target": target.id,
            "use": target.observation.use,
            "counts": target.counts,
            "observed": target.observation.value,
            "range_low": target.low,
            "range_high": target.high,
            **simulated.named("simulated"),
            "inside": target.holds(simulated.mean),
            "chance": self._chance(policy, target),
            "unit": target.observation.unit,
        }

    def _telling(self) -> list[Target]:
        """Return the judged targets that count and that some alternative brings within chance."""
        if not self.scenario.spec.observed:
            return []
        targets = targets_of(self.scenario)
        judged = [target for target in targets if target.counts and not target.is_fitted]
        return [
            target
            for target in judged
            if any(self._chance(policy, target) >= RULED_OUT for policy in self.policies)
        ]

    def _chance(self, policy: Policy, target: Target) -> float:
        """Return the chance of a season as far from what *policy* gives as what was observed."""
        values = _seasons(policy.study, target)
        if len(values) < 2:
            return nan
        every = [_seasons(one.study, target) for one in self.policies]
        known = [seasons for seasons in every if np.isfinite(seasons).all()]
        variance = float(np.mean([np.var(seasons, ddof=1) for seasons in known])) if known else nan
        return chance_of(values, variance, target.observation.value, target.sd)

    def _least_chance(self, policy: Policy, targets: Sequence[Target]) -> tuple[float, str]:
        """Return the least chance among *targets*, for as many as there are, and whose it is."""
        chances = {target.id: self._chance(policy, target) for target in targets}
        known = {target: chance for target, chance in chances.items() if not isnan(chance)}
        if not known:
            return nan, ""
        worst = min(known, key=known.__getitem__)
        return min(1.0, known[worst] * len(known)), worst

    def __repr__(self) -> str:
        return f"<Policies of {self.scenario.name!r}, {len(self.policies)}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False))


def choices(scenario: Scenario) -> tuple[Parameter, ...]:
    """Return the inputs of *scenario* that have alternatives."""
    return tuple(parameter for parameter in parameters(scenario) if parameter.is_choice)


def policy_count(scenario: Scenario) -> int:
    """Return how many studies `policies` makes of *scenario*."""
    return 1 + sum(len(parameter.ends) for parameter in choices(scenario))


def policies(scenario: Scenario, *, replications: int, seed: int, runner: Runner) -> Policies:
    """Run *scenario* as it is, and with each alternative of each input by itself.

    Raises
    ------
    UsageError
        No input has alternatives.
    """
    inputs = choices(scenario)
    if not inputs:
        raise UsageError(
            f"{scenario.name}: no input has alternatives; give one some, such as "
            "{value: priority, alternatives: [oldest_first], assumed: why}"
        )

    def study(at: Scenario) -> Study:
        return replicate(at, replications=replications, seed=seed, keep_log=False, runner=runner)

    found = [Policy(OWN, "", study(scenario))]
    for parameter in inputs:
        for share in parameter.ends:
            value = parameter.at(share)
            at = scenario.with_(parameter.changes(value))
            found.append(Policy(parameter.id, parameter.name(value), study(at)))
    return Policies(scenario, tuple(found))


def with_choices(
    table: pd.DataFrame, scenarios: Sequence[Scenario], found: Sequence[Policies]
) -> pd.DataFrame:
    """Return an answer with what hangs on rules that no source settles.

    Parameters
    ----------
    table
        `sim.analysis.answer.answer`, a row for each of *scenarios*.
    found
        Policies of those that were run with their alternatives.

    Returns
    -------
    DataFrame
        Further columns ``choices``, how many inputs of the scenario have alternatives;
        ``by_policy_low, by_policy_high``, the least and the most that it carries under any one of
        them, the scenario's own included [t/a]; NaN where they were not run.
    """
    by_hash = {one.scenario.hash: one.table()["carried"] for one in found}
    ranges = [by_hash.get(scenario.hash) for scenario in scenarios]
    return table.assign(
        choices=[len(choices(scenario)) for scenario in scenarios],
        by_policy_low=[nan if carried is None else carried.min() for carried in ranges],
        by_policy_high=[nan if carried is None else carried.max() for carried in ranges],
    )


def chance_of(values: Sequence[float], variance: float, observed: float, sd: float) -> float:
    """Return the chance of a season as far from the mean of *values* as what was *observed*.

    Parameters
    ----------
    values
        Simulated seasons, two or more; NaN is returned where one does not exist.
    variance
        Of a season.
    sd
        Standard deviation of the observation.
    """
    from scipy.special import ndtr, stdtr

    count = len(values)
    of_seasons = variance * (1 + 1 / count)
    off = abs(observed - float(np.mean(values)))
    if isnan(off) or isnan(of_seasons):
        return nan
    spread = sqrt(of_seasons + sd**2)
    if not spread:
        return float(off == 0)
    if not of_seasons:
        return float(2 * ndtr(-off / spread))
    degrees = (count - 1) * (1 + sd**2 / of_seasons) ** 2
    return float(2 * stdtr(degrees, -off / spread))


def _seasons(study: Study, target: Target) -> list[float]:
    """Return what each replication gives for *target*."""
    return [target.of(numbers_of(replication.metrics)) for replication in study.replications]


def _paired(base: Study, other: Study, metric: str) -> Interval:
    """Return the paired difference of a metric of the whole corridor."""
    key = (metric, None, None, None)
    differences = []
    for first, second in zip(base.replications, other.replications, strict=True):
        before, after = (numbers_of(one.metrics).get(key, nan) for one in (first, second))
        differences.append(float(after) - float(before))
    return Interval.of(differences)
