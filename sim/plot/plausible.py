"""What a calibration leaves of the range of each parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plot.axes import figure_of, legend_above, new_axes, nothing_to_show, plain
from sim.plot.columns import Flag, Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLACK, BLUE, GREY, ORANGE, SMALL_PT
from sim.plot.words import first_few

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 3
"""Parameters that the caption names."""
IDENTIFIED: dict[str, Any] = {"facecolor": BLUE, "edgecolor": "white", "alpha": 0.8}
NOT_IDENTIFIED: dict[str, Any] = {
    "facecolor": ORANGE,
    "hatch": "///",
    "edgecolor": "white",
    "alpha": 0.8,
}
BEST: dict[str, Any] = {"marker": "o", "ls": "", "ms": 4.5, "mfc": "white", "mec": BLACK}
OWN: dict[str, Any] = {"marker": "|", "ls": "", "color": BLACK}


def plausible(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw every parameter over its range: what stays plausible, the best point, its own value.

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
        _draw_row(ax, y, row)
    ax.set_yticks(range(len(table)), [_folded(path) for path in table["parameter"]])
    ax.set_ylim(len(table) - 0.3, -0.5)
    ax.set_xlim(0, 1.02)
    ax.set_xticks([0, 0.5, 1], ["low end", "middle of the range", "high end"])
    plain(ax)
    handles = [
        Patch(color=BLUE, alpha=0.8, label="plausible"),
        Patch(label="plausible, not identified", **NOT_IDENTIFIED),
        Line2D([], [], label="best point", **BEST),
        Line2D([], [], ms=9, label="the scenario's own", **OWN),
    ]
    legend_above(ax, 2, side="right", handles=handles)
    return ax


def _draw_row(ax: Axes, y: int, row: dict[str, Any]) -> None:
    """Draw one parameter, its range from 0 to 1."""
    # A range of one value has no width to divide by.
    low, width = row["range_low"], row["range_high"] - row["range_low"] or 1.0
    left, right, best, own = (
        (row[name] - low) / width for name in ("low", "high", "best", "value")
    )
    ax.barh(y, 1, 0.5, color=GREY, alpha=0.3, lw=0)
    style = IDENTIFIED if row["identified"] else NOT_IDENTIFIED
    ax.barh(y, right - left, 0.5, left=left, lw=0, **style)
    ax.plot([best], [y], **BEST)
    ax.plot([own], [y], ms=11, **OWN)
    levels = row.get("plausible_levels")
    # A range has none: an empty text, which a table that was read back has as a missing number.
    if isinstance(levels, str) and levels:
        ax.text(0, y + 0.3, f"plausible: {levels}", ha="left", va="top", fontsize=SMALL_PT - 1)
        return
    unit = " h" if row["unit"] == "h" else ""
    for at, end, side in ((0, "range_low", "left"), (1, "range_high", "right")):
        ax.text(at, y + 0.3, f"{row[end]:.4g}{unit}", ha=side, va="top", fontsize=SMALL_PT - 1)


def _folded(path: str) -> str:
    """Return *path* in lines of two steps."""
    steps = path.split(".")
    lines = [".".join(steps[at : at + 2]) for at in range(0, len(steps), 2)]
    return "\n.".join(lines)


def caption(table: pd.DataFrame) -> str:
    """Return how many parameters the data identify."""
    known = [row["parameter"] for row in table.to_dict("records") if row["identified"]]
    text = f"The targets identify {len(known)} of {len(table)} parameters"
    if known:
        text += f": {first_few(known, NAMED)}"
    return f"{text}; of the others more than half of the range stays plausible."


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the plausible ranges with the caption."""
    return Drawing(figure_of(plausible(table)), table, caption(table))


KIND = TableKind(
    name="plausible",
    shows="what data leave of each range",
    command="calibrate",
    columns={
        "parameters": {
            "parameter": Words(),
            "unit": Words(),
            "range_low": Number(),
            "range_high": Number(),
            "value": Number(),
            "best": Number(),
            "low": Number(),
            "high": Number(),
            "identified": Flag(),
        }
    },
    column="identified",
    make=draw,
    orders=(("range_low", "range_high"), ("low", "high")),
)
