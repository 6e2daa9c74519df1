"""Time budgets: what vessels, berths and sections did with their time. Each adds up to 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.log import OPEN, VEHICLE_KINDS, Activity, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import ends, mean_level, measured

IDLE = "idle"
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
    rows = rows.assign(
        carrier=fleet["carrier"].to_numpy()[vessel], of=fleet["vessel_class"].to_numpy()[vessel], spent=overlap
    )
    sizes = fleet[is_vessel].groupby(["carrier", "vessel_class"]).size()
    spent = rows.groupby(["carrier", "of", "activity"])["spent"].sum()
    for (carrier, of_class, activity), seconds in spent.items():
        where = f"{log.carriers[carrier].id}/{log.names.vessel_class[of_class]}"
        share = float(seconds) / (int(sizes[carrier, of_class]) * window.length_s)
        yield Row("time_share", share, "share", where=where, activity=Activity(activity).label)


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
    for code, resource in enumerate(log.resources):
        if not resource.servers:
            continue
        busy = float(used[code]) / resource.servers
        if resource.kind == "berth":
            known = 0.0
            for activity in AT_BERTH:
                share = float(done[activity][code]) / resource.servers
                known += share
                yield Row("time_share", share, "share", where=resource.id, activity=activity.label)
            # A vessel that holds a berth and does none of these is kept there by weather.
            held = max(busy - known, 0.0)
            yield Row("time_share", held, "share", where=resource.id, activity=Activity.WAIT_WEATHER.label)
        else:
            yield Row("time_share", busy, "share", where=resource.id, activity="used")
        yield Row("time_share", 1 - busy, "share", where=resource.id, activity=IDLE)
