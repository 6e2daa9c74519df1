"""Where the days go: waits by place and kind, as stacked bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.plot.look import (
    ACTIVITY_GROUPS,
    GREY,
    GROUP_OF,
    MUTED,
    SMALL_PT,
    TINY_PT,
    intervals,
    is_wide,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

LARGEST = 16
"""Flows that are drawn, by tonnes offered."""
Numbers = NDArray[np.generic]


def waits(frame: pd.DataFrame | Study, ax: Axes | None = None) -> Axes:
    """Draw the mean days of each flow in each kind of activity as stacked bars, scenarios one below
    the other.

    Parameters
    ----------
    frame
        A study, or rows of its summary with ``scenario, name, flow, activity, mean``, of which
        ``wait_days`` are drawn. The bars of a flow add up to its mean transit time; where
        ``transit_days_mean`` does not exist, that is said instead of drawing the few that got
        through.
    """
    if not isinstance(frame, pd.DataFrame):
        frame = main_flows(frame.summary().assign(scenario=frame.scenario.name))
    rows = frame[frame["name"] == "wait_days"]
    means = frame[(frame["name"] == "transit_days_mean") & frame["mean"].isna()]
    without = pd.MultiIndex.from_frame(means[["scenario", "flow"]])
    flows, scenarios = list(dict.fromkeys(rows["flow"])), list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(
        ax,
        height_in=max(
            2.0, 1.0 + (0.2 if len(scenarios) < 2 else 0.15) * len(flows) * max(len(scenarios), 1)
        ),
    )
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    totals = (
        rows.assign(group=rows["activity"].map(GROUP_OF))
        .groupby(["scenario", "flow", "group"])["mean"]
        .sum()
    )
    height = 0.8 / len(scenarios)
    bars: dict[str, tuple[Numbers, Numbers, Numbers]] = {}
    for number, scenario in enumerate(scenarios):
        y = np.arange(len(flows)) + (number - (len(scenarios) - 1) / 2) * height
        left = np.zeros(len(flows))
        known = ~pd.MultiIndex.from_product([[scenario], flows]).isin(without)
        for group, (colour, hatch, _) in ACTIVITY_GROUPS.items():
            keys = pd.MultiIndex.from_tuples([(scenario, flow, group) for flow in flows])
            width = totals.reindex(keys, fill_value=0.0).fillna(0.0).to_numpy(float) * known
            label = (
                group if number == 0 and group in totals.index.get_level_values("group") else None
            )
            style: dict[str, Any] = {
                "color": colour,
                "hatch": hatch,
                "edgecolor": "white",
                "lw": 0.2,
            }
            ax.barh(y, width, height * 0.92, left=left, label=label, **style)
            left += width
        bars[scenario] = y, left, known
    has_intervals = _ends(ax, bars, flows, frame)
    ax.set_yticks(range(len(flows)), flows)
    ax.set_ylim(len(flows) - 0.4, -0.6)
    told = ", line: its interval of 95 %" if has_intervals else ""
    ax.set(xlabel=f"days from birth to delivery\n(mean of the units delivered{told})")
    columns = 2 if is_wide(ax) else 1
    ax.legend(
        fontsize=SMALL_PT - 0.5,
        frameon=False,
        loc="lower center",
        bbox_to_anchor=(0.4, 1.0),
        ncols=columns,
    )
    plain(ax)
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    return ax


def _ends(
    ax: Axes,
    bars: dict[str, tuple[Numbers, Numbers, Numbers]],
    flows: list[str],
    frame: pd.DataFrame,
) -> bool:
    """Draw the interval of the transit time at the end of each bar, name the scenario, and return
    whether any was."""
    whole = frame[(frame["name"] == "transit_days_mean") & frame["flow"].notna()]
    bounds = whole.reindex(columns=["scenario", "flow", "low", "high"]).set_index(
        ["scenario", "flow"]
    )
    bounds = bounds.dropna().astype(float)
    longest = reach([0.0, *(end for _, ends, _ in bars.values() for end in ends)], bounds["high"])[
        1
    ]
    for scenario, (y, ends, known) in bars.items():
        keys = pd.MultiIndex.from_product([[scenario], flows])
        low, high = (bounds[end].reindex(keys).to_numpy(float) for end in ("low", "high"))
        intervals(ax, y, low, high)
        for at, end, is_known in zip(y, np.fmin(np.fmax(ends, high), longest), known, strict=True):
            name = f" {scenario}" if len(bars) > 1 else ""
            text = (
                name
                if is_known
                else f"{name}{':' if name else ''} over 1 % not delivered by the end: no transit time"
            )
            told = ax.text(end, at, text, va="center", fontsize=TINY_PT, color=MUTED)
            if end == longest and name:
                # The interval goes on behind it.
                told.set_bbox({"facecolor": "white", "lw": 0, "pad": 0.6})
    ax.set_xlim(0, longest * (1.1 if len(bars) > 1 else 1.04))
    return bool(len(bounds))


def main_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the flows with most tonnes, largest first; what has no weight comes after
    what has."""
    tonnes = frame[(frame["name"] == "offered_t_per_year") & frame["flow"].notna()]
    largest = (
        tonnes.groupby("flow", sort=False)["mean"]
        .max()
        .sort_values(ascending=False, kind="stable")
        .index[:LARGEST]
    )
    kept = frame[frame["flow"].isin(largest)]
    order = {flow: rank for rank, flow in enumerate(largest)}
    return kept.sort_values("flow", key=lambda column: column.map(order), kind="stable")
