"""Metrics of many replications as tables: each number with its interval, or one row each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.runs.replication import KEYS
from sim.study.growth import GROWTH_SHARE, overloaded
from sim.study.interval import Interval, interval_columns

KEY_COLUMNS = list(KEYS)
_ADD_UP = (
    "wait_days",
    "time_share",
    *(f"{measure}_per_t" for measure in ("cost_usd", "price_usd", "time_usd", "co2e_kg")),
)
"""Metrics whose rows by activity add up to a whole."""


def summarise(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return every number of tidy *metrics* over replications, as `Study.summary` does."""
    by_number = values_by_number(metrics)
    rows = []
    for key, values in zip(by_number.index, by_number.to_numpy(float), strict=True):
        interval = Interval.of_metric(values.tolist(), name=key[0], unit=key[-1])
        rows.append((*key, *interval, *_quantiles(values), interval.count))
    columns = [*KEY_COLUMNS, *interval_columns(), "p5", "p95", "n"]
    frame = none_for_empty(pd.DataFrame(rows, columns=columns))
    verdicts = _overload_rows(by_number)
    if verdicts.empty:
        return frame
    return pd.concat([frame, verdicts[columns]], ignore_index=True)


def values_by_number(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per number and one column per replication.

    Rows are indexed by `KEY_COLUMNS` with empty texts for what does not apply, in the order in
    which the numbers first appear.
    """
    keys = {key: metrics[key].astype(object).where(metrics[key].notna(), "") for key in KEYS}
    filled = metrics.assign(**keys, is_there=True)
    numbers = pd.MultiIndex.from_frame(filled.drop_duplicates(KEY_COLUMNS)[KEY_COLUMNS])
    indexed = filled.set_index([*KEY_COLUMNS, "replication"])
    values = indexed["value"].unstack("replication").reindex(numbers)
    is_there = indexed["is_there"].unstack("replication").reindex(numbers)
    # An activity that did not happen in a replication took no time there: its row is missing, and
    # not its value.
    adds_up = values.index.isin(_ADD_UP, level="name")
    return values.mask(is_there.isna().to_numpy() & adds_up[:, None], 0.0)


def wide_table(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return one row per replication and one column per number of tidy *metrics*."""
    wide = values_by_number(metrics).T
    wide.columns = [_label(key) for key in wide.columns]
    return wide.rename_axis("replication").reset_index()


def none_for_empty(frame: pd.DataFrame) -> pd.DataFrame:
    """Return *frame* with None in place of the empty texts of keys that do not apply."""
    for key in ("where", "flow", "activity"):
        frame[key] = frame[key].astype(object).where(frame[key] != "", None)
    return frame


def _label(key: Iterable[str]) -> str:
    """Return ``name|where|flow|activity [unit]`` of a key, without what does not apply at its
    end."""
    *parts, unit = key
    name = "|".join(parts).rstrip("|")
    return f"{name} [{unit}]" if unit else name


def _quantiles(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 5 % and the 95 % quantile; NaN where a value does not exist."""
    if np.isnan(values).any():
        return np.nan, np.nan
    p5, p95 = np.quantile(values, [0.05, 0.95]).tolist()
    return p5, p95


def _overload_rows(by_number: pd.DataFrame) -> pd.DataFrame:
    """Return rows for what only many replications can say: whether the growth of a stack or queue
    is an overload."""
    rows = [
        {
            "name": "overloaded",
            "where": key[1] or None,
            "flow": None,
            "activity": None,
            "unit": "0 or 1",
            "mean": overloaded(values.tolist()),
            "low": np.nan,
            "high": np.nan,
            "p5": np.nan,
            "p95": np.nan,
            "n": len(values),
        }
        for key, values in zip(by_number.index, by_number.to_numpy(float), strict=True)
        if key[0] == GROWTH_SHARE
    ]
    return pd.DataFrame(rows)
