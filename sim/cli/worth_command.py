"""``corridor worth``: what the projects of one scenario are worth against another without them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.output import say
from sim.cli.progress import progress
from sim.cli.replications import replicate_without_log
from sim.cli.study_command import Results, StudyCommand

if TYPE_CHECKING:
    from sim.analysis.worth import Worth
    from sim.cli.screen import Screen
    from sim.spec.load import Scenario
    from sim.study.study import Study


@click.command()
@click.argument("base", shell_complete=scenario_names)
@click.argument("scenario", shell_complete=scenario_names)
@replications_option(10, "of each scenario")
@simulation_options
def worth(base: str, scenario: str, replications: int, **options: Any) -> None:
    """Appraise SCENARIO, which builds projects, against BASE, which does not, with common random
    numbers.

    Prints the benefit of a year, the net present value and the internal rate of return with their
    intervals, and at which capital, rate or value the net present value is zero. Settings of --set
    apply to both.
    """
    from sim.analysis.headlines import of_worth
    from sim.analysis.worth import worth as appraise

    command = StudyCommand(options)
    scenarios = command.load_all([base, scenario])
    result = appraise(*_replicate(command, scenarios, replications))
    if result.not_timed:
        what = "has no value of time, since cargo of it is left behind or none is delivered"
        say(f"warning: {', '.join(result.not_timed)} {what}", err=True)
    tables = {"worth": result.table(), "switching": result.switching(), "years": result.years()}
    command.give(
        Results(
            scenario=result.study.scenario,
            replications=len(result.study.replications),
            facts={**_facts(result), **tables},
            files=tables,
            headline=of_worth(result),
            show=partial(_print, result),
        )
    )


def _replicate(command: StudyCommand, scenarios: list[Scenario], replications: int) -> list[Study]:
    studies = []
    with command.runner() as runner:
        for scenario in scenarios:
            command.announce(scenario, f"{replications} replications")
            with progress(scenario.name, replications) as runner.on_done:
                study = replicate_without_log(command, scenario, replications, runner)
            studies.append(study)
    return studies


def _facts(result: Worth) -> dict[str, Any]:
    base, money = result.base.scenario, result.money
    return {
        "base": {"scenario": base.name, "hash": base.hash},
        "price_base": money.price_base,
        "discount_rate": money.discount_rate,
        "projects": [
            {
                "project": outlay.project,
                "opens": outlay.opens,
                "capital_musd": outlay.capital_musd,
            }
            for outlay in result.cash_flows.outlays
        ],
        "time_not_valued": list(result.not_timed),
    }


def _print(result: Worth, screen: Screen) -> None:

    money, flows = result.money, result.cash_flows
    projects = ", ".join(f"{outlay.project} ({outlay.opens})" for outlay in flows.outlays)
    title = f"{result.study.scenario.name} against {result.base.scenario.name}: {projects}"
    screen.table(result.table(), f"{title} (95 % intervals)")
    terms = f"USD of {money.price_base}, {money.discount_rate:.0%} a year from {flows.first}"
    last = flows.opens + flows.years - 1
    screen.line(f"{terms}, benefits {flows.opens} to {last}")
    screen.table(result.switching(), "what would make the net present value zero, each by itself")
