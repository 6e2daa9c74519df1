"""Figures of studies that end in tables: sensitivity, bottlenecks, plans, disruptions and
calibrations.

Each is drawn from the CSV files that ``--out`` wrote, so that the figure and the files hold the
same numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from sim.errors import UsageError
from sim.plot import captions
from sim.plot.answer import answer
from sim.plot.disruption import disruption
from sim.plot.drawing import Drawing
from sim.plot.figures import save_figures
from sim.plot.ladder import ladder, ladder_waits
from sim.plot.look import Provenance, figure_of
from sim.plot.plan import frontier, project_ladder
from sim.plot.plausible import plausible
from sim.plot.tornado import tornado
from sim.study.files import save_text

SOURCE = "source.json"
"""What the tables of a folder come from."""
WORDS = (
    *(
        "outcome",
        "unit",
        "parameter",
        "confidence",
        "low_end",
        "high_end",
        "bottleneck",
        "fix",
        "state",
        "project",
    ),
    *("title", "new", "verdict", "opens", "built", "moves_with", "why", "first"),
)
"""Columns of words even if all of them are empty; in others that are empty nothing is no number."""


@dataclass(frozen=True, slots=True)
class Result:
    """One kind of figure of tables."""

    what: str
    command: str
    """That writes the tables."""
    tables: tuple[str, ...]
    column: str
    """Of the first table, which no other table of its name has."""
    make: Callable[..., Mapping[str, Drawing]]
    """From the tables to drawings by what is added to the name of the file."""


def _tornados(table: pd.DataFrame) -> dict[str, Drawing]:
    found = {}
    for outcome, rows in table.groupby("outcome", sort=False):
        drawing = Drawing(
            figure_of(tornado(rows)), rows.reset_index(drop=True), captions.tornado(rows)
        )
        found[f"-{re.sub('[^A-Za-z0-9_-]+', '-', str(outcome))}"] = drawing
    return found


def _answer(table: pd.DataFrame) -> dict[str, Drawing]:
    return {"": Drawing(figure_of(answer(table)), table, captions.answer(table))}


def _ladder(table: pd.DataFrame) -> dict[str, Drawing]:
    return {"": Drawing(figure_of(ladder(table)), table, captions.ladder(table))}


def _ladder_waits(table: pd.DataFrame) -> dict[str, Drawing]:
    return {"": Drawing(figure_of(ladder_waits(table)), table, captions.ladder_waits(table))}


def _projects(rungs: pd.DataFrame, projects: pd.DataFrame) -> dict[str, Drawing]:
    drawn = figure_of(project_ladder(rungs, projects))
    return {"": Drawing(drawn, projects, captions.projects(rungs, projects))}


def _frontier(reaches: pd.DataFrame, transit: pd.DataFrame) -> dict[str, Drawing]:
    table = pd.concat(
        [reaches.assign(panel="multiple"), transit.assign(panel="transit time")], ignore_index=True
    )
    return {"": Drawing(frontier(reaches, transit), table, captions.frontier(reaches))}


def _disruption(table: pd.DataFrame) -> dict[str, Drawing]:
    return {"": Drawing(figure_of(disruption(table)), table, captions.disruption(table))}


def _plausible(table: pd.DataFrame) -> dict[str, Drawing]:
    return {"": Drawing(figure_of(plausible(table)), table, captions.plausible(table))}


RESULTS: Mapping[str, Result] = {
    "answer": Result(
        "what each scenario is offered and carries", "answer", ("answer",), "offered", _answer
    ),
    "disruption": Result(
        "what a closure costs against its length", "disrupt", ("disruption",), "days", _disruption
    ),
    "frontier": Result(
        "capital against service", "plan", ("frontier", "transit"), "multiple_low", _frontier
    ),
    "ladder": Result("bottlenecks, rung by rung", "bottlenecks", ("ladder",), "rung", _ladder),
    "ladder-waits": Result(
        "where cargo waits, rung by rung", "bottlenecks", ("waits",), "activity", _ladder_waits
    ),
    "plausible": Result(
        "what data leave of each range", "calibrate", ("parameters",), "identified", _plausible
    ),
    "project-ladder": Result(
        "projects in the order they are due", "plan", ("ladder", "plan"), "scale", _projects
    ),
    "tornado": Result(
        "what moves an answer, widest on top", "sensitivity", ("tornado",), "outcome", _tornados
    ),
}


def save_results(
    tables: Mapping[str, pd.DataFrame], source: Provenance, folder: Path
) -> list[Path]:
    """Write *tables* as CSV and where they come from into *folder*, draw what they show, and return
    all files."""
    for name, table in tables.items():
        save_text(table.to_csv(index=False, lineterminator="\n"), folder / f"{name}.csv")
    save_text(json.dumps(asdict(source), indent=1) + "\n", folder / SOURCE)
    figures = {
        f"{kind}{more}": drawing.figure
        for kind, result in RESULTS.items()
        if _is_of(result, tables)
        for more, drawing in draw_results(folder, kind).items()
    }
    return [
        *(folder / f"{name}.csv" for name in tables),
        folder / SOURCE,
        *save_figures(figures, folder / "figures"),
    ]


def draw_results(folder: Path | str, kind: str) -> Mapping[str, Drawing]:
    """Draw one *kind* of `RESULTS` from the tables in *folder*, with caption and source.

    Returns
    -------
    Mapping
        Drawings by what tells them apart, "" where there is one: a tornado has one for each
        outcome.

    Raises
    ------
    UsageError
        The tables are not there or cannot be read.
    """
    folder, result = Path(folder), RESULTS[kind]
    remedy = f"give a folder that --out of {result.command} wrote"
    try:
        tables = {name: _read(folder / f"{name}.csv") for name in result.tables}
        source = Provenance(**json.loads((folder / SOURCE).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise UsageError(
            f"{folder}: {Path(error.filename).name} is missing, which {kind} shows; {remedy}"
        ) from None
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(f"{folder} cannot be read as tables ({error}); {remedy}") from None
    if not _is_of(result, tables):
        raise UsageError(
            f"{folder}: {result.tables[0]}.csv has no column {result.column}; {remedy}"
        )
    return {
        more: drawing.with_source(source) for more, drawing in result.make(*tables.values()).items()
    }


def _is_of(result: Result, tables: Mapping[str, pd.DataFrame]) -> bool:
    return set(result.tables) <= set(tables) and result.column in tables[result.tables[0]]


def _read(path: Path) -> pd.DataFrame:
    """Return a table with empty words as "" and missing numbers as NaN."""
    try:
        frame = pd.read_csv(path, keep_default_na=False)
    except pd.errors.EmptyDataError:
        return pd.DataFrame()
    for column in frame:
        if column not in WORDS and not pd.api.types.is_numeric_dtype(frame[column]):
            numbers = pd.to_numeric(frame[column].replace("", None), errors="coerce")
            if (numbers.notna() | (frame[column] == "")).all():
                frame[column] = numbers
    return frame
