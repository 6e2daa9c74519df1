"""A study: one scenario, many replications, every number with its interval; and comparisons on the same luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.errors import UsageError
from sim.metrics.overload import overloaded
from sim.spec.load import LoadedScenario
from sim.study.executor import default_workers, run_all
from sim.study.intervals import mean_interval
from sim.study.run import KEYS, Replication

MOST_REPLICATIONS = 100_000
_KEYS = list(KEYS)
_SHARES_OF_TIME = ("wait_days", "time_share")


@dataclass(frozen=True, repr=False)
class Study:
    """Replications of one scenario."""

    scenario: LoadedScenario
    seed: int
    replications: tuple[Replication, ...]

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """All metrics, tidy: one row per number and replication.

        Columns ``scenario, replication, name, where, flow, activity, value, unit``.
        """
        frames = [r.metrics.assign(replication=r.number) for r in self.replications]
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        return rows[["scenario", "replication", "name", "where", "flow", "activity", "value", "unit"]]

    def summary(self) -> pd.DataFrame:
        """Return every metric over replications.

        Returns
        -------
        DataFrame
            ``name, where, flow, activity, unit, mean, low, high, p5, p95, n``; ``low`` and ``high`` bound the mean at
            95 %, ``p5`` and ``p95`` are quantiles of the replications. NaN where a number does not exist.
        """
        return self._summary.copy()

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return _summarise(self.metrics)

    @cached_property
    def years(self) -> pd.DataFrame:
        """The main metrics of each calendar year over replications, as `summary` with columns ``year, days``.

        Empty where the measured window lies in one year.
        """
        frames = [r.years.assign(replication=r.number) for r in self.replications if r.years is not None]
        if not frames:
            return pd.DataFrame()
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        parts = [_summarise(mine).assign(year=year, days=days) for (year, days), mine in rows.groupby(["year", "days"])]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        return f"<Study of {self.scenario.name!r}, {len(self.replications)} replications, seed {self.seed}>"

    def _repr_html_(self) -> str:
        from html import escape

        head = f"<b>{escape(self.scenario.name)}</b>: {len(self.replications)} replications, seed {self.seed}"
        shown = self.summary()
        shown = shown[shown["name"].isin(["carried_t_per_year", "carried_share", "transit_days_p50", "overloaded"])]
        return head + str(shown.head(40).to_html(index=False))


def replicate(
    scenario: LoadedScenario,
    *,
    replications: int = 10,
    seed: int = 1,
    workers: int | None = None,
    on_done: Callable[[], None] = lambda: None,
) -> Study:
    """Run *scenario* so many times; replication n has its own luck and depends on nothing else."""
    if not 1 <= replications <= MOST_REPLICATIONS:
        raise UsageError(f"replications must lie between 1 and {MOST_REPLICATIONS:,}; got {replications}")
    if not 0 <= seed < 2**63:
        raise UsageError(f"a seed is a whole number from 0 to 2^63 - 1; got {seed}")
    numbers = range(replications)
    done = run_all(scenario, numbers, seed=seed, workers=workers or default_workers(), on_done=on_done)
    return Study(scenario, seed, done)


@dataclass(frozen=True, repr=False)
class Comparison:
    """Studies of several scenarios on the same luck, all against the first."""

    studies: tuple[Study, ...]

    def table(self) -> pd.DataFrame:
        """Return paired differences to the first scenario, metric by metric.

        Returns
        -------
        DataFrame
            ``name, where, flow, activity, unit, scenario, base, value, difference, low, high, n``: means of the
            base and of the scenario, their paired difference and its 95 % interval.
        """
        base = self.studies[0]
        return pd.concat([_paired(base, other) for other in self.studies[1:]], ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """Return the summaries of all scenarios, one below the other, with a column ``scenario``."""
        frames = [study.summary().assign(scenario=study.scenario.name) for study in self.studies]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(study.scenario.name for study in self.studies)}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False, max_rows=60))


def compare(base: Study, *others: Study) -> Comparison:
    """Compare studies pairwise with *base*.

    Raises
    ------
    UsageError
        The studies do not share seed and replications, so nothing can be paired.
    """
    luck = [(study.seed, tuple(r.number for r in study.replications)) for study in (base, *others)]
    if not others or any(other != luck[0] for other in luck[1:]):
        raise UsageError("studies can be compared if there are two or more with the same seed and replications")
    return Comparison((base, *others))


def _values(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per number, one column per replication, in the order in which numbers first appear."""
    filled = metrics.assign(**{key: metrics[key].astype(object).where(metrics[key].notna(), "") for key in _KEYS})
    first = pd.MultiIndex.from_frame(filled.drop_duplicates(_KEYS)[_KEYS])
    wide = filled.set_index([*_KEYS, "replication"])["value"].unstack("replication").reindex(first)
    # An activity that did not happen in a replication took no time there; its row is missing, not its value.
    here = filled.assign(here=True).set_index([*_KEYS, "replication"])["here"].unstack("replication").reindex(first)
    missing = here.isna().to_numpy() & wide.index.isin(_SHARES_OF_TIME, level="name")[:, None]
    return wide.mask(missing, 0.0)


def _summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    wide = _values(metrics)
    rows = []
    for key, values in zip(wide.index, wide.to_numpy(float), strict=True):
        listed = values.tolist()
        mean, low, high = mean_interval(listed)
        known = not np.isnan(values).any()
        p5, p95 = np.quantile(values, [0.05, 0.95]).tolist() if known else (np.nan, np.nan)
        rows.append((*key, mean, low, high, p5, p95, len(listed)))
    frame = pd.DataFrame(rows, columns=[*_KEYS, "mean", "low", "high", "p5", "p95", "n"])
    return _with_overload(_none_for_empty(frame), wide)


def _none_for_empty(frame: pd.DataFrame) -> pd.DataFrame:
    for key in ("where", "flow", "activity"):
        frame[key] = frame[key].astype(object).where(frame[key] != "", None)
    return frame


def _with_overload(frame: pd.DataFrame, wide: pd.DataFrame) -> pd.DataFrame:
    """Add what only many replications can say: whether the growth of a stack or queue is an overload."""
    rows = []
    for key, values in zip(wide.index, wide.to_numpy(float), strict=True):
        if key[0] == "growth_share_per_year":
            verdict = overloaded(values)
            rows.append(
                (
                    "overloaded",
                    key[1] or None,
                    None,
                    None,
                    "0 or 1",
                    verdict,
                    np.nan,
                    np.nan,
                    np.nan,
                    np.nan,
                    len(values),
                )
            )
    return pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True) if rows else frame


def _paired(base: Study, other: Study) -> pd.DataFrame:
    first, second = _values(base.metrics), _values(other.metrics)
    shared = first.index[first.index.isin(second.index)]
    rows = []
    pairs = zip(shared, first.loc[shared].to_numpy(float), second.loc[shared].to_numpy(float), strict=True)
    for key, a, b in pairs:
        difference, low, high = mean_interval((b - a).tolist())
        rows.append(
            (
                *key,
                other.scenario.name,
                mean_interval(a.tolist())[0],
                mean_interval(b.tolist())[0],
                difference,
                low,
                high,
                len(a),
            )
        )
    columns = [*_KEYS, "scenario", "base", "value", "difference", "low", "high", "n"]
    return _none_for_empty(pd.DataFrame(rows, columns=columns))
