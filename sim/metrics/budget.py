"""Time budgets: what vessels, berths and sections did with their time. Each adds up to 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, VESSEL, Activity, RunLog, names, sum_by_code
from sim.metrics.duty import carrier_at, duty_s
from sim.metrics.resources import granted, servers
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
    window, rows, fleet = measured(log), log.tables["vehicle_log"], log.tables["vehicles"]
    rows = rows.where((fleet["kind"] == VESSEL)[rows["vehicle"]])
    by = (
        (carrier_at(log, rows), len(log.carriers)),
        (fleet["vessel_class"][rows["vehicle"]], len(log.names.vessel_class)),
        (rows["activity"], len(Activity)),
    )
    spent_s = sum_by_code(window.overlap_s(rows["start_s"], ends(rows, log)), *by)
    # What was never done in the window has a share of 0, what was never done at all has none.
    times = sum_by_code(np.ones(len(rows), np.int64), *by)
    on_duty_s = duty_s(log, window)
    for carrier, vessel_class, activity in np.argwhere(times).tolist():
        whole = int(on_duty_s[carrier, vessel_class])
        if whole:
            where = names.fleet(log.carriers[carrier].id, log.names.vessel_class[vessel_class])
            share = int(spent_s[carrier, vessel_class, activity]) / whole
            yield Row("time_share", share, "share", where=where, activity=Activity(activity).label)


def _servers(log: RunLog) -> Iterator[Row]:
    """Yield the time of berths by what their vessels do, of everything else as used or idle."""
    window = measured(log)
    used = mean_level(granted(log), log, 1, window)
    done = _done_at_berths(log, window)
    most, in_service = servers(log, window)
    for code, resource in enumerate(log.resources):
        if not most[code]:
            continue
        busy = float(used[code]) / most[code]
        if resource.kind == "berth":
            spent = 0.0
            for number, activity in enumerate(AT_BERTH):
                share = float(done[number, code]) / most[code]
                spent += share
                yield Row("time_share", share, "share", where=resource.id, activity=activity.label)
            # A vessel that holds a berth and does none of these is kept there by weather.
            held = max(busy - spent, 0.0)
            yield Row(
                "time_share", held, "share", where=resource.id, activity=Activity.WAIT_WEATHER.label
            )
        else:
            yield Row("time_share", busy, "share", where=resource.id, activity="used")
        idle = max(float(in_service[code] - used[code]), 0.0) / most[code]
        yield Row("time_share", idle, "share", where=resource.id, activity=IDLE)
        out = 1 - busy - idle
        if out > SMALLEST:
            yield Row("time_share", out, "share", where=resource.id, activity=OUT)


def _done_at_berths(log: RunLog, window: Window) -> NDArray[np.float64]:
    """Return the mean number of vehicles at each activity of `AT_BERTH` in *window*, by resource."""
    rows = log.tables["vehicle_log"]
    number = np.full(len(Activity), NONE)
    number[list(AT_BERTH)] = np.arange(len(AT_BERTH))
    number = number[rows["activity"]]
    here = np.flatnonzero(number != NONE)
    rows, number = rows.where(here), number[here]
    by = ((number, len(AT_BERTH)), (rows["resource"], len(log.resources)))
    return sum_by_code(window.overlap_s(rows["start_s"], ends(rows, log)), *by) / window.length_s
