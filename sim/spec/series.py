"""Wind and wave from a CSV file beside the scenario: columns ``time`` (ISO), ``wind_m_s`` and
``wave_m``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice, pairwise
from math import isfinite
from pathlib import Path

from sim.errors import MachineError, Problem
from sim.spec.sea import WeatherLimits
from sim.spec.yaml_tree import harmless, shown
from sim.units import Seconds

MOST_ROWS = 1_000_000
MOST_PROBLEMS = 20
COLUMNS = ("time", "wind_m_s", "wave_m")

Series = tuple[tuple[Seconds, float, float], ...]
"""``(seconds since the start of the horizon, wind [m/s], wave [m])`` in order of time; each holds
until the next."""


def read_series(path: Path, start: date, until_s: Seconds) -> tuple[Series, list[Problem]]:
    """Return the weather in *path*, and what is wrong with it; it must cover the run from 0 to
    *until_s*."""
    name = harmless(str(path))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            problems: list[Problem] = []
            rows = list(islice(_rows(csv.reader(file), name, start, problems), MOST_ROWS + 1))
    except FileNotFoundError:
        return (), [Problem(name, 0, 0, "", "the weather file does not exist")]
    except OSError as error:
        raise MachineError(f"{name}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        return (), [
            Problem(name, 0, 0, "", f"is not a CSV file in UTF-8 ({harmless(str(error), 100)})")
        ]
    if len(rows) > MOST_ROWS:
        problems.append(Problem(name, 0, 0, "", f"has more than {MOST_ROWS:,} rows"))
    if any(late[0] <= early[0] for early, late in pairwise(rows)):
        problems.append(
            Problem(
                name,
                0,
                0,
                "",
                "its times do not go forward; sort the rows and keep one of each time",
            )
        )
    if not problems:
        problems += _covers(rows, name, until_s)
    return tuple(rows), problems


def _rows(
    lines: Iterator[list[str]], name: str, start: date, problems: list[Problem]
) -> Iterator[tuple[Seconds, float, float]]:
    header = [cell.strip() for cell in next(lines, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        problems.append(
            Problem(name, 1, 1, "", f"has no column {missing[0]!r}; it needs {', '.join(COLUMNS)}")
        )
        return
    at = [header.index(column) for column in COLUMNS]
    midnight = datetime.combine(start, time())
    for number, cells in enumerate(lines, 2):
        if len(problems) >= MOST_PROBLEMS:
            return
        if not any(cell.strip() for cell in cells):
            continue
        try:
            told, wind, wave = (cells[i].strip() for i in at)
            row = (
                round((datetime.fromisoformat(told) - midnight).total_seconds()),
                float(wind),
                float(wave),
            )
        except (ValueError, IndexError, TypeError):
            what = f"row {shown(','.join(cells))} is no weather; write it like 2023-11-02T06:00,14.5,2.1"
            problems.append(Problem(name, number, 1, "", what))
            continue
        if not all(isfinite(x) and 0 <= x <= 200 for x in row[1:]):
            problems.append(
                Problem(name, number, 1, "", f"{wind} m/s and {wave} m are no wind and wave")
            )
            continue
        yield row


def _covers(
    rows: Sequence[tuple[Seconds, float, float]], name: str, until_s: Seconds
) -> Iterator[Problem]:
    if not rows:
        yield Problem(name, 2, 1, "", "has no rows")
    elif rows[0][0] > 0:
        yield Problem(
            name, 2, 1, "", "begins after the run does; let it begin at or before the first day"
        )
    elif rows[-1][0] < until_s:
        lacks = (until_s - rows[-1][0]) / 86400
        what = f"ends {lacks:.1f} days before the run may (follow-up included); add rows, or shorten the horizon"
        yield Problem(name, 0, 0, "", what)


def beyond(rows: Series, limits: WeatherLimits) -> tuple[tuple[Seconds, Seconds], ...]:
    """Return when wind or wave is above *limits*: half-open intervals, in order and apart; open
    weather ends them."""
    spells: list[tuple[Seconds, Seconds]] = []
    begun: Seconds | None = None
    for at_s, wind, wave in rows:
        bad = (limits.wind_m_s is not None and wind > limits.wind_m_s) or (
            limits.wave_m is not None and wave > limits.wave_m
        )
        if bad and begun is None:
            begun = at_s
        elif not bad and begun is not None:
            spells.append((begun, at_s))
            begun = None
    if begun is not None and rows[-1][0] > begun:
        spells.append((begun, rows[-1][0]))
    return tuple((max(a, 0), b) for a, b in spells if b > 0)
