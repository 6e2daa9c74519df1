"""``corridor replay``: trains, ships and stacks on the map, as one HTML file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import DATE, FILE, study_argument
from sim.cli.pages import page_file, write_page
from sim.cli.study_folder import read_studies

if TYPE_CHECKING:
    from sim.log import RunLog
    from sim.report.replay_data import Dates


@click.command()
@study_argument
@click.option(
    "--from",
    "begin",
    type=DATE,
    metavar="DATE",
    help="First day; default: a month before the last.",
)
@click.option(
    "--to",
    "end",
    type=DATE,
    metavar="DATE",
    help="Day after the last; default: the end of the measured window.",
)
@click.option("--out", type=FILE, help="HTML file; default: STUDY/replay.html.")
def replay(study: Path, begin: datetime | None, end: datetime | None, out: Path | None) -> None:
    """Write a replay of the first replication of STUDY on the map: a month, or the days from --from
    to --to."""
    from sim.plot.drawing import log_of
    from sim.report.replay import replay_page

    file = page_file(study, out, "replay.html")
    studies = read_studies(study)
    first = None if begin is None else begin.date()
    last = None if end is None else end.date()
    write_page(replay_page(studies, _dates(log_of(studies[0]), first, last)), file)


def _dates(log: RunLog, begin: date | None, end: date | None) -> Dates:
    """Return the days that are shown; what is not given is a month from the other end."""
    from sim.report.replay_data import MONTH_DAYS, Dates, default_dates

    if begin is not None and end is not None:
        return Dates(begin, end)
    month, run_begins = timedelta(days=MONTH_DAYS), date.fromisoformat(log.facts.start_date)
    if end is not None:
        return Dates(max(end - month, run_begins), end)
    if begin is not None:
        run_ends = run_begins + timedelta(seconds=log.facts.end_s)
        return Dates(begin, min(begin + month, run_ends))
    return default_dates(log)
