"""Where the days of each flow go, as stacked bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.plot.axes import (
    bar_rows,
    figure_of,
    grid,
    intervals,
    is_wide,
    label_below,
    legend_above,
    name_rows,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)
from sim.plot.drawing import Drawing, View, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import (
    ACTIVITY_GROUPS,
    COLUMN_IN,
    FREE_FLOW,
    FULL_IN,
    GROUP_OF,
    MUTED,
    SMALL_PT,
    TINY_PT,
)
from sim.plot.words import beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

LARGEST = 16
"""Flows that are drawn, by tonnes offered."""
NARROW_LEGEND_IN = 0.6
"""What a legend of one column takes more than one of two [inch]."""
NAMES = ("wait_days", "transit_days_mean", "offered_t_per_year")


@dataclass(frozen=True, slots=True)
class Bars:
    """The stacked bars of one scenario."""

    y: NDArray[np.float64]
    ends: NDArray[np.float64]
    known: NDArray[np.bool_]
    """Whether the flow has a transit time; one without has no bar."""


def waits(
    frame: pd.DataFrame | Study, ax: Axes | None = None, *, width_in: float = FULL_IN
) -> Axes:
    """Draw the mean days of each flow in each kind of activity, scenarios one below the other.

    Parameters
    ----------
    frame
        A study, or rows of its summary with ``scenario, name, flow, activity, mean``, of which
        ``wait_days`` are drawn. The bars of a flow add up to its mean transit time; a flow whose
        ``transit_days_mean`` does not exist has a sentence in place of the few units that got
        through.
    """
    if not isinstance(frame, pd.DataFrame):
        frame = main_flows(summaries([frame]))
    rows = frame[frame["name"] == "wait_days"]
    flows, scenarios = list(dict.fromkeys(rows["flow"])), list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(ax, width_in, _height_in(len(flows), len(scenarios), width_in))
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    rows = rows.assign(group=rows["activity"].map(GROUP_OF))
    totals = rows.groupby(["scenario", "flow", "group"])["mean"].sum()
    groups = frozenset(totals.index.get_level_values("group"))
    without = _without_transit_time(frame)
    height = 0.8 / len(scenarios)
    bars = {}
    for number, scenario in enumerate(scenarios):
        y = bar_rows(len(flows), number, len(scenarios), height)
        known = ~pd.MultiIndex.from_product([[scenario], flows]).isin(without)
        days = _days(totals, scenario, flows) * known
        # The first scenario stands for all in the legend.
        in_legend = groups if number == 0 else frozenset()
        bars[scenario] = Bars(y, _stack(ax, y, height * 0.92, days, in_legend), known)
    bounds = _bounds(frame)
    _mark_ends(ax, bars, flows, bounds)
    name_rows(ax, flows)
    interval = ", line: its 95 % interval" if len(bounds) else ""
    label_below(ax, "days from creation to delivery", f"(mean of the units delivered{interval})")
    columns = 2 if is_wide(ax) else 1
    place: dict[str, Any] = {"bbox_to_anchor": (0.4, 1.0), "fontsize": SMALL_PT - 0.5}
    legend_above(ax, columns, side="center", **place)
    plain(ax)
    grid(ax)
    return ax


def _height_in(flows: int, scenarios: int, width_in: float) -> float:
    row_in = 0.2 if scenarios < 2 else 0.15
    height_in = max(2.0, 1.0 + row_in * flows * max(scenarios, 1))
    return height_in + (NARROW_LEGEND_IN if width_in <= COLUMN_IN else 0.0)


def _without_transit_time(frame: pd.DataFrame) -> pd.MultiIndex:
    """Return scenario and flow of the cargo that has no transit time."""
    missing = frame[(frame["name"] == "transit_days_mean") & frame["mean"].isna()]
    return pd.MultiIndex.from_frame(missing[["scenario", "flow"]])


def _days(totals: pd.Series[float], scenario: str, flows: list[str]) -> NDArray[np.float64]:
    """Return the days in each group of activities (a row each) of each flow (a column each)."""
    keys = pd.MultiIndex.from_product([[scenario], list(ACTIVITY_GROUPS), flows])
    by_group = totals.reorder_levels(["scenario", "group", "flow"])
    days = by_group.reindex(keys, fill_value=0.0).fillna(0.0).to_numpy(float)
    return days.reshape(len(ACTIVITY_GROUPS), len(flows))


def _stack(
    ax: Axes, y: Any, height: float, days: NDArray[np.float64], in_legend: frozenset[str]
) -> NDArray[np.float64]:
    """Draw the groups of activities one after the other, and return where they end."""
    left = np.zeros(len(y))
    for (name, group), width in zip(ACTIVITY_GROUPS.items(), days, strict=True):
        label = name if name in in_legend else "_"
        ax.barh(y, width, height, left=left, label=label, lw=0.2, **group.bar())
        left = left + width
    return left


def _bounds(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``low, high`` of the transit time by scenario and flow, where there are intervals."""
    whole = frame[(frame["name"] == "transit_days_mean") & frame["flow"].notna()]
    keys = ["scenario", "flow"]
    bounds = whole.reindex(columns=[*keys, "low", "high"]).set_index(keys)
    return bounds.dropna().astype(float)


def _mark_ends(ax: Axes, bars: dict[str, Bars], flows: list[str], bounds: pd.DataFrame) -> None:
    """Draw the interval of the transit time at the end of each bar, and name the scenario."""
    ends = np.concatenate([[0.0], *(drawn.ends for drawn in bars.values())])
    longest = reach(ends, bounds["high"])[1]
    several = len(bars) > 1
    for scenario, drawn in bars.items():
        keys = pd.MultiIndex.from_product([[scenario], flows])
        low, high = (bounds[end].reindex(keys).to_numpy(float) for end in ("low", "high"))
        intervals(ax, drawn.y, low, high)
        name = scenario if several else ""
        right = np.fmin(np.fmax(drawn.ends, high), longest)
        for at, end, is_known in zip(drawn.y, right, drawn.known, strict=True):
            why = "" if is_known else no_transit_time(ax)
            words = beside(name, why)
            text = ax.text(end, at, words, va="center", fontsize=TINY_PT, color=MUTED)
            if name and end == longest:
                # The interval goes on behind it.
                text.set_bbox({"facecolor": "white", "lw": 0, "pad": 0.6})
    ax.set_xlim(0, longest * (1.1 if several else 1.04))


def no_transit_time(ax: Axes) -> str:
    """Return what is written in place of a transit time that does not exist."""
    if is_wide(ax):
        return "over 1 % not delivered by the end: no transit time"
    return "no transit time"


def main_flows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the flows with most tonnes, largest first.

    Flows without weight come after those with weight.
    """
    tonnes = frame[(frame["name"] == "offered_t_per_year") & frame["flow"].notna()]
    by_flow = tonnes.groupby("flow", sort=False)["mean"].max()
    largest = by_flow.sort_values(ascending=False, kind="stable").index[:LARGEST]
    rank = {flow: number for number, flow in enumerate(largest)}
    kept = frame[frame["flow"].isin(largest)]
    return kept.sort_values("flow", key=lambda column: column.map(rank), kind="stable")


def caption(frame: pd.DataFrame) -> str:
    """Return the longest wait of every scenario."""
    rows = frame[frame["name"] == "wait_days"]
    keys = pd.MultiIndex.from_frame(rows[["scenario", "flow"]])
    rows = rows[~keys.isin(_without_transit_time(frame))]
    rows = rows.assign(group=rows["activity"].map(GROUP_OF))
    waiting = rows[~rows["group"].isin(FREE_FLOW)]
    by = waiting.groupby(["scenario", "flow", "group"], sort=False)["mean"].sum()
    sentences = []
    for scenario, days in by.groupby(level="scenario", sort=False):
        if days.max() > 0:
            _, flow, group = days.idxmax()
            sentences.append(
                f"{scenario}: {flow} has the longest wait, {days.max():.1f} days {group}"
            )
    if not sentences:
        return "Nothing waits, or nothing was delivered."
    return f"{'. '.join(sentences)}. Blue and grey bars are no waits."


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the waits of the flows with most tonnes with the caption."""
    frame = main_flows(summaries(studies))
    frame = frame[frame["name"].isin(NAMES)].reset_index(drop=True)
    return Drawing(figure_of(waits(frame, width_in=view.width_in)), frame, caption(frame))


KIND = StudyKind(
    name="waits",
    shows="where the days of each flow go",
    alt="Stacked bars of the days that cargo spends moving, in handling and waiting, by flow.",
    make=draw,
    fits_column=True,
    in_every_study=True,
)
