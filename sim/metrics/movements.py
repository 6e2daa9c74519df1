"""Where every vehicle was: the log read as movements along the corridor, for diagrams and
replay."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, VEHICLE_KINDS, Activity, Columns, RunLog, closed_ends, names, sum_by_code
from sim.metrics.window import Window

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
    # A trip knows its carrier; a vessel without one is on duty for a service, trains and trucks
    # always have one.
    carrier = _duty_of(log, rows)
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
            "end_s": closed_ends(rows, log.facts.end_s),
            "is_open": rows["end_s"] == -1,
            # `NONE` finds the nothing at the end.
            **{name: np.append(values, 0)[trip] for name, values in _aboard(log).items()},
        }
    )
    return frame.sort_values(["vehicle", "start_s", "end_s"], kind="stable", ignore_index=True)


def _of_the_corridor(log: RunLog, window: Window | None) -> Columns:
    """Return the rows of the vehicle log that count and overlap *window*."""
    rows, fleet = log.tables["vehicle_log"], log.tables["vehicles"]
    kept = fleet["carrier"][rows["vehicle"]] != NONE
    if window is not None:
        kept &= (rows["start_s"] < window.end_s) & (
            closed_ends(rows, log.facts.end_s) > window.start_s
        )
    return rows.where(kept)


def _duty_of(log: RunLog, rows: Columns) -> NDArray[np.int64]:
    """Return the carrier that each row's vehicle worked for when it began."""
    carrier = log.tables["vehicles"]["carrier"][rows["vehicle"]].copy()
    duties = log.tables["duties"]
    if len(duties):
        span = log.facts.end_s + 1
        key = duties["vehicle"] * span + duties["start_s"]
        order = np.argsort(key, kind="stable")
        at = np.searchsorted(key[order], rows["vehicle"] * span + rows["start_s"], side="right") - 1
        found = order[np.maximum(at, 0)]
        known = (at >= 0) & (duties["vehicle"][found] == rows["vehicle"])
        carrier[known] = duties["carrier"][found[known]]
    return carrier


def _aboard(log: RunLog) -> dict[str, NDArray[np.generic]]:
    """Return units and net tonnes aboard each trip, and the share of the deck in use, by the name
    of their column."""
    aboard, trips = log.tables["aboard"], log.tables["trips"]
    kg_of = np.array([flow.kg_per_unit for flow in log.flows], np.int64)
    by = (aboard["trip"], len(trips))
    kg = aboard["units"] * kg_of[log.tables["lots"]["flow"][aboard["lot"]]]
    load = trips["deck_used"] / np.maximum(trips["deck_size"], 1)
    return {
        "units": sum_by_code(aboard["units"], by),
        "tonnes": sum_by_code(kg, by) / 1000,
        "load": load,
    }


def _places(
    log: RunLog, rows: Columns, carrier: NDArray[np.int64], direction: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_], NDArray[np.int64]]:
    """Return from where, over what and to where each row goes, and the direction where the way
    tells it."""
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
    """Return the section, and the place it leads to, that the id of a train path says."""
    name = names.parse(path)
    return (name.section, name.towards) if name.kind == "path" else (path, "")


def _beyond(
    rows: Columns, bordered: NDArray[np.int64], start: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return where each train stands after it has passed a border: where its next other row
    begins."""
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
