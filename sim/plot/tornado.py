"""What single parameters do to an answer between the ends of their ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from sim.plot.axes import figure_of, legend_above, name_rows, new_axes, nothing_to_show, plain
from sim.plot.columns import Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLACK, BLUE, ORANGE, SMALL_PT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = 30
"""Letters of a path on one line."""
ENDS: dict[str, tuple[float, dict[str, Any]]] = {
    "low": (-0.19, {"facecolor": BLUE, "hatch": "", "edgecolor": "white"}),
    "high": (0.19, {"facecolor": ORANGE, "hatch": "///", "edgecolor": "white"}),
}
"""Where the bar of each end of a range stands, from the middle of its row, and how it looks."""
CHANGES = ["low_change", "high_change"]


def tornado(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the change of one answer at both ends of each range, the widest on top.

    Parameters
    ----------
    table
        Rows of one outcome of `Sensitivity.tornado`, drawn with 95 % intervals. Parameters whose
        source is an assumption have a star.
    """
    ax = new_axes(ax, height_in=max(2.0, 1.1 + 0.54 * len(table)))
    if table.empty or not np.isfinite(table[CHANGES].to_numpy(float)).any():
        return nothing_to_show(ax, "no answer at the ends of the ranges")
    rows = table.to_dict("records")
    for y, row in enumerate(rows):
        for end in ENDS:
            _draw_end(ax, y, row, end)
    ax.axvline(0, color=BLACK, lw=0.8)
    name_rows(ax, [_label(row) for row in rows])
    ax.set_xlabel(_outcome(rows[0]))
    if max(map(abs, ax.get_xlim())) >= 1000:
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    plain(ax)
    handles = [Patch(label=f"{end} end of the range", **style) for end, (_, style) in ENDS.items()]
    if (table["confidence"] == "assumption").any():
        handles.append(Patch(alpha=0, label="* assumed"))
    legend_above(ax, 3, side="right", handles=handles)
    return ax


def _draw_end(ax: Axes, y: int, row: dict[str, Any], end: str) -> None:
    """Draw the change at one end of the range of one parameter."""
    shift, style = ENDS[end]
    change = row[f"{end}_change"]
    if not np.isfinite(change):
        ax.text(0, y + shift, " no number", va="center", fontsize=SMALL_PT - 1)
        return
    ax.barh(y + shift, change, 0.36, lw=0, alpha=0.9, **style)
    bounds = row[f"{end}_change_low"], row[f"{end}_change_high"]
    if np.isfinite(bounds).all():
        ax.plot(bounds, [y + shift] * 2, color=BLACK, lw=0.8, marker="|", ms=3)


def _outcome(row: dict[str, Any]) -> str:
    """Return what changes, in which unit, and its value where nothing is changed."""
    outcome = row["outcome"]
    if row["unit"]:
        outcome = f"{outcome} [{row['unit']}]"
    digits = ",.0f" if abs(row["base"]) >= 1000 else ".4g"
    return f"change of {outcome}; as it is {row['base']:{digits}}"


def _label(row: dict[str, Any]) -> str:
    """Return the path in lines that are short enough, and the ends of the range below."""
    first, *steps = row["parameter"].split(".")
    lines = [first]
    for step in steps:
        if len(lines[-1]) + len(step) > LINE:
            lines.append("")
        lines[-1] += f".{step}"
    star = "*" if row["confidence"] == "assumption" else ""
    return "\n".join(lines) + f"{star}\n{row['low_end']} to {row['high_end']}"


def caption(rows: pd.DataFrame) -> str:
    """Return the parameter that changes the answer most."""
    widest = rows[CHANGES].abs().max(axis=1)
    if widest.isna().all():
        return "No answer exists at the ends of the ranges."
    most = rows.loc[widest.idxmax()]
    unit = f" {most['unit']}" if most["unit"] else ""
    return (
        f"{most['parameter']} changes {most['outcome']} most: {most['low_change']:+,.4g} at "
        f"{most['low_end']} and {most['high_change']:+,.4g}{unit} at {most['high_end']}. "
        "Bars carry 95 % intervals."
    )


def draw(rows: pd.DataFrame) -> Drawing:
    """Draw the tornado of one outcome with the caption."""
    return Drawing(figure_of(tornado(rows)), rows, caption(rows))


KIND = TableKind(
    name="tornado",
    shows="what moves an answer, widest on top",
    command="sensitivity",
    columns={
        "tornado": {
            "outcome": Words(),
            "unit": Words(),
            "parameter": Words(),
            "confidence": Words(),
            "low_end": Words(),
            "high_end": Words(),
            "base": Number(may_lack=True),
            **{f"{end}_change": Number(may_lack=True) for end in ENDS},
            **{f"{end}_change_low": Number(may_lack=True) for end in ENDS},
            **{f"{end}_change_high": Number(may_lack=True) for end in ENDS},
        }
    },
    column="outcome",
    make=draw,
    one_for_each="outcome",
    heeds=("outcome",),
)
