"""Transit time by flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.plot.look import GREY, SERIES, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHIFT = 0.32


def transit(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw median and 90th percentile of the transit time [d] by flow, one series a scenario; return the axes.

    Parameters
    ----------
    frame
        Rows of a summary with ``scenario, name, flow, mean``. A flow whose transit time does not exist, since much
        of it has not arrived, is named as such.
    """
    rows = frame[frame["name"].isin(["transit_days_p50", "transit_days_p90"]) & frame["flow"].notna()]
    flows = list(dict.fromkeys(rows["flow"]))
    scenarios = list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(ax, height_in=max(2.0, 0.6 + 0.22 * len(flows)))
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    values = rows.pivot_table(index=["scenario", "flow"], columns="name", values="mean", dropna=False, observed=True)
    values = values.reindex(columns=["transit_days_p50", "transit_days_p90"])
    offsets = np.linspace(-_SHIFT, _SHIFT, len(scenarios)) if len(scenarios) > 1 else [0.0]
    for number, (scenario, offset) in enumerate(zip(scenarios, offsets, strict=True)):
        mine = values.xs(scenario).reindex(flows).to_numpy(float)
        y = np.arange(len(flows)) + offset * 0.75
        colour = SERIES[number % len(SERIES)]
        known = ~np.isnan(mine).any(axis=1)
        ax.hlines(y[known], mine[known, 0], mine[known, 1], color=colour, lw=1.2)
        ax.plot(mine[known, 0], y[known], "os^D"[number % 4], color=colour, ms=3.5, ls="none", label=scenario)
        ax.plot(mine[known, 1], y[known], "|", color=colour, ms=6, ls="none")
        for at in y[~known]:
            text = f" {scenario}: over 1 % not delivered by the end: no transit time"
            ax.text(0, at, text, va="center", fontsize=SMALL_PT - 1.5, color="black", style="italic")
    ax.set_yticks(range(len(flows)), flows)
    ax.set_ylim(len(flows) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.set(xlabel="transit time [days]\nmark: median, line: to the 90th percentile")
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    if len(scenarios) > 1:
        # Above the axes: no corner of them is sure to be free.
        where: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": min(len(scenarios), 3)}
        ax.legend(fontsize=SMALL_PT, frameon=False, **where)
    plain(ax)
    return ax
