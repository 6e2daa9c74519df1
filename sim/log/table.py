"""Tables of the log: rows of integers during a run, columns after it, and sums over their codes."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.log.schema import NONE, OPEN, TABLES
from sim.units import Seconds

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One table as int64 arrays, one a column, all of one length: what metrics and audit read."""

    arrays: Mapping[str, NDArray[np.int64]]

    def __getitem__(self, column: str) -> NDArray[np.int64]:
        return self.arrays[column]

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.arrays)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Columns:
        """Return the rows that a mask or row numbers select."""
        numbers = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Columns({name: values[numbers] for name, values in self.arrays.items()})

    def with_(self, **columns: NDArray[np.int64]) -> Columns:
        """Return the table with *columns* added or replaced."""
        return Columns({**self.arrays, **columns})

    def rows(self, *columns: str) -> Iterator[tuple[int, ...]]:
        """Yield some *columns* row by row, as Python's integers."""
        return zip(*(self.arrays[column].tolist() for column in columns), strict=True)

    def frame(self) -> pd.DataFrame:
        """Return a copy as a frame of int64 columns."""
        import pandas as pd

        return pd.DataFrame(dict(self.arrays))


class Table:
    """Rows of integers, appended one at a time; columns in the order of `TABLES`."""

    __slots__ = ("add", "columns", "name", "offset", "row", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns = TABLES[name]
        self.rows: array[int] = array("q")
        self.row = Struct(f"{len(self.columns)}q").pack
        self.add = self.rows.frombytes
        """``add(row(1, 2, ...))`` appends a row: two calls into C take a third of the time of
        extending an array."""
        self.offset = {column: number for number, column in enumerate(self.columns)}
        """Where each column stands in a row. Whoever completes millions of rows looks it up once."""

    def begin(self, *values: int) -> int:
        """Append a row that is completed later; return where it begins, for `get` and `set`."""
        row = len(self.rows)
        self.add(self.row(*values))
        return row

    def get(self, row: int, column: str) -> int:
        """Return *column* of the row that begins at *row*."""
        return self.rows[row + self.offset[column]]

    def set(self, row: int, column: str, value: int) -> None:
        """Write *value* into *column* of the row that begins at *row*."""
        self.rows[row + self.offset[column]] = value

    def by_row(self) -> NDArray[np.int64]:
        """Return the table as it is now.

        A copy: the rows cannot grow while anything looks at their memory, and a profiler that keeps
        a frame alive (Dask's does) would keep the look alive with it.
        """
        return np.frombuffer(self.rows.tobytes(), np.int64).reshape(-1, len(self.columns))

    def by_column(self) -> Columns:
        """Return the table as it is now, column by column."""
        return self._columns(self.by_row())

    def open_rows(self) -> Columns:
        """Return the rows whose interval has not ended, column by column."""
        rows = self.by_row()
        return self._columns(rows[rows[:, self.offset["end_s"]] == OPEN])

    def _columns(self, rows: NDArray[np.int64]) -> Columns:
        return Columns(dict(zip(self.columns, np.ascontiguousarray(rows.T), strict=True)))


def close(table: Columns, end_s: Seconds) -> Columns:
    """Return *table* cut at *end_s*.

    What begins later is dropped, what ends later or has not ended is `OPEN`.
    """
    begun = table["start_s"] < end_s
    if not begun.all():
        table = table.where(begun)
    return table.with_(end_s=np.where(table["end_s"] > end_s, OPEN, table["end_s"]))


def closed_ends(table: Columns, end_s: Seconds) -> NDArray[np.int64]:
    """Return ``end_s`` of *table*; what is open ends with the run at *end_s*."""
    ends = table["end_s"]
    return np.where(ends == OPEN, end_s, ends)


Codes = tuple[NDArray[np.int64], int]
"""Codes from 0 up, and how many there may be."""


def sum_by_code(values: NDArray[np.int64], *by: Codes) -> NDArray[np.int64]:
    """Return the sum of *values* for each code, or combination of codes, in whole numbers.

    The result has one axis for each of *by*.
    """
    codes, _ = by[0]
    for finer, size in by[1:]:
        codes = codes * size + finer
    sums = np.zeros(tuple(size for _, size in by), np.int64)
    np.add.at(sums.reshape(-1), codes, values)
    return sums


def running_sum(key: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the running sum of *values*, from 0 for each *key*; equal keys stand together."""
    sums = np.cumsum(values)
    first = np.flatnonzero(np.diff(key, prepend=NONE - 1))
    lengths = np.diff(first, append=len(key))
    return sums - np.repeat((sums - values)[first], lengths)
