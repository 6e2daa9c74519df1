"""``corridor policies``: what hangs on rules and readings that no source settles."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.output import say
from sim.cli.progress import note, progress
from sim.cli.study_command import StudyCommand
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.policies import Policies
    from sim.cli.screen import Screen


@click.command()
@click.argument(
    "scenarios", metavar="SCENARIO...", nargs=-1, required=True, shell_complete=scenario_names
)
@replications_option(4, "of each alternative")
@simulation_options
def policies(scenarios: tuple[str, ...], replications: int, **options: Any) -> None:
    """Run each SCENARIO as it is and with each alternative of its inputs, one at a time.

    One row for each: carried cargo with the paired difference, P90 transit, what is overloaded
    first; and where the scenario has targets, the chance of a season as far from what was observed
    as the worst judged one.
    """
    from sim.analysis.headlines import of_policies
    from sim.analysis.policies import policies as side_by_side
    from sim.analysis.policies import policy_count

    command = StudyCommand(options)
    loaded = command.load_all(scenarios)
    count = sum(policy_count(scenario) for scenario in loaded)
    head = f"{count} policies, {replications} replications of each, seed {command.seed}"
    say(f"{head}, version {__version__}", err=True)
    found = []
    with command.runner() as runner, progress("policies", replications * count) as runner.on_done:
        for scenario in loaded:
            found.append(
                side_by_side(scenario, replications=replications, seed=command.seed, runner=runner)
            )
            note(f"{scenario.name}, hash {scenario.hash}: done")
    table, targets = _tables(found)

    def save(folder: Path) -> list[Path]:
        from sim.plot.kinds import save_results

        tables = {"policies": table, "targets": targets}
        return list(save_results(tables, _provenance(found), folder))

    document = {
        "version": __version__,
        "seed": command.seed,
        "audit": "passed",
        "policies": table,
        "targets": targets,
    }
    command.give_document(document, save, of_policies(table), lambda screen: _print(screen, table))


def _tables(found: list[Policies]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the policies and the targets of all scenarios."""
    import pandas as pd

    table = pd.concat([one.table() for one in found], ignore_index=True)
    with_targets = [one.targets() for one in found if one.scenario.spec.observed]
    targets = pd.concat(with_targets, ignore_index=True) if with_targets else pd.DataFrame()
    return table, targets


def _provenance(found: list[Policies]) -> Any:
    from sim.plot.drawing import Provenance

    first = found[0].policies[0].study
    names = first.scenario.name
    if len(found) > 1:
        names += f" and {len(found) - 1} more"
    studies = chain.from_iterable(one.policies for one in found)
    runs = sum(len(policy.study.replications) for policy in studies)
    return Provenance(names, first.scenario.hash, first.seed, runs, __version__)


def _print(screen: Screen, table: pd.DataFrame) -> None:
    import pandas as pd

    from sim.analysis.answer import in_words
    from sim.cli.tables import means_with_intervals

    for name, rows in table.groupby("scenario", sort=False):
        verdicts = rows[["state", "overloaded", "first"]].itertuples(index=False)
        shown = pd.DataFrame(
            {
                "input": rows["input"],
                "level": rows["level"],
                "carried [Mt/a]": means_with_intervals(rows, "carried", "carried", factor=1e-6),
                "change": means_with_intervals(rows, "change", "change", factor=1e-6),
                "share": means_with_intervals(rows, "share", "share"),
                "P90 [d]": means_with_intervals(rows, "p90_days", "p90_days"),
                "overloaded": [in_words(*verdict) for verdict in verdicts],
            }
        )
        if rows["chance"].notna().any():
            shown["chance"] = rows["chance"]
            shown["worst judged target"] = rows["worst"]
        screen.table(shown, f"{name}: each alternative by itself (95 % intervals)")
