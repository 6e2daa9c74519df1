"""Tables of projects, and of the results that other commands wrote beside a study."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.bounds import read_whole
from sim.errors import UsageError
from sim.report.table import DASH, Table, from_to
from sim.spec.messages import harmless
from sim.spec.tables import LARGEST_BYTES
from sim.study.contents import AGAIN, ON_REQUEST, STUDY, read_contents
from sim.study.csv_text import without_mark
from sim.units import format_number

if TYPE_CHECKING:
    from sim.spec.load import Scenario
    from sim.study.study import Study

MOST_ROWS = 60
"""Rows of a table of another command that are shown."""


def projects(study: Study) -> Table | None:
    """Return what could be built; None where the scenario has no catalogue."""
    catalogue = study.scenario.spec.project_catalogue
    if not catalogue:
        return None
    rows = tuple(_project(study.scenario, name) for name in catalogue)
    heads = ("project", "id", "opens", "capital, MUSD (range)", "needs", "source of the cost")
    return Table("Projects that could be built", heads, rows)


def _project(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Return the row of one project."""
    project = scenario.spec.project_catalogue[name]
    cost = scenario.sources.get(("project_catalogue", name, "capital_musd"))
    capital = opens = origin = DASH
    if project.capital_musd is not None:
        capital = format_number(project.capital_musd)
    if cost is not None:
        origin = cost.origin
        if cost.low is not None and cost.high is not None:
            capital += f" ({from_to(float(cost.low), float(cost.high))})"
    if project.opens:
        opens = project.opens.isoformat()
    needs = ", ".join(project.needs) or DASH
    return project.title, name, opens, capital, needs, origin


def further(folder: Path | None) -> list[Table]:
    """Return the results, such as plans, that other commands wrote as CSV into *folder*."""
    if folder is None:
        return []
    files = [
        folder / name
        for name, entry in sorted(read_contents(folder).items())
        if entry.by not in (STUDY, ON_REQUEST) and name.endswith(".csv")
    ]
    tables = []
    for file in files:
        frame = _read(file)
        if not frame.empty:
            tables.append(_as_written(frame, file))
    return tables


def _read(file: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(BytesIO(read_whole(file, LARGEST_BYTES)))
    except (OSError, ValueError) as error:
        why = harmless(str(error).partition("\n")[0], 200)
        raise UsageError(f"{file} cannot be read as a table ({why}); {AGAIN}") from None


def _as_written(frame: pd.DataFrame, file: Path) -> Table:
    """Return the first rows of a CSV file."""
    shown = frame.head(MOST_ROWS).itertuples(index=False)
    rows = tuple(tuple(map(_cell, row)) for row in shown)
    heads = tuple(str(without_mark(column)).replace("_", " ") for column in frame.columns)
    note = f"From {file.name}."
    if len(frame) > MOST_ROWS:
        note = f"The first {MOST_ROWS} of {len(frame)} rows of {file.name}."
    title = file.stem.replace("_", " ").replace("-", " ").capitalize()
    return Table(title, heads, rows, note)


def _cell(value: object) -> str:
    value = without_mark(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_number(float(value))
    return str(value)
