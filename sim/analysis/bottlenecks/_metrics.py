r"""What a search reads from the metrics of replications: where days go, who is active, what grows.

Where the cargo spends its days covers the waits of all flows of scope ``titr`` together. Each flow
counts by the units of it that were delivered, :math:`\sum_f u_f d_{f,a} / \sum_f u_f`, as in the
transit time of the corridor, to which all rows together add up. Where more than 1 % was not
delivered there is no transit time: then the rows are the days of what was delivered, which is less
than what the others will take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import TypeAlias

import pandas as pd

from sim.log import CORRIDOR_SCOPE
from sim.spec.demand import tonnes_per_unit
from sim.spec.load import Scenario
from sim.study.interval import NOT_NEGATIVE, SHARE, Bounds, Interval, interval_columns

Metrics: TypeAlias = dict[int, pd.DataFrame]
"""Metrics of a scenario by number of the replication."""
Key: TypeAlias = tuple[str, str]
"""Two columns of a table, by which its values are listed."""


def waits_of(scenario: Scenario, metrics: Metrics) -> pd.DataFrame:
    """Return ``activity, where, days, low, high``, the longest first; an activity that did not
    happen took no time."""
    flows = corridor_flows(scenario)
    days = {number: days_spent(rows, flows) for number, rows in metrics.items()}
    return _table(days, ("activity", "where"), "days", NOT_NEGATIVE)


def corridor_flows(scenario: Scenario) -> tuple[str, ...]:
    """Return the flows that count in totals of the corridor: scope ``titr``, with weight."""
    spec = scenario.spec
    in_scope = [name for name, flow in spec.flows.items() if flow.scope == CORRIDOR_SCOPE]
    return tuple(name for name in in_scope if tonnes_per_unit(spec.flows[name], spec.units) > 0)


def days_spent(metrics: pd.DataFrame, flows: Sequence[str]) -> dict[Key, float]:
    """Return the mean days of a delivered unit of *flows* by activity and place, in one
    replication."""
    rows = metrics[metrics["flow"].isin(flows)]
    # Of what is offered, a ban may refuse some; the rest is accepted.
    accepted = _by_flow(rows, "offered_units_per_year") | _by_flow(rows, "accepted_units_per_year")
    censored = _by_flow(rows, "censored_share")
    delivered = {
        flow: units * (1 - censored[flow]) for flow, units in accepted.items() if units > 0
    }
    total = fsum(delivered.values())
    if not total:
        return {}
    waits = rows[rows["name"] == "wait_days"]
    columns = (waits[column] for column in ("flow", "activity", "where", "value"))
    unit_days: dict[Key, list[float]] = {}
    for flow, activity, where, days in zip(*columns, strict=True):
        unit_days.setdefault((activity, where), []).append(delivered.get(flow, 0.0) * days)
    return {key: fsum(parts) / total for key, parts in unit_days.items()}


def _by_flow(rows: pd.DataFrame, name: str) -> dict[str, float]:
    named = rows[rows["name"] == name]
    return dict(zip(named["flow"], named["value"], strict=True))


def active_of(metrics: Metrics) -> pd.DataFrame:
    """Return who is the momentary bottleneck: ``where, kind, share, low, high``; ``kind`` is all,
    sole or shifting."""
    shares = {number: _active_shares(rows) for number, rows in metrics.items()}
    return _table(shares, ("where", "kind"), "share", SHARE)


def _active_shares(metrics: pd.DataFrame) -> dict[Key, float]:
    rows = metrics[metrics["name"] == "bottleneck_share"]
    columns = (rows[column] for column in ("where", "activity", "value"))
    return {
        (where, kind or "all"): float(value) for where, kind, value in zip(*columns, strict=True)
    }


def _table(
    values: Mapping[int, Mapping[Key, float]], keys: Key, name: str, bounds: Bounds
) -> pd.DataFrame:
    """Return the columns *keys* and the interval *name* over replications, the largest first; what
    a replication does not have is 0."""
    listed: dict[Key, None] = {}
    for of_one in values.values():
        listed |= dict.fromkeys(of_one)
    rows = [
        (*key, *Interval.of([of_one.get(key, 0.0) for of_one in values.values()], bounds))
        for key in listed
    ]
    frame = pd.DataFrame(rows, columns=[*keys, *interval_columns(name)])
    return frame.sort_values(name, ascending=False, kind="stable", ignore_index=True)


def lying_shares(metrics: Metrics) -> pd.DataFrame:
    """Return rows of all replications: the share of time that each fleet waits at berths for
    cargo."""
    rows = pd.concat(metrics.values())
    return rows[(rows["name"] == "time_share") & (rows["activity"] == "wait_cargo")]
