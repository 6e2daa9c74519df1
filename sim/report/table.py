"""What the tables of the report share: their shape, and numbers and names as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.study.interval import Interval
from sim.units import format_at_precision, format_mean, format_number

if TYPE_CHECKING:
    pass

MAIN: Mapping[str, str] = {
    "offered_t_per_year": "offered, t a year",
    "carried_t_per_year": "carried, t a year",
    "carried_share": "share carried",
    "transit_days_p50": "half delivered within, days",
    "transit_days_p90": "nine tenths delivered within, days",
}
"""Main outcomes and what they are called at the head of a column."""
DASH = "-"
"""A number that does not exist."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    @property
    def is_number(self) -> tuple[bool, ...]:
        """Whether each column holds numbers, which stand to the right."""
        columns = zip(*self.rows, strict=True) if self.rows else ()
        return tuple(all(cell[:1] in "0123456789-+" for cell in column) for column in columns)


def rows_of(summary: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one metric."""
    return summary[summary["name"] == name]


def of_corridor(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the whole corridor: of no single flow and no single place."""
    return frame[frame["flow"].isna() & frame["where"].isna()]


def with_interval(row: Mapping[Any, Any] | pd.Series[Any], scale: float = 1.0) -> str:
    """Return the mean of *row* times *scale*, with its 95 % interval in brackets where it has one."""
    return format_mean(*(scale * value for value in Interval.from_row(row)))


def mean_apart(interval: Interval) -> tuple[str, str]:
    """Return the mean, and the bounds of its interval or a dash."""
    mean, *bounds = format_at_precision(interval.half_width, *interval)
    return mean, " to ".join(bounds) if interval.has_bounds else DASH


def from_to(low: float, high: float) -> str:
    """Return a range in words."""
    return f"{format_number(low)} to {format_number(high)}"


def change(share: float) -> str:
    """Return a relative difference in percent, or a dash."""
    return DASH if isnan(share) else f"{share:+.1%}"
