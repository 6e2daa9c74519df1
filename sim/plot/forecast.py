"""What one season may bring, target by target, and where the observation lies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from sim.plot.axes import (
    figure_of,
    label_below,
    legend_above,
    name_rows,
    new_axes,
    nothing_to_show,
    plain,
)
from sim.plot.columns import Flag, Number, Words
from sim.plot.drawing import Drawing
from sim.plot.kind import TableKind
from sim.plot.look import BLACK, BLUE, GREY, HAIR, ORANGE, RED, SKY
from sim.plot.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST, MOST = 0.25, 4.0
"""Multiples of what was observed at which the axis ends."""
TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
PALE = 0.45
"""Strength of targets that follow from others."""
BARS: dict[str, tuple[float, float, dict[str, Any]]] = {
    "range": (0.0, 0.84, {"color": GREY, "alpha": 0.35}),
    "naive": (0.27, 0.16, {"color": ORANGE, "alpha": 1.0}),
    "inputs": (-0.06, 0.4, {"color": SKY, "alpha": 0.9}),
    "season": (-0.06, 0.16, {"color": BLUE, "alpha": 1.0}),
}
"""Where the bar of each interval stands from the middle of its row, its height, and how it looks."""
LABELS = {
    "range": "range of the target",
    "season": "one season, inputs as written",
    "inputs": "one season, inputs over ranges",
    "naive": "naive forecast",
}


def forecast(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the 90 % intervals of one season over the observed value, on a scale of ratios.

    Parameters
    ----------
    table
        `Validation.table`. Names of targets whose observation lies outside are red and have a star;
        targets that follow from others are lighter.
    """
    rows = table[table["observed"] > 0].reset_index(drop=True)
    ax = new_axes(ax, height_in=max(2.0, 1.0 + 0.25 * len(rows)))
    if rows.empty:
        return nothing_to_show(ax, "nothing was observed")
    ax.set_xscale("log")
    records = rows.to_dict("records")
    for y, row in enumerate(records):
        for name in BARS:
            _draw_interval(ax, y, row, name)
    ax.axvline(1, color=BLACK, lw=0.8)
    ax.set_xlim(LEAST, MOST)
    ax.xaxis.set_major_locator(FixedLocator(TICKS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.grid(axis="x", lw=HAIR, color=GREY, alpha=0.4)
    name_rows(ax, [_name(row) for row in records])
    label_below(ax, "simulated over observed; intervals of 90 %, cut at the ends of the axis")
    plain(ax)
    for label, row in zip(ax.get_yticklabels(), records, strict=True):
        if not _is_inside(row):
            label.set_color(RED)
    legend_above(ax, 3, side="right", handles=_legend(rows), columnspacing=1.0)
    return ax


def _draw_interval(ax: Axes, y: int, row: dict[str, Any], name: str) -> None:
    """Draw one interval of a target, as multiples of what was observed."""
    ends = np.array([row[f"{name}_low"], row[f"{name}_high"]], float) / row["observed"]
    if not np.isfinite(ends).all():
        return
    left, right = np.clip(ends, LEAST, MOST)
    shift, height, look = BARS[name]
    strength = 1.0 if row["counts"] else PALE
    style = {**look, "alpha": look["alpha"] * strength}
    ax.barh(y + shift, right - left, height, left=left, lw=0, **style)


def _verdict(row: dict[str, Any]) -> str:
    """Return where the observation lies, by seasons over inputs where there are any."""
    with_inputs = str(row["inputs_verdict"])
    return str(row["season_verdict"]) if with_inputs == "no number" else with_inputs


def _is_inside(row: dict[str, Any]) -> bool:
    return _verdict(row) == "inside"


def _name(row: dict[str, Any]) -> str:
    return str(row["target"]) if _is_inside(row) else f"{row['target']} *"


def _legend(rows: pd.DataFrame) -> list[Patch | Line2D]:
    handles: list[Patch | Line2D] = []
    for name, label in LABELS.items():
        if rows[f"{name}_low"].notna().any():
            handles.append(Patch(lw=0, label=label, **BARS[name][2]))
    handles.append(Line2D([], [], color=BLACK, lw=0.8, label="observed"))
    handles.append(Patch(alpha=0, label="* observed outside; pale: follows from others"))
    return handles


def caption(table: pd.DataFrame) -> str:
    """Return how many judged observations lie in the intervals of one season.

    Targets that follow from others are not counted.
    """
    judged = table[(table["use"] == "judged") & table["counts"].astype(bool)]
    alone = int((judged["season_verdict"] == "inside").sum())
    text = f"{alone} of {len(judged)} judged observations lie in the 90 % interval of one season"
    if table["inputs_low"].isna().all():
        return f"{text}, inputs as written."
    wide = int((judged["inputs_verdict"] == "inside").sum())
    seasons = counted(int(table["inputs_count"].max()), "season")
    return f"{text} with inputs as written, {wide} over the ranges of inputs ({seasons})."


def draw(table: pd.DataFrame) -> Drawing:
    """Draw the forecasts with the caption."""
    return Drawing(figure_of(forecast(table)), table, caption(table))


KIND = TableKind(
    name="forecast",
    shows="the interval of one season beside what was observed",
    command="validate",
    columns={
        "validation": {
            "target": Words(),
            "use": Words(),
            "counts": Flag(),
            "observed": Number(may_lack=True),
            **{f"{name}_low": Number(may_lack=True) for name in BARS},
            **{f"{name}_high": Number(may_lack=True) for name in BARS},
            "season_verdict": Words(),
            "inputs_verdict": Words(),
            "inputs_count": Number(0),
        }
    },
    column="season_low",
    make=draw,
)
