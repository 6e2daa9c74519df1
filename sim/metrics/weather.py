"""Weather: how much of the time each port was shut."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from sim.log import NONE, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, measured
from sim.units import MONTHS


def closures(log: RunLog) -> Iterator[Row]:
    """Yield the closed share of each exposed port: in the window, by calendar month, and in the stormy two.

    A port that wind or wave shuts for a class of vessels has a share for that class.
    """
    window = measured(log)
    table = log["closures"]
    by_class = table[table["vessel_class"] != NONE]
    for (place, vessel_class), rows in by_class.groupby(["place", "vessel_class"], sort=False):
        where = f"{log.names.place[place]}/{log.names.vessel_class[vessel_class]}"
        shut_s = window.overlap_s(rows["start_s"].to_numpy(), ends(rows, log)).sum()
        yield Row("closed_share", float(shut_s) / window.length_s, "share", where=where)
    for place in dict.fromkeys(_storms(log)["place"].tolist()):
        name = log.names.place[place]
        yield Row("closed_share", closed_share(log, name, window), "share", where=name)
        shut, total = _by_month(log, place, window)
        for month, label in enumerate(MONTHS):
            if total[month]:
                yield Row("closed_share", shut[month] / total[month], "share", where=name, activity=label)
        if total[10] + total[11]:
            stormy = (shut[10] + shut[11]) / (total[10] + total[11])
            yield Row("closed_share", stormy, "share", where=name, activity="nov-dec")


def _storms(log: RunLog) -> pd.DataFrame:
    """Return the closures that hold for every vessel."""
    table = log["closures"]
    return table[table["vessel_class"] == NONE]


def closed_share(log: RunLog, place: str, window: Window) -> float:
    """Return the share of *window* in which the port of *place* was shut."""
    if place not in log.names.place:
        return 0.0
    storms = _storms(log)
    mine = storms[storms["place"] == log.names.place.index(place)]
    return float(window.overlap_s(mine["start_s"].to_numpy(), ends(mine, log)).sum()) / window.length_s


def _by_month(log: RunLog, place: int, window: Window) -> tuple[list[float], list[float]]:
    """Return closed and total seconds of the window by month of the year."""
    storms = _storms(log)
    mine = storms[storms["place"] == place]
    start_s, end_s = mine["start_s"].to_numpy(), ends(mine, log)
    begin = pd.Timestamp(log.facts.start_date)
    first = begin + pd.Timedelta(seconds=window.start_s)
    last = begin + pd.Timedelta(seconds=window.end_s)
    edges = pd.DatetimeIndex([first, *pd.date_range(first, last, freq="MS", inclusive="neither"), last])
    seconds = ((edges - begin) // pd.Timedelta(seconds=1)).to_numpy().astype(np.int64)
    shut, total = [0.0] * 12, [0.0] * 12
    for day, from_s, to_s in zip(edges[:-1], seconds[:-1], seconds[1:], strict=True):
        part = Window(int(from_s), int(to_s))
        shut[day.month - 1] += float(part.overlap_s(start_s, end_s).sum())
        total[day.month - 1] += part.length_s
    return shut, total
