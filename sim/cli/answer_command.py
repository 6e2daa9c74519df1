"""``corridor answer``: what the shipped scenarios say about five times the cargo, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from sim.study.study import Study


@click.command()
@click.argument("scenarios", metavar="[SCENARIO...]", nargs=-1)
@click.option("-n", "--replications", type=click.IntRange(2, 100_000), default=5, show_default=True)
@runner_options
def answer(scenarios: tuple[str, ...], **options: Any) -> None:
    """Run the shipped scenarios, or those named, on the same luck, and tell what each carries.

    One row for each: offered and carried cargo, P90 transit, cost and CO2e of a tonne, and what is
    overloaded first.
    """
    from sim.analysis.answer import FAMILY
    from sim.analysis.answer import answer as tabulate
    from sim.study.replicate import replicate

    prepare_json(options["json_file"])
    loaded = [load_and_warn(name, options) for name in scenarios or FAMILY]
    out, count, seed = options["out"], options["replications"], options["seed"]
    prepare_out(options)
    head = (
        f"{len(loaded)} scenarios, {count} replications of each, seed {seed}, version {__version__}"
    )
    click.echo(head, err=True)
    studies = []
    with progress("answer", count * len(loaded)) as step, running(options, step) as runner:
        for one in loaded:
            studies.append(
                replicate(one, replications=count, seed=seed, keep_log=False, runner=runner)
            )
            click.echo(f"{one.name}, hash {one.hash}: done", err=True)
    table = tabulate(studies)
    if out is not None:
        _save(table, studies, out)
    if options["json_file"] is not None:
        rows = [json_row(row) for row in table.to_dict("records")]
        write_json(
            {"version": __version__, "seed": seed, "audit": "passed", "scenarios": rows},
            options["json_file"],
        )
    if options["json_file"] != "-":
        _print(table)


def _save(table: pd.DataFrame, studies: list[Study], out: Any) -> None:
    from sim.analysis.answer import as_markdown
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results
    from sim.study.files import save_text

    first = studies[0]
    names = (
        first.scenario.name
        if len(studies) == 1
        else f"{first.scenario.name} and {len(studies) - 1} more"
    )
    runs = sum(len(study.replications) for study in studies)
    source = Provenance(names, first.scenario.hash, first.seed, runs, __version__)
    save_text(as_markdown(table), out / "answer.md")
    tell_written([out / "answer.md", *save_results({"answer": table}, source, out)])


def _print(table: pd.DataFrame) -> None:
    import pandas as pd

    from sim.analysis.answer import in_words
    from sim.cli.tables import print_frame, terminal
    from sim.units import format_mean

    def told(name: str, factor: float = 1.0) -> list[str]:
        bounds = zip(table[name], table[f"{name}_low"], table[f"{name}_high"], strict=True)
        return [format_mean(*(factor * bound for bound in row)) for row in bounds]

    shown = pd.DataFrame(
        {
            "scenario": table["scenario"],
            "offered [Mt/a]": table["offered"] / 1e6,
            "carried [Mt/a]": told("carried", 1e-6),
            "share": told("share"),
            "P90 [d]": told("p90_days"),
            "cost [USD/t]": told("cost_usd_per_t"),
            "CO2e [kg/t]": told("co2e_kg_per_t"),
            "overloaded": [
                in_words(*row)
                for row in table[["state", "overloaded", "first"]].itertuples(index=False)
            ],
        }
    )
    print_frame(terminal(), shown, "five times the cargo (95 % intervals)")
