"""A sweep: one scenario at many points of a design, every point with its replications on the same luck."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UsageError
from sim.spec.load import LoadedScenario
from sim.spec.yaml_tree import read_value
from sim.study.intervals import mean_interval
from sim.study.outcomes import MAIN, Outcome, outcomes_of
from sim.study.runner import FailedError, Failure, Request, Runner

MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Design:
    """Points to be run: what each changes, by dotted path."""

    paths: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]

    def changes(self, point: int) -> dict[str, Any]:
        """Return the changes of a point."""
        return dict(zip(self.paths, self.points[point], strict=True))


def grid(levels: Mapping[str, Sequence[Any]]) -> Design:
    """Return every combination of the *levels* by path, the last path changing fastest."""
    count = 1
    for path, values in levels.items():
        if not values:
            raise UsageError(f"{path} has no value to be varied over")
        count *= len(values)
    if count > MOST_POINTS:
        raise UsageError(f"a grid of {count:,} points is more than {MOST_POINTS:,}; vary less, or take a sample")
    return Design(tuple(levels), tuple(product(*levels.values())))


def latin_hypercube(ranges: Mapping[str, tuple[float, float]], points: int, *, seed: int) -> Design:
    """Return *points* spread over the *ranges* by path, one in each of as many layers of every range (scipy)."""
    from scipy.stats import qmc

    if not 1 <= points <= MOST_POINTS:
        raise UsageError(f"a sample has from 1 to {MOST_POINTS:,} points; got {points}")
    sample = qmc.LatinHypercube(len(ranges), rng=seed).random(points)
    low, high = zip(*ranges.values(), strict=True)
    return Design(tuple(ranges), tuple(tuple(row) for row in qmc.scale(sample, low, high).tolist()))


def read_design(file: Path) -> Design:
    """Return the design of a CSV file: a column for each path, a row for each point."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = [row for row in csv.reader(text) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the design {file} cannot be read: {error}") from None
    if len(rows) < 2:
        raise UsageError(f"the design {file} has no points: a header of paths, and below it a row for each point")
    paths = tuple(cell.strip() for cell in rows[0])
    if len(set(paths)) < len(paths) or not all(paths):
        raise UsageError(f"{file}:1: every column needs a path of its own; got {', '.join(paths)}")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(paths):
            raise UsageError(f"{file}:{number}: {len(row)} values for {len(paths)} paths")
    return Design(
        paths,
        tuple(
            tuple(read_value(cell.strip(), f"{file}:{number} {path}") for path, cell in zip(paths, row, strict=True))
            for number, row in enumerate(rows[1:], start=2)
        ),
    )


@dataclass(frozen=True, repr=False)
class Sweep:
    """What came out at every point."""

    scenario: LoadedScenario
    design: Design
    seed: int
    values: tuple[dict[Outcome, dict[int, float]], ...]
    """By point and outcome: the value of each replication."""
    failures: tuple[Failure, ...] = ()
    """Replications that fail every time, and are not in the values."""

    def table(self) -> pd.DataFrame:
        """Return one row a point: what it changes, and each main outcome with the bounds of its mean at 95 %.

        Columns ``point``, the paths, and for each outcome ``NAME [UNIT]``, ``NAME low``, ``NAME high``, then ``n``.
        """
        rows = []
        for number, outcomes in enumerate(self.values):
            row: dict[str, Any] = {"point": number, **self.design.changes(number)}
            for outcome in MAIN:
                numbers = outcomes.get(outcome, {})
                mean, low, high = mean_interval([numbers[n] for n in sorted(numbers)])
                label = f"{outcome.name} [{outcome.unit}]" if outcome.unit else outcome.name
                row |= {label: mean, f"{outcome.name} low": low, f"{outcome.name} high": high}
            rows.append({**row, "n": max((len(numbers) for numbers in outcomes.values()), default=0)})
        return pd.DataFrame(rows)

    def tidy(self) -> pd.DataFrame:
        """Return one row for each point, outcome and replication: ``point, name, unit, replication, value``."""
        rows = [
            (number, outcome.name, outcome.unit, replication, outcomes[outcome][replication])
            for number, outcomes in enumerate(self.values)
            for outcome in MAIN
            for replication in sorted(outcomes.get(outcome, {}))
        ]
        return pd.DataFrame(rows, columns=["point", "name", "unit", "replication", "value"])

    def __repr__(self) -> str:
        return (
            f"<Sweep of {self.scenario.name!r}, {len(self.design.points)} points over {', '.join(self.design.paths)}>"
        )

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False, max_rows=60))


def sweep(
    scenario: LoadedScenario,
    design: Design,
    *,
    replications: int = 10,
    seed: int = 1,
    runner: Runner | None = None,
) -> Sweep:
    """Run every point of *design*.

    Raises
    ------
    ScenarioError
        A point makes no scenario; told before any is run.
    """
    points = range(len(design.points))
    requests = [Request.of(scenario.with_(design.changes(point)), seed, range(replications)) for point in points]
    values: list[dict[Outcome, dict[int, float]]] = [{outcome: {} for outcome in MAIN} for _ in points]
    failures: tuple[Failure, ...] = ()
    with nullcontext(runner) if runner is not None else Runner() as active:
        try:
            for number, replication in active.collect(requests):
                for outcome, value in outcomes_of(replication.metrics).items():
                    values[number][outcome][replication.number] = value
        except FailedError as error:
            failures = error.failures
    return Sweep(scenario, design, seed, tuple(values), failures)
