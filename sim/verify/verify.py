"""Run the textbook scenarios and hold them against theory."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from math import fsum, sqrt
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from sim.runs.pools import default_workers, end_workers
from sim.spec.load import load
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


def judge(
    case: Case,
    exact: float,
    values: Sequence[float],
    rows: int,
    luck: Sequence[Sequence[float]] = (),
) -> Verdict:
    """Return the verdict on the values of the replications, one of *rows* in all.

    Agreement is a two-sided t interval at 1 - `FAMILY` over all rows (Bonferroni); nearness is two
    one-sided t tests at `EQUIVALENCE` against the tolerance (Schuirmann).

    Parameters
    ----------
    luck
        For each control of the case, how far it was from its known mean in each replication. The
        mean is what a line through the values has where all of these are 0, with a degree of
        freedom less for each [1]_.

    References
    ----------
    .. [1] Lavenberg, Welch (1981), A perspective on the use of control variables to increase the
    efficiency of Monte
       Carlo simulations, Management Science 27.
    """
    count = len(values)
    if case.is_certain:
        mean = fsum(values) / count
        # A second in a day is rounding of the unit, not of the model.
        same = all(abs(value - exact) < 1e-9 * max(1.0, abs(exact)) for value in values)
        return Verdict(case, exact, mean, 0.0, same, same)
    design = np.column_stack([np.ones(count), *luck])
    free = count - design.shape[1]
    fitted, *_ = np.linalg.lstsq(design, np.array(values))
    mean = float(fitted[0])
    scatter = float(((np.array(values) - design @ fitted) ** 2).sum()) / free
    error = sqrt(scatter * float(np.linalg.inv(design.T @ design)[0, 0]))
    half_width = float(stats.t.ppf(1 - FAMILY / rows / 2, free)) * error
    one_sided = float(stats.t.ppf(1 - EQUIVALENCE, free)) * error
    off = abs(mean - exact)
    return Verdict(
        case,
        exact,
        mean,
        half_width,
        off <= half_width,
        off + one_sided <= case.tolerance * abs(exact),
    )


def verify(
    cases: Sequence[Case] = CASES,
    *,
    seed: int = SEED,
    workers: int | None = None,
    on_row: Callable[[Verdict], object] = lambda _: None,
) -> tuple[Verdict, ...]:
    """Run every case and return the verdicts in order; *on_row* is told each as it comes.

    Cases that share a scenario share its runs; each scenario is run by one process, several side by
    side.
    """
    wanted: dict[tuple[str, int], list[Case]] = {}
    for case in cases:
        wanted.setdefault(
            (load(f"textbook/{case.file}", case.changes).hash, case.replications), []
        ).append(case)
    found: dict[str, Verdict] = {}

    def judged(group: list[Case], values: list[list[list[float]]]) -> None:
        for case, numbers in zip(group, values, strict=True):
            scenario = load(f"textbook/{case.file}", case.changes).spec
            own, *controls = numbers
            means = [mean(scenario) for _, mean in case.controls]
            luck = [
                [value - mean for value in row] for row, mean in zip(controls, means, strict=True)
            ]
            found[case.id] = judge(case, case.exact(scenario), own, len(cases), luck)
            on_row(found[case.id])

    groups = list(wanted.values())
    tasks = [
        (
            group[0].file,
            dict(group[0].changes),
            group[0].replications,
            seed,
            [_rows(case) for case in group],
        )
        for group in groups
    ]
    count = min(workers or default_workers(), len(groups))
    if count <= 1:
        for group, task in zip(groups, tasks, strict=True):
            judged(group, _numbers(*task))
    else:
        # Ctrl-C, which the terminal sends to all, is for the parent to deal with.
        ignore = (signal.SIGINT, signal.SIG_IGN)
        pool = ProcessPoolExecutor(
            count, get_context("spawn"), initializer=signal.signal, initargs=ignore
        )
        try:
            futures = {
                pool.submit(_numbers, *task): group
                for group, task in zip(groups, tasks, strict=True)
            }
            for future in as_completed(futures):
                judged(futures[future], future.result())
        except KeyboardInterrupt:
            end_workers(pool)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return tuple(found[case.id] for case in cases)


def _rows(case: Case) -> list[dict[str, str]]:
    """Return the rows of metrics that *case* needs: its own, then those of its controls."""
    return [dict(row) for row in (case.metric, *(row for row, _ in case.controls))]


def _numbers(
    file: str,
    changes: dict[str, Any],
    replications: int,
    seed: int,
    wanted: list[list[dict[str, str]]],
) -> list[list[list[float]]]:
    """Run one scenario and return, for each row of metrics that a case wants, its value in every
    replication."""
    scenario = load(f"textbook/{file}", changes)
    metrics = replicate(
        scenario, replications=replications, seed=seed, workers=1, keep_log=False
    ).metrics
    return [[_values(metrics, row, replications) for row in rows] for rows in wanted]


def _values(metrics: pd.DataFrame, row: dict[str, str], replications: int) -> list[float]:
    for key in ("name", "where", "flow", "activity"):
        wanted = row.get(key)
        metrics = (
            metrics[metrics[key] == wanted] if wanted is not None else metrics[metrics[key].isna()]
        )
    values = [float(value) for value in metrics.sort_values("replication")["value"]]
    if len(values) != replications:
        raise ValueError(f"{len(values)} numbers {row} from {replications} replications")
    return values


def frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the verdicts as a table: ``case, what, exact, simulated, half_width, off, unit,
    holds``."""
    rows = [
        (
            v.case.id,
            v.case.what,
            v.exact,
            v.mean,
            v.half_width,
            v.mean / v.exact - 1,
            v.case.unit,
            v.agrees,
            v.is_near,
        )
        for v in verdicts
    ]
    columns = [
        "case",
        "what",
        "exact",
        "simulated",
        "half_width",
        "off_share",
        "unit",
        "agrees",
        "is_near",
    ]
    return pd.DataFrame(rows, columns=columns)
