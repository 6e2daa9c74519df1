"""What a calibration leaves of the range of each parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plot.look import BLACK, BLUE, GREY, ORANGE, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plausible(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw every parameter over its range: what is plausible by the targets, the best point, the
    scenario's own value.

    Parameters
    ----------
    table
        `Calibration.table`. Orange and hatched: not identified, more than half of the range is
        plausible.
    """
    ax = new_axes(ax, height_in=max(1.6, 0.9 + 0.42 * len(table)))
    if table.empty:
        return nothing_to_show(ax, "no parameters")
    for y, row in enumerate(table.to_dict("records")):
        low, width = row["range_low"], row["range_high"] - row["range_low"]
        ax.barh(y, 1, 0.5, color=GREY, alpha=0.3, lw=0)
        left, right = ((row[end] - low) / width for end in ("low", "high"))
        known = row["identified"]
        color, hatch = (BLUE, "") if known else (ORANGE, "///")
        ax.barh(
            y,
            right - left,
            0.5,
            left=left,
            alpha=0.8,
            lw=0,
            facecolor=color,
            hatch=hatch,
            edgecolor="white",
        )
        ax.plot((row["best"] - low) / width, y, "o", ms=4.5, mfc="white", mec=BLACK)
        ax.plot((row["value"] - low) / width, y, "|", ms=11, color=BLACK)
        unit = " h" if row["unit"] == "h" else ""
        for at, end, side in ((0, "range_low", "left"), (1, "range_high", "right")):
            ax.text(at, y + 0.3, f"{row[end]:.4g}{unit}", ha=side, va="top", fontsize=SMALL_PT - 1)
    ax.set_yticks(range(len(table)), [_folded(path) for path in table["parameter"]])
    ax.set_ylim(len(table) - 0.3, -0.5)
    ax.set_xlim(0, 1.02)
    ax.set_xticks([0, 0.5, 1], ["low end", "middle of the range", "high end"])
    plain(ax)
    handles = [
        Patch(color=BLUE, alpha=0.8, label="plausible"),
        Patch(
            facecolor=ORANGE,
            alpha=0.8,
            hatch="///",
            edgecolor="white",
            label="plausible, not identified",
        ),
        Line2D([], [], marker="o", ls="", ms=4.5, mfc="white", mec=BLACK, label="best point"),
        Line2D([], [], marker="|", ls="", ms=9, color=BLACK, label="the scenario's own"),
    ]
    where: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 2}
    ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, **where)
    return ax


def _folded(path: str) -> str:
    """Return *path* in lines of two steps."""
    steps = path.split(".")
    return "\n.".join(".".join(steps[at : at + 2]) for at in range(0, len(steps), 2))
