"""Cargo in the fullest stacks over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.labels import place_name
from sim.log import names
from sim.plot.axes import (
    dates,
    legend_of_figure,
    new_axes,
    new_figure,
    nothing_to_show,
    plain,
    shade,
    thousands,
    title,
)
from sim.plot.drawing import Drawing, View
from sim.plot.kind import StudyKind
from sim.plot.look import CLOSED, DASHES, INK, LINE, SERIES, THIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.study.study import Study

FULLEST = 6
"""Stacks that are drawn: those whose level is highest."""
GROWS = 1.5
"""A stack grows whose mean level in the second half of the run is that many times the first."""
MARKS = (
    "Line: median; band: 5 to 95 % of replications; shaded: port shut by weather (first "
    "replication); dotted: ends of the measured time."
)


def stacks(levels: pd.DataFrame, closures: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the level of one stack [units] over time, median and band of the replications.

    Parameters
    ----------
    levels
        ``scenario, replication, day, level`` of one stack; days that some replications do not reach
        are left out.
    closures
        ``start, end`` of the closures of its port in one replication, shaded.
    """
    ax = new_axes(ax, height_in=2.4)
    if levels.empty:
        return nothing_to_show(ax, "no stack was used")
    for number, (scenario, rows) in enumerate(levels.groupby("scenario", sort=False)):
        colour, dashes = SERIES[number % len(SERIES)], DASHES[number % len(DASHES)]
        by_day = _where_all_run(rows).groupby("day")["level"]
        low, high = by_day.quantile(0.05), by_day.quantile(0.95)
        ax.fill_between(low.index, low, high, color=colour, alpha=0.2, lw=0)
        ax.plot(by_day.median(), color=colour, ls=dashes, lw=LINE, label=str(scenario))
    shade(ax, list(zip(closures["start"], closures["end"], strict=True)), CLOSED, 0.25)
    dates(ax)
    if levels["day"].nunique() > 1:
        ax.set_xlim(levels["day"].min(), levels["day"].max())
    ax.set_ylim(bottom=0)
    ax.set(ylabel="level [units]")
    plain(ax)
    thousands(ax.yaxis)
    return ax


def _where_all_run(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the days that every replication reaches.

    A quantile of those that end last would look like growth.
    """
    last = levels.groupby("replication")["day"].max().min()
    return levels[levels["day"] <= last]


def stacks_figure(studies: Sequence[Study]) -> Figure:
    """Return a panel for each of the fullest stacks, with the closures of its port shaded."""
    levels = levels_of(studies)
    return _figure(studies, levels, fullest(levels))


def _figure(studies: Sequence[Study], levels: pd.DataFrame, ids: list[str]) -> Figure:
    """Return a panel for each of the stacks *ids*, scenarios together."""
    figure = new_figure(1.0 + 1.5 * max(len(ids), 1))
    if not ids:
        nothing_to_show(figure.add_subplot(), "no stack was used")
        return figure
    shut = studies[0].replications[0].closures
    moments = _measured(studies)
    for number, name in enumerate(ids):
        ax = figure.add_subplot(len(ids), 1, number + 1)
        stack = names.parse(name, "stack")
        stacks(levels[levels["stack"] == name], shut[shut["place"] == stack.place], ax)
        for moment in moments:
            ax.axvline(moment, color=INK, lw=THIN, ls=":")
        place = place_name(studies[0].scenario.spec, stack.place)
        title(ax, f"{name}: cargo at {place} for {stack.carrier}")
    legend_of_figure(figure, *figure.axes[0].get_legend_handles_labels())
    return figure


def _measured(studies: Sequence[Study]) -> list[pd.Timestamp]:
    """Return where the measured time of any of *studies* begins and ends."""
    moments = []
    for study in studies:
        horizon = study.scenario.spec.horizon
        start = pd.Timestamp(horizon.start)
        moments += [start + pd.Timedelta(days=days) for days in (horizon.warmup_days, horizon.days)]
    return list(dict.fromkeys(moments))


def fullest(levels: pd.DataFrame) -> list[str]:
    """Return the stacks whose level was highest."""
    highest = levels.groupby("stack", sort=False)["level"].max().nlargest(FULLEST)
    return [str(name) for name in highest[highest > 0].index]


def levels_of(studies: Sequence[Study]) -> pd.DataFrame:
    """Return ``scenario, replication, day, stack, level`` of every study."""
    return pd.concat([_levels(study) for study in studies], ignore_index=True)


def _levels(study: Study) -> pd.DataFrame:
    frames = []
    for replication in study.replications:
        by_day = replication.levels.rename_axis(index="day", columns="stack")
        long = by_day.stack().rename("level").reset_index()
        frames.append(long.assign(replication=replication.number))
    return pd.concat(frames, ignore_index=True).assign(scenario=study.scenario.name)


def caption(levels: pd.DataFrame, ids: Sequence[str]) -> str:
    """Return which stack is the fullest, and how many end much fuller than they begin."""
    if not ids:
        return "No stack was used."
    keys = ["scenario", "stack"]
    shown = levels[levels["stack"].isin(list(ids))]
    median = shown.groupby([*keys, "day"], sort=False)["level"].median()
    scenario, stack, day = median.idxmax()
    lines = [own.to_numpy(float) for _, own in median.groupby(level=keys, sort=False)]
    growing = sum(map(_grows, lines))
    return (
        f"{stack} of {scenario} reaches the highest level, {median.max():,.0f} units on "
        f"{day:%d %B %Y}. {growing} of {len(lines)} lines hold over {GROWS:g} times as much in the "
        f"second half of the run as in the first. {MARKS}"
    )


def _grows(line: NDArray[np.float64]) -> bool:
    """Return whether a line is much higher in its second half."""
    half = len(line) // 2
    if not half:
        return False
    before, after = line[:half].mean(), line[half:].mean()
    return bool(after > GROWS * before > 0)


def draw(studies: Sequence[Study], _: View) -> Drawing:
    """Draw the fullest stacks with the caption."""
    levels = levels_of(studies)
    ids = fullest(levels)
    table = levels[levels["stack"].isin(ids)].reset_index(drop=True)
    return Drawing(_figure(studies, levels, ids), table, caption(levels, ids))


KIND = StudyKind(
    name="stacks",
    shows=f"cargo in the {FULLEST} fullest stacks over time, with bands",
    alt="Lines of the cargo in the fullest stacks over time.",
    make=draw,
    in_every_study=True,
)
