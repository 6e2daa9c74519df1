"""``corridor events``: the log of a study as an event table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import DATE, FILE, study_argument
from sim.cli.output import say
from sim.cli.study_folder import check_csv_file, one_study, save_csv
from sim.errors import UsageError
from sim.units import DAY

if TYPE_CHECKING:
    from sim.log import RunLog
    from sim.metrics.window import Window
    from sim.study.study import Study


@click.command()
@study_argument
@click.argument("file", type=FILE)
@click.option("--flow", "flows", multiple=True, help="Only cases of this flow; repeat it for more.")
@click.option(
    "--from",
    "begins",
    type=DATE,
    metavar="DATE",
    help="First day on which cases are created; default: all.",
)
@click.option("--to", "ends", type=DATE, metavar="DATE", help="Day before which cases are created.")
def events(
    study: Path, file: Path, flows: tuple[str, ...], begins: datetime | None, ends: datetime | None
) -> None:
    """Write the log of STUDY, a folder that --out wrote, as an event table into FILE.csv.

    One row for each interval of delivered cargo: case, activity, start, end, resource, then place,
    flow, unit, units, vehicle. Tools for process mining read it without conversion.
    """
    from sim.metrics.events import events as events_of

    check_csv_file(file)
    log = _log_of(one_study(study))
    unknown = [flow for flow in flows if flow not in log.names.flow]
    if unknown:
        raise UsageError(
            f"--flow {unknown[0]}: no such flow; the flows are {', '.join(log.names.flow)}"
        )
    frame = events_of(log, _window(log, begins, ends), flows)
    save_csv(frame, file)
    say(f"{frame['case'].nunique():,} cases, {len(frame):,} rows", err=True)


def _log_of(study: Study) -> RunLog:
    log = study.replications[0].log if study.replications else None
    if log is None:
        what = f"the study of {study.scenario.name} keeps no log"
        raise UsageError(f"{what}; run it with --out, which keeps that of the first replication")
    return log


def _window(log: RunLog, begins: datetime | None, ends: datetime | None) -> Window | None:
    """Return the seconds of the run between two days; None for all of it."""
    from sim.metrics.window import Window

    if begins is None and ends is None:
        return None
    start = datetime.fromisoformat(log.facts.start_date)
    first = 0 if begins is None else round((begins - start).total_seconds())
    last = log.facts.end_s if ends is None else round((ends - start).total_seconds())
    if begins is not None and ends is not None and begins >= ends:
        raise UsageError("--from lies before --to, like --from 2023-11-01 --to 2023-12-01")
    if last <= 0 or first >= log.facts.end_s:
        days = log.facts.end_s // DAY
        run = f"which begins on {log.facts.start_date} and has {days} days"
        raise UsageError(f"--from and --to lie outside the run, {run}")
    return Window(first, last)
