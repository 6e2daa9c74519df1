"""A study: one scenario, many replications, every number with its interval; and comparisons on the
same luck."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, isfinite
from pathlib import Path

import numpy as np
import pandas as pd

from sim.errors import UsageError
from sim.metrics.outcomes import MAIN, outcomes_of
from sim.metrics.warmup import Truncation, mser5
from sim.runs.replication import KEYS, Replication
from sim.runs.runner import (
    MOST_REPLICATIONS,
    FailedError,
    Interrupted,
    Request,
    Runner,
    check_replications_and_seed,
    runner_or_new,
)
from sim.runs.store import Store
from sim.spec.initial import Initial
from sim.spec.load import Scenario
from sim.study.growth import overloaded
from sim.study.interval import Interval, interval_columns

_KEYS = list(KEYS)
_ADD_UP = (
    "wait_days",
    "time_share",
    *(f"{measure}_per_t" for measure in ("cost_usd", "price_usd", "time_usd", "co2e_kg")),
)
"""Metrics whose rows by activity add up to a whole."""


@dataclass(frozen=True, repr=False)
class Study:
    """Replications of one scenario."""

    scenario: Scenario
    seed: int
    replications: tuple[Replication, ...]
    precision_missed: float | None = None
    """The precision that was asked for and not reached with the most replications allowed."""

    def and_more(self, count: int, runner: Runner) -> Study:
        """Return the study with so many replications in all, those that it has not got run by
        *runner*."""
        done = self.replications
        rest = replicate(
            self.scenario,
            replications=count - len(done),
            first=len(done),
            seed=self.seed,
            keep_log=False,
            runner=runner,
        )
        return replace(self, replications=(*done, *rest.replications))

    def only(self, numbers: Collection[int]) -> Study:
        """Return the study of these replications alone."""
        return replace(
            self, replications=tuple(r for r in self.replications if r.number in numbers)
        )

    @property
    def without_interval(self) -> tuple[str, ...]:
        """Main outcomes that do not exist in some replications, so that nothing can be said of
        their precision."""
        found = [outcomes_of(replication.metrics) for replication in self.replications]
        return tuple(
            outcome.name
            for outcome in MAIN
            if not all(isfinite(values[outcome]) for values in found)
        )

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """All metrics, tidy: one row per number and replication.

        Columns ``scenario, replication, name, where, flow, activity, value, unit``.
        """
        frames = [r.metrics.assign(replication=r.number) for r in self.replications]
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        return rows[
            ["scenario", "replication", "name", "where", "flow", "activity", "value", "unit"]
        ]

    def summary(self) -> pd.DataFrame:
        """Return every metric over replications.

        Returns
        -------
        DataFrame
            ``name, where, flow, activity, unit, mean, low, high, p5, p95, n``; ``low`` and ``high``
            bound the mean at 95 %, ``p5`` and ``p95`` are quantiles of the replications. NaN where
            a number does not exist.
        """
        return self._summary.copy()

    @cached_property
    def _summary(self) -> pd.DataFrame:
        return _summarise(self.metrics)

    def wide(self) -> pd.DataFrame:
        """Return one row a replication and one column a number, named ``name|where|flow|activity
        [unit]``."""
        wide = _values(self.metrics).T
        wide.columns = [_label(key) for key in wide.columns]
        return wide.rename_axis("replication").reset_index()

    @cached_property
    def warmup(self) -> Truncation | None:
        """How long the cargo in all stacks takes to settle, by MSER-5 on its mean over
        replications.

        None where the run begins from a stated state, or is too short to tell.
        """
        if self.scenario.spec.initial != Initial() or not self.replications:
            return None
        return mser5(self.cargo_waiting["units"].to_numpy())

    @cached_property
    def cargo_waiting(self) -> pd.DataFrame:
        """Units in all stacks at each midnight up to the end of the window, mean over replications:
        ``day, units``."""
        days = self.scenario.spec.horizon.days
        shortest = min([days, *(len(r.levels) for r in self.replications)])
        mean = sum(r.levels.sum(axis=1).to_numpy()[:shortest] for r in self.replications) / len(
            self.replications
        )
        return pd.DataFrame({"day": self.replications[0].levels.index[:shortest], "units": mean})

    @cached_property
    def years(self) -> pd.DataFrame:
        """The main metrics of each calendar year over replications, as `summary` with columns
        ``year, days``.

        Empty where the measured window lies in one year.
        """
        frames = [
            r.years.assign(replication=r.number) for r in self.replications if r.years is not None
        ]
        if not frames:
            return pd.DataFrame()
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        parts = [
            _summarise(mine).assign(year=year, days=days)
            for (year, days), mine in rows.groupby(["year", "days"])
        ]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        return f"<Study of {self.scenario.name!r}, {len(self.replications)} replications, seed {self.seed}>"

    def _repr_html_(self) -> str:
        from sim.study.glance import study_page

        return study_page(self)


DEFAULT = 10
"""Replications, if nobody says how many."""
MOST_FOR_PRECISION = 1000
FIRST_STAGE = 20
"""Replications before the precision is looked at for the first time: with fewer, stopping early
costs coverage."""
MARGIN = 1.1
"""What is added to the number of replications that should be enough."""


def replicate(
    scenario: Scenario,
    *,
    replications: int | None = None,
    precision: float | None = None,
    first: int = 0,
    seed: int = 1,
    workers: int | None = None,
    scheduler: str | None = None,
    store: Store | Path | str | None = None,
    keep_log: bool = True,
    on_done: Callable[[], object] = lambda: None,
    runner: Runner | None = None,
) -> Study:
    """Run *scenario* so many times; replication n has its own luck and depends on nothing else.

    Parameters
    ----------
    replications
        How many, 10 if nothing is said; with *precision*, the most there may be, 1,000 if nothing
        is said.
    precision
        Run until the half-width of the 95 % interval of every main outcome that exists is at most
        this share of its mean; `Study.precision_missed` tells where the most did not do.
    first
        Number of the first replication.
    scheduler
        Address of a Dask scheduler, or ``local``.
    store
        Folder of finished replications: what is in it is not computed again.
    keep_log
        Whether the log of the first replication is kept.
    runner
        Who computes, in place of *workers*, *scheduler* and *store*; it is left open.

    Raises
    ------
    Interrupted
        On Ctrl-C, with what was finished.
    FailedError
        Some replications fail every time; the others come with it.
    """
    replications = (
        replications
        if replications is not None
        else DEFAULT
        if precision is None
        else MOST_FOR_PRECISION
    )
    check_replications_and_seed(replications, seed)
    if not 0 <= first <= MOST_REPLICATIONS:
        raise UsageError(
            f"the first replication has a number from 0 to {MOST_REPLICATIONS:,}; got {first}"
        )
    if precision is not None and not 0.0001 <= precision < 1:
        raise UsageError(f"a precision lies between 0.01 % and 100 %; got {precision:g}")
    numbers = range(first, first + replications)
    with runner_or_new(
        runner, workers=workers, scheduler=scheduler, store=store, on_done=on_done
    ) as active:
        return _replicate(
            scenario, seed, numbers, precision=precision, keep_log=keep_log, runner=active
        )


def _replicate(
    scenario: Scenario,
    seed: int,
    allowed: range,
    *,
    precision: float | None,
    keep_log: bool,
    runner: Runner,
) -> Study:
    """Run all, or stage after stage until the precision is reached.

    Looking after every replication and stopping at the first good moment would stop too often on
    luck, and the intervals would cover less than they say. So each stage runs as many as the spread
    seen so far asks for, and a tenth more, before anybody looks again.
    """
    finished: dict[int, Replication] = {}
    most = len(allowed)
    wanted = most if precision is None else min(most, FIRST_STAGE)
    while True:
        numbers = allowed[len(finished) : wanted]
        try:
            request = Request.of(scenario, seed, numbers, with_log=keep_log and not finished)
            for _, replication in runner.collect([request]):
                finished[replication.number] = replication
        except KeyboardInterrupt:
            raise Interrupted(_ordered(finished)) from None
        except FailedError as error:
            raise FailedError(error.failures, _ordered(finished)) from None
        if precision is None:
            return Study(scenario, seed, _ordered(finished))
        needed = _needed(finished.values(), precision)
        if needed <= wanted or wanted == most:
            short = needed > wanted
            return Study(
                scenario, seed, _ordered(finished), precision_missed=precision if short else None
            )
        wanted = min(most, max(wanted + 1, ceil(MARGIN * needed)))


def _ordered(finished: Mapping[int, Replication]) -> tuple[Replication, ...]:
    return tuple(finished[number] for number in sorted(finished))


def _needed(finished: Iterable[Replication], precision: float) -> int:
    """Return how many replications the spread of the main outcomes asks for; those that do not
    exist ask for none."""
    outcomes, needed = [outcomes_of(replication.metrics) for replication in finished], 2
    for outcome in MAIN:
        values = [found[outcome] for found in outcomes]
        # Not cut at the bounds of its kind: the stages are planned by the spread.
        interval = Interval.of(values)
        if interval.has_bounds and interval.mean:
            excess = interval.half_width / abs(interval.mean) / precision
            needed = max(needed, ceil(interval.count * excess**2))
    return needed


@dataclass(frozen=True, repr=False)
class Comparison:
    """Studies of several scenarios on the same luck, all against the first."""

    studies: tuple[Study, ...]

    def table(self) -> pd.DataFrame:
        """Return paired differences to the first scenario, metric by metric.

        Returns
        -------
        DataFrame
            ``name, where, flow, activity, unit, scenario, base, value, difference, low, high, n``:
            means of the base and of the scenario, their paired difference and its 95 % interval.
        """
        base = self.studies[0]
        return pd.concat([_paired(base, other) for other in self.studies[1:]], ignore_index=True)

    def summary(self) -> pd.DataFrame:
        """Return the summaries of all scenarios, one below the other, with a column
        ``scenario``."""
        frames = [study.summary().assign(scenario=study.scenario.name) for study in self.studies]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(study.scenario.name for study in self.studies)}>"

    def _repr_html_(self) -> str:
        from sim.study.glance import comparison_page

        return comparison_page(self)


def compare(base: Study, *others: Study) -> Comparison:
    """Compare studies pairwise with *base*.

    Raises
    ------
    UsageError
        The studies do not share seed and replications, so nothing can be paired.
    """
    luck = [(study.seed, tuple(r.number for r in study.replications)) for study in (base, *others)]
    if not others or any(other != luck[0] for other in luck[1:]):
        raise UsageError(
            "studies can be compared if there are two or more with the same seed and replications"
        )
    return Comparison((base, *others))


def _values(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per number, one column per replication, in the order in which numbers first
    appear."""
    filled = metrics.assign(
        **{key: metrics[key].astype(object).where(metrics[key].notna(), "") for key in _KEYS}
    )
    first = pd.MultiIndex.from_frame(filled.drop_duplicates(_KEYS)[_KEYS])
    wide = filled.set_index([*_KEYS, "replication"])["value"].unstack("replication").reindex(first)
    # An activity that did not happen in a replication took no time there; its row is missing, not
    # its value.
    here = (
        filled.assign(here=True)
        .set_index([*_KEYS, "replication"])["here"]
        .unstack("replication")
        .reindex(first)
    )
    missing = here.isna().to_numpy() & wide.index.isin(_ADD_UP, level="name")[:, None]
    return wide.mask(missing, 0.0)


def _label(key: tuple[str, ...]) -> str:
    """Return ``name|where|flow|activity [unit]`` of a key in the order of `KEYS`, without what does
    not apply."""
    *parts, unit = key
    named = "|".join(parts).rstrip("|")
    return f"{named} [{unit}]" if unit else named


def _summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    wide = _values(metrics)
    rows = []
    for key, values in zip(wide.index, wide.to_numpy(float), strict=True):
        interval = Interval.of_metric(values.tolist(), name=key[0], unit=key[-1])
        known = not np.isnan(values).any()
        p5, p95 = np.quantile(values, [0.05, 0.95]).tolist() if known else (np.nan, np.nan)
        rows.append((*key, *interval, p5, p95, interval.count))
    frame = pd.DataFrame(rows, columns=[*_KEYS, *interval_columns(), "p5", "p95", "n"])
    return _with_overload(_none_for_empty(frame), wide)


def _none_for_empty(frame: pd.DataFrame) -> pd.DataFrame:
    for key in ("where", "flow", "activity"):
        frame[key] = frame[key].astype(object).where(frame[key] != "", None)
    return frame


def _with_overload(frame: pd.DataFrame, wide: pd.DataFrame) -> pd.DataFrame:
    """Add what only many replications can say: whether the growth of a stack or queue is an
    overload."""
    rows = []
    for key, values in zip(wide.index, wide.to_numpy(float), strict=True):
        if key[0] == "growth_share_per_year":
            verdict = overloaded(values.tolist())
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
    return (
        pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True)
        if rows
        else frame
    )


def _paired(base: Study, other: Study) -> pd.DataFrame:
    first, second = _values(base.metrics), _values(other.metrics)
    shared = first.index[first.index.isin(second.index)]
    rows = []
    pairs = zip(
        shared, first.loc[shared].to_numpy(float), second.loc[shared].to_numpy(float), strict=True
    )
    for key, a, b in pairs:
        means = (Interval.of(values.tolist()).mean for values in (a, b))
        difference = Interval.of((b - a).tolist())
        rows.append((*key, other.scenario.name, *means, *difference, difference.count))
    columns = [*_KEYS, "scenario", "base", "value", *interval_columns("difference"), "n"]
    return _none_for_empty(pd.DataFrame(rows, columns=columns))
