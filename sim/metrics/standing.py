"""Cargo that stands and may not go on: for an embargo, by place; on the line before full tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import Activity, Columns, RunLog, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import ends, measured


class _Standing(NamedTuple):
    """Units that stand somewhere, interval by interval."""

    where: NDArray[np.int64]
    units: NDArray[np.int64]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]


def standing(log: RunLog) -> Iterator[Row]:
    """Yield the units that stood on average over the window, and at most at once.

    ``held_units_mean``, ``held_units_most``: for an embargo, by place, cargo on land and aboard
    trains. ``line_units_mean``, ``line_units_most``: aboard trains on the line, by the tracks that
    were full.
    """
    stays, trains = log.tables["stays"], log.tables["vehicle_log"]
    aboard = log.tables["aboard"]
    of_trip = sum_by_code(aboard["units"], (aboard["trip"], len(log.tables["trips"])))
    stays = stays.where(stays["activity"] == Activity.WAIT_EMBARGO)
    held = trains.where(trains["activity"] == Activity.WAIT_EMBARGO)
    by_place = [
        _Standing(stays["place"], stays["units"], stays["start_s"], ends(stays, log)),
        _aboard(held, "place", of_trip, log),
    ]
    yield from _rows(log, "held_units", by_place, log.names.place)
    is_holding = np.array([resource.kind == "holding" for resource in log.resources], bool)
    if not is_holding.any():
        return
    waits = trains.where(trains["activity"] == Activity.WAIT_TRACK)
    on_the_line = waits.where(is_holding[waits["resource"]])
    by_tracks = [_aboard(on_the_line, "resource", of_trip, log)]
    yield from _rows(log, "line_units", by_tracks, log.names.resource)


def _aboard(rows: Columns, column: str, of_trip: NDArray[np.int64], log: RunLog) -> _Standing:
    """Return the units aboard trains in *rows* of the vehicle log, by *column*."""
    return _Standing(rows[column], of_trip[rows["trip"]], rows["start_s"], ends(rows, log))


def _rows(
    log: RunLog, name: str, parts: Sequence[_Standing], names: Sequence[str]
) -> Iterator[Row]:
    window = measured(log)
    columns = _Standing(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    overlap_s = window.overlap_s(columns.start_s, columns.end_s)
    counts = overlap_s > 0
    where, units = columns.where[counts], columns.units[counts]
    begins = np.maximum(columns.start_s[counts], window.start_s)
    unit_s = sum_by_code(units * overlap_s[counts], (where, len(names)))
    for code in np.unique(where).tolist():
        here = where == code
        most = _most(units[here], begins[here], begins[here] + overlap_s[counts][here])
        mean = float(unit_s[code] / window.length_s)
        yield Row(f"{name}_mean", mean, "units", where=names[code])
        yield Row(f"{name}_most", float(most), "units", where=names[code])


def _most(units: NDArray[np.int64], start_s: NDArray[np.int64], end_s: NDArray[np.int64]) -> int:
    """Return the most units at once."""
    change = np.concatenate([units, -units])
    # What goes in a second goes before what comes.
    order = np.lexsort((change, np.concatenate([start_s, end_s])))
    return int(np.cumsum(change[order]).max(initial=0))
