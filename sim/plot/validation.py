"""Observed beside simulated, target by target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plot.look import (
    BLACK,
    BLUE,
    GREY,
    RED,
    SMALL_PT,
    is_wide,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def validation(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw every target over its observed value: the range as a bar, the simulated mean with its
    interval as a point.

    Parameters
    ----------
    table
        `Validation.table`. Round points are judged, square ones fitted; those outside their range
        are red and hollow. Targets that follow from others are lighter.
    """
    rows = table[table["observed"] != 0].reset_index(drop=True)
    ax = new_axes(ax, height_in=max(2.0, 0.9 + 0.22 * len(rows)))
    if rows.empty:
        return nothing_to_show(ax, "nothing was observed")
    for y, row in enumerate(rows.to_dict("records")):
        scale = 1 / row["observed"]
        strength = 1.0 if row["counts"] else 0.45
        width = (row["range_high"] - row["range_low"]) * scale
        ax.barh(
            y, width, 0.62, left=row["range_low"] * scale, color=GREY, alpha=0.4 * strength, lw=0
        )
        if not np.isfinite(row["simulated"]):
            ax.text(1, y, "no number", va="center", ha="center", fontsize=SMALL_PT, color=RED)
            continue
        color = BLUE if row["inside"] else RED
        style: dict[str, Any] = {
            "color": color,
            "alpha": strength,
            "ms": 4.5,
            "lw": 1.1,
            "capsize": 1.5,
        }
        mark = "o" if row["use"] == "judged" else "s"
        face = color if row["inside"] else "white"
        error = None
        if np.isfinite(row["low"]):
            ends = [row["simulated"] - row["low"], row["high"] - row["simulated"]]
            error = [[end * scale] for end in ends]
        ax.errorbar(row["simulated"] * scale, y, xerr=error, fmt=mark, mfc=face, **style)
    ax.axvline(1, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(rows)), list(rows["target"]))
    ax.set_ylim(len(rows) - 0.4, -0.6)
    over = rows[["range_low", "range_high", "simulated", "low", "high"]].div(
        rows["observed"], axis=0
    )
    marks = np.append(over[["range_low", "range_high", "simulated"]].to_numpy(float), 1.0)
    low, high = reach(marks, over[["low", "high"]].to_numpy(float))
    ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))
    ax.set(xlabel="simulated over observed, intervals of 95 %")
    plain(ax)
    where: dict[str, Any] = {
        "loc": "lower right",
        "bbox_to_anchor": (1.0, 1.0),
        "ncols": 3 if is_wide(ax) else 2,
    }
    ax.legend(handles=_legend(), fontsize=SMALL_PT, frameon=False, columnspacing=1.0, **where)
    return ax


def _legend() -> list[Patch | Line2D]:
    dots = [
        ("o", BLUE, "judged, inside"),
        ("s", BLUE, "fitted, inside"),
        ("o", "white", "outside (red)"),
    ]
    return [
        Patch(color=GREY, alpha=0.4, lw=0, label="range of the target"),
        *(
            Line2D(
                [],
                [],
                marker=mark,
                ls="",
                ms=4.5,
                mfc=face,
                mec=BLUE if face == BLUE else RED,
                label=label,
            )
            for mark, face, label in dots
        ),
        Line2D([], [], color=BLACK, lw=0.8, label="observed"),
        Line2D([], [], marker="s", ls="", ms=4.5, color=GREY, label="pale: follows from others"),
    ]
