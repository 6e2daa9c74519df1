"""The year, month by month: how long the weather shuts a port, how many vessels call, what goes
over the quay."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from sim.plot.drawing import Drawing, place_name, summaries
from sim.plot.look import (
    DASHES,
    FULL_IN,
    GREY,
    HAIR,
    LINE,
    MARKS,
    SERIES,
    SMALL_PT,
    nothing_to_show,
    plain,
    sentence,
)
from sim.units import MONTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.study.study import Study

MOST = 4
"""Ports that are drawn: those where most vessels call."""
_FULL = dict(zip(MONTHS, month_name[1:], strict=True))
MEASURES = ("closed_share", "calls_per_day", "units_per_day")


def calendar(frame: pd.DataFrame, ax: Axes) -> Axes:
    """Draw one number over the months, a line for each scenario with its band; return the axes.

    Parameters
    ----------
    frame
        ``scenario, activity, mean, p5, p95``; ``activity`` is the month, the band holds 90 % of the
        replications.
    """
    for number, (_, mine) in enumerate(frame.groupby("scenario", sort=False)):
        rows = mine.set_index("activity").reindex(MONTHS)
        mean = rows["mean"].to_numpy(float)
        style: dict[str, Any] = {
            "color": SERIES[number],
            "ls": DASHES[number % 4],
            "marker": MARKS[number],
        }
        band = (rows[end].to_numpy(float) for end in ("p5", "p95"))
        ax.fill_between(range(12), *band, color=style["color"], alpha=0.2, lw=0)
        ax.plot(range(12), mean, lw=LINE, ms=2.5, **style)
    ax.set_xticks(range(12), [month[0].upper() for month in MONTHS])
    ax.set_xlim(-0.4, 11.4)
    plain(ax)
    ax.grid(axis="y", lw=HAIR, color=GREY, alpha=0.4)
    return ax


def draw_calendar(studies: Sequence[Study]) -> Drawing:
    """Draw a column for each port and a row for each measure."""
    frame = summaries(studies)
    rows = frame[frame["name"].isin(MEASURES) & frame["activity"].isin(MONTHS)]
    calls = frame[(frame["name"] == "calls_per_year") & frame["where"].isin(set(rows["where"]))]
    ports = calls.groupby("where", sort=False)["mean"].max().nlargest(MOST).index.tolist()
    if not ports:
        figure = Figure(figsize=(FULL_IN, 2.0), layout="constrained")
        nothing_to_show(figure.add_subplot(), "no vessel called")
        return Drawing(figure, rows, "No vessel called in the measured time.")
    figure = Figure(figsize=(FULL_IN, 5.2), layout="constrained")
    panels = figure.subplots(3, len(ports), squeeze=False, sharex=True)
    for ax in panels[:2, 1:].flat:
        # Units of one port are not those of another, so their row has an axis for each.
        ax.tick_params(labelleft=False)
    tables = []
    for column, port in enumerate(ports):
        mine = rows[rows["where"] == port]
        panels[0, column].set_title(
            sentence(place_name(studies[0], port)), loc="left", fontsize=SMALL_PT + 1
        )
        for row, measure in enumerate(MEASURES):
            part, unit = mine[mine["name"] == measure], ""
            if measure == "units_per_day":
                part, unit = _main_unit(part)
            calendar(part, panels[row, column])
            if unit:
                panels[row, column].set_title(unit, loc="right", fontsize=SMALL_PT, pad=2)
            tables.append(part)
    shown = pd.concat(tables, ignore_index=True)
    for row, measure in zip(panels, MEASURES, strict=True):
        mine = shown[shown["name"] == measure]
        for ax, port in zip(row, ports, strict=True):
            # Of months that were not measured there is no number.
            part = mine[mine["where"] == port] if measure == "units_per_day" else mine
            highest = part[["mean", "p95"]].max().max()
            ax.set_ylim(0, 1.06 * highest if highest > 0 else 1)
    for row, label in enumerate(
        ("share of the time\nshut by weather", "calls a day", "units over the quay\na day")
    ):
        panels[row, 0].set_ylabel(label, fontsize=SMALL_PT + 1)
    if len(studies) > 1:
        names = list(dict.fromkeys(rows["scenario"]))
        handles = panels[1, 0].lines
        figure.legend(
            handles, names, loc="outside upper center", ncols=4, fontsize=SMALL_PT, frameon=False
        )
    keys = [
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
    table = shown[keys]
    return Drawing(figure, table, _told(table, studies))


def _main_unit(part: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the rows of the kind of unit that moves most, and its name."""
    totals = part.groupby("flow", sort=False)["mean"].sum()
    if totals.empty:
        return part, ""
    most = str(totals.idxmax())
    return part[part["flow"] == most], most.removeprefix("unit:")


def _told(table: pd.DataFrame, studies: Sequence[Study]) -> str:
    first = studies[0].scenario.name
    mine = table[table["scenario"] == first]
    shut = mine[(mine["name"] == "closed_share") & mine["mean"].notna()]
    if shut.empty or shut["mean"].max() == 0:
        return "No port is shut by weather."
    worst = shut.loc[shut["mean"].idxmax()]
    name = place_name(studies[0], worst["where"])
    same = shut[shut["where"] == worst["where"]]
    least = same.loc[same["mean"].idxmin()]
    calls = mine[(mine["name"] == "calls_per_day") & (mine["where"] == worst["where"])].set_index(
        "activity"
    )["mean"]
    most, fewest = (_FULL[month["activity"]] for month in (worst, least))
    told = f"{sentence(name)} is shut most in {most} ({worst['mean']:.0%} of the time), least in {fewest}"
    then = " and ".join(f"{calls.get(month['activity'], 0):.2f}" for month in (worst, least))
    told = f"{told} ({least['mean']:.0%}); {then} vessels call a day then, in {first}."
    return f"{told} Line: mean, band: 5 to 95 % of replications."
