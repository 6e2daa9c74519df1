"""Scenarios side by side: what is offered and carried, and how busy resources are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.plot.look import (
    GREY,
    HATCHES,
    INK,
    SERIES,
    SMALL_PT,
    TINY_PT,
    intervals,
    new_axes,
    nothing_to_show,
    plain,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BUSIEST = 14
MOST_STACKS = 4
"""Stacks with a growing queue that are named."""


def carried(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw offered (outline) and carried (filled) cargo of the corridor [Mt a year] by scenario;
    return the axes."""
    ax = new_axes(ax, height_in=2.2)
    rows = frame[
        frame["flow"].isna() & frame["name"].isin(["offered_t_per_year", "carried_t_per_year"])
    ]
    scenarios = list(dict.fromkeys(rows["scenario"]))
    if not scenarios:
        return nothing_to_show(ax, "nothing was offered")
    for y, scenario in enumerate(scenarios):
        mine = rows[rows["scenario"] == scenario].set_index("name")
        offered, done = mine.loc["offered_t_per_year"], mine.loc["carried_t_per_year"]
        style: dict[str, Any] = {
            "color": SERIES[y % len(SERIES)],
            "hatch": HATCHES[y % len(HATCHES)],
            "edgecolor": "white",
        }
        ax.barh(y, done["mean"] / 1e6, 0.55, **style)
        ax.barh(y, offered["mean"] / 1e6, 0.72, fill=False, edgecolor="black", lw=0.8)
        if np.isfinite(done["low"]):
            error = [[(done["mean"] - done["low"]) / 1e6], [(done["high"] - done["mean"]) / 1e6]]
            ax.errorbar(done["mean"] / 1e6, y, xerr=error, color="black", lw=1, capsize=2)
        text = f"  {done['mean'] / 1e6:.2f} of {offered['mean'] / 1e6:.2f}"
        end = np.nanmax([offered["mean"], done["mean"], done["high"]])
        ax.text(end / 1e6, y, text, va="center", fontsize=SMALL_PT)
    ax.set_yticks(range(len(scenarios)), scenarios)
    ax.invert_yaxis()
    ax.set_xlim(0, ax.get_xlim()[1] * 1.15)
    ax.set(xlabel="cargo of the corridor [Mt net a year]\noutline: offered, filled: carried")
    plain(ax)
    return ax


def occupancy(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the occupancy of the busiest resources by scenario, with intervals of 95 %; return the
    axes.

    Where a queue grows without end that is said, also of stacks, which come first: they have no
    occupancy.
    """
    rows = frame[frame["name"] == "occupancy"]
    hit = frame[(frame["name"] == "overloaded") & (frame["mean"] == 1)]
    over = set(zip(hit["scenario"], hit["where"], strict=True))
    stacks = [where for where in dict.fromkeys(hit["where"]) if where not in set(rows["where"])][
        :MOST_STACKS
    ]
    busiest = rows.groupby("where", sort=False)["mean"].max().nlargest(BUSIEST).index.tolist()
    scenarios = list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(ax, height_in=max(2.0, 0.7 + 0.24 * (len(stacks) + len(busiest))))
    if not busiest:
        return nothing_to_show(ax, "no resource has a limit")
    busiest = [*stacks, *busiest]
    height = 0.8 / len(scenarios)
    for number, scenario in enumerate(scenarios):
        known = rows[rows["scenario"] == scenario].set_index("where").reindex(busiest)
        mine = known["mean"].fillna(0.0)
        y = np.arange(len(busiest)) + (number - (len(scenarios) - 1) / 2) * height
        style: dict[str, Any] = {
            "color": SERIES[number % len(SERIES)],
            "hatch": HATCHES[number % len(HATCHES)],
            "edgecolor": "white",
        }
        ax.barh(y, mine, height * 0.9, label=scenario, **style)
        low, high = known["low"].clip(0, 1), known["high"].clip(0, 1)
        intervals(ax, y, low, high)
        for at, where, end in zip(y, busiest, np.fmax(mine, high), strict=True):
            if (scenario, where) in over:
                text = (
                    f" {scenario}: the queue grows"
                    if where in stacks and len(scenarios) > 1
                    else " the queue grows"
                )
                ax.text(end, at, text, va="center", fontsize=TINY_PT, color=INK)
    ax.axvline(1, color=GREY, lw=0.8)
    ax.set_yticks(range(len(busiest)), [_short(where) for where in busiest])
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15)
    ax.set(xlabel="occupancy [share of the time in use], intervals of 95 %")
    ax.spines["bottom"].set_bounds(0, 1)
    if len(scenarios) > 1:
        ax.legend(
            fontsize=SMALL_PT,
            frameon=False,
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=len(scenarios),
        )
    plain(ax)
    return ax


def _short(resource: str) -> str:
    """Return the name of *resource* as it fits a column: a section's direction says which section
    it is."""
    return resource.rsplit(":", 1)[-1] if ">" in resource else resource
