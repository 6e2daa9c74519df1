"""What the columns of a table may hold that a figure is drawn from, and reading them so.

A folder of tables may come from anybody: a cell that no command writes is refused with its file,
row and column, and does not reach a figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from math import inf, isnan
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from sim.bounds import read_whole
from sim.errors import UsageError
from sim.spec.messages import harmless, shown
from sim.spec.tables import LARGEST_BYTES
from sim.study.csv_text import without_mark

LARGEST = 1e15
"""The largest number that is drawn, up or down."""
LONGEST = 10_000
"""Letters of the longest text that is drawn."""
MOST_ROWS = 100_000
FLAGS = {"True": True, "False": False}


@dataclass(frozen=True, slots=True)
class Number:
    """A column of numbers."""

    least: float = -LARGEST
    may_lack: bool = False
    """Whether a cell may be empty: a number that does not exist."""

    def why_not(self, value: object) -> str:
        """Return what must be there in place of *value*; empty where it may be there."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            is_lacking = value == "" and self.may_lack
            return "" if is_lacking else self._range()
        if isnan(value):
            return "" if self.may_lack else self._range()
        return "" if self.least <= value <= LARGEST else self._range()

    def _range(self) -> str:
        if self.least == -LARGEST:
            return f"a number within {LARGEST:g} of 0 must be there"
        return f"a number from {self.least:g} to {LARGEST:g} must be there"


@dataclass(frozen=True, slots=True)
class Words:
    """A column of text."""

    choices: tuple[str, ...] = ()
    """All there are; empty: any text."""

    def why_not(self, value: object) -> str:
        """Return what must be there in place of *value*; empty where it may be there."""
        if self.choices and value not in self.choices:
            return f"one of {', '.join(self.choices)} must be there"
        if len(str(value)) > LONGEST:
            return f"a text of at most {LONGEST:,} letters must be there"
        return ""


@dataclass(frozen=True, slots=True)
class Flag:
    """A column of ``True`` and ``False``."""

    def why_not(self, value: object) -> str:
        """Return what must be there in place of *value*; empty where it may be there."""
        return "" if isinstance(value, bool) else "True or False must be there"


Column = Number | Words | Flag
Columns = Mapping[str, Column]
Order = tuple[str, ...]
"""Columns whose numbers do not fall from left to right, such as the ends of an interval."""


def interval(mean: str, low: str, high: str, least: float = -LARGEST) -> dict[str, Column]:
    """Return the columns of a mean, which must be there, and of its bounds, which may lack."""
    bound = Number(least, may_lack=True)
    return {mean: Number(least), low: bound, high: bound}


def read_columns(
    file: Path, columns: Columns, orders: tuple[Order, ...], remedy: str
) -> pd.DataFrame:
    """Return the table in *file*, with empty text as "" and numbers that lack as NaN.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    OSError, ValueError
        It cannot be read as a table.
    UsageError
        It has not these *columns*, or a cell that cannot be drawn; *remedy* says what helps.
    """
    frame = read_table(file, columns)
    for what in _complaints(frame, columns, orders):
        raise UsageError(f"{file}: {what}; {remedy}")
    return frame


def read_table(file: Path, columns: Columns = MappingProxyType({})) -> pd.DataFrame:
    """Return the table in *file*, the cells of *columns* as they are to be and of others as they look.

    Raises
    ------
    OSError, ValueError
        It cannot be read as a table.
    """
    is_text = {name: str for name, column in columns.items() if isinstance(column, Words)}
    content = read_whole(file, LARGEST_BYTES)
    try:
        frame = pd.read_csv(BytesIO(content), keep_default_na=False, dtype=is_text)
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    frame = frame.rename(columns=without_mark)
    for name in frame.columns.unique():
        if frame.columns.is_unique and not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = _values(frame[name].map(without_mark), columns.get(name))
    return frame


def _values(cells: pd.Series, column: Column | None) -> pd.Series:
    """Return the values of *cells*, which are text; a cell that holds none stays as it is."""
    if isinstance(column, Words):
        return cells
    if isinstance(column, Flag):
        return cells.map(lambda cell: FLAGS.get(cell, cell))
    numbers = pd.to_numeric(cells.replace("", None), errors="coerce")
    is_number = numbers.notna() | (cells == "")
    if is_number.all():
        return numbers
    if column is None:
        return cells
    return cells.astype(object).where(~is_number, numbers)


def _complaints(frame: pd.DataFrame, columns: Columns, orders: tuple[Order, ...]) -> Iterator[str]:
    """Yield what is wrong with a table, as its reader would look for it."""
    if not frame.columns.is_unique:
        yield "two columns have the same name"
    if len(frame) > MOST_ROWS:
        yield f"has {len(frame):,} rows, and at most {MOST_ROWS:,} are drawn"
    for name, column in columns.items():
        if name not in frame:
            yield f"has no column {name}"
        for row, value in enumerate(frame[name].tolist(), start=1):
            why = column.why_not(value)
            if why:
                yield f"row {row}, column {name}: got {_cell(value)}; {why}"
    for order in orders:
        yield from _falls(frame, order)


def _falls(frame: pd.DataFrame, order: Order) -> Iterator[str]:
    """Yield the rows in which the numbers of *order* fall."""
    for row, values in enumerate(frame[list(order)].itertuples(index=False), start=1):
        highest, highest_name = -inf, ""
        for name, value in zip(order, values, strict=True):
            if value < highest:
                yield f"row {row}: {name} ({value:g}) is below {highest_name} ({highest:g})"
            if value > highest:
                highest, highest_name = value, name


def _cell(value: object) -> str:
    if value == "" or (isinstance(value, float) and isnan(value)):
        return "nothing"
    return harmless(shown(value), 60)
