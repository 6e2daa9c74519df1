r"""Sensitivity: which of the values that carry a range an answer hangs on, and how much of it is
luck.

Every parameter is taken as uniform over its range and independent of the others. Three questions,
each on its own runs:

- *Which matter?* Elementary effects of all parameters, `sim.analysis.sensitivity.screening`. The
  ten that matter most to all answers together go on.
- *How much of the variance is whose?* Sobol indices, `sim.analysis.sensitivity.sobol`, straight
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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.observed.targets import numbers_of
from sim.analysis.sensitivity.responses import MAIN_ANSWERS, Answer, find_answers
from sim.analysis.sensitivity.screening import Effects, effects, importance, trajectories
from sim.analysis.sensitivity.sobol import LEAST_BLOCKS, Factor, Indices, design, indices
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.runner import FailedError, Request, Runner, check_replications_and_seed, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, parameters
from sim.study.interval import mean_interval

MOST = 10
"""Parameters that get an index of their own."""
OTHERS, EVIDENCE, LUCK = "all others", "evidence and luck", "luck"
RUN = 10
"""Replications of an ordinary run, for whose mean the shares are told beside those of one year."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lost:
    """Points that gave no numbers."""

    stage: str
    points: int
    of: int
    why: str
    """Of the first of them."""

    def __str__(self) -> str:
        return (
            f"{self.stage}: {self.points} of {self.of} runs gave no numbers; the first: {self.why}"
        )


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """What was run, and what follows from it."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    answers: tuple[Answer, ...]
    seed: int
    trajectories: Floats
    """Trajectories x steps x (parameters, then luck), as shares of the ranges."""
    screened: Floats
    """Trajectories x steps x answers; NaN for what does not exist."""
    chosen: tuple[int, ...]
    """Parameters with an index of their own, the most important first."""
    factors: tuple[Factor, ...]
    blocks: Floats
    """Blocks x rows of the design x answers."""
    ends: Floats
    """Chosen x (low, high) x replications x answers."""
    base: Floats
    """Of the scenario as it is: replications x answers."""
    lost: tuple[Lost, ...] = ()

    @cached_property
    def effects(self) -> tuple[Effects, ...]:
        """Elementary effects of every parameter, and of luck, by answer."""
        return tuple(
            effects(self.trajectories, self.screened[:, :, n]) for n in range(len(self.answers))
        )

    @cached_property
    def sobol(self) -> tuple[Indices, ...]:
        """Indices of the factors, by answer."""
        return tuple(
            indices(self.blocks[:, :, n], seed=self.seed) for n in range(len(self.answers))
        )

    @property
    def missing(self) -> dict[str, int]:
        """How many runs have no number for an answer, by its label; lost runs are among them."""
        parts = (self.screened, self.blocks, self.ends, self.base)
        flat = np.concatenate([part.reshape(-1, len(self.answers)) for part in parts])
        absent = (~np.isfinite(flat)).sum(axis=0).tolist()
        return {
            answer.label: count for answer, count in zip(self.answers, absent, strict=True) if count
        }

    @property
    def runs(self) -> int:
        """Replications of all points together."""
        return (self.screened.size + self.blocks.size + self.ends.size + self.base.size) // len(
            self.answers
        )

    def screening(self) -> pd.DataFrame:
        """Return the elementary effects: one row an answer and parameter, in the order of the file,
        luck last.

        Columns ``outcome, unit, parameter, confidence, mu, mu_star, sigma, n, mu_star_of_luck,
        chosen``; effects in the unit of the outcome, for the whole range of the parameter.
        """
        rows = []
        for answer, found in zip(self.answers, self.effects, strict=True):
            for number, (name, confidence) in enumerate(self._inputs()):
                numbers = (found.mean, found.size, found.spread)
                told = [float(of[number]) for of in numbers]
                about = (int(found.count[number]), float(found.size[-1]), number in self.chosen)
                rows.append((answer.label, answer.unit, name, confidence, *told, *about))
        columns = [
            "outcome",
            "unit",
            "parameter",
            "confidence",
            "mu",
            "mu_star",
            "sigma",
            "n",
            "mu_star_of_luck",
        ]
        return pd.DataFrame(rows, columns=[*columns, "chosen"])

    def indices(self) -> pd.DataFrame:
        """Return the Sobol indices: one row an answer and factor, the ten, then all others, then
        luck.

        Columns ``outcome, factor, confidence, first, first_low, first_high, total, total_low,
        total_high, noise, above_noise, blocks``; ``noise`` is the total index of luck, and what is
        above it by its whole interval is.
        """
        rows = []
        for answer, found in zip(self.answers, self.sobol, strict=True):
            luck = float(found.total[-1])
            for number, factor in enumerate(self.factors):
                if factor.name != EVIDENCE:
                    bounds = (
                        _bounds(found.first, found.first_half, number),
                        _bounds(found.total, found.total_half, number),
                    )
                    above = bool(bounds[1][1] > luck) and factor.name != LUCK
                    about = (
                        self._confidence(factor),
                        *bounds[0],
                        *bounds[1],
                        luck,
                        above,
                        found.blocks,
                    )
                    rows.append((answer.label, factor.name, *about))
        names = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
        columns = ["outcome", "factor", "confidence", *names, "noise", "above_noise", "blocks"]
        return pd.DataFrame(rows, columns=columns)

    def tornado(self) -> pd.DataFrame:
        """Return what each of the ten does alone: one row an answer and parameter, the widest swing
        first.

        Columns ``outcome, unit, parameter, confidence, low_end, high_end`` (as written), ``base,
        at_low, at_high`` (means over replications), ``low_change, low_change_low, low_change_high``
        and the same for ``high``: paired differences to the scenario with their 95 % intervals;
        ``n``. NaN where a replication has no number.
        """
        rows = []
        for number, answer in enumerate(self.answers):
            base = self.base[:, number]
            for order, index in enumerate(self.chosen):
                parameter, ends = self.parameters[index], self.ends[order, :, :, number]
                row: dict[str, Any] = {
                    "outcome": answer.label,
                    "unit": answer.unit,
                    "parameter": parameter.id,
                }
                row |= {"confidence": parameter.sourced.confidence}
                row |= {
                    "low_end": _end(parameter, 0),
                    "high_end": _end(parameter, 1),
                    "base": float(base.mean()),
                }
                row |= {"at_low": float(ends[0].mean()), "at_high": float(ends[1].mean())}
                for name, values in zip(("low", "high"), ends, strict=True):
                    bounds = mean_interval((values - base).tolist())
                    row |= dict(
                        zip(
                            (f"{name}_change{end}" for end in ("", "_low", "_high")),
                            bounds,
                            strict=True,
                        )
                    )
                rows.append({**row, "n": len(base), "order": number, "swing": _swing(row)})
        frame = pd.DataFrame(rows).sort_values(
            ["order", "swing"], ascending=[True, False], kind="stable"
        )
        return frame.drop(columns=["order", "swing"]).reset_index(drop=True)

    def shares(self) -> pd.DataFrame:
        """Return where the spread of each answer comes from: one row an answer.

        Columns ``outcome, unit, mean, p5, p95`` of one year over all ranges and luck; ``inputs,
        replication`` shares of that variance with ``replication_low, replication_high``;
        ``replication_of_mean``, its share in the mean of `RUN` replications; ``assumptions`` of the
        variance from inputs, with ``assumptions_low, assumptions_high``; and ``years``, how many
        there were.
        """
        rows = []
        for number, (answer, found) in enumerate(zip(self.answers, self.sobol, strict=True)):
            years = self.blocks[:, [0, -1], number]
            years = years[np.isfinite(years)]
            luck, low, high = _bounds(found.total, found.total_half, len(self.factors) - 1)
            numbers = (
                (float(years.mean()), *np.quantile(years, (0.05, 0.95)).tolist())
                if len(years)
                else (np.nan,) * 3
            )
            share = luck / RUN / (1 - luck + luck / RUN)
            replication = (1 - luck, luck, low, high, share)
            rows.append(
                (
                    answer.label,
                    answer.unit,
                    *numbers,
                    *replication,
                    *self._assumptions(found),
                    len(years),
                )
            )
        spread = [
            "inputs",
            "replication",
            "replication_low",
            "replication_high",
            "replication_of_mean",
        ]
        assumed = ["assumptions", "assumptions_low", "assumptions_high"]
        return pd.DataFrame(
            rows, columns=["outcome", "unit", "mean", "p5", "p95", *spread, *assumed, "years"]
        )

    def _assumptions(self, found: Indices) -> tuple[float, float, float]:
        """Return the share of the inputs' variance that rests on assumptions, with its interval;
        between 0 and 1."""
        names = [factor.name for factor in self.factors]
        if not np.isfinite(found.total).all():
            return np.nan, np.nan, np.nan
        if EVIDENCE not in names:
            share = float(all(parameter.is_assumed for parameter in self.parameters))
            return share, share, share
        evidence, luck = names.index(EVIDENCE), names.index(LUCK)
        draws = _ratio(found.total_draws[:, evidence], found.total_draws[:, luck])
        low, high = np.quantile(draws, (0.025, 0.975)).tolist()
        return float(_ratio(found.total[[evidence]], found.total[[luck]])[0]), low, high

    def _inputs(self) -> list[tuple[str, str]]:
        return [(parameter.id, parameter.sourced.confidence) for parameter in self.parameters] + [
            (LUCK, LUCK)
        ]

    def _confidence(self, factor: Factor) -> str:
        return self._inputs()[factor.inputs[0]][1] if len(factor.inputs) == 1 else "several"

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.scenario.name!r}: {len(self.parameters)} parameters, {self.runs:,} runs>"

    def _repr_html_(self) -> str:
        return str(self.indices().to_html(index=False))


def _bounds(values: Floats, halves: Floats, number: int) -> tuple[float, float, float]:
    value, half = float(values[number]), float(halves[number])
    return value, value - half, value + half


def _ratio(evidence: Floats, luck: Floats) -> Floats:
    """Return shares of the inputs' variance that assumptions explain alone; where inputs explain
    nothing, none."""
    inputs = 1 - luck
    return np.clip(
        np.divide(1 - evidence, inputs, out=np.zeros_like(inputs), where=inputs > 0), 0, 1
    )


def _end(parameter: Parameter, share: int) -> str:
    written = parameter.written(parameter.at(share))
    return written if isinstance(written, str) else f"{written:g}"


def _swing(row: Mapping[str, Any]) -> float:
    sizes = [abs(row[name]) for name in ("low_change", "high_change") if np.isfinite(row[name])]
    return max(sizes, default=-1.0)


def runs_of(scenario: Scenario, *, trajectories: int, points: int, replications: int) -> int:
    """Return how many replications a sensitivity study of *scenario* takes."""
    found = parameters(scenario)
    chosen = min(MOST, len(found))
    factors = len(_factors(found, tuple(range(chosen))))
    return (
        trajectories * (len(found) + 2) + points * (factors + 2) + replications * (2 * chosen + 1)
    )


def sensitivity(
    scenario: Scenario,
    outcomes: Sequence[str] = MAIN_ANSWERS,
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
    answers: tuple[Answer, ...] = ()
    lost: list[Lost] = field(default_factory=list)

    def base(self, outcomes: Sequence[str], replications: int) -> Floats:
        """Run the scenario as it is and see that it has the *outcomes*: replications x answers."""
        request = Request.of(self.scenario, self.seed, range(replications))
        ran = run_points([request], lambda replication: replication.metrics, self.runner)
        if ran.was_stopped:
            raise KeyboardInterrupt
        if ran.failures:
            raise FailedError(ran.failures)
        metrics = ran.values[0]
        self.answers = find_answers(outcomes, metrics[0])
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
                Lost(stage, len(why), sum(len(numbers) for _, numbers in points), why[0])
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
