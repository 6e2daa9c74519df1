"""``corridor sensitivity``: which uncertain values the results depend on, and how much is chance."""

from __future__ import annotations

from functools import partial
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.output import say
from sim.cli.study_command import Results, StudyCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from sim.analysis.sensitivity import Sensitivity
    from sim.cli.screen import Screen

_HEADS = ["parameter", "source", "mu*", "sigma", "alone", "in total"]
_HEADS += ["range", "at low end", "at high end"]


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME[:FLOW][@WHERE]",
    help="A metric to explain; repeat it for more. Default: carried tonnes and share, mean and P90 of the transit time.",
)
@click.option(
    "--trajectories",
    type=click.IntRange(2, 10_000),
    metavar="N",
    default=2,
    show_default=True,
    help="Trajectories of the screening: each takes a run for every value with a range.",
)
@click.option(
    "--points",
    type=click.IntRange(8, 65_536),
    metavar="N",
    default=16,
    show_default=True,
    help="Points of the indices, a power of two: each takes a run for every factor.",
)
@replications_option(5, "of each end of a range in the tornado", most=1000)
@simulation_options
def sensitivity(scenario: str, outcomes: tuple[str, ...], **options: Any) -> None:
    """Vary every value of SCENARIO that has a range or alternatives, and rank them by their effect
    on the results."""
    from sim.analysis.headlines import of_sensitivity
    from sim.analysis.sensitivity import MAIN_RESPONSES, sensitivity_runs
    from sim.analysis.sensitivity import sensitivity as vary

    command = StudyCommand(options)
    loaded = command.load(scenario)
    budget = {key: options[key] for key in ("trajectories", "points", "replications")}
    runs = sensitivity_runs(loaded, **budget)
    command.announce(loaded, f"{runs:,} replications in all")
    analysis = partial(vary, loaded, outcomes or MAIN_RESPONSES, **budget)
    result = command.run(loaded.name, runs, analysis)
    _warn(result)
    tables = {
        "shares": result.shares(),
        "indices": result.indices(),
        "tornado": result.tornado(),
        "alternatives": result.alternatives(),
        "screening": result.screening(),
    }
    command.give(
        Results(
            scenario=loaded,
            replications=result.runs,
            facts={**_facts(result), **tables},
            files=tables,
            headline=of_sensitivity(result),
            show=partial(_print, result),
            is_total=True,
        )
    )


def _warn(result: Sensitivity) -> None:
    for lost in result.lost:
        say(f"warning: {lost}", err=True)
    for label, count in result.missing.items():
        what = f"{label} does not exist in {count:,} of {result.runs:,} runs"
        say(f"warning: {what}; see n and blocks", err=True)


def _facts(result: Sensitivity) -> dict[str, Any]:
    return {
        "parameters": len(result.parameters),
        "lost": [
            {"stage": lost.stage, "runs": lost.points, "of": lost.of, "why": lost.why}
            for lost in result.lost
        ],
        "missing": result.missing,
    }


def _print(result: Sensitivity, screen: Screen) -> None:

    name = result.scenario.name
    for response, table in zip(result.responses, _tables_by_outcome(result), strict=True):
        unit = f" [{response.unit}]" if response.unit else ""
        title = f"{name}: what {response.label}{unit} depends on (95 % intervals)"
        screen.table(table, title)
    alternatives = result.alternatives()
    if len(alternatives):
        title = f"{name}: what each alternative does alone (95 % intervals)"
        screen.table(alternatives, title)
    title = (
        f"{name}: one year over all ranges and random numbers, and where its variance comes from"
    )
    screen.table(_shares(result), title)


def _tables_by_outcome(result: Sensitivity) -> Iterator[pd.DataFrame]:
    """Yield a table for each outcome: effects, indices and ends of every factor."""
    import pandas as pd

    screening, tornado = result.screening(), result.tornado()
    for outcome, indices in result.indices().groupby("outcome", sort=False):
        effects = screening[screening["outcome"] == outcome].set_index("parameter")
        ends = tornado[tornado["outcome"] == outcome].set_index("parameter")
        rows = [
            _index_cells(row)
            | _effect_cells(effects, row["factor"])
            | _end_cells(ends, row["factor"])
            for row in indices.to_dict("records")
        ]
        yield pd.DataFrame(rows, columns=_HEADS)


def _index_cells(row: dict[Any, Any]) -> dict[str, Any]:
    below_noise = "" if row["above_noise"] else " ~"
    return {
        "parameter": row["factor"],
        "source": row["confidence"],
        "alone": _with_half_width(row, "first"),
        "in total": _with_half_width(row, "total") + below_noise,
    }


def _effect_cells(effects: pd.DataFrame, factor: str) -> dict[str, Any]:
    """Return the elementary effects of *factor*; random numbers have none."""
    if factor not in effects.index:
        return {"mu*": nan, "sigma": nan}
    effect = effects.loc[factor]
    return {"mu*": effect["mu_star"], "sigma": effect["sigma"]}


def _end_cells(ends: pd.DataFrame, factor: str) -> dict[str, str]:
    """Return the range of *factor* and the change at its ends; nothing for one that has none."""
    if factor not in ends.index:
        return {"range": "", "at low end": "", "at high end": ""}
    end = ends.loc[factor]
    return {
        "range": f"{end['low_end']} to {end['high_end']}",
        "at low end": _change(end, "low"),
        "at high end": _change(end, "high"),
    }


def _with_half_width(row: dict[Any, Any], kind: str) -> str:
    value = row[kind]
    if isnan(value):
        return "-"
    return f"{value:.2f} ±{row[f'{kind}_high'] - value:.2f}"


def _change(end: pd.Series, name: str) -> str:
    from sim.cli.tables import show_number

    half = (end[f"{name}_change_high"] - end[f"{name}_change_low"]) / 2
    return f"{show_number(end[f'{name}_change'])} ±{show_number(half)}"


def _shares(result: Sensitivity) -> pd.DataFrame:
    import pandas as pd

    shares = result.shares()

    def percent(column: str) -> list[str]:
        within = shares[column].clip(0, 1)
        return ["-" if isnan(share) else f"{share:.0%}" for share in within]

    def between(column: str) -> list[str]:
        ends = percent(column), percent(f"{column}_low"), percent(f"{column}_high")
        return [f"{share} ({low} to {high})" for share, low, high in zip(*ends, strict=True)]

    return pd.DataFrame(
        {
            "outcome": shares["outcome"],
            "mean": shares["mean"],
            "P5": shares["p5"],
            "P95": shares["p95"],
            "from inputs": percent("inputs"),
            "from replication": between("replication"),
            "the same, mean of 10": percent("replication_of_mean"),
            "inputs that are assumed": between("assumptions"),
        }
    )
