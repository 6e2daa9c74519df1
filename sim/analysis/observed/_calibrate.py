r"""Calibration: which values of chosen parameters agree with what was observed, and which the data
cannot separate.

First Optuna's tree-structured Parzen estimator looks for the point with the smallest discrepancy
[1]_. Then points are spread evenly over the ranges; the box around what is plausible by them
(`sim.analysis.observed._plausible`) is where the next wave of points is spread, so that the surfaces
become good where it counts: history matching [2]_. What is kept after the last wave is the
plausible set.

.. [1] Bergstra, Bardenet, Bengio, Kegl (2011), Algorithms for hyper-parameter optimization, NIPS
24.
.. [2] Craig, Goldstein, Seheult, Smith (1997), Pressure matching for hydrocarbon reservoirs, Case
Studies in Bayesian
   Statistics III.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from sim.analysis.numbers import numbers_of
from sim.analysis.observed._plausible import Calibration, Floats, allowed, levels_of
from sim.analysis.observed._surface import least_points
from sim.analysis.observed._targets import Target, check_targets, targets_of
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, changes_at, choose

BATCH = 8
"""Points that Optuna proposes at once; not the number of workers, on which nothing may depend."""
WAVES = 3
WIDENED = 0.1
"""By how much of its width the box of a wave is widened at each end."""


def _points_of_a_wave(parameters: Sequence[Parameter], wave: int | None) -> int:
    return 4 * least_points(levels_of(parameters)) if wave is None else wave


def calibration_runs(
    scenario: Scenario,
    parameters: Sequence[str],
    *,
    search: int,
    wave: int | None,
    replications: int,
) -> int:
    """Return how many replications a calibration of *parameters*, paths of values with a range or
    alternatives, takes."""
    of_a_wave = _points_of_a_wave(choose(scenario, parameters), wave)
    return (search + WAVES * of_a_wave) * replications


def calibrate(
    scenario: Scenario,
    parameters: Sequence[str],
    *,
    search: int = 64,
    wave: int | None = None,
    replications: int = 3,
    seed: int = 1,
    runner: Runner | None = None,
) -> Calibration:
    """FittedParameter *parameters* of *scenario* to its targets.

    Parameters
    ----------
    parameters
        Paths of values that carry a range or alternatives.
    search
        Points that Optuna proposes, the first of them the scenario's own.
    wave
        Points of each of the `WAVES` waves; default, four times the terms of a surface.
    replications
        Of each point, the same for all.

    Raises
    ------
    UsageError
        A path carries no range, nothing is to be fitted, a target is never simulated, or Optuna is
        not installed.
    KeyboardInterrupt
        On Ctrl-C; what was computed is in the store, and the same call goes on from there.
    """
    replications, seed = check_replications_and_seed(replications, seed)
    chosen = choose(scenario, parameters)
    targets = _targets_to_fit(scenario)
    if not chosen or not targets:
        missing = "parameters to fit" if not chosen else "targets that may be fitted (use: fitted)"
        raise UsageError(
            f"{scenario.name}: there are no {missing}; "
            "'corridor sources' and 'observed' list what there is"
        )
    wave = _points_of_a_wave(chosen, wave)
    least = 2 * least_points(levels_of(chosen))
    if search < 1 or wave < least:
        raise UsageError(
            "a calibration needs a point or more to search and, "
            f"for {len(chosen)} parameters, {least} a wave; got {search} and {wave}"
        )
    with runner_or_new(runner) as active:
        points = _Points(scenario, chosen, targets, seed, replications, active)
        _search(points, search)
        for number in range(WAVES):
            _spread(points, wave, number)
    return points.result()


def _targets_to_fit(scenario: Scenario) -> tuple[Target, ...]:
    """Return the targets that may be fitted and do not follow from others."""
    return tuple(one for one in targets_of(scenario) if one.is_fitted and one.counts)


@dataclass
class _Points:
    """Points that were run so far."""

    scenario: Scenario
    parameters: tuple[Parameter, ...]
    targets: tuple[Target, ...]
    seed: int
    replications: int
    runner: Runner
    shares: list[Floats] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    box: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.box = np.array([[0.0], [1.0]]).repeat(len(self.parameters), axis=1)

    def run(self, shares: Floats) -> None:
        """Run the points at *shares*; what the scenario refuses or the engine cannot end has no
        numbers."""
        values = np.full((len(shares), self.replications, len(self.targets)), np.nan)
        requests: dict[int, Request] = {}
        for point, of_point in enumerate(shares):
            try:
                at = self.scenario.with_(changes_at(self.parameters, of_point.tolist()))
            except ScenarioError:
                continue
            requests[point] = Request.of(at, self.seed, range(self.replications))
        done = run_points(list(requests.values()), self._keep, self.runner)
        if done.was_stopped:
            raise KeyboardInterrupt
        for point, by_number in zip(requests, done.values, strict=True):
            if len(by_number) == self.replications:
                values[point] = [by_number[number] for number in range(self.replications)]
        self.shares.append(allowed(self.parameters, shares))
        self.values.append(values)

    def _keep(self, replication: Replication) -> list[float]:
        numbers = numbers_of(replication.metrics)
        check_targets(self.targets, numbers)
        return [target.of(numbers) for target in self.targets]

    def result(self) -> Calibration:
        """Return what is known so far."""
        calibration = Calibration(
            self.scenario,
            self.parameters,
            self.targets,
            self.seed,
            self.replications,
            np.concatenate(self.shares),
            np.concatenate(self.values),
            self.box,
        )
        for number, target in enumerate(self.targets):
            if not np.isfinite(calibration.means[:, number]).any():
                raise UsageError(
                    f"target {target.id}: {target.label} never comes out of {self.scenario.name}, "
                    "so nothing can be fitted to it"
                )
        return calibration


def _search(points: _Points, count: int) -> None:
    """Let Optuna propose *count* points in batches, beginning with the scenario's own."""
    optuna = _optuna()
    ids = [parameter.id for parameter in points.parameters]
    ranges = {one.id: _distribution(one, optuna.distributions) for one in points.parameters}
    sampler = optuna.samplers.TPESampler(seed=points.seed, n_startup_trials=BATCH)
    study = optuna.create_study(sampler=sampler)
    own = {parameter.id: parameter.share_of(parameter.value) for parameter in points.parameters}
    study.enqueue_trial(own)
    for done in range(0, count, BATCH):
        trials = [study.ask(ranges) for _ in range(min(BATCH, count - done))]
        points.run(np.array([[trial.params[name] for name in ids] for trial in trials]))
        discrepancy = points.result().discrepancy[-len(trials) :].tolist()
        for trial, value in zip(trials, discrepancy, strict=True):
            if np.isfinite(value):
                study.tell(trial, value)
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)


def _distribution(parameter: Parameter, kinds: Any) -> Any:
    """Return what Optuna draws the share of the range from; alternatives have no order."""
    if parameter.is_choice:
        levels = range(len(parameter.levels))
        return kinds.CategoricalDistribution([parameter.share_of(float(one)) for one in levels])
    return kinds.FloatDistribution(0.0, 1.0)


def _optuna() -> Any:
    """Return the module, which is optional, without its messages."""
    try:
        optuna: Any = import_module("optuna")
    except ImportError:
        raise UsageError(
            "calibrate needs Optuna: pip install 'middle-corridor-sim[study]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _spread(points: _Points, count: int, wave: int) -> None:
    """Spread *count* points over the box of what is plausible so far; the first wave over the whole
    ranges."""
    from scipy.stats import qmc

    if wave:
        kept = points.result().plausible
        margin = WIDENED * np.ptp(kept, axis=0) + 1 / count
        points.box = np.clip([kept.min(axis=0) - margin, kept.max(axis=0) + margin], 0.0, 1.0)
    low, high = points.box
    # A Latin hypercube takes any number of points, a Sobol sequence powers of two.
    sample = qmc.LatinHypercube(len(low), rng=np.random.default_rng([points.seed, wave])).random(
        count
    )
    points.run(low + sample * (high - low))
