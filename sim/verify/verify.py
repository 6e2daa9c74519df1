"""Run the textbook scenarios and hold them against theory."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from math import fsum, sqrt
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sim.runs.pools import default_workers, end_workers
from sim.spec.load import load
from sim.study.replicate import replicate
from sim.verify.case import Case, Row
from sim.verify.cases import CASES

FAMILY = 0.01
"""Chance that any row of a right simulator is found to disagree."""
EQUIVALENCE = 0.05
"""Chance that a row which is just not near enough is found to be."""
SEED = 20231123


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row of the answer."""

    case: Case
    exact: float
    mean: float
    half_width: float
    """Of the interval of the mean at the level of the family."""
    agrees: bool
    """Whether that interval holds the exact value."""
    is_near: bool
    """Whether the mean is shown to be within the tolerance of it."""

    @property
    def holds(self) -> bool:
        """Whether the row is verified."""
        return self.agrees and self.is_near


# -- judging
# --------------------------------------------------------------------------------------------------


def judge(
    case: Case,
    exact: float,
    values: Sequence[float],
    rows: int,
    deviations: Sequence[Sequence[float]] = (),
) -> Verdict:
    """Return the verdict on the values of the replications, one of *rows* in all.

    Agreement is a two-sided t interval at 1 - `FAMILY` over all rows (Bonferroni); nearness is two
    one-sided t tests at `EQUIVALENCE` against the tolerance (Schuirmann).

    Parameters
    ----------
    deviations
        For each control of the case, how far it was from its mean in each replication. The mean of
        the case is the value of a line through *values* where all of these are 0, with one degree
        of freedom less for each [1]_.

    References
    ----------
    .. [1] Lavenberg, Welch (1981), A perspective on the use of control variables to increase the
       efficiency of Monte Carlo simulations, Management Science 27.
    """
    if case.is_certain:
        return _judge_certain(case, exact, values)
    mean, error, freedom = _mean_with_controls(values, deviations)
    half_width = float(stats.t.ppf(1 - FAMILY / rows / 2, freedom)) * error
    one_sided = float(stats.t.ppf(1 - EQUIVALENCE, freedom)) * error
    off = abs(mean - exact)
    return Verdict(
        case,
        exact,
        mean,
        half_width,
        agrees=off <= half_width,
        is_near=off + one_sided <= case.tolerance * abs(exact),
    )


def _judge_certain(case: Case, exact: float, values: Sequence[float]) -> Verdict:
    mean = fsum(values) / len(values)
    # A billionth is rounding of the unit, a second in a day would be far more.
    largest = 1e-9 * max(1.0, abs(exact))
    is_exact = all(abs(value - exact) < largest for value in values)
    return Verdict(case, exact, mean, 0.0, agrees=is_exact, is_near=is_exact)


def _mean_with_controls(
    values: Sequence[float], deviations: Sequence[Sequence[float]]
) -> tuple[float, float, int]:
    """Return the mean where all controls are at theirs, its standard error, degrees of freedom."""
    count = len(values)
    design = np.column_stack([np.ones(count), *deviations])
    freedom = count - design.shape[1]
    fitted, *_ = np.linalg.lstsq(design, np.array(values))
    scatter = float(((np.array(values) - design @ fitted) ** 2).sum()) / freedom
    error = sqrt(scatter * float(np.linalg.inv(design.T @ design)[0, 0]))
    return float(fitted[0]), error, freedom


# -- running
# --------------------------------------------------------------------------------------------------


class _Task(NamedTuple):
    """A scenario to run, and the rows of metrics that its cases need."""

    file: str
    changes: dict[str, Any]
    replications: int
    seed: int
    rows: list[list[dict[str, str]]]
    """For each case."""


def verify(
    cases: Sequence[Case] = CASES,
    *,
    seed: int = SEED,
    workers: int | None = None,
    on_row: Callable[[Verdict], object] = lambda _: None,
) -> tuple[Verdict, ...]:
    """Run every case and return the verdicts in order; *on_row* gets each as it comes.

    Cases that share a scenario share its runs; each scenario is run by one process, several side by
    side.
    """
    groups: dict[tuple[str, int], list[Case]] = {}
    for case in cases:
        scenario = load(f"textbook/{case.file}", case.changes)
        groups.setdefault((scenario.hash, case.replications), []).append(case)
    verdicts: dict[str, Verdict] = {}

    def judge_group(group: list[Case], values_of_cases: list[list[list[float]]]) -> None:
        for case, values in zip(group, values_of_cases, strict=True):
            verdict = _verdict(case, values, len(cases))
            verdicts[case.id] = verdict
            on_row(verdict)

    _run(list(groups.values()), seed, workers or default_workers(), judge_group)
    return tuple(verdicts[case.id] for case in cases)


def _verdict(case: Case, values: list[list[float]], rows: int) -> Verdict:
    """Return the verdict from the values of the row of *case*, then of each of its controls."""
    spec = load(f"textbook/{case.file}", case.changes).spec
    own, *of_controls = values
    deviations = []
    for control, numbers in zip(case.controls, of_controls, strict=True):
        mean = control.mean(spec)
        deviations.append([number - mean for number in numbers])
    return judge(case, case.exact(spec), own, rows, deviations)


def _run(
    groups: list[list[Case]],
    seed: int,
    workers: int,
    on_values: Callable[[list[Case], list[list[list[float]]]], None],
) -> None:
    """Call *on_values* with each group of cases and what `_values_of_cases` returns for it."""
    tasks = [_task(group, seed) for group in groups]
    processes = min(workers, len(groups))
    if processes <= 1:
        for group, task in zip(groups, tasks, strict=True):
            on_values(group, _values_of_cases(task))
        return
    # The terminal sends Ctrl-C to all processes; only the parent acts on it.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    pool = ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=signal.signal, initargs=ignore
    )
    try:
        futures = {
            pool.submit(_values_of_cases, task): group
            for group, task in zip(groups, tasks, strict=True)
        }
        for future in as_completed(futures):
            on_values(futures[future], future.result())
    except KeyboardInterrupt:
        end_workers(pool)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _task(group: list[Case], seed: int) -> _Task:
    first = group[0]
    rows = [[dict(row) for row in case.rows] for case in group]
    return _Task(first.file, dict(first.changes), first.replications, seed, rows)


def _values_of_cases(task: _Task) -> list[list[list[float]]]:
    """Run one scenario; return by case, row of metrics and replication what came out of it."""
    scenario = load(f"textbook/{task.file}", task.changes)
    study = replicate(
        scenario, replications=task.replications, seed=task.seed, workers=1, keep_log=False
    )
    return [[_values(study.metrics, row, task.replications) for row in rows] for rows in task.rows]


def _values(metrics: pd.DataFrame, row: Row, replications: int) -> list[float]:
    """Return the values of one row of metrics in the order of replications."""
    for key in ("name", "where", "flow", "activity"):
        column = metrics[key]
        metrics = metrics[column == row[key] if key in row else column.isna()]
    values = [float(value) for value in metrics.sort_values("replication")["value"]]
    if len(values) != replications:
        raise ValueError(f"{len(values)} numbers {row} from {replications} replications")
    return values


def frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return a table with a row for each verdict.

    Columns ``case, what, exact, simulated, half_width, off_share, unit, agrees, is_near``.
    """
    return pd.DataFrame([_row(verdict) for verdict in verdicts])


def _row(verdict: Verdict) -> Mapping[str, object]:
    case = verdict.case
    return {
        "case": case.id,
        "what": case.what,
        "exact": verdict.exact,
        "simulated": verdict.mean,
        "half_width": verdict.half_width,
        "off_share": verdict.mean / verdict.exact - 1,
        "unit": case.unit,
        "agrees": verdict.agrees,
        "is_near": verdict.is_near,
    }
