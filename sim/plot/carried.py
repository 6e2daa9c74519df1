"""Cargo offered and carried, scenario by scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.axes import figure_of, label_below, new_axes, nothing_to_show, plain
from sim.plot.drawing import Drawing, View, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import FULL_IN, SMALL_PT, series_bar

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

NAMES = ("offered_t_per_year", "carried_t_per_year")


def carried(frame: pd.DataFrame, ax: Axes | None = None, *, width_in: float = FULL_IN) -> Axes:
    """Draw offered (outline) and carried (filled) cargo of the corridor [Mt a year] by scenario.

    Parameters
    ----------
    frame
        Rows of summaries with ``scenario, name, flow, mean, low, high``.
    """
    ax = new_axes(ax, width_in, height_in=2.2)
    rows = frame[frame["flow"].isna() & frame["name"].isin(NAMES)]
    scenarios = list(dict.fromkeys(rows["scenario"]))
    if not scenarios:
        return nothing_to_show(ax, "nothing was offered")
    for y, scenario in enumerate(scenarios):
        own = rows[rows["scenario"] == scenario].set_index("name")
        _draw_row(ax, y, *(own.loc[name] for name in NAMES))
    ax.set_yticks(range(len(scenarios)), scenarios)
    ax.invert_yaxis()
    ax.set_xlim(0, ax.get_xlim()[1] * 1.15)
    label_below(ax, "cargo of the corridor [Mt net a year]", "outline: offered, filled: carried")
    plain(ax)
    return ax


def _draw_row(ax: Axes, y: int, offered: pd.Series[float], done: pd.Series[float]) -> None:
    """Draw one scenario, its numbers at the right of all that is drawn."""
    mean, low, high, whole = (
        float(value) / 1e6 for value in (done["mean"], done["low"], done["high"], offered["mean"])
    )
    ax.barh(y, mean, 0.55, **series_bar(y))
    ax.barh(y, whole, 0.72, fill=False, edgecolor="black", lw=0.8)
    if np.isfinite(low):
        error = [[mean - low], [high - mean]]
        ax.errorbar(mean, y, xerr=error, color="black", lw=1, capsize=2)
    end = np.nanmax([whole, mean, high])
    ax.text(end, y, f"  {mean:.2f} of {whole:.2f}", va="center", fontsize=SMALL_PT)


def caption(frame: pd.DataFrame) -> str:
    """Return what share of the offered cargo every scenario carries."""
    rows = frame[frame["flow"].isna()].pivot_table(
        index="scenario", columns="name", values="mean", sort=False
    )
    if "offered_t_per_year" not in rows:
        return "Nothing was offered."
    rows = rows[rows["offered_t_per_year"] != 0]
    sentences = [
        f"{scenario} carries {done / offered:.0%} of the {offered / 1e6:.2f} Mt offered a year"
        for scenario, offered, done in rows[list(NAMES)].itertuples()
    ]
    if not sentences:
        return "Nothing was offered."
    return f"{'; '.join(sentences)}. The gap to the outline is not carried."


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw offered and carried cargo with the caption."""
    frame = summaries(studies)
    frame = frame[frame["name"].isin(NAMES)].reset_index(drop=True)
    return Drawing(figure_of(carried(frame, width_in=view.width_in)), frame, caption(frame))


KIND = StudyKind(
    name="carried",
    shows="offered and carried cargo by scenario",
    alt="Bars of the cargo offered and carried, one for each scenario.",
    make=draw,
    fits_column=True,
    in_every_study=True,
)
