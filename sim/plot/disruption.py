"""What a closure costs, against how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.look import BLUE, GREY, ORANGE, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def disruption(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw days to recover and the most cargo held back against the days of closure, with intervals of 95 %.

    Parameters
    ----------
    table
        `Disrupted.table`. The grey line is a recovery as long as the closure; lengths from which not every replication
        recovered have no point.
    """
    ax = new_axes(ax, height_in=2.8)
    if table.empty:
        return nothing_to_show(ax, "no closure")
    days = table["days"].to_numpy(float)
    for name, short, color, mark, scale, label, axes in (
        ("recovery_days", "recovery", BLUE, "o", 1.0, "days to recover (left)", ax),
        ("peak_t", "peak", ORANGE, "s", 1e-3, "most held back (right)", ax.twinx()),
    ):
        mean = table[name].to_numpy(float) * scale
        ends = [table[f"{short}_{end}"].to_numpy(float) * scale for end in ("low", "high")]
        error = np.nan_to_num([mean - ends[0], ends[1] - mean])
        axes.errorbar(days, mean, yerr=error, fmt=f"{mark}-", color=color, ms=4, lw=1.1, capsize=2, label=label)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("days" if axes is ax else "kt net", fontsize=SMALL_PT + 1)
        axes.tick_params(labelsize=SMALL_PT)
        axes.spines["top"].set_visible(False)
        if axes is not ax:
            handles = [*ax.get_legend_handles_labels()[0], *axes.get_legend_handles_labels()[0]]
            ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, loc="upper left")
    ax.plot([0, days.max()], [0, days.max()], color=GREY, lw=0.8, ls="--")
    ax.set_xlim(0, days.max() * 1.05)
    ax.set(xlabel="days of closure")
    plain(ax)
    return ax
