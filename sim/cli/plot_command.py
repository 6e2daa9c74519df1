"""``corridor plot``: one figure of a folder that ``--out`` wrote."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import kinds
from sim.cli.options import DATE, FILE
from sim.cli.output import list_written, say
from sim.cli.study_folder import warn_if_incomplete
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.plot.drawing import View
    from sim.plot.kind import Kind

FORMATS = ("svg", "png", "pdf")
OPTIONS = {
    "span": "--from and --to",
    "at": "--at",
    "via": "--via",
    "flow": "--flow",
    "outcome": "--outcome",
}
"""Options that set the fields of a view."""


@click.command()
@click.argument("study", type=FILE, required=False)
@click.argument("kind", required=False, shell_complete=kinds)
@click.option("--from", "begins", type=DATE, metavar="DATE", help="First day that is shown.")
@click.option("--to", "ends", type=DATE, metavar="DATE", help="Day after the last that is shown.")
@click.option("--at", help="Port whose berths are shown.")
@click.option("--via", help="Place or leg that the chain of a diagram passes.")
@click.option("--flow", help="Flow whose journey is shown; default: all cargo of the corridor.")
@click.option("--outcome", help="Outcome that a tornado shows; default: the first.")
@click.option("--out", type=FILE, help="FILE.svg, .png or .pdf; default: KIND.svg here.")
@click.option("--table", type=FILE, help="FILE.csv or .json: the numbers in the figure.")
def plot(
    study: Path | None, kind: str | None, out: Path | None, table: Path | None, **wanted: Any
) -> None:
    """Draw one KIND of figure of STUDY, a folder that --out of any command wrote; without a KIND,
    list them."""
    from sim.plot.figures import save_figure
    from sim.plot.kinds import kind_of

    if study is None or kind is None:
        _list_kinds()
        return
    wanted_kind = kind_of(kind)
    target = out if out is not None else Path(f"{kind}.svg")
    _check_files(target, table)
    drawing = wanted_kind.draw_folder(study, _view(wanted_kind, **wanted)).noted()
    warn_if_incomplete(study)
    written = [save_figure(drawing.figure, target)]
    if table is not None:
        _save_table(drawing.table, table)
        written.append(table)
    list_written(written)


def _list_kinds() -> None:
    from sim.plot.kinds import KINDS

    for name, kind in KINDS.items():
        say(f"{name:14} {kind.shows}{kind.origin()}")


def _check_files(target: Path, table: Path | None) -> None:
    if target.suffix.removeprefix(".") not in FORMATS:
        raise UsageError(f"--out {target}: ends in none of {', '.join(FORMATS)}")
    if table is not None and table.suffix not in (".csv", ".json"):
        raise UsageError(f"--table {table}: ends in none of csv, json")


def _view(kind: Kind, begins: datetime | None, ends: datetime | None, **other: Any) -> View:
    """Return what is to be shown.

    Raises
    ------
    UsageError
        *kind* has no use for one of the options, or they exclude each other.
    """
    from sim.plot.drawing import View
    from sim.plot.kinds import KINDS

    view = View(span=_span(begins, ends), **other)
    for field, option in OPTIONS.items():
        if getattr(view, field) is not None and field not in kind.heeds:
            others = ", ".join(name for name, known in KINDS.items() if field in known.heeds)
            raise UsageError(f"{kind.name} has no {option}; it is for {others}")
    return view


def _span(
    begins: datetime | None, ends: datetime | None
) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    import pandas as pd

    if begins is None and ends is None:
        return None
    if begins is None or ends is None or begins >= ends:
        raise UsageError(
            "--from and --to are given together, the first before the second, like 2023-11-01 and 2023-12-01"
        )
    return pd.Timestamp(begins), pd.Timestamp(ends)


def _save_table(frame: pd.DataFrame, path: Path) -> None:
    """Write the numbers of a figure as CSV, or as JSON records with dates in ISO form."""
    from sim.study.csv_text import csv_text
    from sim.study.files import save_text

    if path.suffix == ".csv":
        text = csv_text(frame)
    else:
        text = frame.to_json(orient="records", date_format="iso", double_precision=15, indent=1)
        text += "\n"
    save_text(text, path)
