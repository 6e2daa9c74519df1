"""Time budgets: what vessels, berths and sections did with their time. Each adds up to 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import OPEN, VEHICLE_KINDS, Activity, RunLog
from sim.metrics.resources import servers
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, mean_level, measured

IDLE = "idle"
OUT = "out"
"""Not in service: broken down, or not yet there."""
SMALLEST = 1e-12
"""What is less is rounding."""
AT_BERTH = (Activity.HANDLE, Activity.WAIT_ROOM, Activity.WAIT_CARGO, Activity.LOAD)


def budgets(log: RunLog) -> Iterator[Row]:
    """Yield the share of time by activity, of every vessel class, berth group and section."""
    yield from _vessels(log)
    yield from _servers(log)


def _vessels(log: RunLog) -> Iterator[Row]:
    window, rows, fleet = measured(log), log["vehicle_log"], log["vehicles"]
    is_vessel = fleet["kind"].to_numpy() == VEHICLE_KINDS.index("vessel")
    rows = rows[is_vessel[rows["vehicle"].to_numpy()]]
    overlap = window.overlap_s(rows["start_s"].to_numpy(), ends(rows, log))
    vessel = rows["vehicle"].to_numpy()
    of_class = fleet["vessel_class"].to_numpy()
    rows = rows.assign(carrier=_carrier_at(log, rows), of=of_class[vessel], spent=overlap)
    on_duty = duty_s(log, window)
    spent = rows.groupby(["carrier", "of", "activity"])["spent"].sum()
    for (carrier, vessel_class, activity), seconds in spent.items():
        whole = on_duty.get((carrier, vessel_class), 0)
        if whole:
            where = f"{log.carriers[carrier].id}/{log.names.vessel_class[vessel_class]}"
            share = float(seconds) / whole
            yield Row("time_share", share, "share", where=where, activity=Activity(activity).label)


def duty_s(log: RunLog, window: Window) -> dict[tuple[int, int], int]:
    """Return the vessel-seconds in *window* that each class worked for each service, by both codes."""
    duties = log["duties"]
    vessel_class = log["vehicles"]["vessel_class"].to_numpy()[duties["vehicle"].to_numpy()]
    spent = window.overlap_s(duties["start_s"].to_numpy(), ends(duties, log))
    totals = pd.Series(spent).groupby([duties["carrier"].to_numpy(), vessel_class]).sum()
    return {(int(carrier), int(of)): int(seconds) for (carrier, of), seconds in totals.items()}


def _carrier_at(log: RunLog, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Return the service that each row's vessel worked for when it began."""
    duties, span = log["duties"], log.facts.end_s + 1
    key = duties["vehicle"].to_numpy() * span + duties["start_s"].to_numpy()
    order = np.argsort(key, kind="stable")
    wanted = rows["vehicle"].to_numpy() * span + rows["start_s"].to_numpy()
    found = np.searchsorted(key[order], wanted, side="right") - 1
    return np.asarray(duties["carrier"].to_numpy()[order][found], np.int64)


def _servers(log: RunLog) -> Iterator[Row]:
    """Berths by what lies there, everything else used or idle."""
    window, rows = measured(log), log["vehicle_log"]
    holds = log["resource_log"]
    holds = holds[holds["start_s"] != OPEN]
    used = mean_level(holds, log, np.ones(len(holds), np.int64), window)
    done = {}
    for activity in AT_BERTH:
        part = rows[rows["activity"] == activity]
        done[activity] = mean_level(part, log, np.ones(len(part), np.int64), window)
    most, in_service = servers(log, window)
    for code, resource in enumerate(log.resources):
        if not most[code]:
            continue
        busy = float(used[code]) / most[code]
        if resource.kind == "berth":
            known = 0.0
            for activity in AT_BERTH:
                share = float(done[activity][code]) / most[code]
                known += share
                yield Row("time_share", share, "share", where=resource.id, activity=activity.label)
            # A vessel that holds a berth and does none of these is kept there by weather.
            held = max(busy - known, 0.0)
            yield Row("time_share", held, "share", where=resource.id, activity=Activity.WAIT_WEATHER.label)
        else:
            yield Row("time_share", busy, "share", where=resource.id, activity="used")
        idle = max(float(in_service[code] - used[code]), 0.0) / most[code]
        yield Row("time_share", idle, "share", where=resource.id, activity=IDLE)
        out = 1 - busy - idle
        if out > SMALLEST:
            yield Row("time_share", out, "share", where=resource.id, activity=OUT)
