"""The table of all kinds of figures, and the figures that ``--out`` draws.

A new figure is one file with a record ``KIND`` (see `sim.plot.kind`), and one line in `FILES`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from sim.errors import UsageError
from sim.plot.columns import read_table
from sim.plot.figures import save_figures
from sim.plot.kind import SOURCE, Kind, StudyKind, TableKind
from sim.spec.messages import harmless
from sim.study.csv_text import csv_text
from sim.study.files import save_text

if TYPE_CHECKING:
    from sim.plot.drawing import Drawing, Provenance
    from sim.study.study import Study

K = TypeVar("K", StudyKind, TableKind, Kind)
FILES = (
    # Figures of studies.
    "budgets",
    "calendar",
    "carried",
    "gantt",
    "map",
    "occupancy",
    "stacks",
    "time_space",
    "transit",
    "validation",
    "waits",
    "warmup",
    "waterfall",
    # Figures of tables that a command wrote.
    "answer",
    "disruption",
    "forecast",
    "frontier",
    "ladder",
    "ladder_waits",
    "plausible",
    "policies",
    "project_ladder",
    "saturation",
    "sweep",
    "tornado",
)


def _kind_in(file: str) -> Kind:
    """Return the record of one file."""
    kind: Kind = import_module(f"sim.plot.{file}").KIND
    return kind


KINDS: Mapping[str, Kind] = {kind.name: kind for kind in map(_kind_in, FILES)}
"""All kinds of figures by name."""
STUDY_KINDS = {name: kind for name, kind in KINDS.items() if isinstance(kind, StudyKind)}
TABLE_KINDS = {name: kind for name, kind in KINDS.items() if isinstance(kind, TableKind)}


def kind_of(name: str) -> Kind:
    """Return the kind of this *name*.

    Raises
    ------
    UsageError
        There is none.
    """
    return _find(name, KINDS)


def study_kind(name: str) -> StudyKind:
    """Return the kind of this *name* that is drawn from studies.

    Raises
    ------
    UsageError
        There is none.
    """
    return _find(name, STUDY_KINDS)


def _find(name: str, kinds: Mapping[str, K]) -> K:
    if name not in kinds:
        raise UsageError(f"{name} is no kind of figure; choose one of {', '.join(kinds)}")
    return kinds[name]


def draw_study(studies: Sequence[Study], folder: Path) -> list[Path]:
    """Draw every figure that needs no log of *studies* into *folder* and return the files."""
    kinds = [kind for kind in STUDY_KINDS.values() if kind.in_every_study]
    return save_figures({kind.name: kind.draw(studies).noted().figure for kind in kinds}, folder)


def draw_tables(folder: Path, width_in: float | None = None) -> dict[str, Drawing]:
    """Return every figure of the tables in *folder*, by the name of its file.

    With *width_in* [inch], those that fit a column, so wide.

    Raises
    ------
    UsageError
        A table cannot be read, or holds what no command writes.
    """
    try:
        tables = {file.stem: read_table(file) for file in sorted(folder.glob("*.csv"))}
    except (OSError, ValueError) as error:
        why = harmless(str(error).partition("\n")[0], 200)
        raise UsageError(f"{folder} cannot be read as tables ({why}); write it again") from None
    drawings = {}
    for kind in TABLE_KINDS.values():
        if kind.is_of(tables) and (width_in is None or kind.fits_column):
            for part, drawing in kind.draw(folder, width_in).items():
                drawings[kind.file_name(part)] = drawing
    return drawings


def save_results(
    tables: Mapping[str, pd.DataFrame], source: Provenance, folder: Path
) -> list[Path]:
    """Write *tables* as CSV, their source, and the figures of them into *folder*.

    Returns
    -------
    list
        All files that were written.
    """
    files = []
    for name, table in tables.items():
        files.append(folder / f"{name}.csv")
        save_text(csv_text(table), files[-1])
    files.append(folder / SOURCE)
    save_text(json.dumps(asdict(source), indent=1) + "\n", files[-1])
    figures = {}
    for kind in TABLE_KINDS.values():
        if kind.is_of(tables):
            for part, drawing in kind.draw(folder).items():
                figures[kind.file_name(part)] = drawing.noted().figure
    return [*files, *save_figures(figures, folder / "figures")]
