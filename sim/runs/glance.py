"""The page of a run in a notebook: its main outcomes, its dates and its provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.html import heading, small, table
from sim.metrics.outcomes import outcomes_of
from sim.units import format_number
from sim.version import __version__

if TYPE_CHECKING:
    from sim.runs.replication import Run


def run_page(run: Run) -> str:
    """Return the main outcomes of one replication, its dates and its provenance."""
    facts = run.log.facts
    outcomes = outcomes_of(run.metrics())
    rows = [(of.label, format_number(value), of.unit) for of, value in outcomes.items()]
    start = pd.Timestamp(facts.start_date)
    first, last, end = (
        f"{start + pd.Timedelta(seconds=s):%Y-%m-%d}"
        for s in (facts.warmup_s, facts.window_end_s, facts.end_s)
    )
    return (
        heading(run.scenario, "one replication, so there are no intervals")
        + table(("outcome", "value", "unit"), rows)
        + small(
            f"Measured from {first} to {last}, followed to {end}; {facts.events:,} events.",
            f"Hash {run.hash}, seed {facts.seed}, replication {facts.replication}, "
            f"version {__version__}, audit residual {facts.audit_residual}.",
        )
    )
