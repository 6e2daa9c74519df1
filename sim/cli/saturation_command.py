"""``corridor saturation``: the largest multiple of its demand that a scenario carries."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import read_share, replications_option, simulation_options
from sim.cli.output import json_row
from sim.cli.progress import note
from sim.cli.study_command import Results, StudyCommand

if TYPE_CHECKING:
    from sim.analysis.saturation import Saturation, Trial
    from sim.cli.screen import Screen


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--tolerance", default="2%", show_default=True, help="Width of the last bracket, as a share."
)
@replications_option(10, "of each trial")
@simulation_options
def saturation(scenario: str, tolerance: str, replications: int, **options: Any) -> None:
    """Find the largest multiple of its demand that SCENARIO carries before a stack or queue is
    overloaded."""
    from sim.analysis.headlines import of_saturation
    from sim.analysis.saturation import saturation as search

    command = StudyCommand(options)
    width = read_share(tolerance, "--tolerance")
    loaded = command.load(scenario)
    command.announce(loaded, f"{replications} replications a trial")
    analysis = partial(
        search, loaded, replications=replications, tolerance=width, on_trial=_print_trial
    )
    result = command.run(loaded.name, None, analysis)
    trials = result.table()
    command.give(
        Results(
            scenario=loaded,
            replications=replications,
            facts={"metrics": [json_row(_metric(result))], "trials": trials},
            files={"saturation": trials},
            headline=of_saturation(result),
            show=partial(_print, result),
        )
    )


def _print_trial(trial: Trial) -> None:
    what = "nothing is overloaded"
    if trial.overloaded:
        what = f"overloaded: {', '.join(trial.overloaded[:3])}"
    note(f"{trial.scale:.4g} times: {what}")


def _metric(result: Saturation) -> dict[str, Any]:
    return {
        "name": "saturation_multiple",
        "scenario": result.scenario.name,
        "where": result.binding or None,
        "flow": None,
        "activity": None,
        "value": result.multiple,
        "low": result.low,
        "high": result.high,
        "unit": "1",
    }


def _print(result: Saturation, screen: Screen) -> None:

    title = f"{result.scenario.name}: what is overloaded at which multiple of its demand"
    screen.table(result.table(), title)
