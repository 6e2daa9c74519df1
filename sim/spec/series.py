"""Wind and wave from a CSV file: columns ``time`` (ISO), ``wind_m_s`` and ``wave_m``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from itertools import pairwise
from math import isfinite

from sim.errors import Problem
from sim.spec.messages import shown
from sim.spec.tables import MOST_PROBLEMS, Table, columns_of, rows_of
from sim.spec.weather import WeatherLimits
from sim.units import DAY, Seconds

MOST_ROWS = 1_000_000
COLUMNS = ("time", "wind_m_s", "wave_m")
LARGEST = 200
"""Above this, wind [m/s] or wave [m] is a mistake."""

SeriesRow = tuple[Seconds, float, float]
Series = tuple[SeriesRow, ...]
"""``(seconds since the start of the horizon, wind [m/s], wave [m])`` in order of time; each holds
until the next."""


@lru_cache(maxsize=8)
def read_series(table: Table, start: date, until_s: Seconds) -> tuple[Series, tuple[Problem, ...]]:
    """Return the weather in *table*, and what is wrong; it must cover a run from 0 to *until_s*."""
    midnight = datetime.combine(start, time())

    def read(lines: Iterator[list[str]], problems: list[Problem]) -> Iterator[SeriesRow]:
        columns = columns_of(table, next(lines, []), COLUMNS, problems)
        if columns is None:
            return
        for number, cells in enumerate(lines, 2):
            if not any(cell.strip() for cell in cells):
                continue
            row = _row(cells, columns, midnight)
            if not isinstance(row, str):
                yield row
                continue
            problems.append(Problem(table.label, number, 1, "", row))
            if len(problems) >= MOST_PROBLEMS:
                return

    rows, problems = rows_of(table, read, MOST_ROWS)
    if any(late[0] <= early[0] for early, late in pairwise(rows)):
        what = "its times do not go forward; sort the rows and keep one of each time"
        problems.append(Problem(table.label, 0, 0, "", what))
    if not problems:
        problems += _gaps(rows, table.label, until_s)
    return tuple(rows), tuple(problems)


def _row(cells: list[str], columns: list[int], midnight: datetime) -> SeriesRow | str:
    """Return one row, or what is wrong with it."""
    try:
        time_text, wind_text, wave_text = (cells[at].strip() for at in columns)
        at_s = round((datetime.fromisoformat(time_text) - midnight).total_seconds())
        wind, wave = float(wind_text), float(wave_text)
    except (ValueError, IndexError, TypeError):
        row = shown(",".join(cells))
        return f"row {row} is no weather; write it like 2023-11-02T06:00,14.5,2.1"
    if not all(isfinite(value) and 0 <= value <= LARGEST for value in (wind, wave)):
        return f"{shown(wind_text)} m/s and {shown(wave_text)} m are no wind and wave"
    return at_s, wind, wave


def _gaps(rows: list[SeriesRow], label: str, until_s: Seconds) -> Iterator[Problem]:
    """Yield what part of the run, follow-up included, the rows do not cover."""
    if not rows:
        yield Problem(label, 2, 1, "", "has no rows")
    elif rows[0][0] > 0:
        what = "begins after the run does; let it begin at or before the first day"
        yield Problem(label, 2, 1, "", what)
    elif rows[-1][0] < until_s:
        days = (until_s - rows[-1][0]) / DAY
        what = f"ends {days:.1f} days before the run may (follow-up included); add rows, or shorten the horizon"
        yield Problem(label, 0, 0, "", what)


def beyond(rows: Series, limits: WeatherLimits) -> tuple[tuple[Seconds, Seconds], ...]:
    """Return when wind or wave is above *limits*: half-open intervals, in order and apart."""
    spells: list[tuple[Seconds, Seconds]] = []
    begun: Seconds | None = None
    for at_s, wind, wave in rows:
        too_much = _is_above(wind, limits.wind_m_s) or _is_above(wave, limits.wave_m)
        if too_much and begun is None:
            begun = at_s
        elif not too_much and begun is not None:
            spells.append((begun, at_s))
            begun = None
    if begun is not None and rows[-1][0] > begun:
        spells.append((begun, rows[-1][0]))
    return tuple((max(start_s, 0), end_s) for start_s, end_s in spells if end_s > 0)


def _is_above(value: float, limit: float | None) -> bool:
    return limit is not None and value > limit
