"""``corridor answer``: what the shipped scenarios say about five times the cargo, in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.output import say
from sim.cli.progress import note, progress
from sim.cli.replications import replicate_without_log
from sim.cli.study_command import StudyCommand
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.policies import Policies
    from sim.cli.screen import Screen
    from sim.spec.load import Scenario
    from sim.study.study import Study


@click.command()
@click.argument("scenarios", metavar="[SCENARIO...]", nargs=-1, shell_complete=scenario_names)
@replications_option(5, "of each scenario")
@click.option(
    "--policies",
    "with_policies",
    is_flag=True,
    help="Run every alternative of what no source settles, too, and print what hangs on it.",
)
@simulation_options
def answer(
    scenarios: tuple[str, ...], replications: int, *, with_policies: bool, **options: Any
) -> None:
    """Run the shipped scenarios, or those named, with common random numbers, and print what each
    carries.

    One row for each: offered and carried cargo, what hangs on rules that no source settles, P90
    transit, cost and CO2e of a tonne, and what is overloaded first.
    """
    from sim.analysis.answer import FAMILY
    from sim.analysis.answer import answer as tabulate
    from sim.analysis.headlines import of_answer
    from sim.analysis.policies import with_choices

    command = StudyCommand(options)
    loaded = command.load_all(scenarios or FAMILY)
    studies, found = _replicate(command, loaded, replications, with_policies=with_policies)
    table = with_choices(tabulate(studies), [study.scenario for study in studies], found)

    def save(folder: Path) -> list[Path]:
        from sim.analysis.answer import as_markdown
        from sim.plot.kinds import save_results
        from sim.study.files import save_text

        markdown = folder / "answer.md"
        save_text(as_markdown(table), markdown)
        return [markdown, *save_results({"answer": table}, _provenance(studies), folder)]

    document = {
        "version": __version__,
        "seed": command.seed,
        "audit": "passed",
        "scenarios": table,
    }
    command.give_document(document, save, of_answer(table), lambda screen: _print(screen, table))


def _replicate(
    command: StudyCommand, scenarios: list[Scenario], replications: int, *, with_policies: bool
) -> tuple[list[Study], list[Policies]]:
    """Return a study of each scenario and, if asked for, its policies, those that have some."""
    from sim.analysis.policies import choices, policies, policy_count

    runs = len(scenarios)
    if with_policies:
        runs = sum(policy_count(scenario) for scenario in scenarios)
    head = f"{len(scenarios)} scenarios, {replications} replications of each, seed {command.seed}"
    say(f"{head}, version {__version__}", err=True)
    studies: list[Study] = []
    found: list[Policies] = []
    with command.runner() as runner, progress("answer", replications * runs) as runner.on_done:
        for scenario in scenarios:
            if with_policies and choices(scenario):
                found.append(
                    policies(scenario, replications=replications, seed=command.seed, runner=runner)
                )
                studies.append(found[-1].policies[0].study)
            else:
                studies.append(replicate_without_log(command, scenario, replications, runner))
            note(f"{scenario.name}, hash {scenario.hash}: done")
    return studies, found


def _provenance(studies: list[Study]) -> Any:
    from sim.plot.drawing import Provenance

    first = studies[0]
    names = first.scenario.name
    if len(studies) > 1:
        names += f" and {len(studies) - 1} more"
    runs = sum(len(study.replications) for study in studies)
    return Provenance(names, first.scenario.hash, first.seed, runs, __version__)


def _print(screen: Screen, table: pd.DataFrame) -> None:
    import pandas as pd

    from sim.analysis.answer import in_words, range_in_words
    from sim.cli.tables import means_with_intervals

    verdicts = table[["state", "overloaded", "first"]].itertuples(index=False)
    shown = pd.DataFrame(
        {
            "scenario": table["scenario"],
            "offered [Mt/a]": table["offered"] / 1e6,
            "carried [Mt/a]": means_with_intervals(table, "carried", "carried", factor=1e-6),
            "overloaded": [in_words(*verdict) for verdict in verdicts],
            "gross [Mt/a]": means_with_intervals(
                table, "carried_gross", "carried_gross", factor=1e-6
            ),
            "by policy [Mt/a]": [range_in_words(row) for row in table.to_dict("records")],
            "share": means_with_intervals(table, "share", "share"),
            "P90 [d]": means_with_intervals(table, "p90_days", "p90_days"),
            "cost [USD/t]": means_with_intervals(table, "cost_usd_per_t", "cost_usd_per_t"),
            "CO2e [kg/t]": means_with_intervals(table, "co2e_kg_per_t", "co2e_kg_per_t"),
        }
    )
    screen.table(shown, "five times the cargo (95 % intervals)")
