"""The answer at a glance: what each scenario is offered and carries, and what is overloaded
first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from sim.analysis.answer import in_words
from sim.plot.look import (
    BLUE,
    GREY,
    INK,
    MUTED,
    ORANGE,
    SKY,
    SMALL_PT,
    TINY_PT,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN = 0.36
LOOKS = {
    "holds": ("carried, nothing overloaded", BLUE, ""),
    "undecided": ("carried, overload undecided", SKY, ".."),
    "overloaded": ("carried, something overloaded", ORANGE, "///"),
    "unknown": ("carried, overload not known", GREY, ""),
}
LETTER = 0.0085
"""Width of a letter of the small print, as a share of the axis."""


def answer(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw offered (outline) and carried (filled, with its 95 % interval) cargo by scenario [Mt net
    a year].

    Parameters
    ----------
    table
        `sim.analysis.answer.answer`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, height_in=1.2), "no scenario")
    ax = new_axes(ax, height_in=0.9 + ROW_IN * len(table))
    widest = 1e-6
    for y, row in enumerate(table.to_dict("records")):
        _, color, hatch = LOOKS[row["state"]]
        carried, offered = row["carried"] / 1e6, row["offered"] / 1e6
        ax.barh(y, carried, 0.5, facecolor=color, hatch=hatch, edgecolor="white", lw=0)
        ax.barh(y, offered, 0.66, fill=False, edgecolor=INK, lw=0.8)
        if np.isfinite(row["carried_low"]):
            ax.plot(
                [row["carried_low"] / 1e6, row["carried_high"] / 1e6],
                [y, y],
                color=INK,
                lw=1,
                marker="|",
                ms=4,
            )
        told = in_words(row["state"], row["overloaded"], row["first"])
        told = f"  {'' if row['state'] == 'undecided' else 'overloaded: '}{told}"
        end = float(np.nanmax([offered, carried, row["carried_high"] / 1e6]))
        widest = max(widest, end / (1 - LETTER * len(told)))
        ax.text(
            end,
            y - 0.14,
            f"  {carried:.2f} of {offered:.2f}",
            va="center",
            fontsize=SMALL_PT,
            color=INK,
        )
        ax.text(end, y + 0.22, told, va="center", fontsize=TINY_PT, color=MUTED)
    ax.set_yticks(range(len(table)), table["scenario"].tolist())
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(0, widest)
    ax.set_xlabel("cargo of the corridor [Mt net a year]")
    handles = [Patch(fill=False, edgecolor=INK, lw=0.8, label="offered")] + [
        Patch(facecolor=color, hatch=hatch, edgecolor="white", lw=0, label=label)
        for state, (label, color, hatch) in LOOKS.items()
        if state in set(table["state"])
    ]
    ax.legend(
        handles=handles,
        fontsize=SMALL_PT,
        frameon=False,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=3,
    )
    plain(ax)
    return ax
