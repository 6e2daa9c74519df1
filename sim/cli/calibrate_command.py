"""``corridor calibrate``: parameters fitted to what was observed, and written as a scenario of
their own."""

from __future__ import annotations

import json
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.observed import Calibration


@click.command()
@click.argument("scenario")
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="PATH",
    required=True,
    help="A value with a range, to be fitted; repeat it.",
)
@click.option(
    "--search",
    type=click.IntRange(1, 10_000),
    default=64,
    show_default=True,
    help="Points that Optuna proposes.",
)
@click.option(
    "--wave",
    type=click.IntRange(1, 10_000),
    help="Points of each of the three waves after the search.",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Of each point.",
)
@runner_options
def calibrate(scenario: str, parameters: tuple[str, ...], **options: Any) -> None:
    """Fit parameters of SCENARIO to those of its targets that may be fitted, and say what the data
    cannot tell.

    With --out, the fitted values are written as a scenario, calibrated.yaml, with what they were
    fitted to.
    """
    from sim.analysis import observed as study
    from sim.cli.tables import terminal
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results
    from sim.study.files import save_text

    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    out = options["out"]
    prepare_out(options)
    budget = {key: options[key] for key in ("search", "wave", "replications", "seed")}
    runs = study.calibration_runs(
        len(parameters), **{key: budget[key] for key in ("search", "wave", "replications")}
    )
    head = (
        f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, {runs:,} replications in all"
    )
    click.echo(f"{head}, version {__version__}", err=True)
    with progress(loaded.name, runs) as step, running(options, step) as runner:
        found = study.calibrate(loaded, parameters, **budget, runner=runner)
    if out is not None:
        frames = {
            "parameters": found.table(),
            "targets": found.target_table(),
            "left-out": found.left_out(),
            "points": found.points(),
        }
        save_text(_overlay(found, parameters, budget), out / "calibrated.yaml")
        source = Provenance(loaded.name, loaded.hash, found.seed, found.replications, __version__)
        tell_written([*save_results(frames, source, out), out / "calibrated.yaml"])
    if options["json_file"] is not None:
        write_json(_document(found), options["json_file"])
    if options["json_file"] != "-":
        _print(terminal(), found)


def _document(found: Calibration) -> dict[str, Any]:
    frames = {
        "parameters": found.table(),
        "targets": found.target_table(),
        "left_out": found.left_out(),
    }
    return {
        "scenario": found.scenario.name,
        "hash": found.scenario.hash,
        "version": __version__,
        "seed": found.seed,
        "replications": found.replications,
        "audit": "passed",
        "points": len(found.shares),
        "discrepancy": float(found.discrepancy[found.best]),
        "explains": found.explains,
        **{
            name: [json_row(row) for row in frame.to_dict("records")]
            for name, frame in frames.items()
        },
    }


def _print(console: Any, found: Calibration) -> None:
    from sim.cli.tables import print_frame

    name, table = found.scenario.name, found.table()
    table["share_of_range"] = [f"{share:.0%}" for share in table["share_of_range"]]
    table["identified"] = ["yes" if known else "no" for known in table["identified"]]
    low, high = "plausible from", "to"
    renamed = {
        "share_of_range": "of range",
        "low": low,
        "high": high,
        "range_low": "range from",
        "range_high": "to ",
    }
    print_frame(
        console,
        table.rename(columns=renamed),
        f"{name}: parameters, what is plausible by the targets",
    )
    print_frame(
        console, found.target_table().drop(columns="inside"), f"{name}: targets at the best point"
    )
    left_out = found.left_out()
    if len(left_out):
        left_out["error_share"] = [f"{error:+.1%}" for error in left_out["error_share"]]
        left_out["inside"] = ["yes" if inside else "no" for inside in left_out["inside"]]
        print_frame(console, left_out, f"{name}: each family of targets, by a fit to the others")
    told = (
        "within chance"
        if found.explains
        else "further from the targets than chance allows (99 %); see the terms"
    )
    console.print(
        f"{name}: the best of {len(found.shares)} points is {told}", markup=False, highlight=False
    )


def _overlay(found: Calibration, parameters: tuple[str, ...], budget: dict[str, Any]) -> str:
    """Return the fitted values as a child of the scenario, with how they came about."""
    from sim.spec.dump import overlay, to_yaml

    loaded = found.scenario
    fitted = loaded.with_(found.changes())
    changed = [path.split(".") for path in (*dict(loaded.changes), *found.changes())]
    said = overlay(fitted.tree, fitted.sources, (tuple(path) for path in changed))
    options = [f"--parameter {quote(path)}" for path in parameters]
    options += [f"--set {quote(f'{path}={json.dumps(value)}')}" for path, value in loaded.changes]
    options += [f"--{name} {value}" for name, value in budget.items() if value is not None]
    least = found.discrepancy[found.best]
    unknown = [fit.parameter.id for fit in found.fits if not fit.is_identified]
    lines = [
        "Parameters fitted to what was observed. low and high bound what is plausible by the targets.",
        f"Made by: corridor calibrate {loaded.name} {' '.join(options)}",
        f"From hash {loaded.hash}, version {__version__}; discrepancy {least:.3g} over {len(found.targets)} targets.",
        f"Not identified, left as they were: {', '.join(unknown) or 'none'}.",
    ]
    head = {"extends": loaded.name, "title": f"{loaded.spec.title}, calibrated"}
    return "".join(f"# {line}\n" for line in lines) + to_yaml({**head, **said})
