r"""Where the cargo of a corridor spends its days: the waits of all flows of scope ``titr``
together.

Each flow counts by the units of it that were delivered, :math:`\sum_f u_f d_{f,a} / \sum_f u_f`, as
in the transit time of the corridor, to which all rows together add up. Where more than 1 % was not
delivered there is no transit time: then the rows are the days of what was delivered, which is less
than what the others will take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum

import pandas as pd

from sim.spec.demand import tonnes_per_unit
from sim.spec.load import Scenario
from sim.study.interval import NOT_NEGATIVE, Interval, interval_columns

Place = tuple[str, str]
"""Activity, and where."""


def days_spent(metrics: pd.DataFrame, flows: Sequence[str]) -> dict[Place, float]:
    """Return the mean days of a delivered unit of *flows* by activity and place, in one
    replication."""
    mine = metrics[metrics["flow"].isin(flows)]
    offered, censored = (
        dict(zip(rows["flow"], rows["value"], strict=True))
        for rows in (
            mine[mine["name"] == name] for name in ("offered_units_per_year", "censored_share")
        )
    )
    weight = {flow: units * (1 - censored[flow]) for flow, units in offered.items() if units > 0}
    total = fsum(weight.values())
    spent: dict[Place, list[float]] = {}
    rows = mine[mine["name"] == "wait_days"]
    for flow, activity, where, days in zip(
        rows["flow"], rows["activity"], rows["where"], rows["value"], strict=True
    ):
        spent.setdefault((activity, where), []).append(weight.get(flow, 0.0) * days)
    return {place: fsum(days) / total for place, days in spent.items()} if total else {}


def corridor_flows(scenario: Scenario) -> tuple[str, ...]:
    """Return the flows that count in totals of the corridor: scope ``titr``, with weight."""
    flows = scenario.spec.flows.items()
    return tuple(
        name
        for name, flow in flows
        if flow.scope == "titr" and tonnes_per_unit(flow, scenario.spec.units) > 0
    )


def table(spent: Mapping[int, Mapping[Place, float]]) -> pd.DataFrame:
    """Return ``activity, where, days, low, high``, the longest first; an activity that did not
    happen took no time.

    Parameters
    ----------
    spent
        `days_spent` by replication.
    """
    places = dict.fromkeys(place for found in spent.values() for place in found)
    rows = [
        (*place, *Interval.of((found.get(place, 0.0) for found in spent.values()), NOT_NEGATIVE))
        for place in places
    ]
    frame = pd.DataFrame(rows, columns=["activity", "where", *interval_columns("days")])
    return frame.sort_values("days", ascending=False, kind="stable", ignore_index=True)
