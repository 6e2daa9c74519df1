"""Cargo offered and carried along one number: the curve of sweeps and of saturation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plot.axes import grid, is_wide, legend_above, plain
from sim.plot.look import BLUE, GREY, INK, LINE, ORANGE, THIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = ("offered", "carried", "low", "high")
"""Columns of what is drawn beside ``x`` [Mt net a year]; ``low`` and ``high`` bound what is carried."""


def curve(ax: Axes, points: pd.DataFrame) -> None:
    """Draw what is offered (dashed) and carried (95 % intervals) against ``x``, from 0 up.

    Where *points* has a column ``overloaded``, the points at which something is are squares.
    """
    rows = points.sort_values("x", kind="stable")
    x = rows["x"].to_numpy(float)
    ax.plot(x, rows["offered"], ls="--", lw=LINE, color=INK, label="offered")
    ax.plot(x, rows["carried"], lw=LINE, color=BLUE, label="carried (95 % interval)")
    ax.fill_between(x, rows["carried"], rows["offered"], color=GREY, alpha=0.2, lw=0)
    known = rows[["low", "high"]].notna().all(axis=1).to_numpy()
    below = np.clip(rows["carried"] - rows["low"], 0, None)[known]
    above = np.clip(rows["high"] - rows["carried"], 0, None)[known]
    carried = rows["carried"][known]
    ax.errorbar(
        x[known], carried, [below, above], fmt="none", ecolor=INK, elinewidth=THIN, capsize=2
    )
    over = np.zeros(len(rows), bool)
    if "overloaded" in rows:
        over = rows["overloaded"].to_numpy() > 0
    ax.plot(x[~over], rows["carried"][~over], "o", ms=4, color=BLUE)
    if over.any():
        label = "something is overloaded"
        ax.plot(x[over], rows["carried"][over], "s", ms=5, mfc=ORANGE, mec=INK, ls="", label=label)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("cargo of the corridor [Mt net a year]")
    legend_above(ax, 3 if is_wide(ax) else 1)
    plain(ax)
    grid(ax, "y")


def gap(row: Mapping[str, float]) -> str:
    """Return how much of what is offered is carried, in words."""
    return f"{row['carried']:.2f} of {row['offered']:.2f} Mt a year"
