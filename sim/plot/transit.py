"""Transit time by flow: medians over replications, and the spread of the cargo of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.metrics.transit import transit_times
from sim.plot.look import (
    GREY,
    SERIES,
    SMALL_PT,
    TINY_PT,
    intervals,
    new_axes,
    nothing_to_show,
    plain,
    reach,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.log import RunLog

_SHIFT = 0.32
_ASIDE = 0.1
"""How far the intervals of median and 90th percentile stand above and below them."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_PALE, _STRONG = 0.25, 0.5


def spread(log: RunLog) -> pd.DataFrame:
    """Return quantiles of the transit time [d] of what was born in the measured window and
    delivered, by units.

    Returns
    -------
    DataFrame
        ``flow, units, q05, q25, q50, q75, q95``: each the least time that at least this share does
        not exceed.
    """
    begin = pd.Timestamp(log.facts.start_date)
    first, last = (
        begin + pd.Timedelta(seconds=at_s) for at_s in (log.facts.warmup_s, log.facts.window_end_s)
    )
    times = transit_times(log)
    times = times[(times["born"] >= first) & (times["born"] < last)].sort_values(
        "days", kind="stable"
    )
    rows = []
    for flow, mine in times.groupby("flow", observed=True, sort=False):
        reached = mine["units"].cumsum().to_numpy(float)
        found = np.searchsorted(reached, np.array(QUANTILES) * reached[-1])
        rows.append((str(flow), int(reached[-1]), *mine["days"].to_numpy(float)[found].tolist()))
    return pd.DataFrame(rows, columns=["flow", "units", *(f"q{q * 100:02.0f}" for q in QUANTILES)])


def percentiles(rows: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return *what* (``mean``, ``low`` or ``high``) of median and 90th percentile, by scenario and
    flow."""
    names = ["transit_days_p50", "transit_days_p90"]
    keys = ["scenario", "flow"]
    table = rows.reindex(columns=[*keys, "name", what]).pivot_table(
        index=keys, columns="name", values=what, dropna=False, observed=True, sort=False
    )
    return table.reindex(columns=names)


def transit(
    frame: pd.DataFrame, ax: Axes | None = None, *, spreads: pd.DataFrame | None = None
) -> Axes:
    """Draw median and 90th percentile of the transit time [d] by flow, one series a scenario;
    return the axes.

    Parameters
    ----------
    frame
        Rows of a summary with ``scenario, name, flow, mean, low, high``. A flow whose transit time
        does not exist, since much of it has not arrived, is named as such.
    spreads
        `spread` with ``scenario``, drawn as strips behind the marks: pale from 5 to 95 %, strong
        from 25 to 75 % of the units of one replication.
    """
    rows = frame[
        frame["name"].isin(["transit_days_p50", "transit_days_p90"]) & frame["flow"].notna()
    ]
    flows = list(dict.fromkeys(rows["flow"]))
    scenarios = list(dict.fromkeys(rows["scenario"]))
    ax = new_axes(ax, height_in=max(2.0, 0.6 + 0.24 * len(flows) * max(len(scenarios), 1) ** 0.5))
    if not flows:
        return nothing_to_show(ax, "no cargo was delivered")
    values, low, high = (percentiles(rows, what) for what in ("mean", "low", "high"))
    offsets = np.linspace(-_SHIFT, _SHIFT, len(scenarios)) if len(scenarios) > 1 else [0.0]
    for number, (scenario, offset) in enumerate(zip(scenarios, offsets, strict=True)):
        mine = values.xs(scenario).reindex(flows).to_numpy(float)
        y = np.arange(len(flows)) + offset * 0.75
        colour = SERIES[number % len(SERIES)]
        known = ~np.isnan(mine).any(axis=1)
        if spreads is not None:
            _strips(
                ax,
                spreads[spreads["scenario"] == scenario],
                dict(zip(flows, y, strict=True)),
                known,
                colour,
            )
        ax.hlines(y[known], mine[known, 0], mine[known, 1], color=colour, lw=1.2)
        ax.plot(
            mine[known, 0],
            y[known],
            "os^D"[number % 4],
            color=colour,
            ms=3.5,
            ls="none",
            label=scenario,
        )
        ax.plot(mine[known, 1], y[known], "|", color=colour, ms=6, ls="none")
        for column, aside in enumerate((-_ASIDE, _ASIDE)):
            ends = (
                bound.xs(scenario).reindex(flows).to_numpy(float)[known, column]
                for bound in (low, high)
            )
            intervals(ax, y[known] + aside, *ends)
        for at in y[~known]:
            name = f" {scenario}:" if len(scenarios) > 1 else ""
            text = f"{name} over 1 % not delivered by the end: no transit time"
            ax.text(0, at, text, va="center", fontsize=TINY_PT, color="black", style="italic")
    ax.set_yticks(range(len(flows)), flows)
    ax.set_ylim(len(flows) - 0.4, -0.6)
    marks = np.append(values.to_numpy(float), 0.0)
    if spreads is not None:
        known = values.dropna().index
        strips = spreads.set_index(["scenario", "flow"])[["q05", "q95"]]
        marks = np.append(marks, strips[strips.index.isin(known)].to_numpy(float))
    ax.set_xlim(0, 1.04 * reach(marks, high.to_numpy(float))[1])
    lines = [
        "transit time [days]",
        "mark: median, line: to the 90th percentile, means of replications with intervals of 95 %",
    ]
    if spreads is not None:
        lines.append("strips: 5 to 95 % (pale) and 25 to 75 % of the units of one replication")
    ax.set(xlabel="\n".join(lines))
    ax.grid(axis="x", lw=0.4, color=GREY, alpha=0.4)
    if len(scenarios) > 1:
        # Above the axes: no corner of them is sure to be free.
        where: dict[str, Any] = {
            "loc": "lower center",
            "bbox_to_anchor": (0.5, 1.0),
            "ncols": min(len(scenarios), 3),
        }
        ax.legend(fontsize=SMALL_PT, frameon=False, **where)
    plain(ax)
    return ax


def _strips(ax: Axes, spreads: pd.DataFrame, at: dict[str, float], known: Any, colour: str) -> None:
    """Draw the quantiles of the flows that have a transit time."""
    told = {flow for flow, is_known in zip(at, known, strict=True) if is_known}
    rows = spreads[spreads["flow"].isin(told)]
    y = rows["flow"].map(at).to_numpy(float)
    for low, high, strength in (("q05", "q95", _PALE), ("q25", "q75", _STRONG)):
        left = rows[low].to_numpy(float)
        ax.barh(
            y,
            rows[high].to_numpy(float) - left,
            0.24,
            left=left,
            color=colour,
            alpha=strength,
            lw=0,
            zorder=0,
        )
