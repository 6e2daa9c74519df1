"""What vessels and berths do with their time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.log import names
from sim.plot.axes import (
    bar_rows,
    grid,
    legend_of_figure,
    name_rows,
    new_figure,
    nothing_to_show,
    plain,
    title,
)
from sim.plot.drawing import Drawing, View, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import ACTIVITY_GROUPS, FREE_FLOW, GREY, GROUP_OF, SMALL_PT, TINY_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.study import Study

FREE, OUT = "free", "out of service"
STYLES: dict[str, dict[str, Any]] = {
    **{name: group.bar() for name, group in ACTIVITY_GROUPS.items()},
    FREE: {"facecolor": "white", "hatch": "", "edgecolor": GREY},
    OUT: {"facecolor": GREY, "hatch": "xx", "edgecolor": "white"},
}
"""Style of the bars of every share."""
SHARE_OF = {**GROUP_OF, "idle": FREE, "out": OUT}
"""Share to which each activity counts."""
NO_WAIT = (*FREE_FLOW, FREE, OUT)
MOST = 16
"""Bars of a panel and scenario: the first of the summary, which has the largest fleets first."""


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
        y = bar_rows(len(wheres), number, len(scenarios), height)
        left = np.zeros(len(wheres))
        for group, style in STYLES.items():
            keys = pd.MultiIndex.from_product([[scenario], wheres, [group]])
            width = shares.reindex(keys, fill_value=0.0).to_numpy(float)
            # A label that begins with "_" is left out of the legend.
            label = group if number == 0 else "_"
            ax.barh(y, width, height * 0.9, left=left, label=label, lw=0.3, **style)
            left += width
        if len(scenarios) > 1:
            _name_bars(ax, y, left, scenario)
    name_rows(ax, wheres, pad=0.55)
    ax.set_xlim(0, 1.18 if len(scenarios) > 1 else 1.02)
    ax.set_xticks(np.linspace(0, 1, 6))
    plain(ax)
    ax.spines["bottom"].set_bounds(0, 1)
    grid(ax)
    return ax


def _name_bars(ax: Axes, y: Any, ends: Any, scenario: str) -> None:
    """Write the name of the scenario beside each of its bars."""
    for at, end in zip(y, ends, strict=True):
        if end > 0:
            ax.text(end, at, f" {scenario}", va="center", fontsize=TINY_PT)


def draw(studies: Sequence[Study], _: View) -> Drawing:
    """Draw the vessels of each service and class above the berths."""
    table = _shares(studies)
    shown = {name: _first(table[table["panel"] == name]) for name in ("vessels", "berths")}
    row_in = 0.17 if len(studies) > 1 else 0.24
    heights = [
        0.45 + row_in * max(2, part["where"].nunique()) * len(studies) for part in shown.values()
    ]
    figure = new_figure(sum(heights) + 0.9)
    panels = figure.subplots(2, 1, height_ratios=heights)
    for (name, part), ax in zip(shown.items(), panels, strict=True):
        title(budgets(part, ax), name)
    label = "share of the time on duty (vessels) or of the berths"
    panels[-1].set_xlabel(label, fontsize=SMALL_PT + 1)
    _legend(figure, set(table["group"]))
    return Drawing(figure, table, caption(table))


def _shares(studies: Sequence[Study]) -> pd.DataFrame:
    """Return ``panel, scenario, where, activity, group, share, low, high, n``."""
    frame = summaries(studies)
    rows = frame[frame["name"] == "time_share"]
    is_vessel = rows["where"].isin(_fleets(studies))
    berths = set(rows.loc[rows["activity"] == "handle", "where"])
    parts = [
        rows[is_vessel].assign(panel="vessels"),
        rows[~is_vessel & rows["where"].isin(berths)].assign(panel="berths"),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(group=table["activity"].map(SHARE_OF), share=table["mean"])
    return table[["panel", "scenario", "where", "activity", "group", "share", "low", "high", "n"]]


def _fleets(studies: Sequence[Study]) -> set[str]:
    """Return the names of the vessels of each class of each service."""
    fleets: set[str] = set()
    for study in studies:
        spec = study.scenario.spec
        for service in spec.services:
            fleets |= {names.fleet(service, each) for each in spec.vessels}
    return fleets


def _first(part: pd.DataFrame) -> pd.DataFrame:
    return part[part["where"].isin(list(dict.fromkeys(part["where"]))[:MOST])]


def _legend(figure: Figure, groups: set[str]) -> None:
    """Explain the *groups* that are drawn; those of the last panel first."""
    entries: dict[str, Any] = {}
    for ax in reversed(figure.axes):
        handles, labels = ax.get_legend_handles_labels()
        for label, handle in zip(labels, handles, strict=True):
            if label in groups:
                entries.setdefault(label, handle)
    legend_of_figure(figure, entries.values(), entries.keys())


def caption(table: pd.DataFrame) -> str:
    """Return whose vessels wait most, for what, and how precise the shares are."""
    waits = table[~table["group"].isin(NO_WAIT) & (table["panel"] == "vessels")]
    by = waits.groupby(["scenario", "where"], sort=False)["share"].sum()
    if by.empty or not by.max() > 0:
        return f"No vessel waits. {_precision(table)}"
    scenario, where = by.idxmax()
    own = waits[(waits["scenario"] == scenario) & (waits["where"] == where)]
    main = own.groupby("group")["share"].sum()
    return (
        f"The vessels of {where} in {scenario} wait most, {by.max():.0%} of their time: "
        f"{main.max():.0%} {main.idxmax()}. {_precision(table)}"
    )


def _precision(table: pd.DataFrame) -> str:
    """Return how precise the shares are: a bar of many shares has no room for their intervals."""
    widths = (table["high"] - table["low"]).dropna()
    if widths.empty:
        return "The shares come from one replication and have no interval."
    return (
        f"Half of the 95 % intervals are at most {widths.median():.1%} of the time wide; "
        f"the widest is {widths.max():.1%}."
    )


KIND = StudyKind(
    name="budgets",
    shows="what vessels and berths do with their time",
    make=draw,
    in_every_study=True,
)
