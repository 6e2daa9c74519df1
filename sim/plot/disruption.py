"""What a closure costs, against how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from sim.plot.axes import figure_of, legend_above, new_axes, nothing_to_show, plain, reach
from sim.plot.columns import Number
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLUE, GREY, ORANGE, SMALL_PT, THIN, TINY_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def disruption(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw days to recover and the most cargo held back against the days of closure.

    Parameters
    ----------
    table
        `Disrupted.table`. Points have 95 % intervals. The grey line is a recovery as long as the
        closure. A length from which not every replication recovered has no point; how many did not
        is written at the top.
    """
    ax = new_axes(ax, height_in=2.8)
    if table.empty:
        return nothing_to_show(ax, "no closure")
    days = table["days"].to_numpy(float)
    right = ax.twinx()
    left_style: dict[str, Any] = {"fmt": "o-", "color": BLUE, "label": "days to recover (left)"}
    right_style: dict[str, Any] = {
        "fmt": "s--",
        "color": ORANGE,
        "label": "most held back (right)",
    }
    _draw_line(ax, table, "recovery_days", 1.0, also=days, **left_style)
    _draw_line(right, table, "peak_t", 1e-3, **right_style)
    ax.set_ylabel("days to recover", fontsize=SMALL_PT + 1)
    right.set_ylabel("kt net held back", fontsize=SMALL_PT + 1)
    as_long: dict[str, Any] = {"color": GREY, "lw": THIN, "ls": ":"}
    handles = [*ax.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    handles.append(Line2D([], [], label="as long as the closure", **as_long))
    legend_above(ax, 3, handles=handles)
    ax.plot([0, days.max()], [0, days.max()], **as_long)
    # On the axes drawn last, so that no interval runs through the words.
    _count_lost(right, table)
    ax.set_xlim(0, days.max() * 1.05)
    ax.set(xlabel="days of closure")
    plain(ax)
    return ax


def _draw_line(
    ax: Axes, table: pd.DataFrame, name: str, scale: float, also: Any = (), **style: Any
) -> None:
    """Draw one outcome with its intervals; the axis shows *also* these values."""
    stem = name.rpartition("_")[0]
    mean, low, high = (
        table[column].to_numpy(float) * scale for column in (name, f"{stem}_low", f"{stem}_high")
    )
    error = np.nan_to_num([mean - low, high - mean])
    days = table["days"].to_numpy(float)
    bars = ax.errorbar(days, mean, yerr=error, ms=4, lw=1.1, capsize=2, **style)
    # Marks at nothing are whole; intervals end with the axes.
    bars.lines[0].set_clip_on(False)
    # Room for what is written at the top.
    room = 1.25 if (table["not_recovered"] > 0).any() else 1.08
    ax.set_ylim(0, room * reach([0.0, *mean, *also], high)[1])
    ax.tick_params(labelsize=SMALL_PT)
    ax.spines["top"].set_visible(False)


def _count_lost(ax: Axes, table: pd.DataFrame) -> None:
    """Write above each length how many replications did not recover."""
    style: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": TINY_PT}
    for at, lost, count in zip(table["days"], table["not_recovered"], table["n"], strict=True):
        if lost:
            words = f"{lost:.0f} of {count:.0f} do\nnot recover"
            text = ax.text(at, 0.99, words, transform=ax.get_xaxis_transform(), **style)
            text.set_bbox({"facecolor": "white", "lw": 0, "pad": 1})


def caption(table: pd.DataFrame) -> str:
    """Return what the longest closure costs."""
    if table.empty:
        return "There is no closure."
    longest = table.loc[table["days"].idxmax()]
    held = f"A closure of {longest['days']:.3g} days holds back at most {longest['peak_t'] / 1e3:,.3g} kt"
    if pd.isna(longest["recovery_days"]):
        lost = f"{longest['not_recovered']:.0f} of {longest['n']:.0f} replications"
        return f"{held}; {lost} do not recover before they end."
    return f"{held}, and the corridor takes {longest['recovery_days']:.3g} days to recover."


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the cost of closures with the caption."""
    return Drawing(figure_of(disruption(table)), table, caption(table))


KIND = TableKind(
    name="disruption",
    shows="what a closure costs against its length",
    command="disrupt",
    columns={
        "disruption": {
            "days": Number(0),
            "recovery_days": Number(0, may_lack=True),
            "recovery_low": Number(0, may_lack=True),
            "recovery_high": Number(0, may_lack=True),
            "peak_t": Number(0, may_lack=True),
            "peak_low": Number(0, may_lack=True),
            "peak_high": Number(0, may_lack=True),
            "not_recovered": Number(0),
            "n": Number(0),
        }
    },
    column="days",
    make=draw,
    orders=(
        ("recovery_low", "recovery_days", "recovery_high"),
        ("peak_low", "peak_t", "peak_high"),
    ),
)
