"""Resources: how busy, how long the queue, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import OPEN, Columns, RunLog, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.weather import closed_shares
from sim.metrics.window import (
    Window,
    ends,
    growth_per_year,
    mean_level,
    measured,
    share_of_flow,
    until_next,
)


def resources(log: RunLog) -> Iterator[Row]:
    r"""Yield the use of every resource that has a limit.

    ``occupancy`` is server-time in use over server-time in service, :math:`\sum_i |I_i \cap T| /
    \int_T c`; what is served to the end although its server is out counts as in service. A berth
    that is shut by weather stays a berth; ``unavailable_share`` stands beside it, with what is out
    or not yet there.
    """
    window, holds = measured(log), log.tables["resource_log"]
    requests = _one_a_request(holds, log)
    used, queue = granted(log), _queue(requests, log)
    busy = mean_level(used, log, 1, window)
    waiting = mean_level(queue, log, 1, window)
    asked = np.bincount(
        requests["resource"][window.contains(requests["asked_s"])], minlength=len(log.resources)
    )
    growth = growth_per_year(queue, log, 1)
    wait_to_service = _wait_to_service(used, log, window)
    shut_share = dict(zip(log.names.place, closed_shares(log, window), strict=True))
    most, in_service = servers(log, window)
    for code, resource in enumerate(log.resources):
        if not most[code]:
            continue
        where, grown = resource.id, float(growth[code])
        there = max(float(in_service[code]), float(busy[code]))
        occupancy = float(busy[code]) / there if there else nan
        yield Row("occupancy", occupancy, "share", where=where)
        unavailable = 1 - float(in_service[code]) / float(most[code])
        if resource.kind == "berth":
            unavailable += (1 - unavailable) * shut_share.get(resource.place, 0.0)
        yield Row("unavailable_share", unavailable, "share", where=where)
        yield Row("queue_mean", float(waiting[code]), "vehicles", where=where)
        yield Row("queue_growth_per_year", grown, "vehicles/a", where=where)
        yield Row(
            "growth_share_per_year",
            share_of_flow(grown, asked[code] / window.years),
            "share",
            where=where,
        )
        if resource.kind == "berth":
            yield Row("wait_to_service", wait_to_service[code], "ratio", where=where)


def granted(log: RunLog) -> Columns:
    """Return the rows of ``resource_log`` in which the resource was given."""
    holds = log.tables["resource_log"]
    return holds.where(holds["start_s"] != OPEN)


def servers(log: RunLog, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the most servers there ever were, and the mean number in service in *window*.

    Both by resource code; 0 where there is no limit.
    """
    most = np.array([resource.servers for resource in log.resources], np.int64)
    mean = most.astype(np.float64)
    table = log.tables["capacities"]
    table = table.where(np.argsort(table["resource"], kind="stable"))
    code, count = table["resource"], table["servers"]
    lasted_s = window.overlap_s(table["start_s"], until_next(code, table["start_s"], log))
    served_s = sum_by_code(count * lasted_s, (code, len(most)))
    # What has rows in ``capacities`` has its numbers from there alone.
    most[code] = 0
    np.maximum.at(most, code, count)
    mean[code] = served_s[code] / window.length_s
    return most.astype(np.float64), mean


def _one_a_request(holds: Columns, log: RunLog) -> Columns:
    """Return *holds* with one row for a vessel that asks for several servers of a pool at once."""
    is_pool = np.array([resource.kind == "pool" for resource in log.resources], bool)
    if not is_pool.any():
        return holds
    again = is_pool[holds["resource"]][1:]
    for column in ("resource", "vehicle", "asked_s"):
        again = again & (holds[column][1:] == holds[column][:-1])
    return holds.where(np.concatenate([np.ones(min(len(holds), 1), bool), ~again]))


def _queue(holds: Columns, log: RunLog) -> Columns:
    """Return when each vehicle waited for a resource."""
    until_s = np.where(holds["start_s"] == OPEN, log.facts.end_s, holds["start_s"])
    return Columns({"resource": holds["resource"], "start_s": holds["asked_s"], "end_s": until_s})


def _wait_to_service(used: Columns, log: RunLog, window: Window) -> list[float]:
    """Return the mean wait over the mean time in use, by resource code.

    Of what began in the window; NaN for none.
    """
    begun = used.where(window.contains(used["start_s"]))
    by = (begun["resource"], len(log.resources))
    wait_s = sum_by_code(begun["start_s"] - begun["asked_s"], by).tolist()
    service_s = sum_by_code(ends(begun, log) - begun["start_s"], by).tolist()
    return [
        wait / service if service else nan for wait, service in zip(wait_s, service_s, strict=True)
    ]
