"""The ladder of bottlenecks: what is carried on each rung, and what was raised to come there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.look import BLUE, GREY, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def ladder(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw what is carried on each rung with its interval of 95 %, and beside it what is raised to come to the next.

    Parameters
    ----------
    table
        `Bottlenecks.table`.
    """
    ax = new_axes(ax, height_in=1.2 + 0.55 * max(len(table), 1))
    if table.empty:
        return nothing_to_show(ax, "no rung")
    y = np.arange(len(table))
    mean, low, high = (
        table[name].to_numpy(float) / 1e3 for name in ("carried_t_per_year", "carried_low", "carried_high")
    )
    error = np.nan_to_num([mean - low, high - mean])
    ax.barh(y, mean, 0.35, color=BLUE, xerr=error, error_kw={"lw": 1, "capsize": 2})
    rows = zip(y, table["bottleneck"], table["fix"], table["state"], strict=True)
    for at, bottleneck, fix, state in rows:
        undecided = " (undecided)" if bottleneck.startswith("undecided") else ""
        label = f"raised: {fix}{undecided}" if fix else state
        ax.text(0, at - 0.24, label, fontsize=SMALL_PT, va="bottom", color="#333333")
    ax.set_yticks(y, [str(number) for number in table["rung"]])
    ax.set_ylim(len(table) - 0.6, -0.7)
    ax.set(xlabel="carried, kt net a year", ylabel="rung")
    plain(ax)
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    return ax
