"""The measured window, and intervals cut to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import Columns, RunLog, closed_ends, sum_by_code
from sim.units import DAY, MONTHS, YEAR, Seconds


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span of the run, in seconds since its start."""

    start_s: Seconds
    end_s: Seconds

    @property
    def length_s(self) -> Seconds:
        """Its length."""
        return self.end_s - self.start_s

    @property
    def years(self) -> float:
        """Its length in years of 365 days."""
        return self.length_s / YEAR

    def contains(self, at_s: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which times lie in it."""
        return np.asarray((at_s >= self.start_s) & (at_s < self.end_s))

    def overlap_s(self, start_s: NDArray[np.int64], end_s: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how long each interval lies in it."""
        return np.maximum(np.minimum(end_s, self.end_s) - np.maximum(start_s, self.start_s), 0)

    def shifted(self, by_s: Seconds) -> Window:
        """Return the window that much later."""
        return Window(self.start_s + by_s, self.end_s + by_s)


def measured(log: RunLog) -> Window:
    """Return the window that is measured: after the warm-up, to the end of the stated days."""
    return Window(log.facts.warmup_s, log.facts.window_end_s)


def growth_windows(log: RunLog) -> tuple[Window, Window] | None:
    """Return a window at the end of the measured one and the same calendar window a year before.

    It is as long as fits, at most a year and at most half of the measured window, so that a run-in
    of a year before a measured year gives a comparison without the start-up. None where the run is
    too short.
    """
    window = measured(log)
    length_s = min(YEAR, window.length_s // 2 // DAY * DAY)
    late = Window(window.end_s - length_s, window.end_s)
    early = late.shifted(-YEAR)
    return (early, late) if length_s > 0 and early.start_s >= 0 else None


def months(log: RunLog, window: Window) -> Iterator[tuple[int, Window]]:
    """Yield month of the year, from 0, and window of each calendar month in *window*."""
    begin = np.datetime64(log.facts.start_date, "s")
    first, last = (begin + np.timedelta64(at_s, "s") for at_s in (window.start_s, window.end_s))
    turns = np.arange(first.astype("datetime64[M]") + 1, last.astype("datetime64[M]") + 1)
    turns_s = (turns.astype("datetime64[s]") - begin).astype(np.int64).tolist()
    edges_s = [window.start_s, *(at_s for at_s in turns_s if at_s < window.end_s), window.end_s]
    month_of_first = int(first.astype("datetime64[M]").astype(np.int64))
    for number, (from_s, to_s) in enumerate(pairwise(edges_s), month_of_first):
        yield number % 12, Window(from_s, to_s)


def month_of(log: RunLog, at_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the month of the year, from 0, of each time."""
    begin = np.datetime64(log.facts.start_date, "s")
    months_since_1970 = (begin + at_s.astype("timedelta64[s]")).astype("datetime64[M]")
    return months_since_1970.astype(np.int64) % 12


def days_by_month(log: RunLog) -> list[float]:
    """Return the days of the measured window in each month of the year."""
    days = [0.0] * 12
    for month, part in months(log, measured(log)):
        days[month] += part.length_s / DAY
    return days


def per_day(counts: list[int], days: list[float]) -> Iterator[tuple[str, float]]:
    """Yield the label of each month that is measured, and its count a day."""
    for month, label in enumerate(MONTHS):
        if days[month]:
            yield label, counts[month] / days[month]


def ends(table: Columns, log: RunLog) -> NDArray[np.int64]:
    """Return ``end_s`` of *table*; what is open ends with the run."""
    return closed_ends(table, log.facts.end_s)


def overlap_by_code(log: RunLog, table: str, column: str, size: int) -> NDArray[np.int64]:
    """Return the seconds of the measured window that rows of *table* cover, by code of *column*."""
    rows = log.tables[table]
    overlap_s = measured(log).overlap_s(rows["start_s"], ends(rows, log))
    return sum_by_code(overlap_s, (rows[column], size))


def until_next(
    key: NDArray[np.int64], start_s: NDArray[np.int64], log: RunLog
) -> NDArray[np.int64]:
    """Return until when each level lasts: to the next of its *key*, the last to the end of the run.

    Rows of a key stand together, in the order of time.
    """
    until = np.full(len(key), log.facts.end_s)
    has_next = np.flatnonzero(key[1:] == key[:-1])
    until[has_next] = start_s[has_next + 1]
    return until


def latest_of_vehicle(table: Columns, rows: Columns, log: RunLog) -> NDArray[np.int64]:
    """Return for each of *rows* the number of the row of *table* that began last by then.

    Of the same vehicle; -1 where there is none. Both have ``vehicle`` and ``start_s``.
    """
    span = log.facts.end_s + 1
    key = table["vehicle"] * span + table["start_s"]
    order = np.append(np.argsort(key, kind="stable"), -1)
    wanted = rows["vehicle"] * span + rows["start_s"]
    # A place before the first is -1, the entry that was added at the end.
    latest = order[np.searchsorted(key[order[:-1]], wanted, side="right") - 1]
    if not len(table):
        return latest
    is_other = table["vehicle"][latest] != rows["vehicle"]
    latest[is_other] = -1
    return latest


def mean_level(
    table: Columns, log: RunLog, weight: NDArray[np.int64] | int, window: Window
) -> NDArray[np.float64]:
    r"""Return the time-mean of what overlaps *window*, by resource code: :math:`\sum_i w_i |I_i
    \cap T| / |T|`."""
    overlap = window.overlap_s(table["start_s"], ends(table, log))
    return sum_by_code(weight * overlap, (table["resource"], len(log.resources))) / window.length_s


def growth_per_year(
    table: Columns, log: RunLog, weight: NDArray[np.int64] | int
) -> NDArray[np.float64]:
    """Return the growth of the mean level between the two `growth_windows`, by resource code.

    NaN where the run is too short for them.
    """
    pair = growth_windows(log)
    if pair is None:
        return np.full(len(log.resources), nan)
    early, late = pair
    return mean_level(table, log, weight, late) - mean_level(table, log, weight, early)


def share_of_flow(growth: float, per_year: float) -> float:
    """Return *growth* over the yearly flow: 0 where nothing grows, NaN where nothing flows."""
    if growth == 0:
        return 0.0
    return growth / per_year if per_year else nan
