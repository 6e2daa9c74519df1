"""Where every vehicle was: the log as movements along the corridor, for diagrams and replay."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, OPEN, VEHICLE_KINDS, Activity, Columns, RunLog, names
from sim.metrics.aboard import kg_of_trips, units_of_trips
from sim.metrics.duty import carrier_at
from sim.metrics.window import Window, ends

MOVING = (Activity.RUN, Activity.SAIL, Activity.DRIVE, Activity.BORDER)
"""Activities that begin at one place and end at another; a train is taken over the border by what
is done there."""


def movements(log: RunLog, window: Window | None = None) -> pd.DataFrame:
    """Return what every vehicle of the corridor did, one row an interval of the log that overlaps
    *window*.

    Trains of others, which carry nothing of the corridor, are left out. Positions between the two
    places of a row are even in time; distances are no facts of the log, `sim.network.axis.Axis` and
    the map have them.

    Parameters
    ----------
    window
        Seconds since the start of the run; without it, all of the run. Rows are not cut to it.

    Returns
    -------
    DataFrame
        Ordered by vehicle and start:

        - ``vehicle``: its number; ``kind``: ``train``, ``vessel`` or ``truck``; ``vessel_class``:
          "" for others.
        - ``carrier``: id of the train line, service or road it works for in this row;
          ``direction``: 0 from the first end of the carrier to the second, 1 back, `NONE` for a
          vessel that is not loaded and not at sea.
        - ``trip``: number of the trip, `NONE` while no cargo is committed to the vehicle.
        - ``activity``: label of `sim.log.Activity`; ``resource``: where it is done (a path is
          ``SECTION:FROM>TO``).
        - ``leg``: id of the section, border, service or road that the row moves over, "" where it
          stands.
        - ``from_place, to_place``: the same where it stands. A vessel that turned back has a row
          there and back as one.
        - ``start_s, end_s``: seconds since the start of the run; what is open ends with the run,
          and ``is_open``.
        - ``units``: aboard; ``tonnes``: net, aboard; ``load``: share of the deck in use. 0 without
          a trip; during loading the whole of what it leaves with.
    """
    rows = _of_the_corridor(log, window)
    trips, fleet = log.tables["trips"], log.tables["vehicles"]
    trip, vehicle = rows["trip"], rows["vehicle"]
    has_trip = trip != NONE
    kind = fleet["kind"][vehicle]
    carrier = carrier_at(log, rows)
    carrier[has_trip] = trips["carrier"][trip[has_trip]]
    direction = np.full(len(rows), NONE)
    direction[has_trip] = trips["direction"][trip[has_trip]]
    start, leg, finish, direction = _places(log, rows, carrier, direction)
    frame = pd.DataFrame(
        {
            "vehicle": vehicle,
            "kind": pd.Categorical.from_codes(kind, categories=list(VEHICLE_KINDS)),
            "vessel_class": _named((*log.names.vessel_class, ""), fleet["vessel_class"][vehicle]),
            "carrier": _named([c.id for c in log.carriers] or [""], carrier),
            "direction": direction,
            "trip": trip,
            "activity": _named([a.label for a in Activity], rows["activity"]),
            "resource": _named(log.names.resource or ("",), rows["resource"]),
            "leg": leg,
            "from_place": start,
            "to_place": finish,
            "start_s": rows["start_s"],
            "end_s": ends(rows, log),
            "is_open": rows["end_s"] == OPEN,
            # A trip of `NONE` is the 0 at the end.
            **{name: np.append(values, 0)[trip] for name, values in _aboard(log).items()},
        }
    )
    return frame.sort_values(["vehicle", "start_s", "end_s"], kind="stable", ignore_index=True)


def _of_the_corridor(log: RunLog, window: Window | None) -> Columns:
    """Return the rows of the vehicle log that count and overlap *window*."""
    rows, fleet = log.tables["vehicle_log"], log.tables["vehicles"]
    kept = fleet["carrier"][rows["vehicle"]] != NONE
    if window is not None:
        kept &= (rows["start_s"] < window.end_s) & (ends(rows, log) > window.start_s)
    return rows.where(kept)


def _aboard(log: RunLog) -> dict[str, NDArray[np.generic]]:
    """Return units and net tonnes aboard each trip, and the share of its deck in use, by column."""
    trips = log.tables["trips"]
    return {
        "units": units_of_trips(log),
        "tonnes": kg_of_trips(log) / 1000,
        "load": trips["deck_used"] / np.maximum(trips["deck_size"], 1),
    }


def _places(
    log: RunLog, rows: Columns, carrier: NDArray[np.int64], direction: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_], NDArray[np.int64]]:
    """Return origin, leg and destination of each row, and its direction where the leg gives it."""
    place = np.array([*log.names.place, ""], dtype=object)
    start = place[rows["place"]]
    leg, finish, direction = np.full(len(rows), "", dtype=object), start.copy(), direction.copy()
    activity, resource = rows["activity"], rows["resource"]
    running = np.flatnonzero(activity == Activity.RUN)
    ways = np.array([_way(name) for name in log.names.resource] or [("", "")], dtype=object)
    leg[running], finish[running] = ways[resource[running]].T
    bordered = np.flatnonzero(activity == Activity.BORDER)
    leg[bordered] = np.array([*log.names.resource, ""], dtype=object)[resource[bordered]]
    finish[bordered] = _beyond(rows, bordered, start)
    for by_road in (Activity.SAIL, Activity.DRIVE):
        going = np.flatnonzero(activity == by_road)
        ends = np.array([c.ends for c in log.carriers] or [("", "")], dtype=object)[carrier[going]]
        leg[going] = np.array([c.id for c in log.carriers] or [""], dtype=object)[carrier[going]]
        forth = ends[:, 0] == start[going]
        finish[going] = np.where(forth, ends[:, 1], ends[:, 0])
        direction[going] = np.where(forth, 0, 1)
    return start, leg, finish, direction


def _way(path: str) -> tuple[str, str]:
    """Return the section of a train path, and the place it leads to."""
    name = names.parse(path)
    return (name.section, name.towards) if name.kind == "path" else (path, "")


def _beyond(
    rows: Columns, bordered: NDArray[np.int64], start: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return where each train stands once it is over a border: where its next other row begins."""
    order = np.lexsort((rows["start_s"], rows["vehicle"]))
    rank = np.empty(len(rows), np.int64)
    rank[order] = np.arange(len(rows))
    vehicle = rows["vehicle"]
    finish = start[bordered].copy()
    for number, row in enumerate(bordered):
        at = rank[row] + 1
        while at < len(order) and vehicle[order[at]] == vehicle[row]:
            if start[order[at]] != start[row]:
                finish[number] = start[order[at]]
                break
            at += 1
    return finish


def _named(labels: list[str] | tuple[str, ...], codes: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the label of each code; a code of `NONE` is the last."""
    return np.array(labels, dtype=object)[codes]
