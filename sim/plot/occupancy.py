"""How busy the busiest resources are, and where queues grow without end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.log import names
from sim.plot.axes import (
    bar_rows,
    figure_of,
    intervals,
    label_below,
    legend_above,
    new_axes,
    nothing_to_show,
    plain,
)
from sim.plot.drawing import Drawing, View, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import FULL_IN, GREY, INK, TINY_PT, series_bar
from sim.plot.words import beside, first_few

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

BUSIEST = 14
"""Resources that are drawn, most."""
MOST_STACKS = 4
"""Stacks with a growing queue that are drawn, most."""
NAMED = 3
"""Growing queues of a scenario that the caption names."""


def occupancy(frame: pd.DataFrame, ax: Axes | None = None, *, width_in: float = FULL_IN) -> Axes:
    """Draw the occupancy of the busiest resources by scenario, with 95 % intervals.

    A queue that grows without end is marked as such. Stacks whose queue grows come first: they have
    no occupancy.

    Parameters
    ----------
    frame
        Rows of summaries with ``scenario, name, where, mean, low, high``, of which ``occupancy``
        and ``overloaded`` are drawn.
    """
    rows, over = frame[frame["name"] == "occupancy"], _overloaded(frame)
    measured = set(rows["where"])
    stacks = [where for where in dict.fromkeys(over["where"]) if where not in measured]
    stacks = stacks[:MOST_STACKS]
    busiest = rows.groupby("where", sort=False)["mean"].max().nlargest(BUSIEST).index.tolist()
    shown = [*stacks, *busiest]
    ax = new_axes(ax, width_in, height_in=max(2.0, 0.7 + 0.24 * len(shown)))
    if not busiest:
        return nothing_to_show(ax, "no resource has a limit")
    scenarios = list(dict.fromkeys(rows["scenario"]))
    height = 0.8 / len(scenarios)
    for number, scenario in enumerate(scenarios):
        own = rows[rows["scenario"] == scenario].set_index("where").reindex(shown)
        mean = own["mean"].fillna(0.0)
        y = bar_rows(len(shown), number, len(scenarios), height)
        ax.barh(y, mean, height * 0.9, label=scenario, **series_bar(number))
        intervals(ax, y, own["low"], own["high"])
        grows = set(over.loc[over["scenario"] == scenario, "where"])
        for at, where, end in zip(y, shown, np.fmax(mean, own["high"]), strict=True):
            if where in grows:
                # A stack has no bar beside which the words would stand.
                is_named = where in stacks and len(scenarios) > 1
                words = beside(scenario if is_named else "", "the queue grows")
                ax.text(end, at, words, va="center", fontsize=TINY_PT, color=INK)
    _finish(ax, shown)
    if len(scenarios) > 1:
        legend_above(ax, len(scenarios), side="center")
    return ax


def _overloaded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of what is overloaded."""
    return frame[(frame["name"] == "overloaded") & (frame["mean"] == 1)]


def _finish(ax: Axes, shown: Sequence[str]) -> None:
    """Name the rows, and end the axis at a share of one."""
    ax.axvline(1, color=GREY, lw=0.8)
    ax.set_yticks(range(len(shown)), [_short(where) for where in shown])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    label_below(ax, "occupancy [share of the time in use], 95 % intervals")
    ax.spines["bottom"].set_bounds(0, 1)
    plain(ax)


def _short(resource: str) -> str:
    """Return the name of *resource* as it fits a column: a section by its direction alone."""
    name = names.parse(resource)
    return f"{name.place}>{name.towards}" if name.towards else resource


def caption(frame: pd.DataFrame) -> str:
    """Return the busiest resource of every scenario, and where queues grow."""
    rows, over = frame[frame["name"] == "occupancy"], _overloaded(frame)
    if rows.empty:
        return "No resource has a limit."
    sentences = []
    for scenario, own in rows.groupby("scenario", sort=False):
        most = own.loc[own["mean"].idxmax()]
        queues = over.loc[over["scenario"] == scenario, "where"].astype(str)
        growth = _growth(list(dict.fromkeys(queues)))
        busy = f"{most['where']} is busiest, in use {most['mean']:.0%} of the time"
        sentences.append(f"{scenario}: {busy}; {growth}")
    return f"{'. '.join(sentences)}."


def _growth(queues: list[str]) -> str:
    """Return where queues grow, in words."""
    if not queues:
        return "no queue grows without end"
    return f"the queue grows without end at {first_few(queues, NAMED)}"


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the occupancy of the busiest resources with the caption."""
    frame = summaries(studies)
    frame = frame[frame["name"].isin(["occupancy", "overloaded"])].reset_index(drop=True)
    return Drawing(figure_of(occupancy(frame, width_in=view.width_in)), frame, caption(frame))


KIND = StudyKind(
    name="occupancy",
    shows="how busy the busiest resources are",
    alt="Bars of the occupancy of the busiest resources.",
    make=draw,
    fits_column=True,
    in_every_study=True,
)
