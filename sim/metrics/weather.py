"""Weather: how much of the time each port was shut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, Columns, RunLog, names, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, measured, months
from sim.units import MONTHS


def closures(log: RunLog) -> Iterator[Row]:
    """Yield the closed share of each exposed port: in the window, by calendar month, and in the
    stormy two.

    A port that wind or wave shuts for a class of vessels has a share for that class.
    """
    window = measured(log)
    yield from _by_class(log, window)
    exposed = dict.fromkeys(_storms(log)["place"].tolist())
    if not exposed:
        return
    shares, (shut_s, total_s) = closed_shares(log, window), _by_month(log, window)
    for place in exposed:
        name, shut = log.names.place[place], shut_s[place]
        yield Row("closed_share", shares[place], "share", where=name)
        for month, label in enumerate(MONTHS):
            if total_s[month]:
                yield Row(
                    "closed_share",
                    shut[month] / total_s[month],
                    "share",
                    where=name,
                    activity=label,
                )
        if total_s[10] + total_s[11]:
            stormy = (shut[10] + shut[11]) / (total_s[10] + total_s[11])
            yield Row("closed_share", stormy, "share", where=name, activity="nov-dec")


def _by_class(log: RunLog, window: Window) -> Iterator[Row]:
    """Yield the closed share of each port and class, in the order of the table."""
    table = log.tables["closures"]
    table = table.where(table["vessel_class"] != NONE)
    place, vessel_class = table["place"], table["vessel_class"]
    overlap_s = window.overlap_s(table["start_s"], ends(table, log))
    by = ((place, len(log.names.place)), (vessel_class, len(log.names.vessel_class)))
    shut_s = sum_by_code(overlap_s, *by).tolist()
    for here, of in dict.fromkeys(zip(place.tolist(), vessel_class.tolist(), strict=True)):
        where = names.closure(log.names.place[here], log.names.vessel_class[of])
        yield Row("closed_share", shut_s[here][of] / window.length_s, "share", where=where)


def _storms(log: RunLog) -> Columns:
    """Return the closures that hold for every vessel."""
    table = log.tables["closures"]
    return table.where(table["vessel_class"] == NONE)


def _shut_s(storms: Columns, log: RunLog, window: Window) -> NDArray[np.int64]:
    """Return the seconds of *window* in which *storms* shut each place, by place code."""
    return sum_by_code(
        window.overlap_s(storms["start_s"], ends(storms, log)),
        (storms["place"], len(log.names.place)),
    )


def closed_shares(log: RunLog, window: Window) -> list[float]:
    """Return the share of *window* in which each port was shut for every vessel, by place code."""
    return [shut_s / window.length_s for shut_s in _shut_s(_storms(log), log, window).tolist()]


def _by_month(log: RunLog, window: Window) -> tuple[list[list[int]], list[int]]:
    """Return, by month of the year, the closed seconds of the window at each place and its seconds
    in all."""
    storms = _storms(log)
    shut_s = np.zeros((len(log.names.place), 12), np.int64)
    total_s = [0] * 12
    for month, part in months(log, window):
        shut_s[:, month] += _shut_s(storms, log, part)
        total_s[month] += part.length_s
    return shut_s.tolist(), total_s
