"""What single parameters do to an answer between the ends of their ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from sim.plot.look import BLACK, BLUE, ORANGE, SMALL_PT, new_axes, nothing_to_show, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 30
"""Letters of a path on one line."""
ENDS = (("low", BLUE, ""), ("high", ORANGE, "///"))


def tornado(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the change of one answer at both ends of each range, the widest on top, with 95 %
    intervals.

    Parameters
    ----------
    table
        Rows of one outcome of `Sensitivity.tornado`. Parameters whose source is an assumption are
        starred.
    """
    ax = new_axes(ax, height_in=max(2.0, 1.1 + 0.54 * len(table)))
    changes = ["low_change", "high_change"]
    if table.empty or not np.isfinite(table[changes].to_numpy(float)).any():
        return nothing_to_show(ax, "no answer at the ends of the ranges")
    for y, row in enumerate(table.to_dict("records")):
        for (end, color, hatch), shift in zip(ENDS, (-0.19, 0.19), strict=True):
            change = row[f"{end}_change"]
            if not np.isfinite(change):
                ax.text(0, y + shift, " no number", va="center", fontsize=SMALL_PT - 1)
                continue
            ax.barh(
                y + shift,
                change,
                0.36,
                facecolor=color,
                hatch=hatch,
                edgecolor="white",
                lw=0,
                alpha=0.9,
            )
            bounds = row[f"{end}_change_low"], row[f"{end}_change_high"]
            if np.isfinite(bounds).all():
                ax.plot(bounds, [y + shift] * 2, color=BLACK, lw=0.8, marker="|", ms=3)
    ax.axvline(0, color=BLACK, lw=0.8)
    ax.set_yticks(range(len(table)), [_named(row) for row in table.to_dict("records")])
    ax.set_ylim(len(table) - 0.4, -0.6)
    first = table.iloc[0]
    unit = f" [{first['unit']}]" if first["unit"] else ""
    base = f"{first['base']:,.0f}" if abs(first["base"]) >= 1000 else f"{first['base']:.4g}"
    ax.set_xlabel(f"change of {first['outcome']}{unit}; as it is {base}")
    if max(map(abs, ax.get_xlim())) >= 1000:
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    plain(ax)
    handles = [
        Patch(facecolor=color, hatch=hatch, edgecolor="white", label=f"{end} end of the range")
        for end, color, hatch in ENDS
    ]
    if (table["confidence"] == "assumption").any():
        handles.append(Patch(alpha=0, label="* assumed"))
    ax.legend(
        handles=handles,
        fontsize=SMALL_PT,
        frameon=False,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=3,
    )
    return ax


def _named(row: dict[str, str]) -> str:
    """Return the path in lines that are short enough, and the ends of the range below."""
    lines = [""]
    for step in row["parameter"].split("."):
        if lines[-1] and len(lines[-1]) + len(step) > LINE:
            lines.append(f".{step}")
        else:
            lines[-1] += f".{step}" if lines[-1] else step
    star = "*" if row["confidence"] == "assumption" else ""
    return "\n".join(lines) + f"{star}\n{row['low_end']} to {row['high_end']}"
