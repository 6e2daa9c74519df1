"""Run the textbook scenarios and hold them against theory."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from math import fsum, sqrt
from multiprocessing import get_context
from typing import Any

import pandas as pd
from scipy import stats

from sim.spec.load import load
from sim.study.pools import default_workers, end_workers
from sim.study.study import replicate
from sim.verify.cases import CASES, Case

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


def judge(case: Case, exact: float, values: Sequence[float], rows: int) -> Verdict:
    """Return the verdict on the values of the replications, one of *rows* in all.

    Agreement is a two-sided t interval at 1 - `FAMILY` over all rows (Bonferroni); nearness is two one-sided t tests
    at `EQUIVALENCE` against the tolerance (Schuirmann).
    """
    count = len(values)
    mean = fsum(values) / count
    if case.is_certain:
        # A second in a day is rounding of the unit, not of the model.
        same = all(abs(value - exact) < 1e-9 * max(1.0, abs(exact)) for value in values)
        return Verdict(case, exact, mean, 0.0, same, same)
    error = sqrt(fsum((value - mean) ** 2 for value in values) / (count - 1) / count)
    half_width = float(stats.t.ppf(1 - FAMILY / rows / 2, count - 1)) * error
    one_sided = float(stats.t.ppf(1 - EQUIVALENCE, count - 1)) * error
    off = abs(mean - exact)
    return Verdict(case, exact, mean, half_width, off <= half_width, off + one_sided <= case.tolerance * abs(exact))


def verify(
    cases: Sequence[Case] = CASES,
    *,
    seed: int = SEED,
    workers: int | None = None,
    on_row: Callable[[Verdict], object] = lambda _: None,
) -> tuple[Verdict, ...]:
    """Run every case and return the verdicts in order; *on_row* is told each as it comes.

    Cases that share a scenario share its runs; each scenario is run by one process, several side by side.
    """
    wanted: dict[tuple[str, int], list[Case]] = {}
    for case in cases:
        wanted.setdefault((load(f"textbook/{case.file}", case.changes).hash, case.replications), []).append(case)
    found: dict[str, Verdict] = {}

    def judged(group: list[Case], values: list[list[float]]) -> None:
        for case, numbers in zip(group, values, strict=True):
            exact = case.exact(load(f"textbook/{case.file}", case.changes).scenario)
            found[case.id] = judge(case, exact, numbers, len(cases))
            on_row(found[case.id])

    groups = list(wanted.values())
    tasks = [
        (group[0].file, dict(group[0].changes), group[0].replications, seed, [dict(case.metric) for case in group])
        for group in groups
    ]
    count = min(workers or default_workers(), len(groups))
    if count <= 1:
        for group, task in zip(groups, tasks, strict=True):
            judged(group, _numbers(*task))
    else:
        # Ctrl-C, which the terminal sends to all, is for the parent to deal with.
        ignore = (signal.SIGINT, signal.SIG_IGN)
        pool = ProcessPoolExecutor(count, get_context("spawn"), initializer=signal.signal, initargs=ignore)
        try:
            futures = {pool.submit(_numbers, *task): group for group, task in zip(groups, tasks, strict=True)}
            for future in as_completed(futures):
                judged(futures[future], future.result())
        except KeyboardInterrupt:
            end_workers(pool)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return tuple(found[case.id] for case in cases)


def _numbers(
    file: str, changes: dict[str, Any], replications: int, seed: int, wanted: list[dict[str, str]]
) -> list[list[float]]:
    """Run one scenario and return, for each row of metrics that is wanted, its value in every replication."""
    metrics = replicate(load(f"textbook/{file}", changes), replications=replications, seed=seed, workers=1).metrics
    return [_values(metrics, row, replications) for row in wanted]


def _values(metrics: pd.DataFrame, row: dict[str, str], replications: int) -> list[float]:
    for key in ("name", "where", "flow", "activity"):
        wanted = row.get(key)
        metrics = metrics[metrics[key] == wanted] if wanted is not None else metrics[metrics[key].isna()]
    values = [float(value) for value in metrics.sort_values("replication")["value"]]
    if len(values) != replications:
        raise ValueError(f"{len(values)} numbers {row} from {replications} replications")
    return values


def frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the verdicts as a table: ``case, what, exact, simulated, half_width, off, unit, holds``."""
    rows = [
        (v.case.id, v.case.what, v.exact, v.mean, v.half_width, v.mean / v.exact - 1, v.case.unit, v.agrees, v.is_near)
        for v in verdicts
    ]
    columns = ["case", "what", "exact", "simulated", "half_width", "off_share", "unit", "agrees", "is_near"]
    return pd.DataFrame(rows, columns=columns)
