"""Resources: how busy, how long the queue, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import OPEN, RunLog
from sim.metrics.rows import Row
from sim.metrics.weather import closed_share
from sim.metrics.window import Window, ends, growth_per_year, mean_level, measured, share_of_flow


def resources(log: RunLog) -> Iterator[Row]:
    r"""Yield the use of every resource that has a limit.

    ``occupancy`` is server-time in use over server-time in service, :math:`\sum_i |I_i \cap T| / \int_T c`; what is
    served to the end although its server is out counts as in service. A berth that is shut by weather stays a berth;
    ``unavailable_share`` stands beside it, with what is out or not yet there.
    """
    window, holds = measured(log), log["resource_log"]
    granted = holds[holds["start_s"] != OPEN]
    queue = _queue(holds, log)
    one = np.ones(len(granted), np.int64)
    busy = mean_level(granted, log, one, window)
    ones = np.ones(len(queue), np.int64)
    waiting = mean_level(queue, log, ones, window)
    asked = np.bincount(holds["resource"].to_numpy()[window.contains(holds["asked_s"])], minlength=len(log.resources))
    growth = growth_per_year(queue, log, ones)
    by_resource = dict(list(granted.groupby("resource")))
    most, in_service = servers(log, window)
    for code, resource in enumerate(log.resources):
        if not most[code]:
            continue
        where, grown = resource.id, float(growth[code])
        there = max(float(in_service[code]), float(busy[code]))
        yield Row("occupancy", float(busy[code]) / there if there else nan, "share", where=where)
        shut = closed_share(log, resource.place, window) if resource.kind == "berth" else 0.0
        out = 1 - float(in_service[code]) / float(most[code])
        yield Row("unavailable_share", out + (1 - out) * shut, "share", where=where)
        yield Row("queue_mean", float(waiting[code]), "vehicles", where=where)
        yield Row("queue_growth_per_year", grown, "vehicles/a", where=where)
        yield Row("growth_share_per_year", share_of_flow(grown, asked[code] / window.years), "share", where=where)
        if resource.kind == "berth":
            yield Row("wait_to_service", _wait_to_service(by_resource.get(code), log, window), "ratio", where=where)


def servers(log: RunLog, window: Window) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by resource code the most servers there ever were, and how many were in service in *window* on average.

    0 where there is no limit.
    """
    most = np.array([resource.servers for resource in log.resources], np.float64)
    mean = most.copy()
    table = log["capacities"]
    for code, rows in table.groupby("resource"):
        since, count = rows["start_s"].to_numpy(), rows["servers"].to_numpy()
        until = np.append(since[1:], log.facts.end_s)
        most[code] = float(count.max())
        mean[code] = float((count * window.overlap_s(since, until)).sum()) / window.length_s
    return most, mean


def _queue(holds: pd.DataFrame, log: RunLog) -> pd.DataFrame:
    """Return when each vehicle waited for what it asked."""
    until = holds["start_s"].to_numpy()
    until = np.where(until == OPEN, log.facts.end_s, until)
    return pd.DataFrame({"resource": holds["resource"], "start_s": holds["asked_s"], "end_s": until})


def _wait_to_service(holds: pd.DataFrame | None, log: RunLog, window: Window) -> float:
    """Mean wait over mean time at the berth, of calls that began in the window."""
    if holds is None:
        return nan
    mine = holds[window.contains(holds["start_s"])]
    service = float((ends(mine, log) - mine["start_s"].to_numpy()).sum())
    wait = float((mine["start_s"] - mine["asked_s"]).sum())
    return wait / service if service else nan
