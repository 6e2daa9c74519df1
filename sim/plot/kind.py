"""The contract of a figure: a record that says what it shows and how it is drawn.

A figure is one file. It holds the function that draws on axes, the caption beside it, a function
that returns a `Drawing`, and the record ``KIND``. One line in `sim.plot.kinds` makes it known to
``corridor plot``, to ``--out``, to notebooks and to the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import TypeAdapter

from sim.bounds import read_whole
from sim.errors import UsageError
from sim.plot.columns import Columns, Order, read_columns
from sim.plot.drawing import Drawing, Provenance, View, source_of
from sim.spec.messages import harmless
from sim.spec.tables import LARGEST_BYTES
from sim.study.files import load_studies
from sim.study.sealed import verified

if TYPE_CHECKING:
    from sim.study.study import Study

SOURCE = "source.json"
"""File of a folder of tables that says what they come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyKind:
    """A kind of figure of one or more studies."""

    name: str
    shows: str
    """What one sees in it, for a list of kinds."""
    make: Callable[[Sequence[Study], View], Drawing]
    """Draws it, without a source."""
    alt: str = ""
    """What it looks like, for readers who cannot see it."""
    heeds: tuple[str, ...] = ()
    """Fields of `View` that change it."""
    fits_column: bool = False
    """Whether it can be as narrow as a column in print."""
    from_log: bool = False
    """Whether it shows one replication of the first study, from its log."""
    of_all: bool = False
    """Whether it shows all studies, although from their logs."""
    beside: str = ""
    """Another source."""
    in_every_study: bool = False
    """Whether ``--out`` draws it for every study."""

    def draw(self, studies: Sequence[Study], view: View | None = None) -> Drawing:
        """Draw it, with its source.

        Raises
        ------
        UsageError
            The studies lack what it shows.
        """
        shown = studies[:1] if self.from_log and not self.of_all else studies
        source = source_of(shown, from_log=self.from_log, beside=self.beside)
        return replace(self.make(shown, view or View()), source=source)

    def draw_folder(self, folder: Path, view: View | None = None) -> Drawing:
        """Draw it from the studies that ``--out`` wrote into *folder*."""
        return self.draw(load_studies(folder), view)

    def origin(self) -> str:
        """Return which folders have it, in words; empty: those of any study."""
        return ""


def _agree(*_tables: pd.DataFrame) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKind:
    """A kind of figure of tables that a command wrote with ``--out``.

    Drawn from the CSV files, so that the figure and the files hold the same numbers.
    """

    name: str
    shows: str
    command: str
    """Command that writes the tables."""
    columns: Mapping[str, Columns]
    """Columns of each table that are drawn, and what they may hold."""
    column: str
    """Column of the first table that no other table of its name has."""
    make: Callable[..., Drawing]
    """Draws the tables, in their order."""
    one_for_each: str = ""
    """Column of the first table: each of its values has a figure of its own."""
    heeds: tuple[str, ...] = field(default=())
    fits_column: bool = False
    """Whether it can be as narrow as a column in print: `make` then takes ``width_in``."""
    orders: tuple[Order, ...] = ()
    """Columns of a table that do not fall, such as low, mean and high."""
    agree: Callable[..., str] = _agree
    """Says in a sentence what of the tables does not go together; by default nothing."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables."""
        return tuple(self.columns)

    def draw(self, folder: Path | str, width_in: float | None = None) -> Mapping[str, Drawing]:
        """Draw all its figures from the tables in *folder*, with their source.

        Parameters
        ----------
        width_in
            Width on paper [inch], of a kind that fits a column.

        Returns
        -------
        Mapping
            Drawings by the value of `one_for_each`, or a single one under "".

        Raises
        ------
        UsageError
            The tables are not there or cannot be read.
        """
        folder = Path(folder)
        remedy = f"give a folder that --out of {self.command} wrote"
        try:
            tables = self._read(folder, remedy)
            written = read_whole(folder / SOURCE, LARGEST_BYTES)
            source = _PROVENANCE.validate_json(written, strict=True)
        except FileNotFoundError as error:
            missing = Path(error.filename).name
            what = f"{folder}: {missing} is missing, which {self.name} shows"
            raise UsageError(f"{what}; {remedy}") from None
        except (OSError, ValueError, TypeError, RecursionError) as error:
            why = harmless(str(error).replace("\n", " "), 200)
            raise UsageError(f"{folder} cannot be read as tables ({why}); {remedy}") from None
        if not self.is_of(tables):
            what = f"{folder}: {self.tables[0]}.csv has no column {self.column}"
            raise UsageError(f"{what}; {remedy}")
        wrong = self.agree(*tables.values())
        if wrong:
            raise UsageError(f"{folder}: {wrong}; {remedy}")
        width = {} if width_in is None else {"width_in": width_in}
        parts = self._parts(tables).items()
        drawings = {part: self.make(*shown, **width) for part, shown in parts}
        return {part: replace(drawing, source=source) for part, drawing in drawings.items()}

    def draw_folder(self, folder: Path, view: View | None = None) -> Drawing:
        """Draw the part that *view* names from the tables in *folder*; by default the first."""
        verified(folder)
        drawings = self.draw(folder)
        if not drawings:
            raise UsageError(f"{folder}: its tables hold nothing that {self.name} could show")
        part = getattr(view, self.one_for_each) if view and self.one_for_each else None
        if part is None:
            return next(iter(drawings.values()))
        if part not in drawings:
            raise UsageError(f"--{self.one_for_each} {part}: choose one of {', '.join(drawings)}")
        return drawings[part]

    def is_of(self, tables: Mapping[str, pd.DataFrame]) -> bool:
        """Return whether *tables* are those that it shows."""
        return set(self.tables) <= set(tables) and self.column in tables[self.tables[0]]

    def file_name(self, part: str) -> str:
        """Return the name of the file of one *part*, without an ending."""
        return f"{self.name}-{re.sub('[^A-Za-z0-9_-]+', '-', part)}" if part else self.name

    def origin(self) -> str:
        """Return which folders have it, in words."""
        return f", of a folder of {self.command}"

    def _read(self, folder: Path, remedy: str) -> dict[str, pd.DataFrame]:
        """Return the tables in *folder*, whose cells can be drawn."""
        files = {name: folder / f"{name}.csv" for name in self.tables}
        for file in files.values():
            file.stat()
        tables = {}
        for name, columns in self.columns.items():
            orders = tuple(order for order in self.orders if columns.keys() >= set(order))
            tables[name] = read_columns(files[name], columns, orders, remedy)
        return tables

    def _parts(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, list[pd.DataFrame]]:
        """Return the tables of each figure."""
        first, *others = tables.values()
        if not self.one_for_each:
            return {"": [first, *others]}
        parts = first.groupby(self.one_for_each, sort=False)
        return {str(part): [rows.reset_index(drop=True), *others] for part, rows in parts}


Kind = StudyKind | TableKind
_PROVENANCE = TypeAdapter(Provenance)
