"""What a closure costs, against how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from sim.plot.look import (
    BLUE,
    GREY,
    ORANGE,
    SMALL_PT,
    THIN,
    TINY_PT,
    legend_above,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def disruption(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw days to recover and the most cargo held back against the days of closure, with intervals
    of 95 %.

    Parameters
    ----------
    table
        `Disrupted.table`. The grey line is a recovery as long as the closure; lengths from which
        not every replication recovered have no point, how many did not is said at the top.
    """
    ax = new_axes(ax, height_in=2.8)
    if table.empty:
        return nothing_to_show(ax, "no closure")
    days = table["days"].to_numpy(float)
    for name, short, color, mark, scale, label, axes in (
        ("recovery_days", "recovery", BLUE, "o-", 1.0, "days to recover (left)", ax),
        ("peak_t", "peak", ORANGE, "s--", 1e-3, "most held back (right)", ax.twinx()),
    ):
        mean = table[name].to_numpy(float) * scale
        ends = [table[f"{short}_{end}"].to_numpy(float) * scale for end in ("low", "high")]
        error = np.nan_to_num([mean - ends[0], ends[1] - mean])
        bars = axes.errorbar(
            days, mean, yerr=error, fmt=mark, color=color, ms=4, lw=1.1, capsize=2, label=label
        )
        # Marks at nothing are whole; intervals end with the axes.
        bars.lines[0].set_clip_on(False)
        most = reach([0.0, *mean, *(days if axes is ax else ())], ends[1])[1]
        # Room for what is said at the top.
        axes.set_ylim(0, (1.25 if (table["not_recovered"] > 0).any() else 1.08) * most)
        axes.set_ylabel(
            "days to recover" if axes is ax else "kt net held back", fontsize=SMALL_PT + 1
        )
        axes.tick_params(labelsize=SMALL_PT)
        axes.spines["top"].set_visible(False)
        if axes is not ax:
            handles = [*ax.get_legend_handles_labels()[0], *axes.get_legend_handles_labels()[0]]
            handles.append(
                Line2D([], [], color=GREY, lw=THIN, ls=":", label="as long as the closure")
            )
            legend_above(ax, 3, handles=handles)
    ax.plot([0, days.max()], [0, days.max()], color=GREY, lw=THIN, ls=":")
    for at, lost, count in zip(days, table["not_recovered"], table["n"], strict=True):
        if lost:
            text = f"{lost:.0f} of {count:.0f} do\nnot recover"
            # On the axes drawn last, so that no interval runs through the words.
            told = axes.text(
                at,
                0.99,
                text,
                ha="center",
                va="top",
                fontsize=TINY_PT,
                transform=axes.get_xaxis_transform(),
            )
            told.set_bbox({"facecolor": "white", "lw": 0, "pad": 1})
    ax.set_xlim(0, days.max() * 1.05)
    ax.set(xlabel="days of closure")
    plain(ax)
    return ax
