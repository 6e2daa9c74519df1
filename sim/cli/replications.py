"""Replications of scenarios as they are, for the commands that compare or print studies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.options import read_share
from sim.cli.output import say
from sim.cli.progress import progress
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.cli.study_command import StudyCommand
    from sim.runs.requests import FailedError
    from sim.runs.runner import Runner
    from sim.spec.load import Scenario
    from sim.study.study import Study


def replicate_all(
    command: StudyCommand, scenarios: Iterable[Scenario], options: dict[str, Any]
) -> tuple[list[Study], FailedError | None]:
    """Return a study of each scenario, and what to raise in the end if some replications failed.

    All studies have the same replications, since they are compared in pairs: as many as the one
    that needed most for its precision, and of those only the ones that did not fail anywhere.
    """
    from sim.runs.requests import FailedError, Failure
    from sim.study.replicate import extend
    from sim.study.study import Study

    studies: list[Study] = []
    failures: list[Failure] = []
    with command.runner() as runner:
        for scenario in scenarios:
            try:
                study = _replicate(command, scenario, options, runner)
            except FailedError as error:
                failures += error.failures
                study = Study(scenario, command.seed, error.finished)
            else:
                if options["precision"] is not None:
                    _warn_of_precision(study)
                _warn_of_warmup(study)
            studies.append(study)
        if not failures:
            most = max(len(study.replications) for study in studies)
            return [extend(study, most, runner) for study in studies], None
    trouble = FailedError(tuple(failures))
    common = set.intersection(*map(_numbers, studies))
    if not common:
        raise trouble
    return [study.only(common) for study in studies], trouble


def replicate_without_log(
    command: StudyCommand, scenario: Scenario, replications: int, runner: Runner
) -> Study:
    """Return a study of fixed size for its metrics alone."""
    from sim.study.replicate import replicate

    return replicate(
        scenario, replications=replications, seed=command.seed, keep_log=False, runner=runner
    )


def _numbers(study: Study) -> set[int]:
    return {replication.number for replication in study.replications}


def _count(options: dict[str, Any]) -> int | None:
    """Return how many replications of each scenario there will be, if that is known."""
    from sim.study.replicate import DEFAULT

    if options.get("only") is not None:
        return 1
    if options["precision"] is not None:
        return None
    return options["replications"] or DEFAULT


def _replicate(
    command: StudyCommand, scenario: Scenario, options: dict[str, Any], runner: Runner
) -> Study:
    """Print the first line, then run the replications under a bar."""
    from sim.study.replicate import replicate

    precision, only = options["precision"], options.get("only")
    given = [option for option in (options["replications"], precision, only) if option is not None]
    if len(given) > 1:
        raise UsageError(
            "give one of --replications, --precision and --replication; --most limits what --precision may take"
        )
    count, width = _count(options), None
    if count is not None:
        command.announce(scenario, f"{count} replications")
    else:
        command.announce(scenario, f"replications until {precision} is reached")
        width = read_share(precision, "--precision")
    with progress(scenario.name, count) as runner.on_done:
        return replicate(
            scenario,
            replications=options["most"] if count is None else count,
            precision=width,
            first=only or 0,
            seed=command.seed,
            keep_log=command.out is not None,
            runner=runner,
        )


def _warn_of_precision(study: Study) -> None:
    name = study.scenario.name
    if study.precision_missed is not None:
        what = f"{len(study.replications)} replications do not reach a precision of {study.precision_missed:.3g}"
        remedy = "see the intervals, or allow more with --most"
        say(f"warning: {name}: {what}; {remedy}", err=True)
    if study.without_interval:
        names = ", ".join(study.without_interval)
        what = f"{names} does not exist in every replication, so that its precision is not known"
        say(f"warning: {name}: {what}", err=True)


def _warn_of_warmup(study: Study) -> None:
    stated_days, settled = study.scenario.spec.horizon.warmup_days, study.warmup
    if settled is None:
        return
    name = study.scenario.name
    if not settled.is_settled:
        what = "by MSER-5 the cargo in all stacks does not settle in half of the run: it grows, or the run is too short"
        say(f"warning: {name}: {what}", err=True)
    elif settled.days > stated_days:
        what = f"by MSER-5 the cargo in all stacks settles after {settled.days} days"
        say(
            f"warning: {name}: the warm-up of {stated_days} days is short: {what} (horizon.warmup_days)",
            err=True,
        )


def draw(studies: Sequence[Study], folder: Path) -> list[Path]:
    """Draw the figures of *studies* below *folder* and return their files."""
    from sim.plot.kinds import draw_study

    return list(draw_study(tuple(studies), folder / "figures"))
