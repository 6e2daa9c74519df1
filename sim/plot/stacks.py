"""Stacks over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from sim.plot.look import GREY, SERIES, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def stacks(levels: pd.DataFrame, closures: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the level of one stack [units] over time, median and band of the replications; return the axes.

    Parameters
    ----------
    levels
        ``scenario, replication, day, level`` of one stack; days that some replications do not reach are left out.
    closures
        ``start, end`` of the closures of its port in one replication, shaded.
    """
    ax = new_axes(ax, height_in=2.4)
    if levels.empty:
        return nothing_to_show(ax, "no stack was used")
    for number, (scenario, rows) in enumerate(levels.groupby("scenario", sort=False)):
        colour, style = SERIES[number % len(SERIES)], ("-", "--", "-.", ":")[number % 4]
        by_day = _where_all_run(rows).groupby("day")["level"]
        low, high = by_day.quantile(0.05), by_day.quantile(0.95)
        ax.fill_between(low.index, low, high, color=colour, alpha=0.2, lw=0)
        ax.plot(by_day.median(), color=colour, ls=style, lw=1.1, label=str(scenario))
    for start, end in zip(closures["start"], closures["end"], strict=True):
        ax.axvspan(start, end, color=GREY, alpha=0.25, lw=0)
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    if levels["day"].nunique() > 1:
        ax.set_xlim(levels["day"].min(), levels["day"].max())
    ax.set_ylim(bottom=0)
    ax.set(ylabel="level [units]")
    plain(ax)
    ax.xaxis.get_offset_text().set_fontsize(SMALL_PT)
    return ax


def _where_all_run(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the days that every replication reaches: a quantile of those that end last would look like growth."""
    last = levels.groupby("replication")["day"].max().min()
    return levels[levels["day"] <= last]
