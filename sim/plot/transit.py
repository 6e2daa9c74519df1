"""Transit time by flow: medians over replications, and the spread of the cargo of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.metrics.transit import transit_times
from sim.plot.axes import (
    figure_of,
    grid,
    intervals,
    label_below,
    legend_above,
    name_rows,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)
from sim.plot.drawing import Drawing, View, has_log, log_of, summaries
from sim.plot.kind import StudyKind
from sim.plot.look import FULL_IN, LINE, SERIES, TINY_PT
from sim.plot.waits import main_flows, no_transit_time
from sim.plot.words import beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.log import RunLog
    from sim.study.study import Study

SHIFT = 0.24
"""How far the first and the last scenario stand from the middle of a row."""
ASIDE = 0.1
"""How far the intervals of median and 90th percentile stand above and below them."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STRIPS = (("q05", "q95", 0.25), ("q25", "q75", 0.5))
"""Ends and strength of the strips of the spread."""
NAMES = ("transit_days_p50", "transit_days_p90")
KEYS = ["scenario", "flow"]
LINES_BELOW = (
    "transit time [days]",
    "mark: median, line: to the 90th percentile, means of replications with 95 % intervals",
)
"""What is written below the axis."""


def spread(log: RunLog) -> pd.DataFrame:
    """Return quantiles, by units, of the transit time [d] of the cargo created in the window.

    Returns
    -------
    DataFrame
        ``flow, units, q05, q25, q50, q75, q95``: each the least time that at least this share of
        the units delivered does not exceed.
    """
    begin = pd.Timestamp(log.facts.start_date)
    first, last = (
        begin + pd.Timedelta(seconds=at_s) for at_s in (log.facts.warmup_s, log.facts.window_end_s)
    )
    times = transit_times(log)
    times = times[(times["born"] >= first) & (times["born"] < last)]
    rows = []
    by_days = times.sort_values("days", kind="stable")
    for flow, own in by_days.groupby("flow", observed=True, sort=False):
        reached = own["units"].cumsum().to_numpy(float)
        at = np.searchsorted(reached, np.array(QUANTILES) * reached[-1])
        rows.append((str(flow), int(reached[-1]), *own["days"].to_numpy(float)[at].tolist()))
    return pd.DataFrame(rows, columns=["flow", "units", *(f"q{q * 100:02.0f}" for q in QUANTILES)])


def percentiles(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return *what* (``mean``, ``low`` or ``high``) of median and 90th percentile, by `KEYS`."""
    table = rows.reindex(columns=[*KEYS, "name", what]).pivot_table(
        index=KEYS, columns="name", values=what, dropna=False, observed=True, sort=False
    )
    return table.reindex(columns=list(NAMES))


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn of one scenario, a row for each flow."""

    scenario: str
    colour: str
    mark: str
    y: Any
    mean: Any
    """Median and 90th percentile [d], a column each; NaN without a transit time."""
    low: Any
    high: Any
    spreads: pd.DataFrame
    """`spread` of the flows that have a transit time."""

    @property
    def known(self) -> Any:
        """Whether each flow has a transit time."""
        return ~np.isnan(self.mean).any(axis=1)


def transit(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    spreads: pd.DataFrame | None = None,
    width_in: float = FULL_IN,
) -> Axes:
    """Draw median and 90th percentile of the transit time [d] by flow, one series a scenario.

    Parameters
    ----------
    frame
        Rows of a summary with ``scenario, name, flow, mean, low, high``. A flow whose transit time
        does not exist, since much of it has not arrived, is named as such.
    spreads
        `spread` with ``scenario``, drawn as strips behind the marks: pale from 5 to 95 %, strong
        from 25 to 75 % of the units of one replication.
    """
    rows = frame[frame["name"].isin(NAMES) & frame["flow"].notna()]
    flows, scenarios = list(dict.fromkeys(rows["flow"])), list(dict.fromkeys(rows["scenario"]))
    height_in = max(2.0, 0.6 + 0.24 * len(flows) * max(len(scenarios), 1) ** 0.5)
    ax = new_axes(ax, width_in, height_in)
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    series = [_series(rows, spreads, number, scenarios, flows) for number in range(len(scenarios))]
    for one in series:
        _draw_series(ax, one, flows)
        if not one.known.all():
            _name_missing(ax, one, several=len(scenarios) > 1)
    name_rows(ax, flows)
    ax.set_xlim(0, _limit(series))
    label_below(ax, *LINES_BELOW, *_strips_below(spreads))
    grid(ax)
    if len(scenarios) > 1:
        # Above the axes: no corner of them is sure to be free.
        legend_above(ax, min(len(scenarios), 3), side="center")
    plain(ax)
    return ax


def _series(
    rows: pd.DataFrame,
    spreads: pd.DataFrame | None,
    number: int,
    scenarios: list[str],
    flows: list[str],
) -> Series:
    """Return what is drawn of scenario *number*."""
    scenario = scenarios[number]
    own = rows[rows["scenario"] == scenario]
    mean, low, high = (
        percentiles(own, what).xs(scenario).reindex(flows) for what in ("mean", "low", "high")
    )
    known = mean.dropna().index
    strips = pd.DataFrame(columns=["flow", "q05", "q25", "q75", "q95"])
    if spreads is not None:
        strips = spreads[(spreads["scenario"] == scenario) & spreads["flow"].isin(known)]
    shift = 0.0
    if len(scenarios) > 1:
        shift = float(np.linspace(-SHIFT, SHIFT, len(scenarios))[number])
    return Series(
        scenario,
        SERIES[number % len(SERIES)],
        "os^D"[number % 4],
        np.arange(len(flows)) + shift,
        mean.to_numpy(float),
        low.to_numpy(float),
        high.to_numpy(float),
        strips,
    )


def _draw_series(ax: Axes, one: Series, flows: list[str]) -> None:
    """Draw strips, medians, 90th percentiles and their intervals of one scenario."""
    _draw_strips(ax, one, flows)
    known = one.known
    y, median, late = one.y[known], one.mean[known, 0], one.mean[known, 1]
    ax.hlines(y, median, late, color=one.colour, lw=LINE)
    ax.plot(median, y, one.mark, color=one.colour, ms=3.5, ls="none", label=one.scenario)
    ax.plot(late, y, "|", color=one.colour, ms=6, ls="none")
    for column, aside in enumerate((-ASIDE, ASIDE)):
        intervals(ax, y + aside, one.low[known, column], one.high[known, column])


def _draw_strips(ax: Axes, one: Series, flows: list[str]) -> None:
    """Draw the spread of the cargo of one replication behind the marks."""
    if one.spreads.empty:
        return
    at = dict(zip(flows, one.y, strict=True))
    y = one.spreads["flow"].map(at).to_numpy(float)
    for low, high, strength in STRIPS:
        left, right = (one.spreads[end].to_numpy(float) for end in (low, high))
        style: dict[str, Any] = {"color": one.colour, "alpha": strength, "lw": 0, "zorder": 0}
        ax.barh(y, right - left, 0.24, left=left, **style)


def _name_missing(ax: Axes, one: Series, *, several: bool) -> None:
    """Write which flows have no transit time."""
    words = beside(one.scenario if several else "", no_transit_time(ax))
    for at in one.y[~one.known]:
        ax.text(0, at, words, va="center", fontsize=TINY_PT, color="black", style="italic")


def _strips_below(spreads: pd.DataFrame | None) -> list[str]:
    """Return what is written below the axis of the strips, if there are any."""
    if spreads is None:
        return []
    return ["strips: 5 to 95 % (pale) and 25 to 75 % of the units of one replication"]


def _limit(series: list[Series]) -> float:
    """Return the end of the axis: all marks and strips, and intervals as far as there is room."""
    strips = [one.spreads[["q05", "q95"]].to_numpy(float).ravel() for one in series]
    marks = np.concatenate([[0.0], *(one.mean.ravel() for one in series), *strips])
    bounds = np.concatenate([one.high.ravel() for one in series])
    return 1.04 * reach(marks, bounds)[1]


def caption(frame: pd.DataFrame) -> str:
    """Return the slowest and the least reliable flow of every scenario, and what has no time."""
    rows = frame[frame["name"].isin(NAMES) & frame["flow"].notna()]
    if rows.empty:
        return "No cargo was delivered."
    sentences = [
        f"{scenario}: {_slowest(own)}" for scenario, own in rows.groupby("scenario", sort=False)
    ]
    return f"{'. '.join(sentences)}."


def _slowest(rows: pd.DataFrame) -> str:
    """Return what there is to see of one scenario, in words."""
    days = percentiles(rows, "mean").droplevel("scenario")
    known = days.dropna()
    parts = []
    if len(known):
        median, late = known[NAMES[0]], known[NAMES[1]] - known[NAMES[0]]
        parts.append(f"{median.idxmax()} has the longest median, {median.max():.1f} days")
        more = f"at least {late.max():.1f} days more than its median"
        parts.append(f"one unit in ten of {late.idxmax()} takes {more}")
    if len(known) < len(days):
        parts.append(f"{len(days) - len(known)} of {len(days)} flows have no transit time")
    return "; ".join(parts)


def draw(studies: Sequence[Study], view: View) -> Drawing:
    """Draw the transit times of the flows with most tonnes, and their spread where there is a log."""
    frame = main_flows(summaries(studies))
    frame = frame[frame["name"].isin(NAMES)]
    logged = [study for study in studies if has_log(study)]
    frames = [spread(log_of(study)).assign(scenario=study.scenario.name) for study in logged]
    spreads = None
    if frames:
        spreads = pd.concat(frames, ignore_index=True)
    ax = transit(frame, spreads=spreads, width_in=view.width_in)
    table = pd.concat(
        [
            percentiles(frame, "mean"),
            percentiles(frame, "low").add_suffix("_low"),
            percentiles(frame, "high").add_suffix("_high"),
        ],
        axis="columns",
    )
    table = table.reset_index().rename_axis(columns=None)
    if spreads is not None:
        table = table.merge(spreads, on=KEYS, how="left")
    return Drawing(figure_of(ax), table, caption(frame))


KIND = StudyKind(
    name="transit",
    shows="transit time by flow, and its spread",
    alt="Points of the median and the 90th percentile of the transit time by flow.",
    make=draw,
    fits_column=True,
    in_every_study=True,
)
