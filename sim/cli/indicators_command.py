"""``corridor indicators``: time, cost and speed in CAREC's form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import FILE, full_option, json_option, study_argument
from sim.cli.output import check_json_file, document_head, json_rows, write_json
from sim.cli.study_folder import check_csv_file, one_study, save_csv

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@study_argument
@json_option
@full_option
@click.option(
    "--beside",
    "measured",
    type=FILE,
    metavar="TABLE",
    help="CPMM's figures to show beside them: cpmm-2022 or cpmm-2023, or a CSV file with the columns "
    "indicator, where, value, source.",
)
@click.option("--csv", "csv_file", type=FILE, help="Write the table as FILE.csv.")
def indicators(
    study: Path, json_file: str | None, measured: Path | None, csv_file: Path | None
) -> None:
    """Print CAREC's indicators of STUDY, a folder that --out wrote: hours and cost at borders, cost
    and speed.

    TFI1: hours at a border crossing, both ways and each way, at a gate or a sea port. TFI2: price
    there of 20 t. TFI3: price of 20 t over 500 km. TFI4: speed without delay (SWOD: over the time in
    motion, all stops taken out) and with it (SWD: over all the time, borders included). They are
    those of the replication whose log is kept.
    """
    from sim.analysis.indicators import beside
    from sim.analysis.indicators import indicators as indicators_of
    from sim.cli.screen import Screen

    check_json_file(json_file)
    if csv_file is not None:
        check_csv_file(csv_file)
    kept = one_study(study)
    frame = indicators_of(kept)
    compared = None if measured is None else beside(frame, measured)
    number = kept.replications[0].number
    if csv_file is not None:
        save_csv(frame, csv_file)
    if json_file is not None:
        head = document_head(kept.scenario, kept.seed, len(kept.replications))
        del head["replications"]
        document = {**head, "replication": number, "indicators": json_rows(frame)}
        if compared is not None:
            document["beside"] = json_rows(compared)
        write_json(document, json_file)
    if json_file != "-":
        screen = Screen()
        title = f"{kept.scenario.name}: indicators in CAREC's form, replication {number}"
        units = "h, USD/20 t, USD/20 t/500 km, km/h"
        screen.table(_by_place(frame), f"{title}; {units}")
        if compared is not None:
            screen.table(compared, f"{kept.scenario.name} beside {measured}")
        screen.show()


def _by_place(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each mode and place, a column for each indicator."""
    table = frame.pivot_table(
        index=["mode", "what", "where"],
        columns="indicator",
        values="value",
        sort=False,
        dropna=False,
    )
    in_order = list(dict.fromkeys(frame["indicator"]))
    return table.reindex(columns=in_order).dropna(how="all").reset_index()
