"""Consignments listed in a CSV file beside the scenario: columns ``time`` (ISO) and ``units``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from sim.errors import Problem
from sim.spec.yaml_tree import shown

LARGEST_BYTES = 50_000_000
COLUMNS = ("time", "units")


def inside(folder: Path, name: str) -> Path | None:
    """Return the file *name* in *folder*, or None if it would lie outside; links are followed before judging."""
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and not Path(name).is_absolute() else None


def read_trace(path: Path, start: date) -> tuple[tuple[tuple[int, int], ...], list[Problem]]:
    """Return ``(seconds since start, units)`` in order of time, and what is wrong with the file."""
    name = path.name
    if not path.is_file():
        return (), [Problem(name, 0, 0, "", "the trace file does not exist")]
    if path.stat().st_size > LARGEST_BYTES:
        return (), [Problem(name, 0, 0, "", f"the trace has more than {LARGEST_BYTES:,} bytes")]
    problems: list[Problem] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(csv.DictReader(file), name, start, problems))
    except (UnicodeDecodeError, csv.Error) as error:
        return (), [Problem(name, 0, 0, "", f"is not a CSV file in UTF-8 ({shown(str(error))})")]
    if not rows and not problems:
        problems.append(Problem(name, 2, 1, "", "the trace has no rows"))
    return tuple(sorted(rows)), problems


def _rows(reader: csv.DictReader[str], name: str, start: date, problems: list[Problem]) -> Iterator[tuple[int, int]]:
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        got = ", ".join(shown(c, 20) for c in (reader.fieldnames or ())) or "nothing"
        what = f"column {' and '.join(missing)} is missing; got {got}; a trace needs time,units"
        problems.append(Problem(name, 1, 1, "", what))
        return
    for row in reader:
        line = reader.line_num
        try:
            at = datetime.fromisoformat(row["time"] or "")
            since_s = round((at.replace(tzinfo=None) - datetime.combine(start, datetime.min.time())).total_seconds())
        except ValueError:
            problems.append(Problem(name, line, 1, "", f"time {shown(row['time'] or '')} is no ISO time"))
            continue
        units = row["units"] or ""
        if not units.isdecimal() or not 1 <= int(units) <= 1_000_000:
            problems.append(Problem(name, line, 1, "", f"units {shown(units)} is no whole number from 1 to 1,000,000"))
        elif since_s < 0:
            problems.append(Problem(name, line, 1, "", f"time {row['time']} is before the horizon starts ({start})"))
        else:
            yield since_s, int(units)
