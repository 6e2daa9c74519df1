"""From the time that a journey takes without any wait to the time that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.plot.drawing import Drawing
from sim.plot.look import (
    ACTIVITY_GROUPS,
    FREE_FLOW,
    FULL_IN,
    GREY,
    GROUP_OF,
    HAIR,
    INK,
    SMALL_PT,
    new_axes,
    nothing_to_show,
    plain,
)
from sim.study.journey import journey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

FREE, WHOLE = "free flow", "transit time"


def stages(days: pd.DataFrame) -> pd.DataFrame:
    """Return the steps from free flow to transit time.

    Parameters
    ----------
    days
        `sim.study.journey.journey`.

    Returns
    -------
    DataFrame
        ``stage, start, days``: groups that are no wait, their sum ``free flow``, groups of waits,
        and ``transit time``, which is where the last of them ends. Empty where there is no transit
        time.
    """
    if days.empty or days["days"].isna().any():
        return pd.DataFrame({"stage": [], "start": [], "days": []})
    totals = days.groupby(days["activity"].map(dict(GROUP_OF)))["days"].sum()
    rows, at = [], 0.0
    for group in (
        *FREE_FLOW,
        FREE,
        *(name for name in ACTIVITY_GROUPS if name not in FREE_FLOW),
        WHOLE,
    ):
        if group in (FREE, WHOLE):
            rows.append((group, 0.0, at))
        elif group in totals:
            rows.append((group, at, float(totals[group])))
            at += float(totals[group])
    return pd.DataFrame(rows, columns=["stage", "start", "days"])


def waterfall(steps: pd.DataFrame, ax: Axes | None = None, *, why: str = "no transit time") -> Axes:
    """Draw `stages` as bars that begin where the one before ends, or say *why* there are none;
    return the axes."""
    ax = new_axes(ax, height_in=0.7 + 0.26 * max(len(steps), 3))
    if steps.empty:
        return nothing_to_show(ax, why)
    whole = float(steps["days"].iloc[-1])
    for y, row in enumerate(steps.to_dict("records")):
        colour, hatch, _ = ACTIVITY_GROUPS.get(row["stage"], (INK, "", ()))
        style: dict[str, Any] = {
            "facecolor": colour,
            "hatch": hatch,
            "edgecolor": "white",
            "lw": 0.2,
        }
        ax.barh(y, row["days"], 0.66, left=row["start"], **style)
        share = f" ({_share(row['days'] / whole)})" if whole and row["stage"] != WHOLE else ""
        ax.text(
            row["start"] + row["days"],
            y,
            f" {row['days']:.2f} d{share}",
            va="center",
            fontsize=SMALL_PT,
        )
    ends = (steps["start"] + steps["days"]).to_numpy(float)
    for y, end in enumerate(ends[:-1]):
        ax.plot([end, end], [y + 0.33, y + 1 - 0.33], color=GREY, lw=HAIR)
    ax.set_yticks(range(len(steps)), list(steps["stage"]))
    ax.set_ylim(len(steps) - 0.5, -0.5)
    ax.set_xlim(0, max(whole * 1.2, 1e-9))
    ax.set(xlabel="days from birth to delivery (mean of the units delivered)")
    plain(ax)
    return ax


def _share(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def draw_waterfall(studies: Sequence[Study], flow: str | None) -> Drawing:
    """Draw one panel for each scenario: the corridor's cargo, or that of *flow*."""
    tables, told = [], []
    steps = [stages(journey(study, flow)) for study in studies]
    heights = [0.7 + 0.24 * len(rows) if len(rows) else 0.6 for rows in steps]
    figure = Figure(figsize=(FULL_IN, sum(heights)), layout="constrained")
    panels = figure.subplots(len(studies), 1, squeeze=False, height_ratios=heights)[:, 0]
    what = flow or "cargo of the corridor, every unit alike"
    for study, rows, ax in zip(studies, steps, panels, strict=True):
        why = _why(study, flow)
        waterfall(rows, ax, why=why)
        ax.set_title(f"{study.scenario.name}: {what}", loc="left", fontsize=SMALL_PT + 1)
        tables.append(rows.assign(scenario=study.scenario.name, flow=flow or ""))
        told.append(
            _told(study.scenario.name, rows) if len(rows) else f"{study.scenario.name} has {why}."
        )
    ends = [float(rows["days"].iloc[-1]) for rows in steps if len(rows)]
    for rows, ax in zip(steps, panels, strict=True):
        if len(rows):
            ax.set_xlim(0, max(ends) * 1.2 or 1)
    return Drawing(figure, pd.concat(tables, ignore_index=True), " ".join(told))


def _why(study: Study, flow: str | None) -> str:
    """Say why there is no transit time, if there is none."""
    summary = study.summary()
    rows = summary[(summary["name"] == "censored_share")]
    left = rows[rows["flow"].isna() if flow is None else rows["flow"] == flow]["mean"]
    if left.isna().all():
        return "no transit time: nothing was born in the measured time"
    return f"no transit time: {left.iloc[0]:.1%} of the cargo was not delivered by the end"


def _told(scenario: str, steps: pd.DataFrame) -> str:
    days = steps.set_index("stage")["days"]
    waits = days.drop([name for name in (*FREE_FLOW, FREE, WHOLE) if name in days])
    first = f"{scenario}: {days[FREE]:.1f} of {days[WHOLE]:.1f} days are running and handling"
    if not len(waits) or not np.isfinite(waits.max()) or waits.max() <= 0:
        return f"{first}, nothing waits."
    return f"{first}; most of the rest, {waits.max():.1f} days, goes into {waits.idxmax()}."
