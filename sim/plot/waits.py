"""Where the days go: waits by place and kind, as stacked bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.plot.look import ACTIVITY_GROUPS, GREY, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GROUP_OF = {activity: group for group, (_, _, activities) in ACTIVITY_GROUPS.items() for activity in activities}


def waits(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the mean days of each flow in each kind of activity as stacked bars, scenarios one below the other.

    Parameters
    ----------
    frame
        Rows of a summary with ``scenario, name, flow, activity, mean``, of which ``wait_days`` are drawn. The bars of a
        flow add up to the mean transit time of what was delivered.
    """
    rows = frame[frame["name"] == "wait_days"]
    flows, scenarios = list(dict.fromkeys(rows["flow"])), list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(ax, height_in=max(2.0, 1.0 + 0.2 * len(flows) * max(len(scenarios), 1)))
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    totals = rows.assign(group=rows["activity"].map(_GROUP_OF)).groupby(["scenario", "flow", "group"])["mean"].sum()
    height = 0.8 / len(scenarios)
    for number, scenario in enumerate(scenarios):
        y = np.arange(len(flows)) + (number - (len(scenarios) - 1) / 2) * height
        left = np.zeros(len(flows))
        for group, (colour, hatch, _) in ACTIVITY_GROUPS.items():
            keys = pd.MultiIndex.from_tuples([(scenario, flow, group) for flow in flows])
            width = totals.reindex(keys, fill_value=0.0).fillna(0.0).to_numpy(float)
            label = group if number == 0 else None
            style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white", "lw": 0.2}
            ax.barh(y, width, height * 0.92, left=left, label=label, **style)
            left += width
        if len(scenarios) > 1:
            for at, end in zip(y, left, strict=True):
                ax.text(end, at, f" {scenario}", va="center", fontsize=SMALL_PT - 2.5, color="#444444")
    ax.set_yticks(range(len(flows)), flows)
    ax.set_ylim(len(flows) - 0.4, -0.6)
    ax.set_xlim(0, ax.get_xlim()[1] * 1.08)
    ax.set(xlabel="days from birth to delivery, mean of the units delivered")
    ax.legend(fontsize=SMALL_PT - 0.5, frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)
    plain(ax)
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    return ax
