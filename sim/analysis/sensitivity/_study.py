r"""Sensitivity: which of the values that carry a range an answer hangs on, and how much of it is
luck.

Every parameter is taken as uniform over its range and independent of the others. Three questions,
each on its own runs:

- *Which matter?* Elementary effects of all parameters, `sim.analysis.sensitivity._screening`. The
  ten that matter most to all answers together go on.
- *How much of the variance is whose?* Sobol indices, `sim.analysis.sensitivity._sobol`, straight
  from runs and not from a surface laid over them: what a surface leaves over, thresholds and luck,
  is what is asked here. All parameters vary; the factors are each of the ten, all others together,
  what rests on evidence, and luck.
- *From where to where?* The ten one at a time at both ends of their ranges, the others as the
  scenario has them, in replications paired with those of the scenario: the data of a tornado.

Luck is an input like the others: points *A* and *B* of a block are two replications, and a
parameter is changed on the luck of *A*. The total index of luck, :math:`T_L = E[V(y \mid x)] /
V(y)`, is the share of one year's variance that replications make, and :math:`1 - T_L` the share of
the inputs. In the mean of *n* replications luck has variance :math:`V T_L / n`. A parameter that
changes nothing but the order of events shuffles luck and gets a total index up to :math:`T_L`: that
is the noise beside every index.

With *E* the factor of all that is no assumption and of luck, :math:`1 - T_E` is what assumptions
explain alone, so :math:`(1 - T_E) / (1 - T_L)` is the share of the variance from inputs that rests
on assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.numbers import numbers_of
from sim.analysis.sensitivity._responses import MAIN_RESPONSES, Response, find_responses
from sim.analysis.sensitivity._result import EVIDENCE, LUCK, OTHERS, LostPoints, Sensitivity
from sim.analysis.sensitivity._screening import effects, importance, trajectories
from sim.analysis.sensitivity._sobol import LEAST_BLOCKS, Factor, design
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.requests import FailedError, Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, parameters

MOST = 10
"""Parameters that get an index of their own."""

Floats = NDArray[np.float64]


def sensitivity_runs(
    scenario: Scenario, *, trajectories: int, points: int, replications: int
) -> int:
    """Return how many replications a sensitivity study of *scenario* takes."""
    found = parameters(scenario)
    chosen = min(MOST, len(found))
    factors = len(_factors(found, tuple(range(chosen))))
    return (
        trajectories * (len(found) + 2) + points * (factors + 2) + replications * (2 * chosen + 1)
    )


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
    """Ask which parameters of *scenario* the *outcomes* hang on.

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
        Nothing carries a range, there is no such outcome, the budget cannot be, or SALib is not
        installed.
    FailedError
        The scenario as it is does not run.
    KeyboardInterrupt
        On Ctrl-C; what was computed is in the store, and the same call goes on from there.
    """
    check_replications_and_seed(replications, seed)
    found = parameters(scenario)
    _see_that_it_can_be(scenario, found, outcomes, trajectories, points)
    with runner_or_new(runner) as active:
        runs = _Runs(scenario, found, seed, active)
        base = runs.base(outcomes, replications)
        walks, screened = _screen(runs, trajectories)
        sizes = np.stack([effects(walks, screened[:, :, n]).size for n in range(len(runs.answers))])
        order = np.argsort(-importance(sizes)[:-1], kind="stable")
        chosen = tuple(order[:MOST].tolist())
        factors = _factors(found, chosen)
        blocks = _blocks(runs, factors, points)
        ends = _ends(runs, chosen, replications)
    return Sensitivity(
        scenario,
        found,
        runs.answers,
        seed,
        walks,
        screened,
        chosen,
        factors,
        blocks,
        ends,
        base,
        tuple(runs.lost),
    )


def _see_that_it_can_be(
    scenario: Scenario,
    found: Sequence[Parameter],
    outcomes: Sequence[str],
    trajectories: int,
    points: int,
) -> None:
    if find_spec("SALib") is None:
        raise UsageError("sensitivity needs SALib: pip install 'middle-corridor-sim[study]'")
    if not found:
        what = "give values low and high, such as {value: 8, low: 7, high: 10, assumed: why}"
        raise UsageError(
            f"{scenario.name}: no value carries a range, so nothing can be varied; {what}"
        )
    if not outcomes:
        raise UsageError("a sensitivity study needs an outcome or more to ask about")
    if trajectories < 2:
        raise UsageError(f"a spread of effects needs two trajectories or more; got {trajectories}")
    if points < LEAST_BLOCKS or points & (points - 1):
        raise UsageError(
            f"points must be a power of two from {LEAST_BLOCKS} on, such as 32 or 64; got {points}"
        )


def _factors(found: Sequence[Parameter], chosen: tuple[int, ...]) -> tuple[Factor, ...]:
    """Return what gets an index: each chosen parameter, the others, all that is no assumption with
    luck, and luck."""
    luck = len(found)
    others = tuple(number for number in range(luck) if number not in chosen)
    evidence = tuple(number for number in range(luck) if not found[number].is_assumed)
    several = [Factor(OTHERS, others)] if others else []
    if 0 < len(evidence) < luck:
        several.append(Factor(EVIDENCE, (*evidence, luck)))
    return (
        *(Factor(found[number].id, (number,)) for number in chosen),
        *several,
        Factor(LUCK, (luck,)),
    )


@dataclass
class _Runs:
    """Runs points, and keeps what becomes of those that give no numbers."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    seed: int
    runner: Runner
    answers: tuple[Response, ...] = ()
    lost: list[LostPoints] = field(default_factory=list)

    def base(self, outcomes: Sequence[str], replications: int) -> Floats:
        """Run the scenario as it is and see that it has the *outcomes*: replications x answers."""
        request = Request.of(self.scenario, self.seed, range(replications))
        ran = run_points([request], lambda replication: replication.metrics, self.runner)
        if ran.was_stopped:
            raise KeyboardInterrupt
        if ran.failures:
            raise FailedError(ran.failures)
        metrics = ran.values[0]
        self.answers = find_responses(outcomes, metrics[0])
        numbers = [numbers_of(metrics[n]) for n in range(replications)]
        return np.array([[answer.of(of) for answer in self.answers] for of in numbers])

    def run(self, stage: str, points: Sequence[tuple[Floats, Sequence[int]]]) -> list[Floats]:
        """Run *points*, shares of the ranges and numbers of replications: for each replications x
        answers."""
        found = [np.full((len(numbers), len(self.answers)), np.nan) for _, numbers in points]
        requests, places, why = [], [], []
        for place, (shares, numbers) in enumerate(points):
            try:
                at = self.scenario.with_(self._changes(shares))
            except ScenarioError as error:
                why += [f"no scenario: {error.problems[0]}"] * len(numbers)
                continue
            requests.append(Request.of(at, self.seed, numbers))
            places.append(place)
        ran = run_points(requests, self._keep, self.runner)
        if ran.was_stopped:
            raise KeyboardInterrupt
        for place, values in zip(places, ran.values, strict=True):
            for row, number in enumerate(points[place][1]):
                found[place][row] = values.get(number, np.nan)
        why += [str(failure) for failure in ran.failures]
        if why:
            self.lost.append(
                LostPoints(stage, len(why), sum(len(numbers) for _, numbers in points), why[0])
            )
        return found

    def _changes(self, shares: Floats) -> dict[str, Any]:
        """Return the changes that give every parameter its share of the range; NaN leaves it as it
        is."""
        changes: dict[str, Any] = {}
        for parameter, share in zip(self.parameters, shares.tolist(), strict=True):
            if np.isfinite(share):
                changes |= parameter.changes(parameter.at(share))
        return changes

    def _keep(self, replication: Replication) -> list[float]:
        numbers = numbers_of(replication.metrics)
        return [answer.of(numbers) for answer in self.answers]


def _screen(runs: _Runs, count: int) -> tuple[Floats, Floats]:
    """Return the trajectories and their answers; each has two replications of its own, one before
    luck changes."""
    walks = trajectories(len(runs.parameters) + 1, count, seed=runs.seed)
    points = [
        (step[:-1], [2 * number + int(step[-1] > 0.5)])
        for number, walk in enumerate(walks)
        for step in walk
    ]
    ran = runs.run("screening", points)
    return walks, np.concatenate(ran).reshape(*walks.shape[:2], -1)


def _blocks(runs: _Runs, factors: Sequence[Factor], count: int) -> Floats:
    """Return the answers at every row of the design; A and B of a block are two replications of its
    own."""
    rows = design(factors, len(runs.parameters) + 1, count, seed=runs.seed)
    points = [
        (row[:-1], [2 * number + int(row[-1] != block[0, -1])])
        for number, block in enumerate(rows)
        for row in block
    ]
    ran = runs.run("indices", points)
    return np.concatenate(ran).reshape(*rows.shape[:2], -1)


def _ends(runs: _Runs, chosen: Sequence[int], replications: int) -> Floats:
    """Return the answers with one parameter at one end of its range and the others as they are."""
    points = []
    for index in chosen:
        for share in (0.0, 1.0):
            shares = np.full(len(runs.parameters), np.nan)
            shares[index] = share
            points.append((shares, range(replications)))
    return np.stack(runs.run("ends of ranges", points)).reshape(len(chosen), 2, replications, -1)
