"""CAREC's indicators of a run or of a study that kept a log, and CAREC's own tables beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from math import isfinite, nan
from pathlib import Path

import pandas as pd

from sim.errors import UsageError
from sim.log import RunLog
from sim.metrics.carec import carec
from sim.network.axis import lengths_km
from sim.runs.replication import Run
from sim.spec.evidence import evidence
from sim.spec.land import moving_share
from sim.spec.library import scenario_folder
from sim.spec.load import Scenario
from sim.spec.messages import near, shown
from sim.spec.tables import read_table
from sim.study.study import Study

COLUMNS = ("indicator", "where", "value", "source", "note")
"""Of a table of measured indicators; ``value`` may be empty where ``source`` is a row of evidence."""


def indicators(run: Run | Study) -> pd.DataFrame:
    """Return the indicators of `sim.metrics.carec`: of a run, or of the replication of a study
    whose log was kept.

    Raises
    ------
    UsageError
        The study keeps no log, or the run does not hold its scenario.
    """
    if isinstance(run, Run):
        if run.loaded is None:
            raise UsageError(
                f"the run of {run.scenario} does not hold its scenario; make it with sim.simulate"
            )
        return _indicators(run.loaded, run.log, run.metrics())
    log = run.replications[0].log if run.replications else None
    if log is None:
        what = "keeps no log, which the indicators are read from"
        raise UsageError(
            f"the study of {run.scenario.name} {what}; run it with --out, or replicate with keep_log=True"
        )
    return _indicators(run.scenario, log, run.replications[0].metrics)


def _indicators(scenario: Scenario, log: RunLog, metrics: pd.DataFrame) -> pd.DataFrame:
    spec = scenario.spec
    moving = {section: min(1.0, moving_share(track)) for section, track in spec.sections.items()}
    borders = {border: crossing.ends for border, crossing in spec.borders.items()}
    return carec(log, lengths_km(scenario), metrics, moving=moving, borders=borders)


def beside(frame: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Return measured indicators beside those of *frame*, a row for each row of the table in *file*.

    Parameters
    ----------
    frame
        As of `indicators`.
    file
        A CSV file with the columns `COLUMNS`, or the name of one that ships (``cpmm-2023``).

    Returns
    -------
    DataFrame
        ``indicator, where, measured, simulated, ratio, unit, units, source, note``; NaN where nothing
        was simulated: nothing passed, or the number does not exist.

    Raises
    ------
    UsageError
        The file is no such table, or names what the run does not have.
    """
    known = {(row.indicator, row.where): row for row in frame.itertuples()}
    rows = []
    for line, cells in _lines(file):
        here = f"{file}:{line}"
        indicator, where = cells["indicator"], cells["where"]
        measured = _measured(here, cells)
        found = known.get((indicator, where))
        if found is None:
            _check_place(here, frame, indicator, where)
        simulated = nan if found is None else float(found.value)
        rows.append(
            {
                "indicator": indicator,
                "where": where,
                "measured": measured,
                "simulated": simulated,
                "ratio": simulated / measured,
                "unit": "" if found is None else found.unit,
                "units": 0 if found is None else int(found.units),
                "source": cells["source"],
                "note": cells["note"],
            }
        )
    return pd.DataFrame(rows)


def shipped_tables() -> list[str]:
    """Return the names of the tables of measured indicators that ship."""
    return sorted(file.stem for file in (scenario_folder() / "observed").glob("cpmm-*.csv"))


def _lines(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the number and the cells of each line of a table, by column."""
    path = scenario_folder() / "observed" / f"{file}.csv" if str(file) in shipped_tables() else file
    table = read_table(path, str(file))
    if isinstance(table, str):
        names = ", ".join(shipped_tables())
        raise UsageError(f"{file} {table}; give a CSV file, or one that ships: {names}")
    try:
        text = table.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not a CSV file in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS[:4] if column not in (reader.fieldnames or ())]
    if missing:
        raise UsageError(
            f"{file}:1: has no column {' and '.join(missing)}; it needs {', '.join(COLUMNS[:4])}"
        )
    for row in reader:
        yield reader.line_num, {column: (row.get(column) or "").strip() for column in COLUMNS}


def _measured(here: str, cells: Mapping[str, str]) -> float:
    """Return the value of a line: as written, or the first number of the row of evidence it names."""
    written, source = cells["value"], cells["source"]
    if not written:
        row = evidence().get(source)
        if row is None or not row.numbers:
            what = f"has no value, and {shown(source)} is no row of evidence with a number"
            raise UsageError(f"{here}: {what}; write the value")
        return row.numbers[0]
    try:
        value = float(written)
    except ValueError:
        value = nan
    if not isfinite(value) or value <= 0:
        raise UsageError(f"{here}: value: must be a number above 0; got {shown(written)}")
    return value


def _check_place(here: str, frame: pd.DataFrame, indicator: str, where: str) -> None:
    """Raise a `UsageError` if no run of the scenario can have the indicator at that place."""
    kinds = list(dict.fromkeys(frame["indicator"]))
    if indicator not in kinds:
        raise UsageError(f"{here}: indicator: {shown(indicator)} is none of {', '.join(kinds)}")
    places = set(frame["where"])
    # One way over a border, or a gate, over which nothing went in this run.
    if where in places or where.split(":", maxsplit=1)[0] in places:
        return
    raise UsageError(
        f"{here}: where: {shown(where)} is no place of the indicators{near(where, places)}"
    )
