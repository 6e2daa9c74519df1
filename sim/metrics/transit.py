"""Cargo: what was offered, what was carried, how long it took, and where it waited."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, Activity, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, measured
from sim.units import DAY

MOST_CENSORED = 0.01
"""Share of a cohort that may be missing from a mean of what arrived; above it the mean would be too low."""

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
CORRIDOR_SCOPE = "titr"


def transit_times(log: RunLog) -> pd.DataFrame:
    """Return the transit time of everything delivered: ``flow, units, born, days``."""
    rows = log["deliveries"]
    born = pd.Timestamp(log.facts.start_date) + pd.to_timedelta(rows["born_s"], unit="s")
    days = (rows["delivered_s"] - rows["born_s"]) / DAY
    flow = pd.Categorical.from_codes(rows["flow"].to_numpy(), categories=list(log.names.flow))
    return pd.DataFrame({"flow": flow, "units": rows["units"], "born": born, "days": days})


def cargo(log: RunLog) -> Iterator[Row]:
    """Yield offered, carried and transit of every flow, and of the corridor (scope ``titr``, flow None)."""
    window = measured(log)
    size = len(log.flows)
    born = log["consignments"][window.contains(log["consignments"]["born_s"])]
    out = log["deliveries"][window.contains(log["deliveries"]["delivered_s"])]
    offered = _units(born, size)
    carried = _units(out, size)
    for code, flow in enumerate(log.flows):
        tonnes, teu, per_year = flow.kg_per_unit / 1000, flow.teu_per_unit, 1 / window.years
        yield Row("offered_units_per_year", offered[code] * per_year, "units/a", flow=flow.id)
        yield Row("offered_t_per_year", offered[code] * tonnes * per_year, "t/a", flow=flow.id)
        yield Row("carried_units_per_year", carried[code] * per_year, "units/a", flow=flow.id)
        yield Row("carried_t_per_year", carried[code] * tonnes * per_year, "t/a", flow=flow.id)
        yield Row("carried_teu_per_year", carried[code] * teu * per_year, "TEU/a", flow=flow.id)
        share = carried[code] / offered[code] if offered[code] else nan
        yield Row("carried_share", share, "share", flow=flow.id)
    counted = np.array([flow.scope == CORRIDOR_SCOPE for flow in log.flows])
    tonnes_of = np.array([flow.kg_per_unit / 1000 for flow in log.flows])
    teu_of = np.array([flow.teu_per_unit for flow in log.flows])
    offered_t = float((offered * tonnes_of)[counted].sum()) / window.years
    carried_t = float((carried * tonnes_of)[counted].sum()) / window.years
    yield Row("offered_t_per_year", offered_t, "t/a")
    yield Row("carried_t_per_year", carried_t, "t/a")
    yield Row("carried_teu_per_year", float((carried * teu_of)[counted].sum()) / window.years, "TEU/a")
    yield Row("carried_share", carried_t / offered_t if offered_t else nan, "share")
    yield from _transit(log, window, born)


def _units(frame: pd.DataFrame, size: int) -> NDArray[np.float64]:
    totals = np.bincount(frame["flow"].to_numpy(), weights=frame["units"].to_numpy(), minlength=size)
    return totals.astype(np.float64)


def _transit(log: RunLog, window: Window, born: pd.DataFrame) -> Iterator[Row]:
    """Transit time of the cohort born in the window, followed to delivery after it, weighted by units."""
    cohort = log["deliveries"][window.contains(log["deliveries"]["born_s"])]
    days = (cohort["delivered_s"] - cohort["born_s"]).to_numpy() / DAY
    units, flow = cohort["units"].to_numpy(), cohort["flow"].to_numpy()
    of_born = born["flow"].to_numpy()
    groups: list[tuple[str | None, NDArray[np.bool_], NDArray[np.bool_]]] = [
        (spec.id, flow == code, of_born == code) for code, spec in enumerate(log.flows)
    ]
    counted = np.array([spec.scope == CORRIDOR_SCOPE and spec.kg_per_unit > 0 for spec in log.flows])
    groups.append((None, counted[flow], counted[of_born]))
    for name, here, mine in groups:
        there, total = int(units[here].sum()), int(born["units"].to_numpy()[mine].sum())
        censored = (total - there) / total if total else nan
        yield Row("censored_share", censored, "share", flow=name)
        known = there > 0 and censored <= MOST_CENSORED
        mean = float((days[here] * units[here]).sum()) / there if known else nan
        yield Row("transit_days_mean", mean, "d", flow=name)
        quantiles = _weighted_quantiles(days[here], units[here]) if known else dict.fromkeys(QUANTILES, nan)
        for label, value in quantiles.items():
            yield Row(f"transit_days_{label}", value, "d", flow=name)


def _weighted_quantiles(values: NDArray[np.float64], weights: NDArray[np.int64]) -> dict[str, float]:
    """Return the least value that at least the share q of the weight does not exceed."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return {
        label: float(values[order][np.searchsorted(reached, share * reached[-1])]) for label, share in QUANTILES.items()
    }


def waits(log: RunLog) -> Iterator[Row]:
    r"""Yield the mean days a delivered unit of the cohort spent in each activity at each resource.

    :math:`\sum_i u_i (e_i - s_i) / \sum u`, over the stays and trips of what was delivered, those of its ancestors
    before it parted included; all rows of a flow add up to its transit time.
    """
    window = measured(log)
    cohort = log["deliveries"][window.contains(log["deliveries"]["born_s"])]
    delivered = _units(cohort, len(log.flows))
    spent = _time_spent(log, cohort)
    for (flow, activity, resource), unit_s in spent.items():
        yield Row(
            "wait_days",
            unit_s / delivered[flow] / DAY,
            "d",
            where=log.resources[resource].id,
            flow=log.flows[flow].id,
            activity=Activity(activity).label,
        )


def _time_spent(log: RunLog, cohort: pd.DataFrame) -> dict[tuple[int, int, int], float]:
    """Return unit-seconds of the delivered *cohort* by ``(flow, activity, resource)``."""
    stays, aboard, trips = log["stays"], log["aboard"], log["trips"]
    trip_end = ends(trips, log)
    trip = aboard["trip"].to_numpy()
    lot = np.concatenate([stays["lot"].to_numpy(), aboard["lot"].to_numpy()])
    start = np.concatenate([stays["start_s"].to_numpy(), trips["start_s"].to_numpy()[trip]])
    end = np.concatenate([ends(stays, log), trip_end[trip]])
    order = np.lexsort((end, start, lot))
    weight = np.empty(len(lot), np.int64)
    weight[order] = _delivered_units(log, cohort, lot[order], end[order])
    flow_of = log["lots"]["flow"].to_numpy()
    count = len(stays)
    spent = _summed(
        [flow_of[stays["lot"].to_numpy()], stays["activity"].to_numpy(), stays["resource"].to_numpy()],
        weight[:count] * (end - start)[:count],
    )
    on_trip = _summed([trip, flow_of[aboard["lot"].to_numpy()]], weight[count:])
    carried = pd.DataFrame(
        [(key[0], key[1], units) for key, units in on_trip.items()], columns=["trip", "flow", "units"]
    )
    rows = log["vehicle_log"]
    rows = rows[rows["trip"] != NONE].assign(lasted=lambda r: ends(r, log) - r["start_s"].to_numpy())
    rows = rows.merge(carried, on="trip")
    moved = _summed(
        [rows["flow"].to_numpy(), rows["activity"].to_numpy(), rows["resource"].to_numpy()],
        rows["lasted"].to_numpy() * rows["units"].to_numpy(),
    )
    for key, unit_s in moved.items():
        spent[key] = spent.get(key, 0.0) + unit_s
    return dict(sorted(spent.items()))


def _delivered_units(
    log: RunLog, cohort: pd.DataFrame, lot: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return, for each stay or trip ordered by lot and time, how many of its units the cohort's deliveries contain.

    A delivered lot has lived its own intervals, and its ancestors' up to the time it parted. These are the first ones
    of each ancestor, so a pair of marks in a difference array counts them all.
    """
    span = log.facts.end_s + 2
    key = lot * span + end
    parent, parted = log["lots"]["parent"].to_numpy(), log["lots"]["from_s"].to_numpy()
    marks = np.zeros(len(lot) + 1, np.int64)
    who, units = cohort["lot"].to_numpy(), cohort["units"].to_numpy()
    until = np.full(len(who), span - 1)
    while len(who):
        np.add.at(marks, np.searchsorted(lot, who, side="left"), units)
        np.add.at(marks, np.searchsorted(key, who * span + until, side="right"), -units)
        until = parted[who]
        who = parent[who]
        has_parent = who != NONE
        who, units, until = who[has_parent], units[has_parent], until[has_parent]
    return np.cumsum(marks[:-1])


def _summed(keys: list[NDArray[np.int64]], weight: NDArray[np.int64]) -> dict[Any, float]:
    """Return the total of *weight* by *keys*, leaving out what is zero."""
    if not len(weight):
        return {}
    sizes = [int(key.max()) + 1 for key in keys]
    code = np.ravel_multi_index(tuple(keys), tuple(sizes))
    found, inverse = np.unique(code, return_inverse=True)
    totals = np.zeros(len(found), np.int64)
    np.add.at(totals, inverse, weight)
    parts = np.unravel_index(found, tuple(sizes))
    return {tuple(int(part[i]) for part in parts): int(total) for i, total in enumerate(totals.tolist()) if total}
