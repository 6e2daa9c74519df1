"""How long trains are under way: from end to end, and between the ends of each border."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, OPEN, Activity, Columns, RunLog, sum_by_code
from sim.metrics.window import measured

_AT_THE_ENDS = (Activity.WORK_TRAIN, Activity.WAIT_ROOM)
"""What a train does at its ends that is no part of its journey."""


def journeys(log: RunLog) -> Iterator[tuple[int, int, str, str, float]]:
    """Yield carrier, direction, first place, last place and mean time [s] of journeys of trains.

    Of those that began in the window and are over; NaN where there is none. First the whole
    journey of a line, then the parts of it between the ends of the borders on the way: what a train
    does at a place before it leaves it counts for the part that begins there, and waits at the last
    place of the line, for a track, count for the part that ends there.
    """
    spent_s, count = _by_place(log), _finished_journeys(log)
    codes = {place: code for code, place in enumerate(log.names.place)}
    for carrier, facts in enumerate(log.carriers):
        if facts.kind != "train":
            continue
        for direction in (0, 1):
            here_s, trips = spent_s[carrier, direction], int(count[carrier, direction])
            path, marks = facts.path[:: 1 - 2 * direction], facts.marks[:: 1 - 2 * direction]
            start, end = facts.ends[:: 1 - 2 * direction]
            yield carrier, direction, start, end, _mean(int(here_s.sum()), trips)
            for first, last in combinations(marks, 2):
                if (first, last) == (start, end):
                    continue
                to = len(path) if last == path[-1] else path.index(last)
                part_s = sum(int(here_s[codes[place]]) for place in path[path.index(first) : to])
                yield carrier, direction, first, last, _mean(part_s, trips)


def _mean(total_s: int, count: int) -> float:
    return total_s / count if count else nan


def _by_place(log: RunLog) -> NDArray[np.int64]:
    """Return the seconds under way from each place to the next, by carrier, direction and place."""
    trips, rows = log.tables["trips"], _under_way(log)
    is_over = np.zeros(len(trips), bool)
    is_over[_finished(log)] = True
    rows = rows.where(is_over[rows["trip"]])
    trip = rows["trip"]
    return sum_by_code(
        rows["end_s"] - rows["start_s"],
        (trips["carrier"][trip], len(log.carriers)),
        (trips["direction"][trip], 2),
        (rows["place"], len(log.names.place)),
    )


def _finished_journeys(log: RunLog) -> NDArray[np.int64]:
    """Return how many journeys are counted, by carrier and direction."""
    trips, over = log.tables["trips"], _finished(log)
    by = ((trips["carrier"][over], len(log.carriers)), (trips["direction"][over], 2))
    return sum_by_code(np.ones(len(over), np.int64), *by)


def _under_way(log: RunLog) -> Columns:
    """Return what vehicles did on their trips, but for loading and unloading."""
    rows = log.tables["vehicle_log"]
    return rows.where(
        (rows["trip"] != NONE) & (rows["end_s"] != OPEN) & ~np.isin(rows["activity"], _AT_THE_ENDS)
    )


def _finished(log: RunLog) -> NDArray[np.intp]:
    """Return the trips that began in the window and are over."""
    trips = log.tables["trips"]
    return np.flatnonzero(measured(log).contains(trips["start_s"]) & (trips["end_s"] != OPEN))
