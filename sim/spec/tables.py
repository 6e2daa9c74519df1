"""CSV files beside a scenario: read once, kept with it, and turned into rows with a time.

One reader serves every table; `sim.spec.coverage` says what of the run the rows cover.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sim.bounds import irregular, place_of_no_utf8, read_start, why_no_utf8
from sim.errors import MachineError, Problem
from sim.spec.messages import harmless, shown
from sim.units import Seconds

LARGEST_BYTES = 100_000_000
LONGEST_HEAD = 10_000
"""Bytes at the beginning of a table in which its head is looked for."""
MOST_PROBLEMS = 20
"""After so many bad rows of one file the rest is not listed."""

MISSING = "does not exist"
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
TIME = "time"


class Row(NamedTuple):
    """One row of a table."""

    at_s: Seconds
    """Since the start of the horizon."""
    line: int
    values: tuple[float, ...]
    """In the order of the columns that were asked for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers beside ``time``."""

    name: str
    read: Callable[[str], float]
    """Returns the number in a cell; raises ValueError with what is wrong."""


@dataclass(frozen=True, slots=True)
class Table:
    """The content of one CSV file."""

    label: str
    """How messages call the file."""
    content: bytes


def inside(folder: Path, name: str) -> Path | None:
    """Return the file *name* in *folder*, or None if it lies outside; links are followed."""
    relative = Path(name)
    if "\0" in name or relative.is_absolute() or ".." in relative.parts:
        return None
    path = folder / relative
    return path if path.resolve().is_relative_to(folder.resolve()) else None


def read_table(file: Path, label: str) -> Table | str:
    """Return the table in *file*, or why there is none.

    Raises
    ------
    MachineError
        The file is there and cannot be read.
    """
    try:
        if not file.is_file():
            kind = irregular(file)
            return f"is {kind}, and no file" if kind else MISSING
        content = read_start(file, LARGEST_BYTES + 1)
    except OSError as error:
        raise MachineError(f"{label}: cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_BYTES:
        return f"is larger than {LARGEST_BYTES:,} bytes"
    return Table(label, content)


def read_rows(
    table: Table, columns: Sequence[Column], start: date, most: int
) -> tuple[list[Row], list[Problem]]:
    """Return the rows of *table* in the order of the file, at most *most*, and what is wrong."""
    reader = _RowReader(table, columns, datetime.combine(start, time()))
    text = TextIOWrapper(BytesIO(table.content), encoding="utf-8-sig", newline="")
    why = why_no_utf8(table.content)
    if why:
        what = f"is not a CSV file in UTF-8: {why}"
        return [], [Problem(table.label, *place_of_no_utf8(table.content), "", what)]
    try:
        lines = csv.reader(text)
        rows = reader.rows(lines, most)
    except csv.Error as error:
        what = f"is not a CSV file ({harmless(str(error), 100)})"
        return [], [Problem(table.label, 0, 0, "", what)]
    if not rows and not reader.problems:
        reader.complain(2, 1, "", "the file has no rows")
    return rows, reader.problems


def unread(table: Table, columns: Sequence[Column]) -> Iterator[str]:
    """Yield in one sentence which columns of *table* nothing reads."""
    text = table.content[:LONGEST_HEAD].decode("utf-8-sig", "replace")
    header = next(csv.reader(text.splitlines()), [])
    known = [TIME, *(column.name for column in columns)]
    others = [cell.strip() for cell in header if cell.strip() and cell.strip() not in known]
    if others:
        are = "column is" if len(others) == 1 else "columns are"
        yield f"{len(others)} {are} not read: {harmless(', '.join(others), 100)} ({', '.join(known)} are)"


_Lines: TypeAlias = "Iterator[list[str]]"


class _RowReader:
    """Reads the rows of one table and notes what is wrong with them."""

    def __init__(self, table: Table, columns: Sequence[Column], midnight: datetime) -> None:
        self.problems: list[Problem] = []
        self._label = table.label
        self._columns = columns
        self._midnight = midnight

    def complain(self, line: int, column: int, name: str, what: str) -> None:
        self.problems.append(Problem(self._label, line, column, name, what))

    def rows(self, lines: _Lines, most: int) -> list[Row]:
        header = [cell.strip() for cell in next(lines, [])]
        places = self._places(header)
        rows: list[Row] = []
        if places is None:
            return rows
        for number, cells in enumerate(lines, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= most:
                self.complain(0, 0, "", f"has more than {most:,} rows")
                return rows
            row = self._row(number, cells, places, len(header))
            if row is not None:
                rows.append(row)
            elif len(self.problems) >= MOST_PROBLEMS:
                return rows
        return rows

    def _places(self, header: list[str]) -> list[int] | None:
        """Return at which positions of *header* time and the columns are; None if one is not."""
        names = [TIME, *(column.name for column in self._columns)]
        needs = f"it needs {', '.join(names)}"
        got = harmless(", ".join(header), 100) or "nothing"
        for name in names:
            if header.count(name) > 1:
                first = header.index(name)
                second = header.index(name, first + 1)
                what = f"has two columns {name!r}, the first at {first + 1}; name one of them otherwise"
                self.complain(1, second + 1, name, what)
                return None
        missing = [name for name in names if name not in header]
        if not missing:
            return [header.index(name) for name in names]
        for separator, word in _SEPARATORS.items():
            if len(header) < len(names) and any(separator in cell for cell in header):
                what = (
                    f"the columns are separated by {word}; save the file with commas as separators"
                )
                self.complain(1, 1, "", f"{what} and points in numbers; {needs}")
                return None
        self.complain(1, 1, "", f"has no column {' and '.join(missing)}; {needs}; got {got}")
        return None

    def _row(self, line: int, cells: list[str], places: list[int], width: int) -> Row | None:
        if any(cell.strip() for cell in cells[width:]):
            what = f"has {len(cells)} cells where the head has {width}; write 1250.5, not 1,250.5 or 1250,5"
            self.complain(line, width + 1, "", what)
            return None
        texts = [cells[at].strip() if at < len(cells) else "" for at in places]
        at_s = self._seconds(line, places[0], texts[0])
        values = []
        for column, place, text in zip(self._columns, places[1:], texts[1:], strict=True):
            try:
                values.append(column.read(text))
            except ValueError as error:
                self.complain(line, place + 1, column.name, str(error))
        if at_s is None or len(values) < len(self._columns):
            return None
        return Row(at_s, line, tuple(values))

    def _seconds(self, line: int, place: int, text: str) -> Seconds | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            what = f"must be an ISO time like 2023-01-31 08:00; got {shown(text)}"
        else:
            if at.tzinfo is None:
                return round((at - self._midnight).total_seconds())
            what = f"must be local time without an offset; got {shown(text)}"
        self.complain(line, place + 1, TIME, what)
        return None
