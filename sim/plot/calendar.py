"""The year, month by month: how long weather shuts a port, how many vessels call, what is moved."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.analysis.labels import place_name
from sim.plot.axes import grid, legend_of_figure, new_figure, nothing_to_show, plain, title
from sim.plot.drawing import Drawing, View, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import DASHES, LINE, MARKS, SERIES, SMALL_PT
from sim.plot.words import sentence
from sim.units import MONTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

MOST = 4
"""Ports that are drawn: those where most vessels call."""
MEASURES = {
    "closed_share": "share of the time\nshut by weather",
    "calls_per_day": "calls a day",
    "units_per_day": "units over the quay\na day",
}
"""Metric and label of each row."""
NAME_OF = dict(zip(MONTHS, month_name[1:], strict=True))


def calendar(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw one number over the months, a line for each scenario with its band; return the axes.

    Parameters
    ----------
    frame
        ``scenario, activity, mean, p5, p95``; ``activity`` is the month, the band holds 90 % of the
        replications.
    """
    for number, (_, own) in enumerate(frame.groupby("scenario", sort=False)):
        rows = own.set_index("activity").reindex(MONTHS)
        colour = SERIES[number]
        style: dict[str, Any] = {"ls": DASHES[number % 4], "marker": MARKS[number]}
        low, mean, high = (rows[name].to_numpy(float) for name in ("p5", "mean", "p95"))
        ax.fill_between(range(12), low, high, color=colour, alpha=0.2, lw=0)
        ax.plot(range(12), mean, lw=LINE, ms=2.5, color=colour, **style)
    ax.set_xticks(range(12), [month[0].upper() for month in MONTHS])
    ax.set_xlim(-0.4, 11.4)
    plain(ax)
    grid(ax, "y")
    return ax


def draw(studies: Sequence[Study], _: View) -> Drawing:
    """Draw a column for each port and a row for each measure."""
    frame = summaries(studies)
    rows = frame[frame["name"].isin(MEASURES) & frame["activity"].isin(MONTHS)]
    ports = _ports(frame, set(rows["where"]))
    if not ports:
        figure = new_figure(2.0)
        nothing_to_show(figure.add_subplot(), "no vessel called")
        return Drawing(figure, rows, "No vessel called in the measured time.")
    figure = new_figure(5.2)
    panels = figure.subplots(len(MEASURES), len(ports), squeeze=False, sharex=True)
    for ax in panels[:2, 1:].flat:
        # The units of the last row differ from port to port, so each port keeps its axis there.
        ax.tick_params(labelleft=False)
    parts = []
    for column, port in zip(panels.T, ports, strict=True):
        own = rows[rows["where"] == port]
        parts += [_panel(own, measure, ax) for measure, ax in zip(MEASURES, column, strict=True)]
        title(column[0], sentence(place_name(studies[0].scenario.spec, port)))
    shown = pd.concat(parts, ignore_index=True)
    for row, (measure, label) in zip(panels, MEASURES.items(), strict=True):
        _set_heights(row, ports, shown[shown["name"] == measure], measure)
        row[0].set_ylabel(label, fontsize=SMALL_PT + 1)
    if len(studies) > 1:
        names = list(dict.fromkeys(rows["scenario"]))
        legend_of_figure(figure, panels[1, 0].lines, names, columns=4)
    columns = [
        "scenario",
        "name",
        "where",
        "flow",
        "activity",
        "mean",
        "low",
        "high",
        "p5",
        "p95",
        "n",
    ]
    table = shown[columns]
    return Drawing(figure, table, caption(table, studies))


def _ports(frame: pd.DataFrame, measured: set[str]) -> list[str]:
    """Return the ports, of those that are *measured*, where most vessels call."""
    calls = frame[(frame["name"] == "calls_per_year") & frame["where"].isin(measured)]
    return calls.groupby("where", sort=False)["mean"].max().nlargest(MOST).index.tolist()


def _panel(rows: pd.DataFrame, measure: str, ax: Axes) -> pd.DataFrame:
    """Draw one measure of one port, and return what is drawn."""
    part, unit = rows[rows["name"] == measure], ""
    if measure == "units_per_day":
        part, unit = _main_unit(part)
    calendar(part, ax)
    if unit:
        ax.set_title(unit, loc="right", fontsize=SMALL_PT, pad=2)
    return part


def _main_unit(part: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the rows of the kind of unit that moves most, and its name."""
    totals = part.groupby("flow", sort=False)["mean"].sum()
    if totals.empty:
        return part, ""
    most = str(totals.idxmax())
    return part[part["flow"] == most], most.removeprefix("unit:")


def _set_heights(row: Sequence[Axes], ports: list[str], shown: pd.DataFrame, measure: str) -> None:
    """Give the panels of one measure the same height; panels of units have one each."""
    for ax, port in zip(row, ports, strict=True):
        part = shown
        if measure == "units_per_day":
            part = shown[shown["where"] == port]
        # Months outside the measured time are NaN, which the maximum passes over.
        highest = part[["mean", "p95"]].max().max()
        ax.set_ylim(0, 1)
        if highest > 0:
            ax.set_ylim(0, 1.06 * highest)


def caption(table: pd.DataFrame, studies: Sequence[Study]) -> str:
    """Return which port the weather shuts most, in which month, and the calls there."""
    first = studies[0].scenario.name
    own = table[table["scenario"] == first]
    shut = own[(own["name"] == "closed_share") & own["mean"].notna()]
    if shut.empty or shut["mean"].max() == 0:
        return "No port is shut by weather."
    worst = shut.loc[shut["mean"].idxmax()]
    here = shut[shut["where"] == worst["where"]]
    least = here.loc[here["mean"].idxmin()]
    calls = own[(own["name"] == "calls_per_day") & (own["where"] == worst["where"])]
    a_day = calls.set_index("activity")["mean"]
    many, few = (f"{a_day.get(month['activity'], 0):.2f}" for month in (worst, least))
    return (
        f"In {first}, weather shuts {place_name(studies[0].scenario.spec, worst['where'])} most in "
        f"{NAME_OF[worst['activity']]} ({worst['mean']:.0%} of the time) and least in "
        f"{NAME_OF[least['activity']]} ({least['mean']:.0%}); {many} and {few} vessels a day call "
        "in these months. Line: mean; band: 5 to 95 % of replications."
    )


KIND = StudyKind(
    name="calendar",
    shows="weather, calls and cargo of the ports by month",
    make=draw,
    in_every_study=True,
)
