"""Cargo: what was offered, what was carried, how long it took, and where it waited."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, SCOPES, Activity, Columns, RunLog, sum_by_code
from sim.metrics.aboard import flow_aboard
from sim.metrics.flows import (
    created_units,
    delivered_units,
    gross_tonnes_of,
    kg_of,
    loaded_of_corridor,
    of_corridor,
    of_scope,
    refused_units,
    tonnes_of,
    units_by_flow,
)
from sim.metrics.rows import Row
from sim.metrics.window import days_by_month, ends, measured, month_of, per_day
from sim.units import DAY

MOST_CENSORED = 0.01
"""Share of a cohort that may be missing from a mean of what arrived.

Above it the mean would be too low.
"""

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}


def transit_times(log: RunLog) -> pd.DataFrame:
    """Return the transit time of everything delivered: ``flow, units, born, days``."""
    rows = log.tables["deliveries"]
    born = pd.Timestamp(log.facts.start_date) + pd.to_timedelta(rows["born_s"], unit="s")
    days = (rows["delivered_s"] - rows["born_s"]) / DAY
    flow = pd.Categorical.from_codes(rows["flow"], categories=list(log.names.flow))
    return pd.DataFrame({"flow": flow, "units": rows["units"], "born": born, "days": days})


def cargo(log: RunLog) -> Iterator[Row]:
    """Yield offered, carried and transit of every flow, and of the corridor (flow None).

    What is offered is accepted or, while a ban is on, refused; shares are of what is offered.
    """
    window, created = measured(log), created_units(log)
    offered = (created + refused_units(log)).astype(np.float64)
    carried = delivered_units(log).astype(np.float64)
    per_year = 1 / window.years
    for code, flow in enumerate(log.flows):
        tonnes, teu = flow.kg_per_unit / 1000, flow.teu_per_unit
        yield Row("offered_units_per_year", offered[code] * per_year, "units/a", flow=flow.id)
        yield Row("offered_t_per_year", offered[code] * tonnes * per_year, "t/a", flow=flow.id)
        yield Row("carried_units_per_year", carried[code] * per_year, "units/a", flow=flow.id)
        yield Row("carried_t_per_year", carried[code] * tonnes * per_year, "t/a", flow=flow.id)
        yield Row("carried_teu_per_year", carried[code] * teu * per_year, "TEU/a", flow=flow.id)
        share = carried[code] / offered[code] if offered[code] else nan
        yield Row("carried_share", share, "share", flow=flow.id)
    counted, tonnes_each = of_corridor(log), tonnes_of(log)
    teu_each = np.array([flow.teu_per_unit for flow in log.flows])
    offered_t = float((offered * tonnes_each)[counted].sum()) / window.years
    carried_t = float((carried * tonnes_each)[counted].sum()) / window.years
    carried_teu = float((carried * teu_each)[counted].sum()) / window.years
    yield Row("offered_t_per_year", offered_t, "t/a")
    yield Row("carried_t_per_year", carried_t, "t/a")
    yield Row("carried_teu_per_year", carried_teu, "TEU/a")
    yield Row("carried_share", carried_t / offered_t if offered_t else nan, "share")
    yield from _by_weight(log, carried)
    yield from _by_month(log)
    yield from _transit(log, created)


def _by_weight(log: RunLog, carried: NDArray[np.float64]) -> Iterator[Row]:
    """Yield *carried* in gross tonnes by flow and of the corridor, and both weights by scope.

    Gross is net and the tare of every unit, empty ones included, as a weighbridge has it.
    """
    years = measured(log).years
    gross_t, net_t = carried * gross_tonnes_of(log) / years, carried * tonnes_of(log) / years
    for code, flow in enumerate(log.flows):
        yield Row("carried_gross_t_per_year", float(gross_t[code]), "t/a", flow=flow.id)
    of_all = float(gross_t[of_corridor(log)].sum())
    yield Row("carried_gross_t_per_year", of_all, "t/a")
    for scope in SCOPES:
        counted, name = of_scope(log, scope), f"scope:{scope}"
        net, gross = float(net_t[counted].sum()), float(gross_t[counted].sum())
        yield Row("carried_by_scope_t_per_year", net, "t/a", flow=name)
        yield Row("carried_by_scope_gross_t_per_year", gross, "t/a", flow=name)


def _by_month(log: RunLog) -> Iterator[Row]:
    """Yield the net tonnes of the corridor that were delivered, a day of each month of the year."""
    deliveries = log.tables["deliveries"]
    arrived = deliveries.where(measured(log).contains(deliveries["delivered_s"]))
    month = month_of(log, arrived["delivered_s"])
    units = sum_by_code(arrived["units"], (arrived["flow"], len(log.flows)), (month, 12))
    kg_of_corridor = np.where(of_corridor(log), kg_of(log), 0)
    for label, kg in per_day((kg_of_corridor @ units).tolist(), days_by_month(log)):
        yield Row("carried_t_per_day", kg / 1000, "t/d", activity=label)


def cohort_of(log: RunLog) -> Columns:
    """Return the deliveries of what was created in the window, in it or after it."""
    deliveries = log.tables["deliveries"]
    return deliveries.where(measured(log).contains(deliveries["born_s"]))


def censored_shares(log: RunLog) -> list[float]:
    """Return the share of what was created in the window that was not delivered by the end.

    By flow, then of the corridor.
    """
    created, arrived = created_units(log), units_by_flow(cohort_of(log), log)
    counted = loaded_of_corridor(log)
    created = np.append(created, created[counted].sum())
    arrived = np.append(arrived, arrived[counted].sum())
    return ((created - arrived) / np.maximum(created, 1)).tolist()


def _transit(log: RunLog, created: NDArray[np.int64]) -> Iterator[Row]:
    """Yield the transit time of the cohort created in the window, weighted by units.

    It is followed to delivery after the window. *created* are all its units, by flow.
    """
    cohort = cohort_of(log)
    flow, units = cohort["flow"], cohort["units"]
    days = (cohort["delivered_s"] - cohort["born_s"]) / DAY
    by_flow = np.split(
        np.argsort(flow, kind="stable"), np.cumsum(np.bincount(flow, minlength=len(log.flows)))[:-1]
    )
    counted = loaded_of_corridor(log)
    groups: list[tuple[str | None, NDArray[np.int64], int]] = [
        (facts.id, here, int(total))
        for facts, here, total in zip(log.flows, by_flow, created, strict=True)
    ]
    groups.append((None, np.flatnonzero(counted[flow]), int(created[counted].sum())))
    for name, here, total in groups:
        arrived = int(units[here].sum())
        censored = (total - arrived) / total if total else nan
        yield Row("censored_share", censored, "share", flow=name)
        mean, quantiles = nan, dict.fromkeys(QUANTILES, nan)
        if arrived and censored <= MOST_CENSORED:
            mean = float((days[here] * units[here]).sum()) / arrived
            quantiles = _weighted_quantiles(days[here], units[here])
        yield Row("transit_days_mean", mean, "d", flow=name)
        for label, value in quantiles.items():
            yield Row(f"transit_days_{label}", value, "d", flow=name)


def _weighted_quantiles(
    values: NDArray[np.float64], weights: NDArray[np.int64]
) -> dict[str, float]:
    """Return the quantiles of *values*: of each the least that reaches its share of the weight."""
    # Which of equal values comes first makes no difference.
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, np.array(list(QUANTILES.values())) * reached[-1])
    return dict(zip(QUANTILES, values[order[at]].tolist(), strict=True))


def waits(log: RunLog) -> Iterator[Row]:
    r"""Yield the mean days a delivered unit of the cohort spent in each activity at each resource.

    :math:`\sum_i u_i (e_i - s_i) / \sum u`, over the stays and trips of what was delivered, those
    of its ancestors before it parted included; all rows of a flow add up to its transit time.
    """
    cohort = cohort_of(log)
    delivered = units_by_flow(cohort, log)
    flow, activity, resource, unit_s = time_spent(log, cohort)
    days = unit_s / delivered[flow] / DAY
    listed = zip(flow.tolist(), activity.tolist(), resource.tolist(), days.tolist(), strict=True)
    for flow_code, activity_code, resource_code, value in listed:
        yield Row(
            "wait_days",
            value,
            "d",
            where=log.resources[resource_code].id,
            flow=log.flows[flow_code].id,
            activity=Activity(activity_code).label,
        )


def time_spent(log: RunLog, cohort: Columns) -> tuple[NDArray[np.int64], ...]:
    """Return flow, activity, resource and unit-seconds of the delivered *cohort*.

    In order, without what is zero.
    """
    stays, rows, resources = log.tables["stays"], log.tables["vehicle_log"], len(log.resources)
    stayed, carried = cohort_units(log, cohort)
    what_stays, what_rows = (
        table["activity"] * resources + table["resource"] for table in (stays, rows)
    )
    # Most activities occur at few resources, so only the pairs that occur are numbered.
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
    """Return trip, flow and sum of the *units* of the lots aboard.

    Ordered by trip, without what is zero.
    """
    size = len(log.flows)
    some = np.flatnonzero(units)
    key = log.tables["aboard"]["trip"][some] * size + flow_aboard(log)[some]
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


def cohort_units(log: RunLog, cohort: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many units of each stay, and of each lot aboard, the cohort's deliveries contain.

    The history of a delivered lot is its own intervals, and those of its ancestors up to the time
    it parted. These are the first ones of each ancestor, so a pair of marks in a difference array
    counts them all.
    """
    stays, aboard, lots = log.tables["stays"], log.tables["aboard"], log.tables["lots"]
    span = log.facts.end_s + 2
    row_lot = np.concatenate([stays["lot"], aboard["lot"]])
    end_s = np.concatenate([ends(stays, log), ends(log.tables["trips"], log)[aboard["trip"]]])
    key = row_lot * span + end_s
    order = np.argsort(key, kind="stable")
    key = key[order]
    # Where the rows of each lot begin; they end where those of the next lot begin.
    first = np.concatenate([[0], np.cumsum(np.bincount(row_lot, minlength=len(lots)))])
    marks = np.zeros(len(row_lot) + 1, np.int64)
    lot, units = cohort["lot"], cohort["units"]
    until = first[lot + 1]
    while len(lot):
        np.add.at(marks, first[lot], units)
        np.add.at(marks, until, -units)
        parted_s, lot = lots["from_s"][lot], lots["parent"][lot]
        has_parent = np.flatnonzero(lot != NONE)
        parted_s, lot, units = parted_s[has_parent], lot[has_parent], units[has_parent]
        until = np.searchsorted(key, lot * span + parted_s, side="right")
    counts = np.empty(len(row_lot), np.int64)
    counts[order] = np.cumsum(marks[:-1])
    return counts[: len(stays)], counts[len(stays) :]
