"""``corridor run``, ``compare`` and ``validate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import prepare_json, share, study_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import running
from sim.errors import UsageError
from sim.version import __version__

if TYPE_CHECKING:
    from sim.runs.requests import FailedError
    from sim.runs.runner import Runner
    from sim.spec.load import Scenario
    from sim.study.study import Study


@click.command()
@click.argument("scenario")
@click.option(
    "--replication", "only", type=click.IntRange(0, 100_000), help="Run this one replication alone."
)
@study_options
def run(scenario: str, **options: Any) -> None:
    """Simulate SCENARIO with replications and print what comes out, each number with its 95 %
    interval."""
    from sim.cli import results
    from sim.cli.tables import terminal
    from sim.runs.requests import Interrupted
    from sim.study.files import save_study
    from sim.study.study import Study

    (loaded,) = _load((scenario,), options)
    trouble: BaseException | None = None
    try:
        (study,), trouble = _studies([loaded], options)
    except Interrupted as stop:
        if not stop.finished:
            raise
        # What is finished is told like any other study, and then that it is not all.
        study, trouble = Study(loaded, options["seed"], stop.finished), stop
        click.echo(f"{len(stop.finished)} replications are finished and kept", err=True)
    if options["json_file"] is not None:
        write_json(results.document(study), options["json_file"])
    if options["out"] is not None:
        save_study(study, options["out"])
        _draw((study,), options["out"])
    if options["json_file"] != "-":
        results.print_study(terminal(), study)
    if trouble is not None:
        raise trouble


@click.command()
@click.argument("scenario")
@study_options
def validate(scenario: str, **options: Any) -> None:
    """Hold SCENARIO against what was observed, target by target."""
    from sim.analysis.observed import targets_of
    from sim.analysis.observed import validate as hold
    from sim.cli import results
    from sim.cli.tables import terminal
    from sim.plot.figures import save_figures
    from sim.plot.kinds import study_kind
    from sim.study.files import save_study, save_text

    (loaded,) = _load((scenario,), options)
    targets_of(loaded)
    (study,), trouble = _studies([loaded], options)
    validation, out = hold(study), options["out"]
    if options["json_file"] is not None:
        write_json(results.validation_document(validation), options["json_file"])
    if out is not None:
        save_study(study, out)
        save_text(
            validation.table().to_csv(index=False, lineterminator="\n"), out / "validation.csv"
        )
        figure = study_kind("validation").draw([study]).noted().figure
        tell_written(save_figures({"validation": figure}, out / "figures"))
    if options["json_file"] != "-":
        results.print_validation(terminal(), validation)
    if trouble is not None:
        raise trouble


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@study_options
def compare(scenarios: tuple[str, ...], **options: Any) -> None:
    """Simulate SCENARIOS on the same luck and print paired differences to the first, with
    intervals."""
    from sim.cli import results
    from sim.cli.tables import terminal
    from sim.study.comparison import compare as compare_studies
    from sim.study.files import save_comparison

    if len(scenarios) < 2:
        raise UsageError(
            "compare needs two scenarios or more, e.g. corridor compare baseline-2023 fivefold"
        )
    studies, trouble = _studies(_load(scenarios, options), options)
    comparison = compare_studies(*studies)
    if options["json_file"] is not None:
        write_json(results.comparison_document(comparison), options["json_file"])
    if options["out"] is not None:
        save_comparison(comparison, options["out"])
        _draw(comparison.studies, options["out"])
    if options["json_file"] != "-":
        results.print_comparison(terminal(), comparison)
    if trouble is not None:
        raise trouble


def _load(names: tuple[str, ...], options: dict[str, Any]) -> list[Scenario]:
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


def _told_apart(loaded: list[Scenario]) -> list[Scenario]:
    """Number scenarios of the same name, so that tables and figures can tell them apart."""
    from dataclasses import replace

    seen: dict[str, int] = {}
    apart = []
    for scenario in loaded:
        seen[scenario.name] = count = seen.get(scenario.name, 0) + 1
        apart.append(scenario if count == 1 else replace(scenario, name=f"{scenario.name}-{count}"))
    return apart


def _studies(
    loaded: list[Scenario], options: dict[str, Any]
) -> tuple[list[Study], FailedError | None]:
    """Run every scenario; return their studies, and what to raise in the end if some replications
    fail every time.

    Pairs need the same replications: as many of each as the one took that needed most for its
    precision, and of those only the ones that all scenarios have.
    """
    from sim.runs.requests import FailedError, Failure
    from sim.study.replicate import extend
    from sim.study.study import Study

    studies: list[Study] = []
    failures: list[Failure] = []
    with running(options) as runner:
        for scenario in loaded:
            with progress(scenario.name, _count(options)) as step:
                runner.on_done = step
                try:
                    studies.append(_replicate(scenario, options, runner))
                except FailedError as error:
                    failures += error.failures
                    studies.append(Study(scenario, options["seed"], error.finished))
        if not failures:
            most = max(len(study.replications) for study in studies)
            return [extend(study, most, runner) for study in studies], None
    trouble = FailedError(tuple(failures))
    common = set.intersection(*({r.number for r in study.replications} for study in studies))
    if not common:
        raise trouble
    return [study.only(common) for study in studies], trouble


def _count(options: dict[str, Any]) -> int | None:
    """Return how many replications there will be, if that is known."""
    from sim.study.replicate import DEFAULT

    if options.get("only") is not None:
        return 1
    return None if options["precision"] is not None else options["replications"] or DEFAULT


def _replicate(loaded: Scenario, options: dict[str, Any], runner: Runner) -> Study:
    from sim.study.replicate import replicate

    seed, precision, only = options["seed"], options["precision"], options.get("only")
    if sum(option is not None for option in (options["replications"], precision, only)) > 1:
        raise UsageError(
            "give one of --replications, --precision and --replication; --most limits what --precision may take"
        )
    count = _count(options)
    many = (
        f"{count} replications"
        if count is not None
        else f"replications until {precision} is reached"
    )
    click.echo(
        f"{loaded.name}, hash {loaded.hash}, seed {seed}, {many}, version {__version__}", err=True
    )
    study = replicate(
        loaded,
        replications=count or options["most"],
        precision=None if precision is None else share(precision, "--precision"),
        first=only or 0,
        seed=seed,
        keep_log=options["out"] is not None,
        runner=runner,
    )
    _warn(study, asked=precision is not None)
    return study


def _warn(study: Study, *, asked: bool) -> None:
    """Say what a reader of the numbers should know; *asked*: for a precision."""
    if study.precision_missed is not None:
        count = len(study.replications)
        what = f"{count} replications do not reach a precision of {study.precision_missed:.3g}"
        click.echo(
            f"warning: {study.scenario.name}: {what}; see the intervals, or allow more with --most",
            err=True,
        )
    if asked and study.without_interval:
        names = ", ".join(study.without_interval)
        what = (
            f"not in all replications there is {names}, so nothing is said of the precision of that"
        )
        click.echo(f"warning: {study.scenario.name}: {what}", err=True)
    stated, found = study.scenario.spec.horizon.warmup_days, study.warmup
    if found is not None and not found.is_settled:
        what = "by MSER-5 the cargo in all stacks does not settle in half of the run: it grows, or the run is too short"
        click.echo(f"warning: {study.scenario.name}: {what}", err=True)
    elif found is not None and found.days > stated:
        what = f"the run-in of {stated} days is short: by MSER-5 the cargo in all stacks settles after {found.days} days"
        click.echo(f"warning: {study.scenario.name}: {what} (horizon.warmup_days)", err=True)


def _draw(studies: tuple[Study, ...], folder: Path) -> None:
    from sim.plot.kinds import draw_study

    tell_written(draw_study(studies, folder / "figures"))
