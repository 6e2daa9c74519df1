"""A sweep: one scenario at many points of a design, each with its replications on common random
numbers."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from sim.bounds import read_whole, why_no_utf8
from sim.errors import ScenarioError, UsageError
from sim.metrics.outcomes import MAIN, Outcome, outcomes_of
from sim.runs.points import run_points
from sim.runs.requests import Failure, Request, check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.tables import LARGEST_BYTES
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
        """Return *scenario* at a point.

        Raises
        ------
        ScenarioError
            The point makes no scenario; a problem of the point is listed with its place.
        """
        try:
            return scenario.with_(self.changes(point))
        except ScenarioError as error:
            place = self.places[point] if self.places else f"point {point}"
            # A problem with a line lies in a file of the scenario.
            problems = [
                problem if problem.line else replace(problem, file=place)
                for problem in error.problems
            ]
            raise ScenarioError(tuple(problems)) from None


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
    """Return the design of a CSV file: a column for each path, a row for each point.

    Raises
    ------
    UsageError
        The file cannot be read, or is no design.
    """
    (line, head), *rows = _rows_of(file)
    paths = tuple(cell.strip() for cell in head)
    if len(set(paths)) < len(paths) or not all(paths):
        raise UsageError(
            f"{file}:{line}: every column needs a path of its own; got {', '.join(paths)}"
        )
    places = tuple(f"{file}:{line}" for line, _ in rows)
    points = tuple(_point(paths, row, place) for (_, row), place in zip(rows, places, strict=True))
    return Design(paths, points, places)


def _rows_of(file: Path) -> list[tuple[int, list[str]]]:
    """Return line number and cells of each row of a CSV file that is not empty."""
    try:
        content = read_whole(file, LARGEST_BYTES)
        why = why_no_utf8(content)
        if why:
            raise UsageError(f"the design {file} is not a CSV file in UTF-8: {why}")
        reader = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""))
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except OSError as error:
        raise UsageError(f"the design {file} cannot be read: {error.strerror}") from None
    except csv.Error as error:
        raise UsageError(f"the design {file} is not a CSV file: {error}") from None
    if len(rows) < 2:
        raise UsageError(
            f"the design {file} has no points: a header of paths, and below it a row for each "
            f"(at most {MOST_POINTS:,})"
        )
    if len(rows) > MOST_POINTS + 1:
        raise UsageError(f"the design {file} has too many points (at most {MOST_POINTS:,})")
    return rows


def _point(paths: tuple[str, ...], row: list[str], place: str) -> tuple[Any, ...]:
    """Return the values of a row, written as in a scenario file."""
    if len(row) != len(paths):
        raise UsageError(
            f"{place}: {len(row)} values for {len(paths)} paths (values are separated by commas)"
        )
    values = []
    for path, cell in zip(paths, row, strict=True):
        if not cell.strip():
            raise UsageError(
                f"{place}: no value for {path}; write null to remove it from the scenario"
            )
        values.append(read_value(cell.strip(), f"{place} {path}"))
    return tuple(values)


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
        return pd.DataFrame([self._row(point) for point in range(len(self.values))])

    def _row(self, point: int) -> dict[str, Any]:
        changes = self.design.changes(point)
        row: dict[str, Any] = {"point": point}
        row |= {path: _written(value) for path, value in changes.items()}
        count = 0
        for outcome in MAIN:
            values = list(self._by_replication(point, outcome).values())
            interval = Interval.of_metric(values, outcome.name, outcome.unit)
            for end, value in zip(("", " low", " high"), interval, strict=True):
                row[f"{outcome.name}{end} [{outcome.unit}]"] = value
            count = max(count, len(values))
        return {**row, "n": count}

    def _by_replication(self, point: int, outcome: Outcome) -> dict[int, float]:
        """Return an outcome at a point by number of the replication, in order."""
        return dict(sorted(self.values[point].get(outcome, {}).items()))

    def tidy(self) -> pd.DataFrame:
        """Return one row for each point, outcome and replication: ``point, name, unit, replication,
        value``."""
        rows: list[tuple[int, str, str, int, float]] = []
        for point, outcome in product(range(len(self.values)), MAIN):
            values = self._by_replication(point, outcome)
            rows += [(point, outcome.name, outcome.unit, n, value) for n, value in values.items()]
        return pd.DataFrame(rows, columns=["point", "name", "unit", "replication", "value"])

    def __repr__(self) -> str:
        paths = ", ".join(self.design.paths)
        return f"<Sweep of {self.scenario.name!r}, {len(self.design.points)} points over {paths}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False, max_rows=60))


class SweepInterrupted(KeyboardInterrupt):
    """Stopped by the user; carries what was finished."""

    def __init__(self, finished: Sweep) -> None:
        super().__init__(finished)
        self.finished = finished


def _written(value: Any) -> Any:
    """Return *value* for a table; mappings and lists as JSON."""
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
        A point makes no scenario; raised before any is run.
    SweepInterrupted
        On Ctrl-C, with what was finished.
    """
    replications, seed = check_replications_and_seed(replications, seed)
    points = range(len(design.points))
    requests = [
        Request.of(design.of(scenario, point), seed, range(replications)) for point in points
    ]
    with runner_or_new(runner) as active:
        done = run_points(requests, lambda replication: outcomes_of(replication.metrics), active)
    values = tuple(_by_outcome(replications) for replications in done.values)
    swept = Sweep(scenario, design, seed, values, done.failures)
    if done.was_stopped:
        raise SweepInterrupted(swept)
    return swept


def _by_outcome(
    replications: Mapping[int, Mapping[Outcome, float]],
) -> dict[Outcome, dict[int, float]]:
    """Return each main outcome by number of the replication."""
    return {
        outcome: {number: values[outcome] for number, values in replications.items()}
        for outcome in MAIN
    }
