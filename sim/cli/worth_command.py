"""``corridor worth``: what the projects of one scenario are worth against another without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.worth import Worth


@click.command()
@click.argument("base")
@click.argument("scenario")
@click.option(
    "-n", "--replications", type=click.IntRange(2, 100_000), default=10, show_default=True
)
@runner_options
def worth(base: str, scenario: str, **options: Any) -> None:
    """Appraise SCENARIO, which builds projects, against BASE, which does not, on the same luck.

    Prints the benefit of a year, the net present value and the internal rate of return with their
    intervals, and which capital, rate or value would turn the answer. Settings of --set hold for
    both.
    """
    from sim.analysis.worth import worth as appraise
    from sim.cli.tables import terminal
    from sim.study.files import save_text
    from sim.study.replicate import replicate

    prepare_json(options["json_file"])
    loaded = [load_and_warn(name, options) for name in (base, scenario)]
    out, count, seed = options["out"], options["replications"], options["seed"]
    prepare_out(options)
    studies = []
    with running(options) as runner:
        for one in loaded:
            click.echo(
                f"{one.name}, hash {one.hash}, seed {seed}, {count} replications, version {__version__}",
                err=True,
            )
            with progress(one.name, count) as step:
                runner.on_done = step
                studies.append(
                    replicate(one, replications=count, seed=seed, keep_log=False, runner=runner)
                )
    found = appraise(*studies)
    if found.not_timed:
        what = "is left without a value of its time, since cargo of it is left behind or none is delivered"
        click.echo(f"warning: {', '.join(found.not_timed)} {what}", err=True)
    tables = {"worth": found.table(), "switching": found.switching(), "years": found.years()}
    if out is not None:
        for name, table in tables.items():
            save_text(table.to_csv(index=False, lineterminator="\n"), out / f"{name}.csv")
    if options["json_file"] is not None:
        write_json(_document(found, tables, seed), options["json_file"])
    if options["json_file"] != "-":
        _print(found, tables, terminal())


def _document(found: Worth, tables: dict[str, pd.DataFrame], seed: int) -> dict[str, Any]:
    scenario, base = found.study.scenario, found.base.scenario
    return {
        "scenario": scenario.name,
        "hash": scenario.hash,
        "base": {"scenario": base.name, "hash": base.hash},
        "version": __version__,
        "seed": seed,
        "replications": len(found.study.replications),
        "audit": "passed",
        "price_base": found.money.price_base,
        "discount_rate": found.money.discount_rate,
        "projects": [
            {"project": o.project, "opens": o.opens, "capital_musd": o.capital_musd}
            for o in found.cash_flows.outlays
        ],
        "time_not_valued": list(found.not_timed),
        **{
            name: [json_row(row) for row in table.to_dict("records")]
            for name, table in tables.items()
        },
    }


def _print(found: Worth, tables: dict[str, pd.DataFrame], console: Any) -> None:
    from sim.cli.tables import print_frame

    projects = ", ".join(
        f"{outlay.project} ({outlay.opens})" for outlay in found.cash_flows.outlays
    )
    money, flows = found.money, found.cash_flows
    title = f"{found.study.scenario.name} against {found.base.scenario.name}: {projects}"
    print_frame(console, tables["worth"], f"{title} (95 % intervals)")
    terms = f"USD of {money.price_base}, {money.discount_rate:.0%} a year from {flows.first}, benefits {flows.opens} to"
    console.print(f"{terms} {flows.opens + flows.years - 1}", markup=False, highlight=False)
    print_frame(
        console, tables["switching"], "what would make the net present value zero, each by itself"
    )
