"""A sweep: one scenario at many points of a design, every point with its replications on the same
luck."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import ScenarioError, UsageError
from sim.metrics.outcomes import MAIN, Outcome, outcomes_of
from sim.runs.points import run_points
from sim.runs.requests import Failure, Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.yaml_tree import read_value
from sim.study.interval import Interval

MOST_POINTS = 100_000


@dataclass(frozen=True, slots=True)
class Design:
    """Points to be run: what each changes, by dotted path."""

    paths: tuple[str, ...]
    points: tuple[tuple[Any, ...], ...]
    places: tuple[str, ...] = ()
    """Where each point was written, if it was."""

    def changes(self, point: int) -> dict[str, Any]:
        """Return the changes of a point."""
        return dict(zip(self.paths, self.points[point], strict=True))

    def of(self, scenario: Scenario, point: int) -> Scenario:
        """Return *scenario* at a point; what is wrong with it is told with the place of the
        point."""
        try:
            return scenario.with_(self.changes(point))
        except ScenarioError as error:
            place = self.places[point] if self.places else f"point {point}"
            told = [
                replace(problem, file=place) if not problem.line else problem
                for problem in error.problems
            ]
            raise ScenarioError(tuple(told)) from None


def grid(levels: Mapping[str, Sequence[Any]]) -> Design:
    """Return every combination of the *levels* by path, the last path changing fastest."""
    count = 1
    for path, values in levels.items():
        if not values:
            raise UsageError(f"{path} has no value to be varied over")
        count *= len(values)
    if count > MOST_POINTS:
        raise UsageError(
            f"a grid of {count:,} points is more than {MOST_POINTS:,}; vary less, or take a sample"
        )
    return Design(tuple(levels), tuple(product(*levels.values())))


def latin_hypercube(ranges: Mapping[str, tuple[float, float]], points: int, *, seed: int) -> Design:
    """Return *points* spread over the *ranges* by path, one in each of as many layers of every
    range (scipy)."""
    from scipy.stats import qmc

    if not 1 <= points <= MOST_POINTS:
        raise UsageError(f"a sample has from 1 to {MOST_POINTS:,} points; got {points}")
    for path, (low, high) in ranges.items():
        if not (isfinite(high - low) and low < high):
            raise UsageError(
                f"{path}: a range goes from a number to a larger one; got {low:g} to {high:g}"
            )
    if not ranges:
        raise UsageError("a sample needs a range or more to be taken from")
    sample = qmc.LatinHypercube(len(ranges), rng=seed).random(points)
    ends = list(zip(*ranges.values(), strict=True))
    return Design(tuple(ranges), tuple(tuple(row) for row in qmc.scale(sample, *ends).tolist()))


def read_design(file: Path) -> Design:
    """Return the design of a CSV file: a column for each path, a row for each point."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"the design {file} cannot be read: {error}") from None
    if not 2 <= len(rows) <= MOST_POINTS + 1:
        what = (
            "no points: a header of paths, and below it a row for each"
            if len(rows) < 2
            else "too many points"
        )
        raise UsageError(f"the design {file} has {what} (at most {MOST_POINTS:,})")
    (line, head), *rest = rows
    paths = tuple(cell.strip() for cell in head)
    if len(set(paths)) < len(paths) or not all(paths):
        raise UsageError(
            f"{file}:{line}: every column needs a path of its own; got {', '.join(paths)}"
        )
    return Design(
        paths,
        tuple(_point(paths, row, f"{file}:{line}") for line, row in rest),
        tuple(f"{file}:{line}" for line, _ in rest),
    )


def _point(paths: tuple[str, ...], row: list[str], place: str) -> tuple[Any, ...]:
    """Return the values of a row, written as in a scenario file."""
    if len(row) != len(paths):
        raise UsageError(
            f"{place}: {len(row)} values for {len(paths)} paths (values are told apart by commas)"
        )
    for path, cell in zip(paths, row, strict=True):
        if not cell.strip():
            raise UsageError(
                f"{place}: no value for {path}; write null to take it out of the scenario"
            )
    return tuple(
        read_value(cell.strip(), f"{place} {path}") for path, cell in zip(paths, row, strict=True)
    )


@dataclass(frozen=True, repr=False)
class Sweep:
    """What came out at every point."""

    scenario: Scenario
    design: Design
    seed: int
    values: tuple[dict[Outcome, dict[int, float]], ...]
    """By point and outcome: the value of each replication."""
    failures: tuple[Failure, ...] = ()
    """Replications that fail every time, and are not in the values."""

    def table(self) -> pd.DataFrame:
        """Return one row a point: what it changes, and each main outcome with the bounds of its
        mean at 95 %.

        Columns ``point``, the paths, and for each outcome ``NAME [UNIT]``, ``NAME low [UNIT]``,
        ``NAME high [UNIT]``, then ``n``.
        """
        rows = []
        for number, outcomes in enumerate(self.values):
            written = {path: _written(value) for path, value in self.design.changes(number).items()}
            row: dict[str, Any] = {"point": number, **written}
            for outcome in MAIN:
                numbers = outcomes.get(outcome, {})
                values = [numbers[n] for n in sorted(numbers)]
                interval = Interval.of_metric(values, outcome.name, outcome.unit)
                for end, value in zip(("", " low", " high"), interval, strict=True):
                    row[f"{outcome.name}{end} [{outcome.unit}]"] = value
            rows.append(
                {**row, "n": max((len(numbers) for numbers in outcomes.values()), default=0)}
            )
        return pd.DataFrame(rows)

    def tidy(self) -> pd.DataFrame:
        """Return one row for each point, outcome and replication: ``point, name, unit, replication,
        value``."""
        rows = [
            (number, outcome.name, outcome.unit, replication, outcomes[outcome][replication])
            for number, outcomes in enumerate(self.values)
            for outcome in MAIN
            for replication in sorted(outcomes.get(outcome, {}))
        ]
        return pd.DataFrame(rows, columns=["point", "name", "unit", "replication", "value"])

    def __repr__(self) -> str:
        return f"<Sweep of {self.scenario.name!r}, {len(self.design.points)} points over {', '.join(self.design.paths)}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False, max_rows=60))


class SweepInterrupted(KeyboardInterrupt):
    """Stopped by the user; carries what was finished."""

    def __init__(self, finished: Sweep) -> None:
        super().__init__(finished)
        self.finished = finished


def _written(value: Any) -> Any:
    """Return *value* for a table: what is no number or text, as a scenario file has it."""
    return json.dumps(value) if isinstance(value, dict | list) else value


def sweep(
    scenario: Scenario,
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
    SweepInterrupted
        On Ctrl-C, with what was finished.
    """
    check_replications_and_seed(replications, seed)
    points = range(len(design.points))
    requests = [
        Request.of(design.of(scenario, point), seed, range(replications)) for point in points
    ]
    with runner_or_new(runner) as active:
        found = run_points(requests, lambda replication: outcomes_of(replication.metrics), active)
    values = tuple(
        {
            outcome: {number: outcomes[outcome] for number, outcomes in of.items()}
            for outcome in MAIN
        }
        for of in found.values
    )
    swept = Sweep(scenario, design, seed, values, found.failures)
    if found.was_stopped:
        raise SweepInterrupted(swept)
    return swept
