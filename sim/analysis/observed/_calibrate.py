r"""Calibration: which values of chosen parameters agree with what was observed, and which the data
cannot tell apart.

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
from sim.analysis.observed._plausible import Calibration, Floats, allowed
from sim.analysis.observed._surface import least_points
from sim.analysis.observed._targets import Target, targets_of
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, choose

BATCH = 8
"""Points that Optuna proposes at once; not the number of workers, on which nothing may hang."""
WAVES = 3
WIDENED = 0.1
"""By how much of its width the box of a wave is widened at each end."""


def _points_of_a_wave(parameters: int, wave: int | None) -> int:
    return 4 * least_points(parameters) if wave is None else wave


def calibration_runs(parameters: int, *, search: int, wave: int | None, replications: int) -> int:
    """Return how many replications a calibration takes."""
    return (search + WAVES * _points_of_a_wave(parameters, wave)) * replications


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
        Paths of values that carry a range.
    search
        Points that Optuna proposes, the first of them the scenario's own.
    wave
        Points of each of the `WAVES` waves; if nothing is said, four times the terms of a surface.
    replications
        Of each point, on the same luck.

    Raises
    ------
    UsageError
        A path carries no range, nothing is to be fitted, a target never comes out, or Optuna is not
        installed.
    KeyboardInterrupt
        On Ctrl-C; what was computed is in the store, and the same call goes on from there.
    """
    check_replications_and_seed(replications, seed)
    chosen = choose(scenario, parameters)
    targets = tuple(target for target in targets_of(scenario) if target.is_fitted and target.counts)
    if not chosen or not targets:
        what = "parameters to fit" if not chosen else "targets that may be fitted (use: fitted)"
        raise UsageError(
            f"{scenario.name}: there are no {what}; 'corridor sources' and 'observed' say what there is"
        )
    least = 2 * least_points(len(chosen))
    wave = _points_of_a_wave(len(chosen), wave)
    if search < 1 or wave < least:
        what = f"a point or more to search and, for {len(chosen)} parameters, {least} a wave"
        raise UsageError(f"a calibration needs {what}; got {search} and {wave}")
    with runner_or_new(runner) as active:
        tried = _Tried(scenario, chosen, targets, seed, replications, active)
        _search(tried, search)
        for number in range(WAVES):
            _spread(tried, wave, number)
    return tried.result()


@dataclass
class _Tried:
    """Points so far."""

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
        found = np.full((len(shares), self.replications, len(self.targets)), np.nan)
        requests, numbers = [], []
        for number, point in enumerate(shares):
            try:
                at = self.scenario.with_(self._changes(point))
            except ScenarioError:
                continue
            requests.append(Request.of(at, self.seed, range(self.replications)))
            numbers.append(number)
        ran = run_points(requests, self._keep, self.runner)
        if ran.was_stopped:
            raise KeyboardInterrupt
        for number, values in zip(numbers, ran.values, strict=True):
            if len(values) == self.replications:
                found[number] = [values[n] for n in range(self.replications)]
        self.shares.append(allowed(self.parameters, shares))
        self.values.append(found)

    def _changes(self, point: Floats) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for parameter, share in zip(self.parameters, point.tolist(), strict=True):
            changes |= parameter.changes(parameter.at(share))
        return changes

    def _keep(self, replication: Replication) -> list[float]:
        numbers = numbers_of(replication.metrics)
        return [target.of(numbers) for target in self.targets]

    def result(self) -> Calibration:
        """Return what is known so far."""
        found = Calibration(
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
            if not np.isfinite(found.means[:, number]).any():
                where = f" at {target.seen.where}" if target.seen.where else ""
                what = f"{target.seen.metric}{where} never comes out of {self.scenario.name}"
                raise UsageError(f"target {target.id}: {what}, so nothing can be fitted to it")
        return found


def _search(tried: _Tried, count: int) -> None:
    """Let Optuna propose *count* points in batches, beginning with the scenario's own."""
    try:
        optuna: Any = import_module("optuna")
    except ImportError:
        what = "calibrate needs Optuna: pip install 'middle-corridor-sim[study]'"
        raise UsageError(what) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    ids = [parameter.id for parameter in tried.parameters]
    ranges = {name: optuna.distributions.FloatDistribution(0.0, 1.0) for name in ids}
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=tried.seed, n_startup_trials=BATCH)
    )
    own = [parameter.share_of(parameter.value) for parameter in tried.parameters]
    study.enqueue_trial(dict(zip(ids, own, strict=True)))
    for done in range(0, count, BATCH):
        trials = [study.ask(ranges) for _ in range(min(BATCH, count - done))]
        tried.run(np.array([[trial.params[name] for name in ids] for trial in trials]))
        discrepancy = tried.result().discrepancy[-len(trials) :]
        for trial, value in zip(trials, discrepancy.tolist(), strict=True):
            if np.isfinite(value):
                study.tell(trial, value)
            else:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)


def _spread(tried: _Tried, count: int, wave: int) -> None:
    """Spread *count* points over the box of what is plausible so far; the first wave over the whole
    ranges."""
    from scipy.stats import qmc

    if wave:
        kept = tried.result().plausible
        margin = WIDENED * np.ptp(kept, axis=0) + 1 / count
        tried.box = np.clip([kept.min(axis=0) - margin, kept.max(axis=0) + margin], 0.0, 1.0)
    low, high = tried.box
    # A Latin hypercube takes any number of points, a Sobol sequence powers of two.
    sample = qmc.LatinHypercube(len(low), rng=np.random.default_rng([tried.seed, wave])).random(
        count
    )
    tried.run(low + sample * (high - low))
