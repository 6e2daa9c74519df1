"""``corridor run``: one scenario, many replications."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import precision_options
from sim.cli.output import say
from sim.cli.replications import draw, replicate_all
from sim.cli.study_command import StudyCommand

if TYPE_CHECKING:
    from sim.spec.load import Scenario
    from sim.study.study import Study


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--replication",
    "only",
    type=click.IntRange(0, 100_000),
    metavar="N",
    help="Run only the replication of this number.",
)
@precision_options
def run(scenario: str, **options: Any) -> None:
    """Simulate SCENARIO and print its results, each number with its 95 % interval."""
    from sim.analysis.headlines import of_study
    from sim.cli.study_results import print_study, study_document
    from sim.study.files import write_study

    command = StudyCommand(options, store_in_out=False)
    study, trouble = _replicate(command, command.load(scenario), options)

    def save(folder: Path) -> list[Path]:
        write_study(study, folder)
        return draw([study], folder)

    command.give_document(
        study_document(study),
        save,
        of_study(study),
        lambda screen: print_study(screen, study),
        trouble,
    )


def _replicate(
    command: StudyCommand, loaded: Scenario, options: dict[str, Any]
) -> tuple[Study, BaseException | None]:
    """Return the study, and why it is not complete."""
    from sim.runs.requests import Interrupted
    from sim.study.study import Study

    try:
        (study,), trouble = replicate_all(command, [loaded], options)
    except Interrupted as stop:
        if not stop.finished:
            raise
        say(f"{len(stop.finished)} replications are finished and kept", err=True)
        return Study(loaded, command.seed, stop.finished), stop
    return study, trouble
