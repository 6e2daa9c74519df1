"""Berths and vessels of a port over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.errors import UsageError
from sim.log import NONE, RunLog
from sim.metrics.lanes import berth_chart, berths_of, port_most_used
from sim.metrics.window import Window, ends
from sim.plot.drawing import Drawing, View, log_of, place_name, shown_span
from sim.plot.look import (
    ACTIVITY_GROUPS,
    CLOSED,
    FULL_IN,
    GROUP_OF,
    INK,
    SMALL_PT,
    TINY_PT,
    dates,
    nothing_to_show,
    plain,
)
from sim.units import DAY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.plot.drawing import Span
    from sim.study.study import Study

BAR = 0.7
"""Height of a bar, of the distance between lanes."""
NUMBERED = 0.02
"""Bars that are shorter, as a share of what is shown, carry no number of a vessel."""


def gantt(chart: pd.DataFrame, lanes: list[str], span: Span, ax: Axes) -> Axes:
    """Draw one panel: *lanes* from top to bottom, what is done coloured by its group; return the
    axes.

    Parameters
    ----------
    chart
        ``lane, vehicle, activity, start, end`` as dates.
    """
    at = {lane: y for y, lane in enumerate(lanes)}
    length = (span[1] - span[0]).total_seconds() / DAY
    for group, (colour, hatch, activities) in ACTIVITY_GROUPS.items():
        rows = chart[chart["activity"].isin(activities)]
        width = (rows["end"] - rows["start"]).dt.total_seconds() / DAY
        y = [at[lane] for lane in rows["lane"]]
        style: dict[str, Any] = {
            "facecolor": colour,
            "hatch": hatch,
            "edgecolor": "white",
            "lw": 0,
            "label": group,
        }
        ax.barh(y, pd.to_timedelta(width, unit="D"), BAR, left=rows["start"], **style)
    ax.set_yticks(range(len(lanes)), lanes)
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    ax.set_xlim(*span)
    ends_before = (chart["vehicle"] != chart["vehicle"].shift()) | (
        chart["start"] != chart["end"].shift()
    )
    stays = chart.assign(turn=ends_before.cumsum())
    for _, stay in stays.groupby("turn") if (chart["panel"] == "berth").all() else ():
        days = (stay["end"].max() - stay["start"].min()).total_seconds() / DAY
        if days > NUMBERED * length:
            place: dict[str, Any] = {
                "ha": "center",
                "va": "center",
                "fontsize": TINY_PT,
                "color": INK,
            }
            middle = stay["start"].min() + (stay["end"].max() - stay["start"].min()) / 2
            text = ax.text(middle, at[stay["lane"].iloc[0]], str(stay["vehicle"].iloc[0]), **place)
            text.set_bbox({"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.6})
    dates(ax)
    plain(ax)
    return ax


def draw_gantt(study: Study, view: View) -> Drawing:
    """Draw the berths of the port of *view* (or of the one most used) above the vessels that serve
    it.

    Raises
    ------
    UsageError
        The port has no berths.
    """
    log = log_of(study)
    port, span = _port(log, view), shown_span(log, view.span)
    if port is None:
        figure = Figure(figsize=(FULL_IN, 2.0), layout="constrained")
        nothing_to_show(figure.add_subplot(), "no port has a berth")
        return Drawing(figure, pd.DataFrame(), "There is no berth to show.")
    begin = pd.Timestamp(log.facts.start_date)
    window = Window(*(int((moment - begin).total_seconds()) for moment in span))
    chart = berth_chart(log, port, window)
    chart = chart.assign(
        **{at: begin + pd.to_timedelta(chart[f"{at}_s"], unit="s") for at in ("start", "end")}
    )
    vessels = chart[chart["panel"] == "vessel"].sort_values(["vehicle"], kind="stable")
    lanes = {"berth": berths_of(log, port), "vessel": list(dict.fromkeys(vessels["lane"]))}
    spare = [
        lane
        for lane in dict.fromkeys(chart.loc[chart["panel"] == "berth", "lane"])
        if lane not in lanes["berth"]
    ]
    lanes["berth"] += spare
    heights = [0.5 + 0.2 * max(len(those), 2) for those in lanes.values()]
    figure = Figure(figsize=(FULL_IN, sum(heights) + 0.7), layout="constrained")
    panels = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    name = place_name(study, port)
    for (panel, those), ax in zip(lanes.items(), panels, strict=True):
        _closures(log, port, window, begin, ax)
        gantt(chart[chart["panel"] == panel], those, span, ax)
        title = (
            f"berths of {name}, with the number of the vessel"
            if panel == "berth"
            else f"vessels that serve {name}"
        )
        ax.set_title(title, loc="left", fontsize=SMALL_PT + 1)
    seen = set(chart["activity"].map(dict(GROUP_OF)))
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="white", label=group)
        for group, (c, h, _) in ACTIVITY_GROUPS.items()
        if group in seen
    ]
    handles.append(Patch(color=CLOSED, alpha=0.3, label=f"{name} shut by weather"))
    figure.legend(
        handles=handles, loc="outside upper center", ncols=3, fontsize=SMALL_PT, frameon=False
    )
    return Drawing(
        figure, chart.drop(columns=["start_s", "end_s"]), _told(chart, lanes["berth"], name, window)
    )


def _port(log: RunLog, view: View) -> str | None:
    ports = list(dict.fromkeys(r.place for r in log.resources if r.kind == "berth"))
    if view.at is not None and view.at not in ports:
        known = f"those that have: {', '.join(ports)}" if ports else "no place has"
        raise UsageError(f"--at {view.at}: no such place, or it has no berths; {known}")
    return view.at or port_most_used(log)


def _closures(log: RunLog, port: str, window: Window, begin: pd.Timestamp, ax: Axes) -> None:
    """Shade when *port* was shut for every vessel."""
    table = log.tables["closures"]
    table = table.where(
        (table["place"] == log.names.place.index(port)) & (table["vessel_class"] == NONE)
    )
    for start_s, end_s in zip(table["start_s"].tolist(), ends(table, log).tolist(), strict=True):
        if start_s < window.end_s and end_s > window.start_s:
            first, last = (begin + pd.Timedelta(seconds=at_s) for at_s in (start_s, end_s))
            ax.axvspan(first, last, color=CLOSED, alpha=0.3, lw=0, zorder=0)


def _told(chart: pd.DataFrame, berths: list[str], name: str, window: Window) -> str:
    length = (chart["end_s"] - chart["start_s"]).astype(float)
    is_berth = chart["panel"] == "berth"
    used = length[is_berth].sum() / (window.length_s * len(berths)) if berths else 0.0
    vessels = length[~is_berth].groupby(chart["activity"].map(dict(GROUP_OF))).sum()
    first = f"{len(berths)} berths of {name} are held {used:.0%} of these days"
    if not vessels.sum():
        return f"{first}; no vessel serves the port."
    shares = ", ".join(
        f"{share:.0%} {group}" for group, share in (vessels / vessels.sum()).nlargest(3).items()
    )
    return f"{first}. The vessels spend {shares}."
