"""``corridor plot``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import tell_written
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
"""How the fields of a view are asked for."""


@click.command()
@click.argument("study", type=click.Path(path_type=Path), required=False)
@click.argument("kind", required=False)
@click.option(
    "--from", "begins", type=click.DateTime(["%Y-%m-%d"]), help="First day that is shown."
)
@click.option("--to", "ends", type=click.DateTime(["%Y-%m-%d"]), help="Day before which it ends.")
@click.option("--at", help="Port whose berths are shown.")
@click.option("--via", help="Place or leg that the chain of a diagram passes.")
@click.option("--flow", help="Flow whose journey is shown; default: all cargo of the corridor.")
@click.option("--outcome", help="Answer that a tornado shows; default: the first.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="FILE.svg, .png or .pdf; default: KIND.svg here."
)
@click.option(
    "--table", type=click.Path(path_type=Path), help="FILE.csv or .json: the numbers in the figure."
)
def plot(
    study: Path | None, kind: str | None, out: Path | None, table: Path | None, **wanted: Any
) -> None:
    """Draw one KIND of figure of STUDY, a folder that --out of any study wrote; without a KIND,
    list them."""
    from sim.plot.figures import save_figure
    from sim.plot.kinds import KINDS, kind_of

    if study is None or kind is None:
        for name, known in KINDS.items():
            click.echo(f"{name:14} {known.shows}{known.origin()}")
        return
    wanted_kind = kind_of(kind)
    target = out if out is not None else Path(f"{kind}.svg")
    if target.suffix.removeprefix(".") not in FORMATS:
        raise UsageError(f"--out {target}: ends in none of {', '.join(FORMATS)}")
    if table is not None and table.suffix not in (".csv", ".json"):
        raise UsageError(f"--table {table}: ends in none of csv, json")
    drawing = wanted_kind.draw_folder(study, _view(wanted_kind, **wanted)).noted()
    written = [save_figure(drawing.figure, target)]
    if table is not None:
        written.append(_save_table(drawing.table, table))
    tell_written(written)


def _view(kind: Kind, begins: datetime | None, ends: datetime | None, **other: Any) -> View:
    """Return what the options ask for.

    Raises
    ------
    UsageError
        *kind* does not heed one of them, or they exclude each other.
    """
    import pandas as pd

    from sim.plot.drawing import View
    from sim.plot.kinds import KINDS

    is_half = (begins is None) != (ends is None)
    if is_half or (begins is not None and ends is not None and begins >= ends):
        what = "--from and --to are given together, the first before the second"
        raise UsageError(f"{what}, like 2023-11-01 and 2023-12-01")
    span = None if begins is None or ends is None else (pd.Timestamp(begins), pd.Timestamp(ends))
    view = View(span=span, **other)
    for field, option in OPTIONS.items():
        if getattr(view, field) is not None and field not in kind.heeds:
            those = ", ".join(name for name, known in KINDS.items() if field in known.heeds)
            raise UsageError(f"{kind.name} does not heed {option}; it is for {those}")
    return view


def _save_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write the numbers of a figure as CSV, or as JSON records with dates in ISO form."""
    from sim.study.files import save_text

    if path.suffix == ".csv":
        save_text(frame.to_csv(index=False, lineterminator="\n"), path)
    else:
        save_text(
            frame.to_json(orient="records", date_format="iso", double_precision=15, indent=1)
            + "\n",
            path,
        )
    return path
