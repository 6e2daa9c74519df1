"""Seasons with inputs over their ranges: what one year may bring, as far as inputs are known.

Every season is one replication, with random numbers of its own and a value of its own for every
input that carries a range or alternatives: taken as uniform over the range, independent of each
other, every alternative as likely. The points are a scrambled Sobol sequence, so that few seasons
spread over each range, and more of them keep the first ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.numbers import numbers_of
from sim.analysis.observed._targets import Target, targets_of
from sim.errors import ScenarioError, UsageError
from sim.runs.points import run_points
from sim.runs.replication import Replication
from sim.runs.requests import Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.parameters import Parameter, changes_at, parameters
from sim.streams import Streams

DEFAULT_SEASONS = 39
"""Seasons whose second and second last value hold a further one with probability 0.9."""
STREAM = "seasons/inputs"

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Seasons:
    """What each season gave for each target."""

    scenario: Scenario
    seed: int
    parameters: tuple[Parameter, ...]
    targets: tuple[Target, ...]
    shares: Floats
    """Of each range, by season and parameter."""
    values: Floats
    """By season and target; NaN where the season has no such number."""
    lost: tuple[str, ...] = ()
    """Why seasons gave no numbers at all, one line each."""

    def of(self, target: str) -> list[float]:
        """Return the values of the target of that id, season by season.

        Raises
        ------
        UsageError
            It was no target when the seasons were run.
        """
        ids = [one.id for one in self.targets]
        if target not in ids:
            raise UsageError(f"the seasons hold nothing of target {target}; draw them anew")
        values: list[float] = self.values[:, ids.index(target)].tolist()
        return values

    def table(self) -> pd.DataFrame:
        """Return one row a season: ``season``, every target, and every input as a file writes
        it."""
        columns: dict[str, list[object]] = {"season": list(range(len(self.values)))}
        for target in self.targets:
            columns[target.id] = list(self.of(target.id))
        for number, parameter in enumerate(self.parameters):
            shares = self.shares[:, number].tolist()
            columns[parameter.id] = [parameter.name(parameter.at(share)) for share in shares]
        return pd.DataFrame(columns)

    def __repr__(self) -> str:
        count, varied = len(self.values), len(self.parameters)
        return f"<Seasons of {self.scenario.name!r}: {count}, over {varied} inputs>"


def draw_seasons(
    scenario: Scenario, count: int = DEFAULT_SEASONS, *, seed: int = 1, runner: Runner | None = None
) -> Seasons:
    """Run *count* seasons of *scenario* with its inputs over their ranges.

    Raises
    ------
    UsageError
        It has no targets, no input with a range, or a count or seed is out of range.
    KeyboardInterrupt
        On Ctrl-C; what was computed is in the store, and the same call goes on from there.
    """
    count, seed = check_replications_and_seed(count, seed)
    targets, varied = targets_of(scenario), parameters(scenario)
    if not varied:
        raise UsageError(
            f"{scenario.name}: no value carries a range, so seasons over inputs are replications; "
            "leave them out with --seasons 0"
        )
    shares = _shares(len(varied), count, seed)
    requests, lost = _requests(scenario, varied, shares, seed)

    def keep(replication: Replication) -> list[float]:
        numbers = numbers_of(replication.metrics)
        return [target.of(numbers) for target in targets]

    with runner_or_new(runner) as active:
        done = run_points(list(requests.values()), keep, active)
    if done.was_stopped:
        raise KeyboardInterrupt
    values = np.full((count, len(targets)), np.nan)
    for season, by_number in zip(requests, done.values, strict=True):
        if season in by_number:
            values[season] = by_number[season]
    lost += [str(failure) for failure in done.failures]
    return Seasons(scenario, seed, varied, targets, shares, values, tuple(lost))


def _shares(parameters: int, count: int, seed: int) -> Floats:
    """Return the first *count* points: seasons x parameters."""
    from scipy.stats import qmc

    generator = Streams(seed, 0).generator(STREAM)
    power = (count - 1).bit_length()
    # A whole power of two is drawn, as the sequence is balanced there, and its head is kept.
    points = qmc.Sobol(parameters, rng=generator).random_base2(power)
    return np.asarray(points[:count], np.float64)


def _requests(
    scenario: Scenario, varied: Sequence[Parameter], shares: Floats, seed: int
) -> tuple[dict[int, Request], list[str]]:
    """Return what is to be run by number of the season, and why seasons are no scenario."""
    requests: dict[int, Request] = {}
    lost: list[str] = []
    for season, of_season in enumerate(shares):
        try:
            at = scenario.with_(changes_at(varied, of_season.tolist()))
        except ScenarioError as error:
            lost.append(f"season {season} is no scenario: {error.problems[0]}")
            continue
        requests[season] = Request.of(at, seed, [season])
    return requests, lost
