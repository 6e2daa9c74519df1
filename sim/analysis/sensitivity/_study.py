r"""Sensitivity: which of the values that carry a range a response depends on, and how much of its
variance is that of the random numbers.

Every parameter is taken as uniform over its range, or its alternatives as equally likely, and
independent of the others. Three questions,
each on its own runs:

- *Which matter?* Elementary effects of all parameters, `sim.analysis.sensitivity._screening`. The
  ten that matter most to all responses together go on.
- *How much of the variance is whose?* Sobol indices, `sim.analysis.sensitivity._sobol`, straight
  from runs and not from a surface laid over them: what a surface leaves over, thresholds and noise,
  is what is asked here. All parameters vary; the factors are each of the ten, all others together,
  what rests on evidence, and the random numbers.
- *From where to where?* The ten one at a time at both ends of their ranges, or at each of their
  alternatives, the others as the scenario has them, in replications paired with those of the
  scenario: the data of a tornado.

The random numbers are an input like the others: points *A* and *B* of a block are two replications,
and a parameter is changed in the replication of *A*. Their total index, :math:`T_R = E[V(y \mid x)]
/ V(y)`, is the share of one year's variance that replications make, and :math:`1 - T_R` the share of
the inputs. In the mean of *n* replications they have variance :math:`V T_R / n`. A parameter that
changes nothing but the order of events shuffles the random numbers and gets a total index up to
:math:`T_R`: that is the noise beside every index.

With *E* the factor of all that is no assumption and of the random numbers, :math:`1 - T_E` is what
assumptions explain alone, so :math:`(1 - T_E) / (1 - T_R)` is the share of the variance from inputs
that rests on assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.numbers import numbers_of
from sim.analysis.sensitivity._responses import MAIN_RESPONSES, Response, find_responses
from sim.analysis.sensitivity._result import EVIDENCE, OTHERS, RANDOM, LostPoints, Sensitivity
from sim.analysis.sensitivity._screening import effects, importance, trajectories
from sim.analysis.sensitivity._sobol import LEAST_BLOCKS, Factor, design
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, changes_at, parameters

MOST = 10
"""Parameters that get an index of their own."""

Floats = NDArray[np.float64]


def sensitivity_runs(
    scenario: Scenario, *, trajectories: int, points: int, replications: int
) -> int:
    """Return how many replications a sensitivity study of *scenario* takes, at most: it is not known
    beforehand which parameters go on, and those with alternatives take more."""
    varied = parameters(scenario)
    chosen = min(MOST, len(varied))
    factors = len(_factors(varied, tuple(range(chosen))))
    screening = trajectories * (len(varied) + 2)
    ends = sorted((len(parameter.ends) for parameter in varied), reverse=True)
    return screening + points * (factors + 2) + replications * (sum(ends[:chosen]) + 1)


def sensitivity(
    scenario: Scenario,
    outcomes: Sequence[str] = MAIN_RESPONSES,
    *,
    trajectories: int = 2,
    points: int = 16,
    replications: int = 5,
    seed: int = 1,
    runner: Runner | None = None,
) -> Sensitivity:
    """Find which parameters of *scenario* the *outcomes* depend on.

    Parameters
    ----------
    outcomes
        Metrics, as ``NAME``, ``NAME@WHERE`` or ``NAME:FLOW@WHERE``.
    trajectories
        Of the screening, each with a run for every parameter.
    points
        Blocks for the indices, a power of two. Intervals become narrower with its root; more of
        them, or more trajectories, take up what a store has.
    replications
        Of each end of a range, and of the scenario as it is.

    Raises
    ------
    UsageError
        Nothing carries a range, there is no such outcome, the budget is out of range, or SALib is
        not installed.
    FailedError
        The scenario as it is does not run.
    KeyboardInterrupt
        On Ctrl-C; what was computed is in the store, and the same call goes on from there.
    """
    replications, seed = check_replications_and_seed(replications, seed)
    varied = parameters(scenario)
    _check(scenario, varied, outcomes, trajectories, points)
    with runner_or_new(runner) as active:
        runs = _Runs(scenario, varied, seed, active)
        base = runs.base(outcomes, replications)
        walks, screened = _screen(runs, trajectories)
        chosen = _most_important(walks, screened)
        factors = _factors(varied, chosen)
        blocks = _blocks(runs, factors, points)
        ends = _ends(runs, chosen, replications)
    return Sensitivity(
        scenario,
        varied,
        runs.responses,
        seed,
        trajectories=walks,
        screened=screened,
        chosen=chosen,
        factors=factors,
        blocks=blocks,
        ends=ends,
        base=base,
        lost=tuple(runs.lost),
    )


def _check(
    scenario: Scenario,
    varied: Sequence[Parameter],
    outcomes: Sequence[str],
    trajectories: int,
    points: int,
) -> None:
    if find_spec("SALib") is None:
        raise UsageError("sensitivity needs SALib: pip install 'middle-corridor-sim[study]'")
    if not varied:
        raise UsageError(
            f"{scenario.name}: no value carries a range, so nothing can be varied; "
            "give values low and high, such as {value: 8, low: 7, high: 10, assumed: why}, or "
            "alternatives"
        )
    if not outcomes:
        raise UsageError("a sensitivity study needs an outcome or more to ask about")
    if trajectories < 2:
        raise UsageError(f"a spread of effects needs two trajectories or more; got {trajectories}")
    is_power_of_two = points & (points - 1) == 0
    if points < LEAST_BLOCKS or not is_power_of_two:
        raise UsageError(
            f"points must be a power of two from {LEAST_BLOCKS} on, such as 32 or 64; got {points}"
        )


def _most_important(walks: Floats, screened: Floats) -> tuple[int, ...]:
    """Return the parameters that matter most to all responses together, the first first."""
    responses = range(screened.shape[2])
    sizes = np.stack([effects(walks, screened[:, :, number]).size for number in responses])
    of_parameters = importance(sizes)[:-1]
    order = np.argsort(-of_parameters, kind="stable")
    return tuple(order[:MOST].tolist())


def _factors(varied: Sequence[Parameter], chosen: tuple[int, ...]) -> tuple[Factor, ...]:
    """Return what gets an index: each chosen parameter, the others, all that is no assumption with
    the random numbers, and the random numbers."""
    random = len(varied)
    factors = [Factor(varied[number].id, (number,)) for number in chosen]
    others = tuple(number for number in range(random) if number not in chosen)
    if others:
        factors.append(Factor(OTHERS, others))
    evidence = tuple(number for number in range(random) if not varied[number].is_assumed)
    if 0 < len(evidence) < random:
        factors.append(Factor(EVIDENCE, (*evidence, random)))
    return (*factors, Factor(RANDOM, (random,)))


@dataclass
class _Runs:
    """Runs points, and lists those that give no numbers."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    seed: int
    runner: Runner
    responses: tuple[Response, ...] = ()
    lost: list[LostPoints] = field(default_factory=list)

    def base(self, outcomes: Sequence[str], replications: int) -> Floats:
        """Run the scenario as it is and check that it has the *outcomes*: replications x
        responses."""
        request = Request.of(self.scenario, self.seed, range(replications))
        points = run_points([request], lambda replication: replication.metrics, self.runner)
        (metrics,) = points.complete()
        self.responses = find_responses(outcomes, metrics[0])
        return np.array([self._numbers(metrics[number]) for number in range(replications)])

    def run(self, stage: str, points: Sequence[tuple[Floats, Sequence[int]]]) -> list[Floats]:
        """Run *points*, shares of the ranges and numbers of replications: for each replications x
        responses."""
        values = [np.full((len(numbers), len(self.responses)), np.nan) for _, numbers in points]
        requests: dict[int, Request] = {}
        why: list[str] = []
        for place, (shares, numbers) in enumerate(points):
            try:
                at = self.scenario.with_(changes_at(self.parameters, shares.tolist()))
            except ScenarioError as error:
                why += [f"no scenario: {error.problems[0]}"] * len(numbers)
                continue
            requests[place] = Request.of(at, self.seed, numbers)
        done = run_points(list(requests.values()), self._keep, self.runner)
        if done.was_stopped:
            raise KeyboardInterrupt
        for place, by_number in zip(requests, done.values, strict=True):
            _, numbers = points[place]
            for row, number in enumerate(numbers):
                values[place][row] = by_number.get(number, np.nan)
        why += [str(failure) for failure in done.failures]
        if why:
            total = sum(len(numbers) for _, numbers in points)
            self.lost.append(LostPoints(stage, len(why), total, why[0]))
        return values

    def _keep(self, replication: Replication) -> list[float]:
        return self._numbers(replication.metrics)

    def _numbers(self, metrics: pd.DataFrame) -> list[float]:
        numbers = numbers_of(metrics)
        return [response.of(numbers) for response in self.responses]


def _screen(runs: _Runs, count: int) -> tuple[Floats, Floats]:
    """Return the trajectories and their responses; each has two replications of its own, one before
    the random numbers change."""
    walks = trajectories(len(runs.parameters) + 1, count, seed=runs.seed)
    points: list[tuple[Floats, Sequence[int]]] = []
    for number, walk in enumerate(walks):
        points += [(step[:-1], [2 * number + int(step[-1] > 0.5)]) for step in walk]
    values = runs.run("screening", points)
    return walks, np.concatenate(values).reshape(*walks.shape[:2], -1)


def _blocks(runs: _Runs, factors: Sequence[Factor], count: int) -> Floats:
    """Return the responses at every row of the design; A and B of a block are two replications of
    its own."""
    blocks = design(factors, len(runs.parameters) + 1, count, seed=runs.seed)
    points: list[tuple[Floats, Sequence[int]]] = []
    for number, block in enumerate(blocks):
        of_a = block[0, -1]
        points += [(row[:-1], [2 * number + int(row[-1] != of_a)]) for row in block]
    values = runs.run("indices", points)
    return np.concatenate(values).reshape(*blocks.shape[:2], -1)


def _ends(runs: _Runs, chosen: Sequence[int], replications: int) -> tuple[Floats, ...]:
    """Return the responses with one parameter at one end of its range, or at one of its alternatives,
    and the others as they are: for each parameter ends x replications x responses."""
    points: list[tuple[Floats, Sequence[int]]] = []
    for index in chosen:
        for share in runs.parameters[index].ends:
            shares = np.full(len(runs.parameters), np.nan)
            shares[index] = share
            points.append((shares, range(replications)))
    values = iter(runs.run("ends of ranges", points))
    return tuple(np.stack([next(values) for _ in runs.parameters[index].ends]) for index in chosen)
