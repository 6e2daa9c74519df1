"""Stacks over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.plot.look import (
    CLOSED,
    DASHES,
    LINE,
    SERIES,
    dates,
    new_axes,
    nothing_to_show,
    plain,
    thousands,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def stacks(levels: pd.DataFrame, closures: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the level of one stack [units] over time, median and band of the replications; return
    the axes.

    Parameters
    ----------
    levels
        ``scenario, replication, day, level`` of one stack; days that some replications do not reach
        are left out.
    closures
        ``start, end`` of the closures of its port in one replication, shaded.
    """
    ax = new_axes(ax, height_in=2.4)
    if levels.empty:
        return nothing_to_show(ax, "no stack was used")
    for number, (scenario, rows) in enumerate(levels.groupby("scenario", sort=False)):
        colour, style = SERIES[number % len(SERIES)], DASHES[number % len(DASHES)]
        by_day = _where_all_run(rows).groupby("day")["level"]
        low, high = by_day.quantile(0.05), by_day.quantile(0.95)
        ax.fill_between(low.index, low, high, color=colour, alpha=0.2, lw=0)
        ax.plot(by_day.median(), color=colour, ls=style, lw=LINE, label=str(scenario))
    for start, end in zip(closures["start"], closures["end"], strict=True):
        ax.axvspan(start, end, color=CLOSED, alpha=0.25, lw=0)
    dates(ax)
    if levels["day"].nunique() > 1:
        ax.set_xlim(levels["day"].min(), levels["day"].max())
    ax.set_ylim(bottom=0)
    ax.set(ylabel="level [units]")
    plain(ax)
    thousands(ax.yaxis)
    return ax


def _where_all_run(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the days that every replication reaches: a quantile of those that end last would look
    like growth."""
    last = levels.groupby("replication")["day"].max().min()
    return levels[levels["day"] <= last]
