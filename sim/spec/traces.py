"""Consignments listed in a CSV file beside the scenario: columns ``time`` (ISO) and ``units``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache

from sim.errors import Problem
from sim.spec.messages import shown
from sim.spec.tables import MOST_PROBLEMS, Table, columns_of, rows_of

MOST_ROWS = 5_000_000
MOST_UNITS = 1_000_000
COLUMNS = ("time", "units")

Trace = tuple[tuple[int, int], ...]
"""``(seconds since the start of the horizon, units)`` in order of time."""


@lru_cache(maxsize=8)
def read_trace(table: Table, start: date) -> tuple[Trace, tuple[Problem, ...]]:
    """Return the consignments listed in *table*, and what is wrong with it."""
    midnight = datetime.combine(start, time())

    def read(lines: Iterator[list[str]], problems: list[Problem]) -> Iterator[tuple[int, int]]:
        columns = columns_of(table, next(lines, []), COLUMNS, problems)
        if columns is None:
            return
        for number, cells in enumerate(lines, 2):
            if not cells:
                continue
            texts = [cells[at].strip() if at < len(cells) else "" for at in columns]
            wrong = _row_problem(texts, midnight)
            if wrong is None:
                at_s = (datetime.fromisoformat(texts[0]) - midnight).total_seconds()
                yield round(at_s), int(texts[1])
                continue
            which, what = wrong
            column = columns[which] + 1
            problems.append(Problem(table.label, number, column, COLUMNS[which], what))
            if len(problems) >= MOST_PROBLEMS:
                return

    rows, problems = rows_of(table, read, MOST_ROWS)
    if not rows and not problems:
        problems.append(Problem(table.label, 2, 1, "", "the trace has no rows"))
    return tuple(sorted(rows)), tuple(problems)


def _row_problem(cells: list[str], midnight: datetime) -> tuple[int, str] | None:
    """Return which of the two cells is wrong, and how."""
    time_text, units_text = cells
    try:
        at = datetime.fromisoformat(time_text)
    except ValueError:
        return 0, f"must be an ISO time like 2023-01-31 08:00; got {shown(time_text)}"
    if at.tzinfo is not None:
        return 0, f"must be local time without an offset; got {shown(time_text)}"
    if at < midnight:
        return 0, f"{shown(time_text)} is before the horizon starts on {midnight.date()}"
    is_whole = units_text.isascii() and units_text.isdigit() and len(units_text) <= 7
    if not is_whole or not 1 <= int(units_text) <= MOST_UNITS:
        return 1, f"must be a whole number from 1 to {MOST_UNITS:,}; got {shown(units_text)}"
    return None
