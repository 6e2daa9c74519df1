"""The main outcomes of a corridor, which sweeps show and whose precision a study may ask for."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import pandas as pd


class Outcome(NamedTuple):
    """A metric of the whole corridor."""

    name: str
    unit: str
    label: str
    """In words."""


MAIN = (
    Outcome("offered_t_per_year", "t/a", "offered"),
    Outcome("carried_t_per_year", "t/a", "carried"),
    Outcome("carried_share", "share", "carried over offered"),
    Outcome("transit_days_mean", "d", "transit time, mean"),
    Outcome("transit_days_p90", "d", "transit time, P90"),
)


def outcomes_of(metrics: pd.DataFrame) -> dict[Outcome, float]:
    """Return the main outcomes in the metrics of one replication; NaN for what does not exist."""
    names = [outcome.name for outcome in MAIN]
    rows = metrics[metrics["name"].isin(names)]
    rows = rows[rows["where"].isna() & rows["flow"].isna() & rows["activity"].isna()]
    values = dict(zip(rows["name"].tolist(), rows["value"].tolist(), strict=True))
    return {outcome: float(values.get(outcome.name, nan)) for outcome in MAIN}
