"""Berths of a port and the vessels that serve it over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.patches import Patch

from sim.analysis.labels import place_name
from sim.errors import UsageError
from sim.log import NONE, RunLog
from sim.metrics.lanes import berth_chart, berths_of, port_most_used
from sim.metrics.window import Window, ends
from sim.plot.axes import (
    dates,
    legend_of_figure,
    name_rows,
    new_figure,
    nothing_to_show,
    plain,
    shade,
    title,
)
from sim.plot.drawing import Drawing, View, log_of, shown_span
from sim.plot.kind import StudyKind
from sim.plot.look import ACTIVITY_GROUPS, CLOSED, GROUP_OF, INK, TINY_PT
from sim.units import DAY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.plot.drawing import Span
    from sim.study.study import Study

BAR = 0.7
"""Height of a bar, of the distance between lanes."""
NUMBERED = 0.02
"""Bars that are shorter, as a share of what is shown, carry no number of a vessel."""
NUMBER: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": TINY_PT, "color": INK}


def gantt(chart: pd.DataFrame, lanes: list[str], span: Span, ax: Axes) -> Axes:
    """Draw one panel: *lanes* from top to bottom, what is done coloured by its group.

    Parameters
    ----------
    chart
        ``panel, lane, vehicle, activity, start, end`` as dates.
    """
    at = {lane: y for y, lane in enumerate(lanes)}
    for name, group in ACTIVITY_GROUPS.items():
        rows = chart[chart["activity"].isin(group.activities)]
        days = (rows["end"] - rows["start"]).dt.total_seconds() / DAY
        y = [at[lane] for lane in rows["lane"]]
        width = pd.to_timedelta(days, unit="D")
        ax.barh(y, width, BAR, left=rows["start"], lw=0, label=name, **group.bar())
    name_rows(ax, lanes)
    ax.set_xlim(*span)
    if (chart["panel"] == "berth").all():
        _number_stays(ax, chart, at, NUMBERED * (span[1] - span[0]))
    dates(ax)
    plain(ax)
    return ax


def _number_stays(
    ax: Axes, chart: pd.DataFrame, at: dict[str, int], shortest: pd.Timedelta
) -> None:
    """Write the number of the vessel on each stay at a berth that is longer than *shortest*."""
    is_new = chart["vehicle"] != chart["vehicle"].shift()
    follows_gap = chart["start"] != chart["end"].shift()
    stays = chart.assign(stay=(is_new | follows_gap).cumsum())
    for _, stay in stays.groupby("stay"):
        begin, end = stay["start"].min(), stay["end"].max()
        if end - begin <= shortest:
            continue
        first = stay.iloc[0]
        middle = begin + (end - begin) / 2
        text = ax.text(middle, at[first["lane"]], str(first["vehicle"]), **NUMBER)
        text.set_bbox({"facecolor": "white", "alpha": 0.75, "lw": 0, "pad": 0.6})


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the berths of a port above the vessels that serve it.

    The port is that of *view*, or the one most used.

    Raises
    ------
    UsageError
        The port has no berths.
    """
    study = studies[0]
    log = log_of(study)
    port, span = _port(log, view), shown_span(log, view.span)
    if port is None:
        figure = new_figure(2.0)
        nothing_to_show(figure.add_subplot(), "no port has a berth")
        return Drawing(figure, pd.DataFrame(), "There is no berth to show.")
    begin = pd.Timestamp(log.facts.start_date)
    window = Window(*(int((moment - begin).total_seconds()) for moment in span))
    chart = berth_chart(log, port, window)
    start, end = (begin + pd.to_timedelta(chart[at], unit="s") for at in ("start_s", "end_s"))
    chart = chart.drop(columns=["start_s", "end_s"]).assign(start=start, end=end)
    lanes = _lanes(log, port, chart)
    heights = [0.5 + 0.2 * max(len(names), 2) for names in lanes.values()]
    figure = new_figure(sum(heights) + 0.7)
    name = place_name(study.scenario.spec, port)
    titles = (f"berths of {name}, with the number of the vessel", f"vessels that serve {name}")
    panels = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    shut = _closures(log, port, window, begin)
    for (panel, names), text, ax in zip(lanes.items(), titles, panels, strict=True):
        shade(ax, shut, CLOSED, 0.3, zorder=0)
        gantt(chart[chart["panel"] == panel], names, span, ax)
        title(ax, text)
    shown = set(chart["activity"].map(GROUP_OF))
    handles = [Patch(label=g, **ACTIVITY_GROUPS[g].bar()) for g in ACTIVITY_GROUPS if g in shown]
    handles.append(Patch(color=CLOSED, alpha=0.3, label=f"{name} shut by weather"))
    legend_of_figure(figure, handles=handles)
    return Drawing(figure, chart, caption(chart, len(lanes["berth"]), name, span))


def _lanes(log: RunLog, port: str, chart: pd.DataFrame) -> dict[str, list[str]]:
    """Return the lanes of both panels, from top to bottom."""
    vessels = chart[chart["panel"] == "vessel"].sort_values(["vehicle"], kind="stable")
    used = chart.loc[chart["panel"] == "berth", "lane"]
    berths = dict.fromkeys([*berths_of(log, port), *used])
    return {"berth": list(berths), "vessel": list(dict.fromkeys(vessels["lane"]))}


def _port(log: RunLog, view: View) -> str | None:
    """Return the port that is shown; None where no port has a berth."""
    ports = list(dict.fromkeys(r.place for r in log.resources if r.kind == "berth"))
    if view.at is not None and view.at not in ports:
        known = f"those that have: {', '.join(ports)}" if ports else "no place has"
        raise UsageError(f"--at {view.at}: no such place, or it has no berths; {known}")
    return view.at or port_most_used(log)


def _closures(log: RunLog, port: str, window: Window, begin: pd.Timestamp) -> list[Span]:
    """Return when *port* was shut for every vessel, in *window*."""
    table = log.tables["closures"]
    is_own = table["place"] == log.names.place.index(port)
    table = table.where(is_own & (table["vessel_class"] == NONE))
    moments = zip(table["start_s"].tolist(), ends(table, log).tolist(), strict=True)
    return [
        (begin + pd.Timedelta(seconds=start_s), begin + pd.Timedelta(seconds=end_s))
        for start_s, end_s in moments
        if start_s < window.end_s and end_s > window.start_s
    ]


def caption(chart: pd.DataFrame, berths: int, name: str, span: Span) -> str:
    """Return how much of the time the berths are held, and what the vessels do."""
    length_s = (chart["end"] - chart["start"]).dt.total_seconds()
    is_berth = chart["panel"] == "berth"
    available_s = (span[1] - span[0]).total_seconds() * berths
    used = length_s[is_berth].sum() / available_s if berths else 0.0
    first = f"Vessels hold the {berths} berths of {name} for {used:.0%} of the time shown"
    by_group = length_s[~is_berth].groupby(chart["activity"].map(GROUP_OF)).sum()
    if not by_group.sum():
        return f"{first}; no vessel serves the port."
    largest = (by_group / by_group.sum()).nlargest(3)
    shares = ", ".join(f"{share:.0%} {group}" for group, share in largest.items())
    return f"{first}. The vessels that serve it spend their time as follows: {shares}."


KIND = StudyKind(
    name="gantt",
    shows="berths of a port and its vessels over time",
    make=draw,
    heeds=("span", "at"),
    from_log=True,
)
