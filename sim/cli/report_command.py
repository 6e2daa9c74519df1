"""``corridor report`` and ``corridor replay``: pages made of a study that ``--out`` wrote."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import tell_written
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.log import RunLog
    from sim.report.replay_data import Dates

_day = click.DateTime(["%Y-%m-%d"])
_study = click.argument("study", type=click.Path(path_type=Path))


@click.command()
@_study
@click.option(
    "--out", type=click.Path(path_type=Path), help="HTML file; default: STUDY/report.html."
)
def report(study: Path, out: Path | None) -> None:
    """Write the report of STUDY, a folder that --out of run, compare or validate wrote, as one HTML
    file."""
    from sim.report.page import report_page
    from sim.study.files import load_studies

    file = _file(study, out, "report.html")
    _write(report_page(load_studies(study), study), file)


@click.command()
@_study
@click.option("--from", "begin", type=_day, help="First day; default: a month before the last.")
@click.option(
    "--to", "end", type=_day, help="Day after the last; default: the end of the measured window."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="HTML file; default: STUDY/replay.html."
)
def replay(study: Path, begin: datetime | None, end: datetime | None, out: Path | None) -> None:
    """Write a replay of the first replication of STUDY on the map, a month or from one day to
    another."""
    from sim.plot.drawing import log_of
    from sim.report.replay import replay_page
    from sim.study.files import load_studies

    file = _file(study, out, "replay.html")
    studies = load_studies(study)
    _write(replay_page(studies, _dates(log_of(studies[0]), begin, end)), file)


def _dates(log: RunLog, begin: datetime | None, end: datetime | None) -> Dates:
    """Return the days that the options say, and the usual ones for what they leave out."""
    from datetime import timedelta

    from sim.report.replay_data import MONTH_DAYS, Dates, default_dates

    usual = default_dates(log)
    if begin is None and end is None:
        return usual
    month, run_begins = timedelta(days=MONTH_DAYS), date.fromisoformat(log.facts.start_date)
    if end is not None:
        last = end.date()
        return Dates(begin.date() if begin is not None else max(last - month, run_begins), last)
    first = begin.date() if begin is not None else usual.begin
    return Dates(first, min(first + month, run_begins + timedelta(seconds=log.facts.end_s)))


def _file(study: Path, out: Path | None, name: str) -> Path:
    """Return where the page goes; it is seen early that it can."""
    file = out if out is not None else study / name
    if file.is_dir() or (out is not None and not file.parent.is_dir()):
        what = "is a folder" if file.is_dir() else "lies in no folder that exists"
        raise UsageError(f"{file} {what}; give the name of an HTML file with --out")
    return file


def _write(page: str, file: Path) -> None:
    from sim.study.files import save_text

    save_text(page, file)
    tell_written([file])
