"""``corridor calibrate``: parameters fitted to what was observed, written as a scenario."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import replications_option, simulation_options
from sim.cli.study_command import Results, StudyCommand
from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.observed import Calibration
    from sim.cli.screen import Screen


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--parameter",
    "parameters",
    multiple=True,
    metavar="PATH",
    required=True,
    help="A value with a range or alternatives, to be fitted; repeat it for more.",
)
@click.option(
    "--search",
    type=click.IntRange(1, 10_000),
    metavar="N",
    default=64,
    show_default=True,
    help="Points that Optuna proposes.",
)
@click.option(
    "--wave",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Points of each of the three waves after the search; default: by the number of parameters.",
)
@replications_option(3, "of each point", least=1, most=1000)
@simulation_options
def calibrate(scenario: str, parameters: tuple[str, ...], **options: Any) -> None:
    """Fit parameters of SCENARIO to those of its targets that are marked as fitted, and report
    which of them the data identify.

    With --out, the fitted values are written as a scenario, calibrated.yaml, with what they were
    fitted to.
    """
    from sim.analysis.headlines import of_calibration
    from sim.analysis.observed import calibrate as fit
    from sim.analysis.observed import calibration_runs

    command = StudyCommand(options)
    loaded = command.load(scenario)
    budget = {key: options[key] for key in ("search", "wave", "replications")}
    runs = calibration_runs(loaded, parameters, **budget)
    command.announce(loaded, f"{runs:,} replications in all")
    result = command.run(loaded.name, runs, partial(fit, loaded, parameters, **budget))
    tables = {"parameters": result.table(), "targets": result.target_table()}
    left_out = result.left_out()
    spent = {**budget, "seed": command.seed}
    command.give(
        Results(
            scenario=loaded,
            replications=result.replications,
            facts={
                "points": len(result.shares),
                "discrepancy": float(result.discrepancy[result.best]),
                "explains": result.explains,
                **tables,
                "left_out": left_out,
            },
            files={**tables, "left-out": left_out, "points": result.points()},
            headline=of_calibration(result),
            show=partial(_print, result),
            more_files=lambda folder: [_save_overlay(result, parameters, spent, folder)],
        )
    )


def _print(result: Calibration, screen: Screen) -> None:

    name, table = result.scenario.name, result.table()
    table["share_of_range"] = [f"{share:.0%}" for share in table["share_of_range"]]
    table["identified"] = _yes_or_no(table["identified"])
    heads = {
        "share_of_range": "of range",
        "low": "plausible from",
        "high": "to",
        "range_low": "range from",
        "range_high": "to ",
    }
    title = f"{name}: parameters, and what is plausible by the targets"
    screen.table(table.rename(columns=heads), title)
    targets = result.target_table().drop(columns="inside")
    screen.table(targets, f"{name}: targets at the best point")
    left_out = result.left_out()
    if len(left_out):
        left_out["error_share"] = [f"{error:+.1%}" for error in left_out["error_share"]]
        left_out["inside"] = _yes_or_no(left_out["inside"])
        title = f"{name}: each family of targets, by a fit to the others"
        screen.table(left_out, title)
    verdict = "within chance"
    if not result.explains:
        verdict = "further from the targets than chance allows (99 %); see the terms"
    screen.line(f"{name}: the best of {len(result.shares)} points is {verdict}")


def _yes_or_no(values: Any) -> list[str]:
    return ["yes" if value else "no" for value in values]


def _save_overlay(
    result: Calibration, parameters: tuple[str, ...], spent: dict[str, Any], folder: Path
) -> Path:
    """Write the fitted values as a child of the scenario, headed by how they were found."""
    from sim.spec.dump import overlay, to_yaml
    from sim.study.files import save_text

    loaded = result.scenario
    fitted = loaded.with_(result.changes())
    paths = [tuple(path.split(".")) for path in (*dict(loaded.changes), *result.changes())]
    values = overlay(fitted.tree, fitted.sources, paths)
    head = {"extends": loaded.name, "title": f"{loaded.spec.title}, calibrated"}
    comments = "".join(f"# {line}\n" for line in _origin(result, parameters, spent))
    file = folder / "calibrated.yaml"
    save_text(comments + to_yaml({**head, **values}), file)
    return file


def _origin(
    result: Calibration, parameters: tuple[str, ...], spent: dict[str, Any]
) -> tuple[str, ...]:
    """Return the command that fitted the values, and how well."""
    loaded = result.scenario
    options = [f"--parameter {quote(path)}" for path in parameters]
    for path, value in loaded.changes:
        assignment = f"{path}={json.dumps(value)}"
        options.append(f"--set {quote(assignment)}")
    options += [f"--{name} {value}" for name, value in spent.items() if value is not None]
    least = result.discrepancy[result.best]
    not_identified = [fit.parameter.id for fit in result.fits if not fit.is_identified]
    return (
        "Parameters fitted to what was observed. low and high bound what is plausible by the targets.",
        f"Made by: corridor calibrate {loaded.name} {' '.join(options)}",
        f"From hash {loaded.hash}, version {__version__}; discrepancy {least:.3g} over {len(result.targets)} targets.",
        f"Not identified, left as they were: {', '.join(not_identified) or 'none'}.",
    )
