"""The numbers of a berth chart: which vessel lay at which berth, and what each vessel did."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, RunLog
from sim.metrics.movements import movements
from sim.metrics.resources import granted
from sim.metrics.window import Window, ends

COLUMNS = ["panel", "lane", "vehicle", "vessel_class", "activity", "start_s", "end_s"]


def berth_chart(log: RunLog, place: str, window: Window) -> pd.DataFrame:
    """Return what happened at the berths of *place* and to the vessels that serve it in *window*.

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
    own = rows[rows["vehicle"].isin(rows.loc[rows["carrier"].isin(serving), "vehicle"])]
    lanes = [
        f"{vehicle} {vessel_class}".strip()
        for vehicle, vessel_class in zip(own["vehicle"], own["vessel_class"], strict=True)
    ]
    aboard = own.assign(panel="vessel", lane=lanes)
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
    lanes: list[str] = []
    for resource in log.resources:
        if resource.kind == "berth" and resource.place == place:
            lanes += [_lane(resource.id, number) for number in range(1, resource.servers + 1)]
    return lanes


def _lane(berths: str, number: int) -> str:
    return f"{berths} {number}"


def port_most_used(log: RunLog) -> str | None:
    """Return the port whose berths are held longest in all; None where there is no berth."""
    holds = granted(log)
    held_s = np.bincount(holds["resource"], ends(holds, log) - holds["start_s"], len(log.resources))
    of_place: dict[str, float] = {}
    for resource, seconds in zip(log.resources, held_s.tolist(), strict=True):
        if resource.kind == "berth":
            of_place[resource.place] = of_place.get(resource.place, 0.0) + seconds
    return max(of_place, key=lambda place: of_place[place]) if of_place else None


def _holds(log: RunLog, place: str) -> pd.DataFrame:
    """Return ``vehicle, lane, start_s, end_s`` of every hold of a berth of *place*."""
    holds = granted(log)
    holds = holds.where(holds["vehicle"] != NONE)
    rows: list[tuple[int, str, int, int]] = []
    for code, resource in enumerate(log.resources):
        if resource.kind != "berth" or resource.place != place:
            continue
        here = holds.where(holds["resource"] == code)
        begin_s, end_s = here["start_s"], ends(here, log)
        order = np.lexsort((end_s, begin_s)).tolist()
        for row, number in zip(order, _first_free(begin_s[order], end_s[order]), strict=True):
            lane = _lane(resource.id, number)
            rows.append((int(here["vehicle"][row]), lane, int(begin_s[row]), int(end_s[row])))
    frame = pd.DataFrame(rows, columns=["vehicle", "lane", "start_s", "end_s"])
    return frame.astype({"vehicle": np.int64, "start_s": np.int64, "end_s": np.int64})


def _first_free(begin_s: NDArray[np.int64], end_s: NDArray[np.int64]) -> Iterator[int]:
    """Yield the number of the berth of each hold, in the order in which they begin, from 1.

    Of the free ones that with the lowest number.
    """
    free: list[int] = []
    busy: list[tuple[int, int]] = []
    opened = 0
    for begins, ends_at in zip(begin_s.tolist(), end_s.tolist(), strict=True):
        while busy and busy[0][0] <= begins:
            heappush(free, heappop(busy)[1])
        if not free:
            opened += 1
            heappush(free, opened)
        number = heappop(free)
        heappush(busy, (ends_at, number))
        yield number
