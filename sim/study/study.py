"""A study: one scenario, many replications, every number with its interval."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite

import pandas as pd

from sim.metrics.outcomes import MAIN, outcomes_of
from sim.metrics.warmup import Truncation, mser5
from sim.runs.replication import Replication
from sim.spec.initial import Initial
from sim.spec.load import Scenario
from sim.study.summary import summarise, wide_table

_METRICS = ("scenario", "replication", "name", "where", "flow", "activity", "value", "unit")


@dataclass(frozen=True, repr=False)
class Study:
    """Replications of one scenario."""

    scenario: Scenario
    seed: int
    replications: tuple[Replication, ...]
    precision_missed: float | None = None
    """The precision that was asked for and not reached with the most replications allowed."""

    def only(self, numbers: Collection[int]) -> Study:
        """Return the study of the replications with these *numbers* alone."""
        kept = [replication for replication in self.replications if replication.number in numbers]
        return replace(self, replications=tuple(kept))

    @property
    def without_interval(self) -> tuple[str, ...]:
        """Main outcomes that do not exist in some replications, so that they have no precision."""
        outcomes = [outcomes_of(replication.metrics) for replication in self.replications]
        return tuple(
            outcome.name
            for outcome in MAIN
            if not all(isfinite(values[outcome]) for values in outcomes)
        )

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """All metrics, tidy: one row per number and replication.

        Columns ``scenario, replication, name, where, flow, activity, value, unit``.
        """
        frames = [
            replication.metrics.assign(replication=replication.number)
            for replication in self.replications
        ]
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        return rows[list(_METRICS)]

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
        return summarise(self.metrics)

    def wide(self) -> pd.DataFrame:
        """Return one row per replication and one column per number.

        Columns are named ``name|where|flow|activity [unit]``.
        """
        return wide_table(self.metrics)

    @cached_property
    def warmup(self) -> Truncation | None:
        """How long the cargo in all stacks takes to settle: MSER-5 on its mean over replications.

        None where the run begins from a stated state, or is too short to judge.
        """
        if self.scenario.spec.initial != Initial() or not self.replications:
            return None
        return mser5(self.cargo_waiting["units"].to_numpy())

    @cached_property
    def cargo_waiting(self) -> pd.DataFrame:
        """Units in all stacks at each midnight of the window, mean over replications.

        Columns ``day, units``.
        """
        levels = [replication.levels for replication in self.replications]
        count = min(self.scenario.spec.horizon.days, *(len(frame) for frame in levels))
        totals = [frame.sum(axis=1).to_numpy()[:count] for frame in levels]
        return pd.DataFrame({"day": levels[0].index[:count], "units": sum(totals) / len(totals)})

    @cached_property
    def years(self) -> pd.DataFrame:
        """The main metrics of each calendar year over replications.

        As `summary`, with the columns ``year, days``. Empty where the window lies in one year.
        """
        frames = [
            replication.years.assign(replication=replication.number)
            for replication in self.replications
            if replication.years is not None
        ]
        if not frames:
            return pd.DataFrame()
        rows = pd.concat(frames, ignore_index=True).assign(scenario=self.scenario.name)
        parts = [
            summarise(rows_of_year).assign(year=year, days=days)
            for (year, days), rows_of_year in rows.groupby(["year", "days"])
        ]
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        count = len(self.replications)
        return f"<Study of {self.scenario.name!r}, {count} replications, seed {self.seed}>"

    def _repr_html_(self) -> str:
        from sim.study.glance import study_page

        return study_page(self)
