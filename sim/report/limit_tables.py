"""Tables of what limits the corridor: overload, busy resources, long waits, closed ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.analysis.labels import resource_name
from sim.report.table import DASH, Table, rows_of, with_interval
from sim.study.growth import CONFIDENCE, LIMIT, overloaded_rows
from sim.study.interval import Interval
from sim.units import format_mean, format_number

if TYPE_CHECKING:
    from sim.study.study import Study

MOST = 12
"""Rows of a table of the largest of something."""
WAIT = "wait_"
"""How an activity begins that is a wait."""


def overloaded(study: Study) -> pd.DataFrame:
    """Return the growth of every overloaded stack and queue, the largest first.

    With ``share``: the growth over the yearly flow with its interval, in words. That is what is
    tested; the interval of the growth itself is wider where the flow varies.
    """
    rows = overloaded_rows(study.summary())
    shares = [
        format_mean(*Interval.from_row(row, "share", "share")) for row in rows.to_dict("records")
    ]
    return rows.assign(share=shares)


def growing(study: Study) -> Table:
    """Return what is overloaded, the largest growth first."""
    rows = tuple(
        (
            resource_name(study.scenario.spec, row["where"]),
            with_interval(row),
            str(row["unit"]),
            row["share"],
        )
        for row in overloaded(study).to_dict("records")
    )
    heads = ("where", "grows by", "of", "share of its yearly flow")
    note = f"Overloaded: grows by more than {LIMIT:.0%} of its yearly flow, tested at {CONFIDENCE:.0%}."
    return Table(f"{study.scenario.name}: overloaded, grows from year to year", heads, rows, note)


def busiest(study: Study) -> Table:
    """Return the resources that are in use most of the time."""
    summary = study.summary()
    queues = _mean_by_place(summary, "queue_mean")
    lost = _mean_by_place(summary, "unavailable_share")
    rows = tuple(
        (
            resource_name(study.scenario.spec, row["where"]),
            with_interval(row),
            format_number(queues.get(row["where"], float("nan"))),
            format_number(lost.get(row["where"], float("nan"))),
        )
        for row in rows_of(summary, "occupancy").nlargest(MOST, "mean").to_dict("records")
    )
    heads = (
        "resource",
        "share of time in use",
        "vehicles waiting, mean",
        "share of time not available",
    )
    return Table(f"{study.scenario.name}: busiest resources", heads, rows)


def _mean_by_place(summary: pd.DataFrame, name: str) -> dict[str, float]:
    rows = rows_of(summary, name)
    return dict(zip(rows["where"], rows["mean"].astype(float), strict=True))


def waits(study: Study) -> Table:
    """Return where a unit of cargo waits longest, by flow."""
    longest = rows_of(study.summary(), "wait_days")
    longest = longest[longest["activity"].astype(str).str.startswith(WAIT)].nlargest(MOST, "mean")
    rows = tuple(
        (
            resource_name(study.scenario.spec, str(row["where"])),
            str(row["flow"]),
            str(row["activity"]).removeprefix(WAIT).replace("_", " "),
            with_interval(row),
        )
        for row in longest.to_dict("records")
    )
    heads = ("where", "flow", "waits for", "days, mean of the units delivered")
    return Table(f"{study.scenario.name}: longest waits", heads, rows)


def closed(study: Study) -> Table:
    """Return how much of the time the weather shuts each port."""
    shares = rows_of(study.summary(), "closed_share")
    stormy = shares[shares["activity"] == "nov-dec"].to_dict("records")
    in_storms = {row["where"]: with_interval(row) for row in stormy}
    rows = tuple(
        (
            resource_name(study.scenario.spec, row["where"]),
            with_interval(row),
            in_storms.get(row["where"], DASH),
        )
        for row in shares[shares["activity"].isna()].to_dict("records")
    )
    heads = ("port", "share of the time", "in November and December")
    return Table(f"{study.scenario.name}: shut by weather", heads, rows)
