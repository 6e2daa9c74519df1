"""From the time that a journey takes without any wait to the time that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.plot.axes import name_rows, new_axes, new_figure, nothing_to_show, plain, title
from sim.plot.drawing import Drawing, View
from sim.plot.kind import StudyKind
from sim.plot.look import ACTIVITY_GROUPS, FREE_FLOW, GREY, GROUP_OF, HAIR, INK, SMALL_PT, Group
from sim.study.journey import journey

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

FREE, WHOLE = "free flow", "transit time"
SUM = Group(INK, "", ())
"""How the bars of `FREE` and `WHOLE` look."""


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
    totals = days.groupby(days["activity"].map(GROUP_OF))["days"].sum()
    waits = [name for name in ACTIVITY_GROUPS if name not in FREE_FLOW]
    rows, at = [], 0.0
    for stage in (*FREE_FLOW, FREE, *waits, WHOLE):
        if stage in (FREE, WHOLE):
            rows.append((stage, 0.0, at))
        elif stage in totals:
            rows.append((stage, at, float(totals[stage])))
            at += float(totals[stage])
    return pd.DataFrame(rows, columns=["stage", "start", "days"])


def waterfall(steps: pd.DataFrame, ax: Axes | None = None, *, why: str = "no transit time") -> Axes:
    """Draw `stages` as bars that begin where the one before ends, or write *why* there are none."""
    ax = new_axes(ax, height_in=0.7 + 0.26 * max(len(steps), 3))
    if steps.empty:
        return nothing_to_show(ax, why)
    whole = float(steps["days"].iloc[-1])
    for y, row in enumerate(steps.to_dict("records")):
        style = ACTIVITY_GROUPS.get(row["stage"], SUM).bar()
        ax.barh(y, row["days"], 0.66, left=row["start"], lw=0.2, **style)
        share = f" ({_share(row['days'] / whole)})" if whole and row["stage"] != WHOLE else ""
        words = f" {row['days']:.2f} d{share}"
        ax.text(row["start"] + row["days"], y, words, va="center", fontsize=SMALL_PT)
    ends = (steps["start"] + steps["days"]).to_numpy(float)
    for y, end in enumerate(ends[:-1]):
        ax.plot([end, end], [y + 0.33, y + 1 - 0.33], color=GREY, lw=HAIR)
    name_rows(ax, list(steps["stage"]), pad=0.5)
    ax.set_xlim(0, max(whole * 1.2, 1e-9))
    ax.set(xlabel="days from creation to delivery (mean of the units delivered)")
    plain(ax)
    return ax


def _share(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw one panel for each scenario: the corridor's cargo, or that of the flow of *view*."""
    steps = [stages(journey(study, view.flow)) for study in studies]
    heights = [_height_in(rows) for rows in steps]
    figure = new_figure(sum(heights))
    panels = figure.subplots(len(studies), 1, squeeze=False, height_ratios=heights)[:, 0]
    what = view.flow or "cargo of the corridor, every unit alike"
    longest = max([0.0, *(rows["days"].iloc[-1] for rows in steps if len(rows))])
    tables, sentences = [], []
    for study, rows, ax in zip(studies, steps, panels, strict=True):
        name, why = study.scenario.name, _why(study, view.flow)
        waterfall(rows, ax, why=why)
        title(ax, f"{name}: {what}")
        if len(rows):
            ax.set_xlim(0, longest * 1.2 or 1)
        tables.append(rows.assign(scenario=name, flow=view.flow or ""))
        sentences.append(f"{name}: {_in_words(rows, why)}.")
    return Drawing(figure, pd.concat(tables, ignore_index=True), " ".join(sentences))


def _height_in(steps: pd.DataFrame) -> float:
    if steps.empty:
        return 0.6
    return 0.7 + 0.24 * len(steps)


def _why(study: Study, flow: str | None) -> str:
    """Return why there is no transit time, if there is none."""
    summary = study.summary()
    rows = summary[(summary["name"] == "censored_share")]
    is_own = rows["flow"].isna() if flow is None else rows["flow"] == flow
    left = rows[is_own]["mean"]
    if left.isna().all():
        return "no transit time: no cargo was created in the measured time"
    return f"no transit time: {left.iloc[0]:.1%} of the cargo was not delivered by the end"


def _in_words(steps: pd.DataFrame, why: str) -> str:
    """Return how much of the transit time is no wait, and the longest wait, or *why* not."""
    if steps.empty:
        return why
    days = steps.set_index("stage")["days"]
    waits = days.drop([name for name in (*FREE_FLOW, FREE, WHOLE) if name in days])
    first = f"moving and handling take {days[FREE]:.1f} of {days[WHOLE]:.1f} days"
    if waits.empty or not np.isfinite(waits.max()) or waits.max() <= 0:
        return f"{first}, nothing waits"
    return f"{first}; the largest part of the rest, {waits.max():.1f} days, is {waits.idxmax()}"


KIND = StudyKind(
    name="waterfall",
    shows="from free flow to transit time, wait by wait",
    make=draw,
    heeds=("flow",),
    in_every_study=True,
)
