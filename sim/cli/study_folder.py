"""A study read from the folder that ``--out`` wrote, and tables written as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.output import list_written, say
from sim.errors import MachineError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.study import Study


def one_study(folder: Path) -> Study:
    """Return the study in *folder*; a comparison holds several and is refused."""
    studies = read_studies(folder)
    if len(studies) > 1:
        what = f"holds a comparison of {len(studies)} studies; name the folder of one of them"
        raise UsageError(f"{folder}: {what}, e.g. {folder}/1-{studies[1].scenario.name}")
    return studies[0]


def read_studies(folder: Path) -> tuple[Study, ...]:
    """Return the studies in *folder*; warn where they are not all that was asked for."""
    from sim.study.files import load_studies

    studies = load_studies(folder)
    warn_if_incomplete(folder)
    return studies


def warn_if_incomplete(folder: Path) -> None:
    """Warn of a study that is not all that was asked for."""
    from sim.study.files import why_incomplete

    if why := why_incomplete(folder):
        say(f"warning: the study in {folder} is incomplete: {why}", err=True)


def check_csv_file(file: Path) -> None:
    """Raise an error where *file* is no name of a CSV file or cannot be written."""
    if file.suffix != ".csv":
        raise UsageError(f"{file}: a name that ends in .csv is needed")
    if file.is_dir():
        raise MachineError(f"{file}: is a folder; choose another name")
    if not file.resolve().parent.is_dir():
        raise MachineError(f"{file}: lies in no folder that exists; choose another name")


def save_csv(frame: pd.DataFrame, file: Path) -> None:
    """Write *frame* as CSV and list the file."""
    from sim.study.csv_text import csv_text
    from sim.study.files import save_text

    save_text(csv_text(frame), file)
    list_written([file])
