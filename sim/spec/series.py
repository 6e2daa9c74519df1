"""Wind and wave from a CSV file: columns ``time`` (ISO), ``wind_m_s`` and ``wave_m``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache, partial

from sim.errors import Problem
from sim.spec.coverage import Step, gaps, out_of_order, step_of
from sim.spec.messages import shown
from sim.spec.tables import Column, Row, Table, read_rows, unread
from sim.spec.weather import WeatherLimits
from sim.units import DAY, Seconds, format_duration

MOST_ROWS = 1_000_000
MOST_WIND_M_S = 90
"""Above this a mean wind is a mistake: no ten minutes at sea had more."""
MOST_WAVE_M = 30
"""Above this a significant wave height is a mistake: none above 20 m was measured."""

SeriesRow = tuple[Seconds, float, float]
Series = tuple[SeriesRow, ...]
"""``(seconds since the start of the horizon, wind [m/s], wave [m])`` in order of time; each holds
until the next."""


def _measured(text: str, most: float, unit: str) -> float:
    """Return the number in a cell, from 0 to *most*."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if 0 <= value <= most:
        return value
    what = f"must be a number from 0 to {most:g} {unit}; got {shown(text)}"
    if value > most and set(text) <= set("9.0"):
        what += " (99 and 999 stand for what a buoy did not measure)"
    raise ValueError(f"{what}; leave such a row out, or fill it")


_COLUMNS = (
    Column("wind_m_s", partial(_measured, most=MOST_WIND_M_S, unit="m/s")),
    Column("wave_m", partial(_measured, most=MOST_WAVE_M, unit="m")),
)


@lru_cache(maxsize=8)
def read_series(
    table: Table, start: date, until_s: Seconds
) -> tuple[Series, tuple[Problem, ...], tuple[str, ...]]:
    """Return the weather in *table*, what is wrong with it, and what is doubtful.

    It must cover a run from 0 to *until_s*.
    """
    rows, problems = read_rows(table, _COLUMNS, start, MOST_ROWS)
    series = [(row.at_s, row.values[0], row.values[1]) for row in rows]
    if problems or not rows:
        return tuple(series), tuple(problems), ()
    late = out_of_order(rows)
    if late is not None:
        what = (
            "this time is not after that of the row before; sort the rows and keep one of each time"
        )
        return tuple(series), (Problem(table.label, late.line, 1, "time", what),), ()
    step = step_of(rows)
    problems += _missing_ends(rows, step, table.label, until_s)
    end_s = rows[-1].at_s + step.last_holds_s
    if rows[-1].at_s < until_s <= end_s:
        series.append((end_s, *series[-1][1:]))
    doubts = [*gaps(rows, step, until_s, "the row before holds in between")]
    doubts += unread(table, _COLUMNS)
    return tuple(series), tuple(problems), tuple(doubts)


def _missing_ends(
    rows: Sequence[Row], step: Step, label: str, until_s: Seconds
) -> Iterator[Problem]:
    """Yield what part of the run, follow-up included, the rows do not cover."""
    missing_s = until_s - rows[-1].at_s - step.last_holds_s
    if rows[0].at_s > 0:
        what = f"begins {_days(rows[0].at_s)} after the run does; let it begin at or before the first day"
        yield Problem(label, rows[0].line, 1, "", what)
    elif missing_s > 0:
        what = f"ends {_days(missing_s)} before the run may (follow-up included)"
        yield Problem(label, rows[-1].line, 1, "", f"{what}; add rows, or shorten the horizon")


def _days(seconds: Seconds) -> str:
    return f"{seconds / DAY:.1f} days" if seconds >= DAY else format_duration(seconds)


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
