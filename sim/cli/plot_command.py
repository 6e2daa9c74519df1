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

    from sim.plot.drawing import Drawing, View

FORMATS = ("svg", "png", "pdf")
OPTIONS = {"span": "--from and --to", "at": "--at", "via": "--via", "flow": "--flow"}
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
    from sim.plot.kinds import KINDS
    from sim.plot.results import RESULTS
    from sim.study.files import load_studies

    if study is None or kind is None:
        for name, known in KINDS.items():
            click.echo(f"{name:14} {known.what}")
        for name, result in RESULTS.items():
            click.echo(f"{name:14} {result.what}, of a folder of {result.command}")
        return
    if kind not in KINDS and kind not in RESULTS:
        raise UsageError(
            f"{kind} is no kind of figure; choose one of {', '.join([*KINDS, *RESULTS])}"
        )
    target = out if out is not None else Path(f"{kind}.svg")
    if target.suffix.removeprefix(".") not in FORMATS:
        raise UsageError(f"--out {target}: ends in none of {', '.join(FORMATS)}")
    if table is not None and table.suffix not in (".csv", ".json"):
        raise UsageError(f"--table {table}: ends in none of csv, json")
    outcome = wanted.pop("outcome")
    if outcome is not None and kind != "tornado":
        raise UsageError(f"{kind} does not heed --outcome; it is for tornado")
    view = _view(kind, **wanted)
    drawing = (
        _result(study, kind, outcome)
        if kind in RESULTS
        else KINDS[kind].draw(load_studies(study), view)
    )
    written = [save_figure(drawing.figure, target)]
    if table is not None:
        written.append(_save_table(drawing.table, table))
    tell_written(written)


def _result(folder: Path, kind: str, outcome: str | None) -> Drawing:
    """Return the figure of tables, or the one of *outcome* where there are several."""
    from sim.plot.results import draw_results

    found = draw_results(folder, kind)
    if not found:
        raise UsageError(f"{folder}: its tables hold nothing that {kind} could show")
    if outcome is None:
        return next(iter(found.values()))
    by_outcome = {str(drawing.table["outcome"].iloc[0]): drawing for drawing in found.values()}
    if outcome not in by_outcome:
        raise UsageError(f"--outcome {outcome}: choose one of {', '.join(by_outcome)}")
    return by_outcome[outcome]


def _view(kind: str, begins: datetime | None, ends: datetime | None, **other: str | None) -> View:
    """Return what is wanted, or say what *kind* does not heed."""
    import pandas as pd

    from sim.plot.drawing import View
    from sim.plot.kinds import KINDS

    if (begins is None) != (ends is None) or (
        begins is not None and ends is not None and begins >= ends
    ):
        raise UsageError(
            "--from and --to are given together, the first before the second, like 2023-11-01 and 2023-12-01"
        )
    span = None if begins is None or ends is None else (pd.Timestamp(begins), pd.Timestamp(ends))
    view = View(span=span, **other)
    for field, option in OPTIONS.items():
        if getattr(view, field) is not None and (
            kind not in KINDS or field not in KINDS[kind].takes
        ):
            those = ", ".join(name for name, known in KINDS.items() if field in known.takes)
            raise UsageError(f"{kind} does not heed {option}; it is for {those}")
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
