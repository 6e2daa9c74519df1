"""All metrics of one replication."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from math import nan

import pandas as pd

from sim.errors import InvariantError
from sim.log import NONE, RunLog
from sim.metrics.active import bottlenecks
from sim.metrics.books import Books
from sim.metrics.budget import budgets
from sim.metrics.cost import books_of, costs
from sim.metrics.dwell import dwells
from sim.metrics.embargo import embargoes
from sim.metrics.equipment import equipment
from sim.metrics.outages import outages
from sim.metrics.quays import quays
from sim.metrics.resources import resources
from sim.metrics.rows import Row, frame_of
from sim.metrics.stacks import stacks
from sim.metrics.standing import standing
from sim.metrics.transit import cargo, waits
from sim.metrics.vehicles import vehicles
from sim.metrics.weather import closures
from sim.metrics.window import measured
from sim.units import DAY


def measure(log: RunLog) -> pd.DataFrame:
    """Return every metric of *log*, tidy: ``name, where, flow, activity, value, unit``; NaN where
    there is none.

    Raises
    ------
    InvariantError
        The books of cost and carbon do not balance.
    """
    parts = (
        cargo(log),
        waits(log),
        resources(log),
        stacks(log),
        vehicles(log),
        quays(log),
        closures(log),
    )
    rules = (
        budgets(log),
        bottlenecks(log),
        dwells(log),
        embargoes(log),
        equipment(log),
        outages(log),
        standing(log),
    )
    books = books_of(log)
    return frame_of(chain(*parts, *rules, costs(log, books), _audit(log, books)))


def measure_years(log: RunLog) -> pd.DataFrame:
    """Return the main metrics of each calendar year in the measured window, with columns ``year``
    and ``days``.

    Rates are per 365 days also where the window holds only a part of the year.
    """
    window, start = measured(log), pd.Timestamp(log.facts.start_date)
    frames = []
    for year in range((start + pd.Timedelta(seconds=window.start_s)).year, 10_000):
        edges = [int((pd.Timestamp(y, 1, 1) - start).total_seconds()) for y in (year, year + 1)]
        begin_s, end_s = max(edges[0], window.start_s), min(edges[1], window.end_s)
        if begin_s >= window.end_s:
            break
        part = replace(log, facts=replace(log.facts, warmup_s=begin_s, window_end_s=end_s))
        parts = (
            cargo(part),
            resources(part),
            stacks(part),
            vehicles(part),
            quays(part),
            dwells(part),
            embargoes(part),
            equipment(part),
        )
        frames.append(frame_of(chain(*parts)).assign(year=year, days=(end_s - begin_s) / DAY))
    return pd.concat(frames, ignore_index=True)


def _audit(log: RunLog, books: Books | None) -> Iterator[Row]:
    """Yield the sum of absolute differences that the audit found; NaN for a log that was not
    audited."""
    off = 0 if books is None else books.residual
    if off:
        what = f"the books of cost and carbon differ from the log by {off} (microseconds, unit-seconds and units)"
        raise InvariantError(what, log.facts.end_s, "audit")
    residual = log.facts.audit_residual
    yield Row("audit_residual", nan if residual == NONE else float(residual), "")
