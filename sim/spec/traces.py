"""Consignments listed in a CSV file beside the scenario: columns ``time`` (ISO) and ``units``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

from sim.errors import MachineError, Problem
from sim.spec.yaml_tree import harmless, shown

LARGEST_BYTES = 50_000_000
MOST_ROWS = 5_000_000
MOST_UNITS = 1_000_000
MOST_PROBLEMS = 20
"""After so many bad rows of one file the rest is not told."""
COLUMNS = ("time", "units")

Trace = tuple[tuple[int, int], ...]
"""``(seconds since the start of the horizon, units)`` in order of time."""


def inside(folder: Path, name: str) -> Path | None:
    """Return the file *name* in *folder*, or None if it would lie outside; links are followed
    before judging."""
    relative = Path(name)
    if "\0" in name or relative.is_absolute() or ".." in relative.parts:
        return None
    path = folder / relative
    return path if path.resolve().is_relative_to(folder.resolve()) else None


def read_trace(path: Path, start: date) -> tuple[Trace, list[Problem]]:
    """Return the consignments listed in *path*, and what is wrong with it."""
    name = harmless(str(path))
    try:
        if not path.is_file():
            return (), [Problem(name, 0, 0, "", "the trace file does not exist")]
        if path.stat().st_size > LARGEST_BYTES:
            return (), [
                Problem(name, 0, 0, "", f"the trace is larger than {LARGEST_BYTES:,} bytes")
            ]
        return _read(path, name, start)
    except OSError as error:
        raise MachineError(f"{name}: cannot be read: {error.strerror}") from None


def _read(path: Path, name: str, start: date) -> tuple[Trace, list[Problem]]:
    problems: list[Problem] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = sorted(islice(_rows(csv.reader(file), name, start, problems), MOST_ROWS + 1))
    except (UnicodeDecodeError, csv.Error) as error:
        return (), [
            Problem(name, 0, 0, "", f"is not a CSV file in UTF-8 ({harmless(str(error), 100)})")
        ]
    if len(rows) > MOST_ROWS:
        problems.append(Problem(name, 0, 0, "", f"the trace has more than {MOST_ROWS:,} rows"))
    if not rows and not problems:
        problems.append(Problem(name, 2, 1, "", "the trace has no rows"))
    return tuple(rows), problems


def _rows(
    reader: Iterator[list[str]], name: str, start: date, problems: list[Problem]
) -> Iterator[tuple[int, int]]:
    header = [cell.strip() for cell in next(reader, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        got = harmless(", ".join(header), 100) or "nothing"
        what = f"column {' and '.join(missing)} is missing; got {got}; a trace has the columns time and units"
        problems.append(Problem(name, 1, 1, "", what))
        return
    columns = (header.index("time"), header.index("units"))
    began = datetime.combine(start, time())
    for line, row in enumerate(reader, 2):
        if not row:
            continue
        cells = [row[column].strip() if column < len(row) else "" for column in columns]
        wrong = _row_problem(cells, began)
        if wrong is None:
            yield round((datetime.fromisoformat(cells[0]) - began).total_seconds()), int(cells[1])
            continue
        which, what = wrong
        problems.append(Problem(name, line, columns[which] + 1, COLUMNS[which], what))
        if len(problems) >= MOST_PROBLEMS:
            return


def _row_problem(cells: list[str], began: datetime) -> tuple[int, str] | None:
    """Return which of the two cells is wrong, and how."""
    try:
        at = datetime.fromisoformat(cells[0])
    except ValueError:
        return 0, f"must be an ISO time like 2023-01-31 08:00; got {shown(cells[0])}"
    if at.tzinfo is not None:
        return 0, f"must be local time without an offset; got {shown(cells[0])}"
    if at < began:
        return 0, f"{shown(cells[0])} is before the horizon starts on {began.date()}"
    if not (
        cells[1].isascii()
        and cells[1].isdigit()
        and len(cells[1]) <= 7
        and 1 <= int(cells[1]) <= MOST_UNITS
    ):
        return 1, f"must be a whole number from 1 to {MOST_UNITS:,}; got {shown(cells[1])}"
    return None
