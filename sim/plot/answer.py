"""The answer at a glance: what each scenario is offered and carries, and what is overloaded first."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from sim.plot.look import BLUE, GREY, INK, MUTED, ORANGE, SMALL_PT, TINY_PT, new_axes, nothing_to_show, plain
from sim.study.answer import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN = 0.36
LOOKS = {
    "holds": ("carried, nothing overloaded", BLUE, ""),
    "over": ("carried, something overloaded", ORANGE, "///"),
    "unknown": ("carried, overload not known", GREY, "..."),
}


def answer(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw offered (outline) and carried (filled, with its 95 % interval) cargo by scenario [Mt net a year].

    Parameters
    ----------
    table
        `sim.study.answer.answer`.
    """
    if table.empty:
        return nothing_to_show(new_axes(ax, height_in=1.2), "no scenario")
    ax = new_axes(ax, height_in=0.9 + ROW_IN * len(table))
    widest = float(np.nanmax(table[["offered", "carried", "carried_high"]].to_numpy(float))) / 1e6 or 1.0
    for y, row in enumerate(table.to_dict("records")):
        _, color, hatch = LOOKS[_state(row)]
        carried, offered = row["carried"] / 1e6, row["offered"] / 1e6
        ax.barh(y, carried, 0.5, facecolor=color, hatch=hatch, edgecolor="white", lw=0)
        ax.barh(y, offered, 0.66, fill=False, edgecolor=INK, lw=0.8)
        if np.isfinite(row["carried_low"]):
            ax.plot([row["carried_low"] / 1e6, row["carried_high"] / 1e6], [y, y], color=INK, lw=1, marker="|", ms=4)
        end = float(np.nanmax([offered, carried, row["carried_high"] / 1e6]))
        ax.text(end, y - 0.14, f"  {carried:.2f} of {offered:.2f}", va="center", fontsize=SMALL_PT, color=INK)
        ax.text(
            end,
            y + 0.22,
            f"  overloaded: {in_words(row['overloaded'], row['first'])}",
            va="center",
            fontsize=TINY_PT,
            color=MUTED,
        )
    ax.set_yticks(range(len(table)), table["scenario"].tolist())
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(0, widest * 1.45)
    ax.set_xlabel("cargo of the corridor [Mt net a year]")
    states = {_state(row) for row in table.to_dict("records")}
    handles = [Patch(fill=False, edgecolor=INK, lw=0.8, label="offered")] + [
        Patch(facecolor=color, hatch=hatch, edgecolor="white", lw=0, label=label)
        for state, (label, color, hatch) in LOOKS.items()
        if state in states
    ]
    ax.legend(handles=handles, fontsize=SMALL_PT, frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=3)
    plain(ax)
    return ax


def _state(row: dict[Hashable, Any]) -> str:
    if np.isnan(row["overloaded"]):
        return "unknown"
    return "over" if row["overloaded"] else "holds"
