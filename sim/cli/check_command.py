"""``corridor check``: all problems of a scenario file."""

from __future__ import annotations

from collections.abc import Sequence

import click

from sim.cli.completion import scenario_names
from sim.cli.options import memory_option, set_option
from sim.cli.output import say


@click.command()
@click.argument("file", shell_complete=scenario_names)
@set_option
@memory_option
def check(file: str, changes: tuple[str, ...], memory_gb: float | None) -> None:
    """List all problems of a scenario FILE, and how much memory a replication of it takes.

    What a run does not do: each sourced value is compared with its row in the evidence table, the
    ends of its range are tried, and projects and stresses that are not chosen are built, each by itself.
    """
    from sim.errors import Problem, ScenarioError
    from sim.spec.load import load
    from sim.spec.ranges import range_problems
    from sim.spec.sources import figure_problems
    from sim.spec.unbuilt import catalogue_problems

    problems: Sequence[Problem]
    warnings: Sequence[Problem] = ()
    try:
        loaded = load(file, changes, memory_gb=memory_gb)
        problems = [*figure_problems(loaded), *range_problems(loaded), *catalogue_problems(loaded)]
        warnings = loaded.warnings
    except ScenarioError as error:
        problems = error.problems
    for problem in problems:
        say(str(problem))
    for warning in warnings:
        say(f"{warning} (doubtful)")
    if problems:
        say(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        click.get_current_context().exit(2)
    say(f"one replication: {loaded.size}", err=True)
    say(f"{file}: fine" + (f", {len(warnings)} doubtful" if warnings else ""))
