"""How the cargo inside settles after the start, and where the run-in ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.metrics.warmup import Truncation
from sim.plot.look import (
    BLUE,
    GREY,
    ORANGE,
    dates,
    legend_above,
    new_axes,
    nothing_to_show,
    plain,
    thousands,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def warmup(
    waiting: pd.DataFrame, stated_days: int, found: Truncation | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the cargo in all stacks over time, the stated run-in, and what MSER-5 says of it.

    Parameters
    ----------
    waiting
        ``day, units``: `Study.cargo_waiting`.
    stated_days
        Days that the metrics leave out.
    found
        `Study.warmup`.
    """
    ax = new_axes(ax, height_in=2.8)
    if waiting.empty:
        return nothing_to_show(ax, "no stack was used")
    ax.plot(waiting["day"], waiting["units"], color=BLUE, lw=1.1, label="mean of replications")
    first = waiting["day"].iloc[0]
    ax.axvspan(
        first,
        first + pd.Timedelta(days=stated_days),
        color=GREY,
        alpha=0.25,
        lw=0,
        label=f"run-in left out, {stated_days} d",
    )
    if found is not None:
        told = (
            f"MSER-5: settled after {found.days} d"
            if found.is_settled
            else "MSER-5: has not settled"
        )
        ax.axvline(first + pd.Timedelta(days=found.days), color=ORANGE, ls="--", lw=1.2, label=told)
    dates(ax)
    ax.set_ylim(bottom=0)
    if len(waiting) > 1:
        ax.set_xlim(first, waiting["day"].iloc[-1])
    ax.set(ylabel="cargo in all stacks [units]")
    plain(ax)
    thousands(ax.yaxis)
    legend_above(ax, 3)
    return ax
