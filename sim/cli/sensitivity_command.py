"""``corridor sensitivity``: what the answers hang on, how much of them is luck, and how much is
assumed."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from sim.analysis.sensitivity import Sensitivity


@click.command()
@click.argument("scenario")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME[:FLOW][@WHERE]",
    help="A metric to ask about; repeat it. Default: carried tonnes and share, mean and P90 of the transit time.",
)
@click.option(
    "--trajectories",
    type=click.IntRange(2, 10_000),
    default=2,
    show_default=True,
    help="Of the screening: each a run for every value with a range.",
)
@click.option(
    "--points",
    type=click.IntRange(8, 65_536),
    default=16,
    show_default=True,
    help="Of the indices, a power of two: each a run for every factor.",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(2, 1000),
    default=5,
    show_default=True,
    help="Of each end of a range in the tornado.",
)
@runner_options
def sensitivity(scenario: str, outcomes: tuple[str, ...], **options: Any) -> None:
    """Vary every value of SCENARIO that carries a range, and say which the answers hang on."""
    from sim.analysis import sensitivity as study
    from sim.analysis.sensitivity import MAIN_RESPONSES
    from sim.cli.tables import terminal

    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    out = options["out"]
    prepare_out(options)
    budget = {key: options[key] for key in ("trajectories", "points", "replications")}
    runs = study.sensitivity_runs(loaded, **budget)
    head = (
        f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, {runs:,} replications in all"
    )
    click.echo(f"{head}, version {__version__}", err=True)
    with progress(loaded.name, runs) as step, running(options, step) as runner:
        found = study.sensitivity(
            loaded, outcomes or MAIN_RESPONSES, **budget, seed=options["seed"], runner=runner
        )
    for lost in found.lost:
        click.echo(f"warning: {lost}", err=True)
    for label, count in found.missing.items():
        click.echo(
            f"warning: {label} does not exist in {count:,} of {found.runs:,} runs; see n and blocks",
            err=True,
        )
    if out is not None:
        tell_written(_save(found, out))
    if options["json_file"] is not None:
        write_json(_document(found), options["json_file"])
    if options["json_file"] != "-":
        _print(terminal(), found)


def _frames(found: Sensitivity) -> dict[str, pd.DataFrame]:
    return {
        "shares": found.shares(),
        "indices": found.indices(),
        "tornado": found.tornado(),
        "screening": found.screening(),
    }


def _save(found: Sensitivity, out: Path) -> list[Path]:
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results

    source = Provenance(
        found.scenario.name, found.scenario.hash, found.seed, found.runs, __version__, in_all=True
    )
    return save_results(_frames(found), source, out)


def _document(found: Sensitivity) -> dict[str, Any]:
    return {
        "scenario": found.scenario.name,
        "hash": found.scenario.hash,
        "version": __version__,
        "seed": found.seed,
        "replications": found.runs,
        "audit": "passed",
        "parameters": len(found.parameters),
        "lost": [
            {"stage": lost.stage, "runs": lost.points, "of": lost.of, "why": lost.why}
            for lost in found.lost
        ],
        "missing": found.missing,
        **{
            name: [json_row(row) for row in frame.to_dict("records")]
            for name, frame in _frames(found).items()
        },
    }


def _print(console: Any, found: Sensitivity) -> None:
    from sim.cli.tables import print_frame

    name = found.scenario.name
    for response, (_, table) in zip(found.responses, _by_outcome(found), strict=True):
        unit = f" [{response.unit}]" if response.unit else ""
        print_frame(
            console, table, f"{name}: what {response.label}{unit} depends on (95 % intervals)"
        )
    print_frame(
        console,
        _shares(found),
        f"{name}: one year over all ranges and random numbers, and where its variance comes from",
    )


def _by_outcome(found: Sensitivity) -> list[tuple[str, pd.DataFrame]]:
    """Return one table an outcome: effects, indices and ends of every factor."""
    import pandas as pd

    from sim.cli.tables import show_number

    screening, tornado = found.screening(), found.tornado()
    tables = []
    for outcome, indices in found.indices().groupby("outcome", sort=False):
        effects = screening[screening["outcome"] == outcome].set_index("parameter")
        ends = tornado[tornado["outcome"] == outcome].set_index("parameter")
        rows = []
        for row in indices.to_dict("records"):
            factor = row["factor"]
            effect = effects.loc[factor] if factor in effects.index else None
            end = ends.loc[factor] if factor in ends.index else None
            rows.append(
                {
                    "parameter": factor,
                    "source": row["confidence"],
                    "mu*": float("nan") if effect is None else effect["mu_star"],
                    "sigma": float("nan") if effect is None else effect["sigma"],
                    "alone": _with_half(row, "first"),
                    "in total": _with_half(row, "total") + ("" if row["above_noise"] else " ~"),
                    "range": "" if end is None else f"{end['low_end']} to {end['high_end']}",
                    "at low end": "" if end is None else _change(show_number, end, "low"),
                    "at high end": "" if end is None else _change(show_number, end, "high"),
                }
            )
        tables.append((str(outcome), pd.DataFrame(rows)))
    return tables


def _with_half(row: dict[Any, Any], kind: str) -> str:
    value = row[kind]
    return "-" if isnan(value) else f"{value:.2f} ±{row[f'{kind}_high'] - value:.2f}"


def _change(show: Any, end: pd.Series, name: str) -> str:
    half = (end[f"{name}_change_high"] - end[f"{name}_change_low"]) / 2
    return f"{show(end[f'{name}_change'])} ±{show(half)}"


def _shares(found: Sensitivity) -> pd.DataFrame:
    import pandas as pd

    shares = found.shares()

    def percent(name: str) -> list[str]:
        return ["-" if isnan(share) else f"{share:.0%}" for share in shares[name].clip(0, 1)]

    def between(name: str) -> list[str]:
        ends = zip(percent(name), percent(f"{name}_low"), percent(f"{name}_high"), strict=True)
        return [f"{share} ({low} to {high})" for share, low, high in ends]

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
