"""Where the days go: waits by place and kind, as stacked bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.plot.look import (
    ACTIVITY_GROUPS,
    GREY,
    GROUP_OF,
    MUTED,
    SMALL_PT,
    TINY_PT,
    is_wide,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

LARGEST = 16
"""Flows that are drawn, by tonnes offered."""


def waits(frame: pd.DataFrame | Study, ax: Axes | None = None) -> Axes:
    """Draw the mean days of each flow in each kind of activity as stacked bars, scenarios one below the other.

    Parameters
    ----------
    frame
        A study, or rows of its summary with ``scenario, name, flow, activity, mean``, of which ``wait_days`` are drawn.
        The bars of a flow add up to its mean transit time; where ``transit_days_mean`` does not exist, that is said
        instead of drawing the few that got through.
    """
    if not isinstance(frame, pd.DataFrame):
        frame = main_flows(frame.summary().assign(scenario=frame.scenario.name))
    rows = frame[frame["name"] == "wait_days"]
    means = frame[(frame["name"] == "transit_days_mean") & frame["mean"].isna()]
    without = pd.MultiIndex.from_frame(means[["scenario", "flow"]])
    flows, scenarios = list(dict.fromkeys(rows["flow"])), list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(
        ax, height_in=max(2.0, 1.0 + (0.2 if len(scenarios) < 2 else 0.13) * len(flows) * max(len(scenarios), 1))
    )
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    totals = rows.assign(group=rows["activity"].map(GROUP_OF)).groupby(["scenario", "flow", "group"])["mean"].sum()
    height = 0.8 / len(scenarios)
    for number, scenario in enumerate(scenarios):
        y = np.arange(len(flows)) + (number - (len(scenarios) - 1) / 2) * height
        left = np.zeros(len(flows))
        known = ~pd.MultiIndex.from_product([[scenario], flows]).isin(without)
        for group, (colour, hatch, _) in ACTIVITY_GROUPS.items():
            keys = pd.MultiIndex.from_tuples([(scenario, flow, group) for flow in flows])
            width = totals.reindex(keys, fill_value=0.0).fillna(0.0).to_numpy(float) * known
            label = group if number == 0 else None
            style: dict[str, Any] = {"color": colour, "hatch": hatch, "edgecolor": "white", "lw": 0.2}
            ax.barh(y, width, height * 0.92, left=left, label=label, **style)
            left += width
        for at, end, is_known in zip(y, left, known, strict=True):
            name = f" {scenario}" if len(scenarios) > 1 else ""
            text = name if is_known else f"{name}: over 1 % not delivered by the end: no transit time"
            ax.text(end, at, text, va="center", fontsize=TINY_PT, color=MUTED)
    ax.set_yticks(range(len(flows)), flows)
    ax.set_ylim(len(flows) - 0.4, -0.6)
    ax.set_xlim(0, ax.get_xlim()[1] * 1.08)
    ax.set(xlabel="days from birth to delivery\n(mean of the units delivered)")
    columns = 2 if is_wide(ax) else 1
    ax.legend(fontsize=SMALL_PT - 0.5, frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=columns)
    plain(ax)
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    return ax


def main_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the flows with most tonnes, largest first; what has no weight comes after what has."""
    tonnes = frame[(frame["name"] == "offered_t_per_year") & frame["flow"].notna()]
    largest = (
        tonnes.groupby("flow", sort=False)["mean"].max().sort_values(ascending=False, kind="stable").index[:LARGEST]
    )
    kept = frame[frame["flow"].isin(largest)]
    order = {flow: rank for rank, flow in enumerate(largest)}
    return kept.sort_values("flow", key=lambda column: column.map(order), kind="stable")
