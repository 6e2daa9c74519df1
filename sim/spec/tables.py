"""CSV files beside a scenario: read once, kept with it, and turned into rows."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TypeAlias, TypeVar

from sim.errors import MachineError, Problem
from sim.spec.messages import harmless

LARGEST_BYTES = 100_000_000
MOST_PROBLEMS = 20
"""After so many bad rows of one file the rest is not listed."""

Row = TypeVar("Row")

ReadRows: TypeAlias = Callable[[Iterator[list[str]], list[Problem]], Iterator[Row]]
"""Yields rows from lines of cells, and adds what is wrong to a list."""


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


def read_table(file: Path, label: str, kind: str) -> Table | Problem:
    """Return the table in *file*, or why there is none; *kind* says what it holds.

    Raises
    ------
    MachineError
        The file is there and cannot be read.
    """
    try:
        if not file.is_file():
            return Problem(label, 0, 0, "", f"the {kind} file does not exist")
        with file.open("rb") as lines:
            content = lines.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise MachineError(f"{label}: cannot be read: {error.strerror}") from None
    if len(content) > LARGEST_BYTES:
        what = f"the {kind} file is larger than {LARGEST_BYTES:,} bytes"
        return Problem(label, 0, 0, "", what)
    return Table(label, content)


def rows_of(table: Table, read: ReadRows[Row], most: int) -> tuple[list[Row], list[Problem]]:
    """Return the rows that *read* makes of *table*, at most *most*, and what is wrong."""
    problems: list[Problem] = []
    text = TextIOWrapper(BytesIO(table.content), encoding="utf-8-sig", newline="")
    try:
        rows = list(islice(read(csv.reader(text), problems), most + 1))
    except (UnicodeDecodeError, csv.Error) as error:
        what = f"is not a CSV file in UTF-8 ({harmless(str(error), 100)})"
        return [], [Problem(table.label, 0, 0, "", what)]
    if len(rows) > most:
        problems.append(Problem(table.label, 0, 0, "", f"has more than {most:,} rows"))
    return rows, problems


def columns_of(
    table: Table, header: list[str], columns: tuple[str, ...], problems: list[Problem]
) -> list[int] | None:
    """Return at which positions of *header* the *columns* are; None if one is missing."""
    cells = [cell.strip() for cell in header]
    missing = [column for column in columns if column not in cells]
    if not missing:
        return [cells.index(column) for column in columns]
    got = harmless(", ".join(cells), 100) or "nothing"
    what = f"has no column {' and '.join(missing)}; it needs {', '.join(columns)}; got {got}"
    problems.append(Problem(table.label, 1, 1, "", what))
    return None
