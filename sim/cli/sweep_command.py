"""``corridor sweep``: the main outcomes at many points."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import FILE, replications_option, simulation_options
from sim.cli.study_command import Results, StudyCommand
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.sweep import Design, Sweep


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
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
    metavar="N",
    help="Number of points of a Latin hypercube over the ranges.",
)
@click.option("--design", type=FILE, help="CSV file: a column for each path, a row for each point.")
@replications_option(10, "of each point", least=1)
@simulation_options
def sweep(
    scenario: str,
    varied: tuple[str, ...],
    sample: int | None,
    design: Path | None,
    replications: int,
    **options: Any,
) -> None:
    """Run SCENARIO at many points and print the main outcomes of each, with 95 % intervals."""
    from sim.analysis.headlines import of_sweep
    from sim.analysis.sweep import SweepInterrupted
    from sim.analysis.sweep import sweep as run_points
    from sim.runs.requests import FailedError

    command = StudyCommand(options)
    loaded = command.load(scenario)
    points = _design(varied, sample, design, command.seed)
    count = len(points.points)
    command.announce(loaded, f"{count} points, {replications} replications each")
    analysis = partial(run_points, loaded, points, replications=replications)
    trouble: BaseException | None = None
    try:
        result = command.run(loaded.name, count * replications, analysis)
        if result.failures:
            trouble = FailedError(result.failures)
    except SweepInterrupted as stop:
        result, trouble = stop.finished, stop
    table = result.table()
    title = f"{loaded.name}: main outcomes at {len(table)} points, 95 %"
    command.give(
        Results(
            scenario=loaded,
            replications=replications,
            facts={"paths": list(points.paths), "points": table},
            files={"points": table, "sweep": result.tidy()},
            headline=of_sweep(loaded.name, table, points.paths),
            show=lambda screen: screen.table(_with_half_widths(table), title),
            more_files=partial(_save_parquet, result),
            trouble=trouble,
        )
    )


def _save_parquet(result: Sweep, folder: Path) -> list[Path]:
    from sim.study.files import save_frame

    file = folder / "sweep.parquet"
    save_frame(result.tidy(), file)
    return [file]


def _with_half_widths(table: pd.DataFrame) -> pd.DataFrame:
    """Return *table* with each mean and its half-width in one column."""
    from sim.units import format_mean_and_half

    shown = table.copy()
    for high in [column for column in table if " high [" in str(column)]:
        mean, low = high.replace(" high [", " ["), high.replace(" high [", " low [")
        intervals = table[[mean, low, high]].itertuples(index=False)
        shown[mean] = [format_mean_and_half(*interval) for interval in intervals]
        shown = shown.drop(columns=[low, high])
    return shown


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
        return latin_hypercube(dict(map(_range, varied)), sample, seed=seed)
    return grid(dict(map(_levels, varied)))


def _levels(text: str) -> tuple[str, list[Any]]:
    """Return path and values of ``PATH=V1,V2,...``; values are written as in a scenario file."""
    from sim.spec.yaml_tree import read_value

    path, written = _parts(text)
    values = read_value(f"[{written}]", f"--vary {path}")
    if not isinstance(values, list) or not values:
        raise UsageError(f"--vary {text}: no values; write it like --vary demand.scale=1,2,3")
    return path, values


def _range(text: str) -> tuple[str, tuple[float, float]]:
    """Return path and ends of ``PATH=LOW..HIGH``."""
    path, written = _parts(text)
    low, dots, high = written.partition("..")
    try:
        ends = (float(low), float(high))
    except ValueError:
        ends = (0.0, 0.0)
    if not dots or not ends[0] < ends[1]:
        what = f"with --sample a range of numbers is needed, like {path}=0.5..2"
        remedy = "durations and whole numbers: write the points into a --design"
        raise UsageError(f"--vary {text}: {what} ({remedy})")
    return path, ends


def _parts(text: str) -> tuple[str, str]:
    path, equals, values = text.partition("=")
    if not equals or not path.strip() or not values.strip():
        raise UsageError(f"--vary {text}: write it like --vary demand.scale=1,2,3")
    return path.strip(), values.strip()
