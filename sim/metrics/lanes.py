"""Who lay at which berth when, and what every vessel of a port did: the numbers of a berth
chart."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np
import pandas as pd

from sim.log import NONE, OPEN, RunLog
from sim.metrics.movements import movements
from sim.metrics.window import Window, ends

COLUMNS = ["panel", "lane", "vehicle", "vessel_class", "activity", "start_s", "end_s"]


def berth_chart(log: RunLog, place: str, window: Window) -> pd.DataFrame:
    """Return what happened at the berths of *place* and aboard the vessels that serve it, cut to
    *window*.

    Returns
    -------
    DataFrame
        ``panel, lane, vehicle, vessel_class, activity, start_s, end_s``. Panel ``berth``: a row for
        each activity of the vessel that holds the berth, ``lane`` is ``BERTHS 2``; berths of a
        group are alike, so a vessel lies at the first one that is free. Panel ``vessel``: a row for
        each activity of each vessel that works for a service of the port in the window.
    """
    rows = movements(log, window)
    rows = rows[rows["kind"] == "vessel"]
    serving = [
        carrier.id
        for carrier in log.carriers
        if carrier.kind == "service" and place in carrier.ends
    ]
    mine = rows[rows["vehicle"].isin(rows.loc[rows["carrier"].isin(serving), "vehicle"])]
    aboard = mine.assign(
        panel="vessel",
        lane=[
            f"{v} {c}".strip() for v, c in zip(mine["vehicle"], mine["vessel_class"], strict=True)
        ],
    )
    held = _holds(log, place).rename(columns={"start_s": "held_s", "end_s": "left_s"})
    lying = rows.drop(columns=["resource"]).merge(held, on="vehicle")
    lying["start_s"] = np.maximum(lying["start_s"], lying["held_s"])
    lying["end_s"] = np.minimum(lying["end_s"], lying["left_s"])
    chart = pd.concat([lying.assign(panel="berth")[COLUMNS], aboard[COLUMNS]], ignore_index=True)
    chart = chart.assign(
        start_s=chart["start_s"].clip(lower=window.start_s),
        end_s=chart["end_s"].clip(upper=window.end_s),
    )
    chart = chart[chart["start_s"] < chart["end_s"]]
    return chart.sort_values(["panel", "lane", "start_s"], kind="stable", ignore_index=True)


def berths_of(log: RunLog, place: str) -> list[str]:
    """Return the lanes of the berths of *place*, those that nobody used included."""
    return [
        f"{resource.id} {number}"
        for resource in log.resources
        if resource.kind == "berth" and resource.place == place
        for number in range(1, resource.servers + 1)
    ]


def port_most_used(log: RunLog) -> str | None:
    """Return the port whose berths are held for the longest time in all; None where there is no
    berth."""
    holds = log.tables["resource_log"]
    holds = holds.where(holds["start_s"] != OPEN)
    held_s = np.bincount(holds["resource"], ends(holds, log) - holds["start_s"], len(log.resources))
    of_place: dict[str, float] = {}
    for resource, seconds in zip(log.resources, held_s.tolist(), strict=True):
        if resource.kind == "berth":
            of_place[resource.place] = of_place.get(resource.place, 0.0) + seconds
    return max(of_place, key=lambda place: of_place[place]) if of_place else None


def _holds(log: RunLog, place: str) -> pd.DataFrame:
    """Return ``vehicle, lane, start_s, end_s`` of every hold of a berth of *place*."""
    holds = log.tables["resource_log"]
    found: list[tuple[int, str, int, int]] = []
    for code, resource in enumerate(log.resources):
        if resource.kind != "berth" or resource.place != place:
            continue
        mine = holds.where(
            (holds["resource"] == code) & (holds["start_s"] != OPEN) & (holds["vehicle"] != NONE)
        )
        begin, end = mine["start_s"], ends(mine, log)
        free: list[int] = []
        busy: list[tuple[int, int]] = []
        most = 0
        for row in np.lexsort((end, begin)).tolist():
            while busy and busy[0][0] <= begin[row]:
                heappush(free, heappop(busy)[1])
            if not free:
                most += 1
                free = [most]
                heapify(free)
            lane = heappop(free)
            heappush(busy, (int(end[row]), lane))
            found.append(
                (int(mine["vehicle"][row]), f"{resource.id} {lane}", int(begin[row]), int(end[row]))
            )
    return pd.DataFrame(found, columns=["vehicle", "lane", "start_s", "end_s"]).astype(
        {"vehicle": np.int64, "start_s": np.int64, "end_s": np.int64}
    )
