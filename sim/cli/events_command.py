"""``corridor events`` and ``corridor indicators``: what the log of a study tells others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_option, json_row, prepare_json, tell_written, write_json
from sim.errors import MachineError, UsageError
from sim.units import DAY
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.log import RunLog
    from sim.metrics.window import Window
    from sim.study.study import Study

study_argument = click.argument("study", type=click.Path(path_type=Path))


@click.command()
@study_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--flow", "flows", multiple=True, help="Only cases of this flow; may be given several times."
)
@click.option(
    "--from", "begins", type=click.DateTime(["%Y-%m-%d"]), help="First day of birth; default: all."
)
@click.option(
    "--to", "ends", type=click.DateTime(["%Y-%m-%d"]), help="Day before which cases are born."
)
def events(
    study: Path, file: Path, flows: tuple[str, ...], begins: datetime | None, ends: datetime | None
) -> None:
    """Write the log of STUDY, a folder that --out wrote, as a flat table into FILE.csv.

    One row an interval of what was delivered: case, activity, start, end, resource, then place,
    flow, unit, units, vehicle. Tools for process mining read it as it is.
    """
    from sim.metrics.events import events as events_of

    _check_csv(file)
    log = _kept_log(_only(study))
    unknown = [flow for flow in flows if flow not in log.names.flow]
    if unknown:
        raise UsageError(
            f"--flow {unknown[0]}: no such flow; the flows are {', '.join(log.names.flow)}"
        )
    frame = events_of(log, _window(log, begins, ends), flows)
    _save_csv(frame, file)
    click.echo(f"{frame['case'].nunique():,} cases, {len(frame):,} rows", err=True)


@click.command()
@study_argument
@json_option
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write the table as FILE.csv."
)
def indicators(study: Path, json_file: str | None, csv_file: Path | None) -> None:
    """Tell CAREC's indicators of STUDY, a folder that --out wrote: hours and cost at borders, cost
    and speed.

    TFI1: hours at a border crossing or sea port. TFI2: price there of 20 t. TFI3: price of 20 t
    over 500 km. TFI4: speed without delay (SWOD) and with it (SWD). They are those of the
    replication whose log was kept.
    """
    from sim.analysis.indicators import indicators as indicators_of
    from sim.cli.tables import print_frame, terminal

    prepare_json(json_file)
    if csv_file is not None:
        _check_csv(csv_file)
    found = _only(study)
    frame = indicators_of(found)
    if csv_file is not None:
        _save_csv(frame, csv_file)
    if json_file is not None:
        write_json(_document(found, frame), json_file)
    if json_file != "-":
        table = frame.pivot_table(
            index=["mode", "what", "where"],
            columns="indicator",
            values="value",
            sort=False,
            dropna=False,
        )
        table = (
            table.reindex(columns=list(dict.fromkeys(frame["indicator"])))
            .dropna(how="all")
            .reset_index()
        )
        title = f"{found.scenario.name}: indicators in CAREC's form, replication {found.replications[0].number}"
        print_frame(terminal(), table, f"{title}; h, USD/20 t, USD/20 t/500 km, km/h")


def _document(study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "scenario": study.scenario.name,
        "hash": study.scenario.hash,
        "version": __version__,
        "seed": study.seed,
        "replication": study.replications[0].number,
        "audit": "passed",
        "indicators": [json_row(row) for row in frame.to_dict("records")],
    }


def _only(folder: Path) -> Study:
    from sim.study.files import load_studies

    studies = load_studies(folder)
    if len(studies) > 1:
        what = f"holds a comparison of {len(studies)} studies; name the folder of one of them"
        raise UsageError(f"{folder}: {what}, e.g. {folder}/1-{studies[1].scenario.name}")
    return studies[0]


def _kept_log(study: Study) -> RunLog:
    log = study.replications[0].log if study.replications else None
    if log is None:
        raise UsageError(
            f"the study of {study.scenario.name} keeps no log; run it with --out, which keeps the first"
        )
    return log


def _window(log: RunLog, begins: datetime | None, ends: datetime | None) -> Window | None:
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


def _check_csv(file: Path) -> None:
    if file.suffix != ".csv":
        raise UsageError(f"{file}: a name that ends in .csv is needed")
    if file.is_dir() or not file.resolve().parent.is_dir():
        what = "is a folder" if file.is_dir() else "lies in no folder that exists"
        raise MachineError(f"{file}: {what}; choose another name")


def _save_csv(frame: pd.DataFrame, file: Path) -> None:
    from sim.study.files import save_text

    save_text(frame.to_csv(index=False, lineterminator="\n"), file)
    tell_written([file])
