"""Run the textbook scenarios and hold them against theory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

import pandas as pd
from scipy import stats

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
    """Run every case and return the verdicts; cases that share a scenario share its runs."""
    verdicts = []
    runs: dict[tuple[str, str], pd.DataFrame] = {}
    for case in cases:
        scenario = load(f"textbook/{case.file}", case.changes)
        key = (scenario.hash, str(case.replications))
        if key not in runs:
            runs.clear()
            runs[key] = replicate(scenario, replications=case.replications, seed=seed, workers=workers).metrics
        values = _values(case, runs[key])
        verdicts.append(judge(case, case.exact(scenario.scenario), values, len(cases)))
        on_row(verdicts[-1])
    return tuple(verdicts)


def _values(case: Case, metrics: pd.DataFrame) -> list[float]:
    for key in ("name", "where", "flow", "activity"):
        wanted = case.metric.get(key)
        metrics = metrics[metrics[key] == wanted] if wanted is not None else metrics[metrics[key].isna()]
    values = [float(value) for value in metrics.sort_values("replication")["value"]]
    if len(values) != case.replications:
        raise ValueError(f"{case.id}: {len(values)} numbers {dict(case.metric)} from {case.replications} replications")
    return values


def frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return the verdicts as a table: ``case, what, exact, simulated, half_width, off, unit, holds``."""
    rows = [
        (v.case.id, v.case.what, v.exact, v.mean, v.half_width, v.mean / v.exact - 1, v.case.unit, v.agrees, v.is_near)
        for v in verdicts
    ]
    columns = ["case", "what", "exact", "simulated", "half_width", "off_share", "unit", "agrees", "is_near"]
    return pd.DataFrame(rows, columns=columns)
