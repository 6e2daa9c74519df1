"""``corridor run`` and ``corridor compare``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import prepare_json, study_options, write_json
from sim.errors import UsageError
from sim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.spec.load import LoadedScenario
    from sim.study.study import Study


@click.command()
@click.argument("scenario")
@study_options
def run(scenario: str, **options: Any) -> None:
    """Simulate SCENARIO with replications and print what comes out, each number with its 95 % interval."""
    from sim.cli import results
    from sim.cli.tables import terminal
    from sim.study.files import save_study

    (loaded,) = _load((scenario,), options)
    study, interrupted = _replicate(loaded, options)
    if options["json_file"] is not None:
        write_json(results.document(study), options["json_file"])
    if options["out"] is not None:
        save_study(study, options["out"])
        _draw((study,), options["out"])
    if options["json_file"] != "-":
        results.print_study(terminal(), study)
    if interrupted:
        raise KeyboardInterrupt


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@study_options
def compare(scenarios: tuple[str, ...], **options: Any) -> None:
    """Simulate SCENARIOS on the same luck and print paired differences to the first, with intervals."""
    from sim.cli import results
    from sim.cli.tables import terminal
    from sim.study.files import save_comparison
    from sim.study.study import compare as compare_studies

    if len(scenarios) < 2:
        raise UsageError("compare needs two scenarios or more, e.g. corridor compare baseline-2023 fivefold")
    studies = []
    for loaded in _load(scenarios, options):
        study, interrupted = _replicate(loaded, options)
        if interrupted:
            raise KeyboardInterrupt
        studies.append(study)
    comparison = compare_studies(*studies)
    if options["json_file"] is not None:
        write_json(results.comparison_document(comparison), options["json_file"])
    if options["out"] is not None:
        save_comparison(comparison, options["out"])
        _draw(comparison.studies, options["out"])
    if options["json_file"] != "-":
        results.print_comparison(terminal(), comparison)


def _load(names: tuple[str, ...], options: dict[str, Any]) -> list[LoadedScenario]:
    """Load all scenarios, and see that results can be written, before any time is spent."""
    from sim.spec.load import load
    from sim.study.files import prepare

    loaded = [load(name, options["changes"]) for name in names]
    prepare_json(options["json_file"])
    if options["out"] is not None:
        prepare(Path(options["out"]))
    loaded = _told_apart(loaded)
    for scenario in loaded:
        for warning in scenario.warnings:
            click.echo(f"warning: {warning}", err=True)
    return loaded


def _told_apart(loaded: list[LoadedScenario]) -> list[LoadedScenario]:
    """Number scenarios of the same name, so that tables and figures can tell them apart."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    apart = []
    for scenario in loaded:
        seen[scenario.name] = count = seen.get(scenario.name, 0) + 1
        apart.append(scenario if count == 1 else replace(scenario, name=f"{scenario.name}-{count}"))
    return apart


def _replicate(loaded: LoadedScenario, options: dict[str, Any]) -> tuple[Study, bool]:
    """Return the study, and whether Ctrl-C cut it short; what was finished is kept."""
    from sim.study.executor import Interrupted
    from sim.study.study import Study, replicate

    count, seed = options["replications"], options["seed"]
    head = f"{loaded.name}, hash {loaded.hash}, seed {seed}, {count} replications, version {__version__}"
    click.echo(head, err=True)
    try:
        with _progress(loaded.name, count) as step:
            done = replicate(loaded, replications=count, seed=seed, workers=options["workers"], on_done=step)
        return done, False
    except Interrupted as stop:
        if not stop.finished:
            raise
        click.echo(f"interrupted: {len(stop.finished)} of {count} replications are finished and kept", err=True)
        return Study(loaded, seed, stop.finished), True


@contextmanager
def _progress(name: str, count: int) -> Iterator[Callable[[], None]]:
    """Show a bar with the time left on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(name, total=count)
        yield lambda: progress.advance(task)


def _draw(studies: tuple[Study, ...], folder: Path) -> None:
    from sim.plot.figures import draw_study

    for path in draw_study(studies, folder / "figures"):
        click.echo(f"wrote {path}", err=True)
