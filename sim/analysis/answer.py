"""The answer to the question of five times the cargo: the shipped scenarios side by side, on the
same luck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.study.growth import LIMIT, overloaded_names, state_of_summary
from sim.study.study import Study

FAMILY = (
    "baseline-2023",
    *(
        "fivefold",
        "fivefold-containers",
        "fivefold-crude-inside",
        "ten-megatonnes",
        "world-bank-2030",
    ),
    *("do-minimum", "fivefold-committed", "fivefold-all-projects"),
    *("fivefold-bad-winter", "fivefold-ferry-out", "fivefold-low-sea", "fivefold-border-shut"),
    "fivefold-georgian-locomotives",
)
"""The base, the readings of five times, what is built, and what may go wrong, in the order in which
they are told."""
NUMBERS = {
    "offered": "offered_t_per_year",
    "carried": "carried_t_per_year",
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
        are net tonnes a year; NaN for what does not exist: cargo that is left behind has no transit
        time, and where something is overloaded a tonne has no cost, since the longer the run, the
        more is spent on what waits); ``state``, as in `sim.study.growth.state_of`, or
        ``unknown`` where nothing is watched for two years in a row; ``overloaded``, how many stacks
        and queues are; ``first``, the one of them (or, where that is undecided, of those that grow
        by more than the limit on average) that grows most for its flow, and ``growth``,
        ``growth_low``, ``growth_high``, by what share of its yearly flow from year to year; ``n``
        replications; ``hash``.
    """
    rows = [_row(study) for study in studies]
    triples = [(name, f"{name}_low", f"{name}_high") for name in (*NUMBERS, "growth")]
    numbers = [column for triple in triples for column in triple]
    columns = [
        "scenario",
        "title",
        *numbers[:-3],
        "state",
        "overloaded",
        "first",
        *numbers[-3:],
        "n",
        "hash",
    ]
    return pd.DataFrame(rows, columns=columns)


def _row(study: Study) -> dict[str, object]:
    summary = study.summary()
    whole = summary[
        summary["where"].isna() & summary["flow"].isna() & summary["activity"].isna()
    ].set_index("name")
    found: dict[str, object] = {
        "scenario": study.scenario.name,
        "title": study.scenario.spec.title,
    }
    for name, metric in NUMBERS.items():
        row = whole.loc[metric] if metric in whole.index else None
        found |= _triple(name, row)
    growth = summary[
        (summary["name"] == "growth_share_per_year") & summary["mean"].notna()
    ].set_index("where")
    over = overloaded_names(summary)
    growing = growth.loc[over] if over else growth[growth["mean"] > LIMIT]
    first = "" if growing.empty else str(growing["mean"].idxmax())
    state = state_of_summary(summary)
    if over:
        found |= _triple("cost_usd_per_t", None)
    found |= {"state": state, "overloaded": len(over), "first": first}
    found |= _triple("growth", growing.loc[first] if first else None)
    return {**found, "n": len(study.replications), "hash": study.scenario.hash}


def _triple(name: str, row: pd.Series | None) -> dict[str, object]:
    keys = ("mean", "low", "high")
    values = [np.nan] * 3 if row is None else [float(row[key]) for key in keys]
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def as_markdown(table: pd.DataFrame) -> str:
    """Return the answer as a table in Markdown, in Mt, percent and days."""
    names = (
        "scenario",
        "offered, Mt",
        "carried, Mt",
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
            _told(row, "carried", 1e-6, 2),
            _told(row, "share", 1.0, 2),
            _told(row, "p90_days", 1.0, 1),
            _told(row, "cost_usd_per_t", 1.0, 0),
            _told(row, "co2e_kg_per_t", 1.0, 0),
            in_words(row["state"], row["overloaded"], row["first"]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def in_words(state: str, overloaded: int, first: str) -> str:
    """Return what is overloaded, the fastest by name."""
    if state == "overloaded":
        return f"{first} and {overloaded - 1} more" if overloaded > 1 else first
    told = {
        "holds": "nothing",
        "undecided": f"undecided: {first}",
        "unknown": "not known, the horizon is too short",
    }
    return told[state]


def _told(row: dict[object, object], name: str, factor: float, digits: int) -> str:
    mean, low, high = (float(row[key]) * factor for key in (name, f"{name}_low", f"{name}_high"))  # type: ignore[arg-type]
    if np.isnan(mean):
        return "-"
    if np.isnan(low):
        return f"{mean:.{digits}f}"
    return f"{mean:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
