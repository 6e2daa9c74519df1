"""What vessels and berths do with their time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.plot.drawing import Drawing, summaries
from sim.plot.look import (
    ACTIVITY_GROUPS,
    FULL_IN,
    GREY,
    GROUP_OF,
    HAIR,
    SMALL_PT,
    TINY_PT,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

FREE, OUT = "free", "out of service"
STYLES = {
    **{name: style[:2] for name, style in ACTIVITY_GROUPS.items()},
    FREE: ("white", ""),
    OUT: (GREY, "xx"),
}
"""Colour and hatch of every share."""
_GROUP = {**GROUP_OF, "idle": FREE, "out": OUT}
MOST = 16
"""Bars of a panel and scenario: those of most vessels or berths come first in the summary, the rest
is left out."""


def budgets(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw shares of time as stacked bars, one for each ``where`` and scenario; return the axes.

    Parameters
    ----------
    frame
        ``scenario, where, group, share``.
    """
    wheres, scenarios = list(dict.fromkeys(frame["where"])), list(dict.fromkeys(frame["scenario"]))
    if not wheres:
        return nothing_to_show(ax, "nothing of this kind")
    height = 0.84 / len(scenarios)
    shares = frame.groupby(["scenario", "where", "group"])["share"].sum()
    for number, scenario in enumerate(scenarios):
        y = np.arange(len(wheres)) + (number - (len(scenarios) - 1) / 2) * height
        left = np.zeros(len(wheres))
        for group, (colour, hatch) in STYLES.items():
            keys = pd.MultiIndex.from_tuples([(scenario, where, group) for where in wheres])
            width = shares.reindex(keys, fill_value=0.0).to_numpy(float)
            edge = GREY if group == FREE else "white"
            style: dict[str, Any] = {
                "facecolor": colour,
                "hatch": hatch,
                "edgecolor": edge,
                "lw": 0.3,
            }
            ax.barh(
                y, width, height * 0.9, left=left, label=group if number == 0 else None, **style
            )
            left += width
        for at, end in zip(y, left, strict=True):
            if len(scenarios) > 1 and end > 0:
                ax.text(end, at, f" {scenario}", va="center", fontsize=TINY_PT)
    ax.set_yticks(range(len(wheres)), wheres)
    ax.set_ylim(len(wheres) - 0.45, -0.55)
    ax.set_xlim(0, 1.18 if len(scenarios) > 1 else 1.02)
    ax.set_xticks(np.linspace(0, 1, 6))
    plain(ax)
    ax.spines["bottom"].set_bounds(0, 1)
    ax.grid(axis="x", lw=HAIR, color=GREY, alpha=0.4)
    return ax


def draw_budgets(studies: Sequence[Study]) -> Drawing:
    """Draw the vessels of each service and class above the berths."""
    frame = summaries(studies)
    rows = frame[frame["name"] == "time_share"]
    services = {name for study in studies for name in study.scenario.spec.services}
    is_vessel = rows["where"].str.split("/").str[0].isin(services)
    berths = set(rows.loc[rows["activity"] == "handle", "where"])
    parts = {"vessels": rows[is_vessel], "berths": rows[~is_vessel & rows["where"].isin(berths)]}
    table = pd.concat([part.assign(panel=name) for name, part in parts.items()], ignore_index=True)
    table = table.assign(group=table["activity"].map(_GROUP), share=table["mean"])
    table = table[["panel", "scenario", "where", "activity", "group", "share", "low", "high", "n"]]
    shown = {name: _first(table[table["panel"] == name]) for name in parts}
    lines = {name: max(2, part["where"].nunique()) * len(studies) for name, part in shown.items()}
    heights = [0.45 + (0.17 if len(studies) > 1 else 0.24) * count for count in lines.values()]
    figure = Figure(figsize=(FULL_IN, sum(heights) + 0.9), layout="constrained")
    panels = figure.subplots(2, 1, height_ratios=heights)
    for (name, part), ax in zip(shown.items(), panels, strict=True):
        budgets(part, ax)
        ax.set_title(name, loc="left", fontsize=SMALL_PT + 1)
    panels[-1].set_xlabel(
        "share of the time on duty (vessels) or of the berths", fontsize=SMALL_PT + 1
    )
    seen: dict[str, Any] = {}
    for ax in panels:
        handles, labels = ax.get_legend_handles_labels()
        drawn = {
            label: handle
            for label, handle in zip(labels, handles, strict=True)
            if label in set(table["group"])
        }
        seen = drawn | seen
    figure.legend(
        seen.values(),
        seen.keys(),
        loc="outside upper center",
        ncols=3,
        fontsize=SMALL_PT,
        frameon=False,
    )
    return Drawing(figure, table, _told(table))


def _first(part: pd.DataFrame) -> pd.DataFrame:
    return part[part["where"].isin(list(dict.fromkeys(part["where"]))[:MOST])]


def _told(table: pd.DataFrame) -> str:
    waits = table[
        ~table["group"].isin(["moving", "handling and formalities", FREE, OUT])
        & (table["panel"] == "vessels")
    ]
    by = waits.groupby(["scenario", "where"], sort=False)["share"].sum()
    if by.empty or not by.max() > 0:
        return f"No vessel waits. {_precision(table)}"
    scenario, where = by.idxmax()
    main = (
        waits[(waits["scenario"] == scenario) & (waits["where"] == where)]
        .groupby("group")["share"]
        .sum()
    )
    return (
        f"The vessels of {where} in {scenario} lose most of their time, {by.max():.0%}: "
        f"{main.max():.0%} {main.idxmax()}. {_precision(table)}"
    )


def _precision(table: pd.DataFrame) -> str:
    """Say how sure the shares are: a bar of many shares has no room for their intervals."""
    half = ((table["high"] - table["low"]) / 2).dropna()
    if half.empty:
        return "Shares of one replication: they have no interval."
    told = f"Half of the shares are known to {half.median():.1%} of the time or better"
    return f"{told}, the least sure to {min(half.max(), 1):.1%}."
