"""How the cargo inside settles after the start, and where the run-in ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.plot.axes import (
    dates,
    legend_above,
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
from sim.plot.look import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.metrics.warmup import Truncation
    from sim.study.study import Study


def warmup(
    waiting: pd.DataFrame,
    stated_days: int,
    settles: Truncation | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the cargo in all stacks over time, the stated run-in, and what MSER-5 finds.

    Parameters
    ----------
    waiting
        ``day, units``: `Study.cargo_waiting`.
    stated_days
        Days that the metrics leave out.
    settles
        `Study.warmup`.
    """
    ax = new_axes(ax, height_in=2.8)
    if waiting.empty:
        return nothing_to_show(ax, "no stack was used")
    ax.plot(waiting["day"], waiting["units"], color=BLUE, lw=1.1, label="mean of replications")
    first = waiting["day"].iloc[0]
    run_in = (first, first + pd.Timedelta(days=stated_days))
    shade(ax, [run_in], GREY, 0.25, label=f"run-in left out, {stated_days} d")
    if settles is not None:
        label = "MSER-5: has not settled"
        if settles.is_settled:
            label = f"MSER-5: settled after {settles.days} d"
        at = first + pd.Timedelta(days=settles.days)
        ax.axvline(at, color=ORANGE, ls="--", lw=1.2, label=label)
    dates(ax)
    ax.set_ylim(bottom=0)
    if len(waiting) > 1:
        ax.set_xlim(first, waiting["day"].iloc[-1])
    ax.set(ylabel="cargo in all stacks [units]")
    plain(ax)
    thousands(ax.yaxis)
    legend_above(ax, 3)
    return ax


def caption(studies: Sequence[Study]) -> str:
    """Return when the cargo of each scenario settles, and how many days are left out."""
    sentences = [
        f"{study.scenario.name}: {_settles(study.warmup)}, the first "
        f"{study.scenario.spec.horizon.warmup_days} days are left out"
        for study in studies
    ]
    return f"{'. '.join(sentences)}."


def _settles(settles: Truncation | None) -> str:
    if settles is None:
        return "MSER-5 gives no answer"
    if settles.is_settled:
        return f"by MSER-5 cargo settles after {settles.days} days"
    return "by MSER-5 cargo does not settle"


def draw(studies: Sequence[Study], _: View) -> Drawing:
    """Draw a panel for each scenario with the caption."""
    figure = new_figure(0.4 + 2.2 * len(studies))
    for number, study in enumerate(studies):
        ax = figure.add_subplot(len(studies), 1, number + 1)
        warmup(study.cargo_waiting, study.scenario.spec.horizon.warmup_days, study.warmup, ax)
        # Above the legend.
        title(ax, study.scenario.name, pad=18)
    frames = [study.cargo_waiting.assign(scenario=study.scenario.name) for study in studies]
    return Drawing(figure, pd.concat(frames, ignore_index=True), caption(studies))


KIND = StudyKind(
    name="warmup",
    shows="how the cargo inside settles after the start",
    alt="Lines of the cargo in all stacks from the beginning of the run, with the run-in shaded.",
    make=draw,
    in_every_study=True,
)
