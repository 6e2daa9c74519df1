"""Cargo: what was offered, what was carried, how long it took, and where it waited."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, Activity, Columns, RunLog, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import ends, measured
from sim.units import DAY

MOST_CENSORED = 0.01
"""Share of a cohort that may be missing from a mean of what arrived; above it the mean would be too
low."""

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
CORRIDOR_SCOPE = "titr"


def transit_times(log: RunLog) -> pd.DataFrame:
    """Return the transit time of everything delivered: ``flow, units, born, days``."""
    rows = log.tables["deliveries"]
    born = pd.Timestamp(log.facts.start_date) + pd.to_timedelta(rows["born_s"], unit="s")
    days = (rows["delivered_s"] - rows["born_s"]) / DAY
    flow = pd.Categorical.from_codes(rows["flow"], categories=list(log.names.flow))
    return pd.DataFrame({"flow": flow, "units": rows["units"], "born": born, "days": days})


def cargo(log: RunLog) -> Iterator[Row]:
    """Yield offered, carried and transit of every flow, and of the corridor (scope ``titr``, flow
    None)."""
    window, consignments, deliveries = (
        measured(log),
        log.tables["consignments"],
        log.tables["deliveries"],
    )
    born = _units(consignments, window.contains(consignments["born_s"]), log)
    offered = born.astype(np.float64)
    carried = _units(deliveries, window.contains(deliveries["delivered_s"]), log).astype(np.float64)
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
    yield Row(
        "carried_teu_per_year", float((carried * teu_of)[counted].sum()) / window.years, "TEU/a"
    )
    yield Row("carried_share", carried_t / offered_t if offered_t else nan, "share")
    yield from _transit(log, born)


def _units(table: Columns, counted: NDArray[np.bool_], log: RunLog) -> NDArray[np.int64]:
    """Return the units of the rows of *table* that are *counted*, by flow."""
    return sum_by_code(table["units"][counted], (table["flow"][counted], len(log.flows)))


def cohort_of(log: RunLog) -> Columns:
    """Return what was born in the window and delivered, in it or after it."""
    deliveries = log.tables["deliveries"]
    return deliveries.where(measured(log).contains(deliveries["born_s"]))


def censored_shares(log: RunLog) -> list[float]:
    """Return the share of what was born in the window and not delivered by the end, by flow, then
    of the corridor."""
    consignments, cohort = log.tables["consignments"], cohort_of(log)
    born = _units(consignments, measured(log).contains(consignments["born_s"]), log)
    there = _units(cohort, np.ones(len(cohort), bool), log)
    counted = np.array(
        [flow.scope == CORRIDOR_SCOPE and flow.kg_per_unit > 0 for flow in log.flows]
    )
    totals = [
        *zip(born.tolist(), there.tolist(), strict=True),
        (int(born[counted].sum()), int(there[counted].sum())),
    ]
    return [(total - delivered) / total if total else 0.0 for total, delivered in totals]


def _transit(log: RunLog, born: NDArray[np.int64]) -> Iterator[Row]:
    """Transit time of the cohort born in the window, followed to delivery after it, weighted by
    units.

    *born* are all units of that cohort, by flow.
    """
    cohort = cohort_of(log)
    flow, units = cohort["flow"], cohort["units"]
    days = (cohort["delivered_s"] - cohort["born_s"]) / DAY
    by_flow = np.split(
        np.argsort(flow, kind="stable"), np.cumsum(np.bincount(flow, minlength=len(log.flows)))[:-1]
    )
    counted = np.array(
        [spec.scope == CORRIDOR_SCOPE and spec.kg_per_unit > 0 for spec in log.flows]
    )
    groups: list[tuple[str | None, NDArray[np.int64], int]] = [
        (spec.id, here, int(total))
        for spec, here, total in zip(log.flows, by_flow, born, strict=True)
    ]
    groups.append((None, np.flatnonzero(counted[flow]), int(born[counted].sum())))
    for name, here, total in groups:
        there = int(units[here].sum())
        censored = (total - there) / total if total else nan
        yield Row("censored_share", censored, "share", flow=name)
        known = there > 0 and censored <= MOST_CENSORED
        mean = float((days[here] * units[here]).sum()) / there if known else nan
        yield Row("transit_days_mean", mean, "d", flow=name)
        quantiles = (
            _weighted_quantiles(days[here], units[here]) if known else dict.fromkeys(QUANTILES, nan)
        )
        for label, value in quantiles.items():
            yield Row(f"transit_days_{label}", value, "d", flow=name)


def _weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.int64]
) -> dict[str, float]:
    """Return the least value that at least the share q of the weight does not exceed."""
    # Which of equal values comes first makes no difference.
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    found = np.searchsorted(reached, np.array(list(QUANTILES.values())) * reached[-1])
    return dict(zip(QUANTILES, values[order[found]].tolist(), strict=True))


def waits(log: RunLog) -> Iterator[Row]:
    r"""Yield the mean days a delivered unit of the cohort spent in each activity at each resource.

    :math:`\sum_i u_i (e_i - s_i) / \sum u`, over the stays and trips of what was delivered, those
    of its ancestors before it parted included; all rows of a flow add up to its transit time.
    """
    cohort = cohort_of(log)
    delivered = sum_by_code(cohort["units"], (cohort["flow"], len(log.flows)))
    flow, activity, resource, unit_s = time_spent(log, cohort)
    days = unit_s / delivered[flow] / DAY
    listed = zip(flow.tolist(), activity.tolist(), resource.tolist(), days.tolist(), strict=True)
    for of, doing, at, value in listed:
        where, label = log.resources[at].id, Activity(doing).label
        yield Row("wait_days", value, "d", where=where, flow=log.flows[of].id, activity=label)


def time_spent(log: RunLog, cohort: Columns) -> tuple[NDArray[np.int64], ...]:
    """Return flow, activity, resource and unit-seconds of the delivered *cohort*, in order, without
    what is zero."""
    stays, rows, resources = log.tables["stays"], log.tables["vehicle_log"], len(log.resources)
    stayed, carried = delivered_units(log, cohort)
    what_stays, what_rows = (
        table["activity"] * resources + table["resource"] for table in (stays, rows)
    )
    # Most activities happen at few resources: only the pairs that occur are numbered.
    occurs = (
        np.bincount(np.concatenate([what_stays, what_rows]), minlength=len(Activity) * resources)
        > 0
    )
    number, size = np.cumsum(occurs) - 1, int(occurs.sum())
    flow = log.tables["lots"]["flow"][stays["lot"]]
    unit_s = stayed * (ends(stays, log) - stays["start_s"])
    spent = sum_by_code(unit_s, (flow, len(log.flows)), (number[what_stays], size))
    # What the vehicle did on a trip counts for each of the flows aboard.
    trip, flow, units = _loads(log, carried)
    with_cargo = np.flatnonzero(rows["trip"] != NONE)
    row, load = pairs(rows["trip"][with_cargo], trip, len(log.tables["trips"]))
    row = with_cargo[row]
    unit_s = units[load] * (ends(rows, log) - rows["start_s"])[row]
    spent += sum_by_code(unit_s, (flow[load], len(log.flows)), (number[what_rows[row]], size))
    flow, what = np.nonzero(spent)
    activity, resource = np.divmod(np.flatnonzero(occurs)[what], resources)
    return flow, activity, resource, spent[flow, what]


def _loads(
    log: RunLog, units: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return trip, flow and sum of the *units* of the lots aboard, ordered by trip; without what is
    zero."""
    aboard, size = log.tables["aboard"], len(log.flows)
    some = np.flatnonzero(units)
    key = aboard["trip"][some] * size + log.tables["lots"]["flow"][aboard["lot"][some]]
    order = np.argsort(key, kind="stable")
    key, units = key[order], units[some][order]
    first = np.flatnonzero(np.diff(key, prepend=NONE))
    return *np.divmod(key[first], size), np.add.reduceat(units, first)


def pairs(
    wanted: NDArray[np.int64], listed: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every pair of an entry of *wanted* with an equal one of *listed*, by their numbers.

    *listed* is in order; codes lie below *size*.
    """
    times = np.bincount(listed, minlength=size)
    first, times = (np.cumsum(times) - times)[wanted], times[wanted]
    left = np.repeat(np.arange(len(wanted)), times)
    within = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
    return left, first[left] + within


def delivered_units(log: RunLog, cohort: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each stay and each lot aboard a trip, how many of its units the cohort's
    deliveries contain.

    A delivered lot has lived its own intervals, and its ancestors' up to the time it parted. These
    are the first ones of each ancestor, so a pair of marks in a difference array counts them all.
    """
    stays, aboard, lots = log.tables["stays"], log.tables["aboard"], log.tables["lots"]
    span = log.facts.end_s + 2
    lot = np.concatenate([stays["lot"], aboard["lot"]])
    end = np.concatenate([ends(stays, log), ends(log.tables["trips"], log)[aboard["trip"]]])
    key = lot * span + end
    order = np.argsort(key, kind="stable")
    key = key[order]
    # Where the rows of each lot begin; those of a lot end where the next one's do begin.
    first = np.concatenate([[0], np.cumsum(np.bincount(lot, minlength=len(lots)))])
    marks = np.zeros(len(lot) + 1, np.int64)
    who, units = cohort["lot"], cohort["units"]
    until = first[who + 1]
    while len(who):
        np.add.at(marks, first[who], units)
        np.add.at(marks, until, -units)
        parted_s, who = lots["from_s"][who], lots["parent"][who]
        has_parent = np.flatnonzero(who != NONE)
        parted_s, who, units = parted_s[has_parent], who[has_parent], units[has_parent]
        until = np.searchsorted(key, who * span + parted_s, side="right")
    counts = np.empty(len(lot), np.int64)
    counts[order] = np.cumsum(marks[:-1])
    return counts[: len(stays)], counts[len(stays) :]
