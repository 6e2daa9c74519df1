"""The answer to the question of five times the cargo: the shipped scenarios side by side, on common
random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import Any

import pandas as pd

from sim.study.growth import LIMIT, overloaded_names, state_of_summary
from sim.study.interval import MISSING, Interval, interval_columns
from sim.study.study import Study

FAMILY = (
    "baseline-2023",
    # Readings of five times.
    "fivefold",
    "fivefold-containers",
    "fivefold-crude-inside",
    "ten-megatonnes",
    "world-bank-2030",
    # What is built.
    "do-minimum",
    "fivefold-committed",
    "fivefold-all-projects",
    # What may go wrong.
    "fivefold-bad-winter",
    "fivefold-ferry-out",
    "fivefold-low-sea",
    "fivefold-border-shut",
    "fivefold-georgian-locomotives",
)
"""Scenarios of the answer, in its order."""
NUMBERS = {
    "offered": "offered_t_per_year",
    "carried": "carried_t_per_year",
    "carried_gross": "carried_gross_t_per_year",
    "share": "carried_share",
    "p90_days": "transit_days_p90",
    "cost_usd_per_t": "cost_usd_per_t",
    "co2e_kg_per_t": "co2e_kg_per_t",
}
"""Columns of the answer and the metric of the whole corridor behind each."""


def answer(studies: Sequence[Study]) -> pd.DataFrame:
    """Return a row for each study, with 95 % intervals over its replications.

    Returns
    -------
    DataFrame
        ``scenario, title``; for each of `NUMBERS` its mean, ``..._low`` and ``..._high`` (tonnes
        are net tonnes a year, gross ones hold the tare of units too; NaN for what does not exist:
        cargo that is left behind has no transit time, and where something is overloaded a tonne has
        no cost, since the longer the run, the more is spent on what waits); ``state``, as in
        `sim.study.growth.state_of`, or
        ``unknown`` where nothing is watched for two years in a row; ``overloaded``, how many stacks
        and queues are; ``first``, the one of them (or, where that is undecided, of those that grow
        by more than the limit on average) that grows most for its flow, and ``growth``,
        ``growth_low``, ``growth_high``, by what share of its yearly flow from year to year; ``n``
        replications; ``hash``.
    """
    columns = ["scenario", "title"]
    for name in NUMBERS:
        columns += interval_columns(name, name)
    columns += ["state", "overloaded", "first"]
    columns += [*interval_columns("growth", "growth"), "n", "hash"]
    return pd.DataFrame([_row(study) for study in studies], columns=columns)


def _row(study: Study) -> dict[str, object]:
    summary = study.summary()
    overloaded = overloaded_names(summary)
    numbers = _whole_corridor(summary)
    if overloaded:
        numbers["cost_usd_per_t"] = MISSING
    first, growth = _fastest(summary, overloaded)
    row: dict[str, object] = {
        "scenario": study.scenario.name,
        "title": study.scenario.spec.title,
        "state": state_of_summary(summary),
        "overloaded": len(overloaded),
        "first": first,
        **growth.named("growth", "growth"),
        "n": len(study.replications),
        "hash": study.scenario.hash,
    }
    for name, interval in numbers.items():
        row |= interval.named(name, name)
    return row


def _whole_corridor(summary: pd.DataFrame) -> dict[str, Interval]:
    """Return each of `NUMBERS` for the whole corridor, as far as it exists."""
    is_whole = summary[["where", "flow", "activity"]].isna().all(axis=1)
    by_metric = summary[is_whole].set_index("name")
    return {
        name: Interval.from_row(by_metric.loc[metric])
        for name, metric in NUMBERS.items()
        if metric in by_metric.index
    }


def _fastest(summary: pd.DataFrame, overloaded: Sequence[str]) -> tuple[str, Interval]:
    """Return what grows most, with its growth: of what is overloaded, or else of what grows by more
    than the limit on average."""
    is_growth = summary["name"] == "growth_share_per_year"
    growth = summary[is_growth & summary["mean"].notna()].set_index("where")
    growing = growth.loc[overloaded] if overloaded else growth[growth["mean"] > LIMIT]
    if growing.empty:
        return "", MISSING
    first = str(growing["mean"].idxmax())
    return first, Interval.from_row(growing.loc[first])


def as_markdown(table: pd.DataFrame) -> str:
    """Return the answer, with its choices, as a table in Markdown, in Mt, percent and days."""
    names = (
        "scenario",
        "offered, Mt",
        "carried, Mt",
        "gross, Mt",
        "by policy, Mt",
        "share",
        "P90, days",
        "cost, USD/t",
        "CO2e, kg/t",
        "overloaded",
    )
    lines = [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]
    for row in table.to_dict("records"):
        cells = (
            f"`{row['scenario']}`",
            f"{row['offered'] / 1e6:.2f}",
            _with_bounds(row, "carried", 1e-6, 2),
            _with_bounds(row, "carried_gross", 1e-6, 2),
            range_in_words(row),
            _with_bounds(row, "share", 1.0, 2),
            _with_bounds(row, "p90_days", 1.0, 1),
            _with_bounds(row, "cost_usd_per_t", 1.0, 0),
            _with_bounds(row, "co2e_kg_per_t", 1.0, 0),
            in_words(row["state"], row["overloaded"], row["first"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def range_in_words(row: Mapping[Any, Any]) -> str:
    """Return the cargo carried under the rules that no source settles [Mt a year], or of how many
    inputs it was not asked."""
    if not isnan(row.get("by_policy_low", nan)):
        return f"{row['by_policy_low'] / 1e6:.2f} to {row['by_policy_high'] / 1e6:.2f}"
    choices = row.get("choices", 0)
    return f"{choices} open, not run" if choices else "-"


def in_words(state: str, overloaded: int, first: str) -> str:
    """Return what is overloaded, the fastest by name."""
    if state == "overloaded":
        return f"{first} and {overloaded - 1} more" if overloaded > 1 else first
    sentences = {
        "holds": "nothing",
        "undecided": f"undecided: {first}",
        "unknown": "not known, the horizon is too short",
    }
    return sentences[state]


def _with_bounds(row: Mapping[Any, Any], name: str, factor: float, digits: int) -> str:
    """Return a number of the answer with its interval; a dash where it does not exist."""
    interval = Interval.from_row(row, name, name)
    if isnan(interval.mean):
        return "-"
    mean, low, high = (f"{number * factor:.{digits}f}" for number in interval)
    return f"{mean} ({low} to {high})" if interval.has_bounds else mean
