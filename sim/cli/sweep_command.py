"""``corridor sweep`` and ``corridor saturation``: many scenarios made of one."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, share, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.errors import UsageError
from sim.units import format_mean_and_half
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.saturation import Saturation, Trial
    from sim.analysis.sweep import Design


@click.command()
@click.argument("scenario")
@click.option(
    "--vary",
    "varied",
    multiple=True,
    metavar="PATH=V1,V2,...",
    help="Values of one number; several make a grid. With --sample, a range: PATH=LOW..HIGH.",
)
@click.option(
    "--sample",
    type=click.IntRange(1, 100_000),
    help="So many points of a Latin hypercube over the ranges.",
)
@click.option(
    "--design",
    type=click.Path(path_type=Path),
    help="CSV file: a column for each path, a row for each point.",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, 100_000),
    default=10,
    show_default=True,
    help="Of each point.",
)
@runner_options
def sweep(
    scenario: str, varied: tuple[str, ...], sample: int | None, design: Path | None, **options: Any
) -> None:
    """Run SCENARIO at many points and print the main outcomes of each, with 95 % intervals."""
    from sim.analysis import sweep as study
    from sim.analysis.sweep import SweepInterrupted
    from sim.cli.tables import print_frame, terminal
    from sim.runs.requests import FailedError
    from sim.study.files import save_frame, save_text

    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    points = _design(varied, sample, design, options["seed"])
    out = options["out"]
    prepare_out(options)
    count = options["replications"]
    head = f"{loaded.name}, hash {loaded.hash}, {len(points.points)} points, seed {options['seed']}"
    click.echo(f"{head}, {count} replications each, version {__version__}", err=True)
    trouble: BaseException | None = None
    try:
        with (
            progress(loaded.name, len(points.points) * count) as step,
            running(options, step) as runner,
        ):
            found = study.sweep(
                loaded, points, replications=count, seed=options["seed"], runner=runner
            )
        trouble = FailedError(found.failures) if found.failures else None
    except SweepInterrupted as stop:
        # What is finished is told, and then that it is not all.
        found, trouble = stop.finished, stop
    table = found.table()
    if out is not None:
        save_frame(found.tidy(), out / "sweep.parquet")
        save_text(found.tidy().to_csv(index=False, lineterminator="\n"), out / "sweep.csv")
        save_text(table.to_csv(index=False, lineterminator="\n"), out / "points.csv")
    if options["json_file"] is not None:
        rows = [json_row(row) for row in table.to_dict("records")]
        facts = {
            "scenario": loaded.name,
            "hash": loaded.hash,
            "version": __version__,
            "seed": options["seed"],
        }
        write_json(
            {**facts, "replications": count, "paths": list(points.paths), "points": rows},
            options["json_file"],
        )
    if options["json_file"] != "-":
        print_frame(
            terminal(),
            _with_bounds(table),
            f"{loaded.name}: main outcomes at {len(table)} points, 95 %",
        )
    if trouble is not None:
        raise trouble


def _with_bounds(table: pd.DataFrame) -> pd.DataFrame:
    """Return *table* with every mean and its interval in one column."""
    shown = table.copy()
    for high in [column for column in table if " high [" in str(column)]:
        mean, low = high.replace(" high [", " ["), high.replace(" high [", " low [")
        intervals = zip(table[mean], table[low], table[high], strict=True)
        shown[mean] = [format_mean_and_half(*interval) for interval in intervals]
        shown = shown.drop(columns=[low, high])
    return shown


@click.command()
@click.argument("scenario")
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(2, 100_000),
    default=10,
    show_default=True,
    help="Of each trial.",
)
@click.option(
    "--tolerance", default="2%", show_default=True, help="Width of the last bracket, as a share."
)
@runner_options
def saturation(scenario: str, tolerance: str, **options: Any) -> None:
    """Find how many times its demand SCENARIO carries before a stack or queue is overloaded."""
    from sim.analysis import saturation as study
    from sim.cli.tables import print_frame, terminal
    from sim.study.files import save_text

    width = share(tolerance, "--tolerance")
    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    out, count = options["out"], options["replications"]
    prepare_out(options)
    head = (
        f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, {count} replications a trial"
    )
    click.echo(f"{head}, version {__version__}", err=True)

    def tell(trial: Trial) -> None:
        what = (
            f"overloaded: {', '.join(trial.overloaded[:3])}"
            if trial.overloaded
            else "nothing is overloaded"
        )
        click.echo(f"{trial.scale:.4g} times: {what}", err=True)

    with progress(loaded.name, None) as step, running(options, step) as runner:
        found = study.saturation(
            loaded,
            replications=count,
            seed=options["seed"],
            tolerance=width,
            runner=runner,
            on_trial=tell,
        )
    if out is not None:
        save_text(found.table().to_csv(index=False, lineterminator="\n"), out / "saturation.csv")
    if options["json_file"] is not None:
        write_json(_document(found), options["json_file"])
    if options["json_file"] != "-":
        print_frame(
            terminal(),
            found.table(),
            f"{loaded.name}: what is overloaded at which multiple of its demand",
        )
        click.echo(_in_words(found))


def _document(found: Saturation) -> dict[str, Any]:
    row = {
        "name": "saturation_multiple",
        "scenario": found.scenario.name,
        "where": found.binding or None,
        "flow": None,
        "activity": None,
        "value": found.multiple,
        "low": found.low,
        "high": found.high,
        "unit": "1",
    }
    return {
        "scenario": found.scenario.name,
        "hash": found.scenario.hash,
        "version": __version__,
        "seed": found.seed,
        "replications": found.replications,
        "audit": "passed",
        "metrics": [json_row(row)],
        "trials": [json_row(trial) for trial in found.table().to_dict("records")],
    }


def _in_words(found: Saturation) -> str:
    if isfinite(found.multiple):
        bounds = f"({found.low:.3g} to {found.high:.3g}, 95 %)"
        return f"carries {found.multiple:.3g} {bounds} times its demand; overloaded first: {found.binding}"
    if found.binding:
        return f"something is overloaded even at {found.high:.3g} times the demand: {found.binding}"
    return f"nothing is overloaded at {found.low:.3g} times the demand, the most that is tried"


def _design(varied: tuple[str, ...], sample: int | None, file: Path | None, seed: int) -> Design:
    """Return the points that the options ask for."""
    from sim.analysis.sweep import grid, latin_hypercube, read_design

    if file is not None:
        if varied or sample is not None:
            raise UsageError("--design gives the points; leave out --vary and --sample")
        return read_design(file)
    if not varied:
        raise UsageError(
            "a sweep needs something to vary, e.g. --vary demand.scale=1,2,3 (or --design FILE)"
        )
    paths = [_parts(text)[0] for text in varied]
    if len(set(paths)) < len(paths):
        raise UsageError("a path is varied twice; give all its values in one --vary")
    if sample is not None:
        return latin_hypercube(dict(_range(text) for text in varied), sample, seed=seed)
    return grid(dict(_levels(text) for text in varied))


def _levels(text: str) -> tuple[str, list[Any]]:
    """Return path and values of ``PATH=V1,V2,...``; values are written as in a scenario file."""
    from sim.spec.yaml_tree import read_value

    path, values = _parts(text)
    found = read_value(f"[{values}]", f"--vary {path}")
    if not isinstance(found, list) or not found:
        raise UsageError(f"--vary {text}: no values; write it like --vary demand.scale=1,2,3")
    return path, found


def _range(text: str) -> tuple[str, tuple[float, float]]:
    path, values = _parts(text)
    low, dots, high = values.partition("..")
    try:
        ends = (float(low), float(high))
    except ValueError:
        ends = (0.0, 0.0)
    if not dots or not ends[0] < ends[1]:
        what = f"with --sample a range of numbers is needed, like {path}=0.5..2"
        raise UsageError(
            f"--vary {text}: {what} (durations and whole numbers: write the points into a --design)"
        )
    return path, ends


def _parts(text: str) -> tuple[str, str]:
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        raise UsageError(f"--vary {text}: write it like --vary demand.scale=1,2,3")
    return path.strip(), values.strip()
