"""One replication: with its log, as a notebook holds it, and what a study keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.engine.run import simulate as run_engine
from sim.log import RunLog, closed_ends
from sim.metrics.measure import measure, measure_years
from sim.metrics.stacks import daily_inside, daily_levels, stack_levels
from sim.metrics.transit import transit_times
from sim.metrics.window import measured
from sim.network.build import build
from sim.spec.load import Scenario


@dataclass(frozen=True, repr=False)
class Run:
    """Frozen result of one replication with its provenance."""

    scenario: str
    hash: str
    log: RunLog
    loaded: Scenario | None = None
    """The scenario itself, with its distances."""

    def metrics(self) -> pd.DataFrame:
        """Return all metrics, tidy: ``name, where, flow, activity, value, unit``."""
        return measure(self.log)

    def transit(self) -> pd.DataFrame:
        """Return the transit time of everything delivered: ``flow, units, born, days``."""
        return transit_times(self.log)

    def stacks(self) -> pd.DataFrame:
        """Return the daily level of every stack [units]: ``stack, day, level``."""
        return stack_levels(self.log)

    def years(self) -> pd.DataFrame:
        """Return the main metrics of each calendar year, with the columns ``year`` and ``days``."""
        return measure_years(self.log)

    def end_state(self) -> Mapping[str, Any]:
        """Return the state at the end: changes for `Scenario.with_` from which a run goes on."""
        return self.log.state

    def __repr__(self) -> str:
        facts = self.log.facts
        return f"<Run of {self.scenario!r}, seed {facts.seed}, replication {facts.replication}>"

    def _repr_html_(self) -> str:
        from sim.runs.glance import run_page

        return run_page(self)


def simulate(scenario: Scenario, *, seed: int = 1, replication: int = 0) -> Run:
    """Run one replication of *scenario*.

    Raises
    ------
    InvariantError
        The audit found that the books do not balance.
    GridlockError
        Vehicles wait for each other in a circle.
    """
    return Run(
        scenario.name,
        scenario.hash,
        run_engine(build(scenario), seed=seed, replication=replication),
        scenario,
    )


@dataclass(frozen=True)
class Replication:
    """What a study keeps of one replication; the log only where it was requested."""

    number: int
    metrics: pd.DataFrame
    levels: pd.DataFrame
    """Units in every stack at each midnight: a column for each stack, days as index."""
    inside_kg: NDArray[np.int64]
    """Cargo of scope ``titr`` inside the corridor at the same midnights."""
    closures: pd.DataFrame
    """``place, start, end``."""
    events: int
    log: RunLog | None = None
    years: pd.DataFrame | None = None
    """Metrics by calendar year, where the window holds several."""


def replication_of(log: RunLog) -> Replication:
    """Measure *log* and keep what a study needs of it."""
    return Replication(
        number=log.facts.replication,
        metrics=measure(log),
        levels=daily_levels(log),
        inside_kg=daily_inside(log),
        closures=closures_of(log),
        events=log.facts.events,
        years=measure_years(log) if _has_years(log) else None,
    )


def closures_of(log: RunLog) -> pd.DataFrame:
    """Return when ports were shut by weather: ``place, start, end``."""
    closures, start = log.tables["closures"], pd.Timestamp(log.facts.start_date)
    places = pd.Series(np.array(log.names.place, object)[closures["place"]]).astype(str)
    begin, end = (
        start + pd.to_timedelta(at_s, unit="s")
        for at_s in (closures["start_s"], closed_ends(closures, log.facts.end_s))
    )
    return pd.DataFrame({"place": places, "start": begin, "end": end})


def _has_years(log: RunLog) -> bool:
    start, window = pd.Timestamp(log.facts.start_date), measured(log)
    first, last = (start + pd.Timedelta(seconds=s) for s in (window.start_s, window.end_s - 1))
    return bool(first.year != last.year)


KEYS = ("name", "where", "flow", "activity", "unit")
"""Columns that say which number a row of metrics is."""
