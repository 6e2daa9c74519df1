"""Where the days of a journey go, activity by activity, of one flow or of the whole corridor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.errors import UsageError
from sim.log import CORRIDOR_SCOPE
from sim.study.interval import NOT_NEGATIVE, Interval, interval_columns
from sim.study.study import Study

COLUMNS = ("activity", *interval_columns("days"))


def journey(study: Study, flow: str | None = None) -> pd.DataFrame:
    r"""Return the mean days that a unit of *flow* spends in each activity.

    They add up to its transit time. Without a flow the units of every flow of the corridor count
    alike, as they do in its mean transit time: :math:`\sum_f n_f d_{fa} / \sum_f n_f`, with the
    :math:`n_f` units created in the window and delivered.

    Returns
    -------
    DataFrame
        ``activity, days, low, high`` over replications, 95 %. Empty where nothing was delivered;
        NaN where in some replication the transit time does not exist, since over 1 % of the cargo
        was not delivered by the end.

    Raises
    ------
    UsageError
        There is no such flow.
    """
    flows = study.scenario.spec.flows
    if flow is not None and flow not in flows:
        raise UsageError(f"no flow is called {flow}; choose one of {', '.join(flows)}")
    counted = [name for name, spec in flows.items() if spec.scope == CORRIDOR_SCOPE]
    if flow is not None:
        counted = [flow]
    by_replication = [
        _of_replication(replication.metrics, flow, counted) for replication in study.replications
    ]
    days = pd.DataFrame(dict(enumerate(by_replication)))
    # What does not happen in one replication takes no time there.
    days = days.where(days.notna() | days.isna().all(), 0.0)
    rows = [
        (activity, *Interval.of(values, NOT_NEGATIVE))
        for activity, values in zip(days.index, days.to_numpy().tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_replication(
    metrics: pd.DataFrame, flow: str | None, counted: list[str]
) -> pd.Series[float]:
    """Return the days by activity of one replication; empty where nothing was delivered."""
    by_flow = metrics[metrics["flow"].isin(counted)].set_index("flow")
    value = {name: by_flow.loc[by_flow["name"] == name, "value"] for name in _NEEDED}
    # Of what is offered, a ban may refuse some; the rest is accepted.
    accepted = value["accepted_units_per_year"].combine_first(value["offered_units_per_year"])
    units = accepted * (1 - value["censored_share"].fillna(1.0))
    if flow is None:
        units = units[value["offered_t_per_year"] > 0]
    waits = by_flow[(by_flow["name"] == "wait_days") & by_flow.index.isin(units.index)]
    if not units.sum() or waits.empty:
        return pd.Series(dtype=float)
    share = units.reindex(waits.index).to_numpy(float) / float(units.sum())
    days = pd.Series(waits["value"].to_numpy(float) * share, index=waits["activity"].to_numpy())
    by_activity = days.groupby(level=0, sort=False).sum()
    transit = metrics[metrics["name"] == "transit_days_mean"]
    is_whole = transit["flow"].isna() if flow is None else transit["flow"] == flow
    if np.isfinite(transit.loc[is_whole, "value"]).all():
        return by_activity
    return by_activity * np.nan


_NEEDED = (
    "offered_units_per_year",
    "accepted_units_per_year",
    "offered_t_per_year",
    "censored_share",
)
