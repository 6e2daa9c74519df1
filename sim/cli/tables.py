"""Numbers in the cells of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.spec.messages import printable
from sim.units import format_mean, format_number

if TYPE_CHECKING:
    import pandas as pd


def show_number(value: object) -> str:
    """Return a number with three or four significant digits; a dash where there is none."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, int | float):
        return format_number(value)
    return "-"


def means_with_intervals(
    frame: pd.DataFrame, mean: str = "mean", ends: str = "", *, factor: float = 1.0
) -> list[str]:
    """Return for each row of *frame* the mean and its bounds as text, each times *factor*.

    *mean* and *ends* name the columns, see `sim.study.interval.interval_columns`.
    """
    from sim.study.interval import interval_columns

    intervals = frame[list(interval_columns(mean, ends))].astype(float) * factor
    return [format_mean(*interval) for interval in intervals.itertuples(index=False)]
