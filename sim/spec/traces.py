"""Consignments listed in a CSV file beside the scenario: columns ``time`` (ISO) and ``units``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from sim.errors import Problem
from sim.spec.coverage import gaps, outside, repeats, step_of, uncovered
from sim.spec.fields import MOST_UNITS
from sim.spec.messages import shown
from sim.spec.tables import Column, Row, Table, read_rows, unread
from sim.units import DAY

MOST_ROWS = 5_000_000

Trace = tuple[tuple[int, int], ...]
"""``(seconds since the start of the horizon, units)`` in order of time; none without units."""

# Programs that keep a column with an empty cell as decimals write 1250.0 for 1250.
_WHOLE = re.compile(r"\d{1,7}(\.0{0,20})?", re.ASCII)


def _units(text: str) -> int:
    if _WHOLE.fullmatch(text) and float(text) <= MOST_UNITS:
        return int(float(text))
    raise ValueError(f"must be a whole number from 0 to {MOST_UNITS:,}; got {shown(text)}")


_COLUMNS = (Column("units", _units),)


@lru_cache(maxsize=8)
def read_trace(
    table: Table, start: date, days: tuple[int, int], *, goes_on: bool = False
) -> tuple[Trace, tuple[Problem, ...], tuple[str, ...]]:
    """Return the consignments listed in *table*, what is wrong with it, and what is doubtful.

    Parameters
    ----------
    days
        To the end of the measured window, and to the latest end of the run.
    goes_on
        Whether the run goes on from an earlier one, which the rows before it belong to.
    """
    rows, problems = read_rows(table, _COLUMNS, start, MOST_ROWS)
    rows.sort()
    trace = tuple((row.at_s, int(row.values[0])) for row in rows if row.at_s >= 0 and row.values[0])
    doubts = [] if problems else [*_doubts(rows, days, goes_on), *unread(table, _COLUMNS)]
    return trace, tuple(problems), tuple(doubts)


def _doubts(rows: list[Row], days: tuple[int, int], goes_on: bool) -> Iterator[str]:
    measured_days, longest_days = days
    step = step_of(rows)
    yield from outside([row for row in rows if row.at_s >= 0 or not goes_on], longest_days * DAY)
    yield from uncovered(rows, step, measured_days * DAY)
    yield from gaps(rows, step, measured_days * DAY, "nothing comes in between")
    yield from repeats(rows, step)
    if not any(row.values[0] for row in rows):
        yield "holds no unit at all"
