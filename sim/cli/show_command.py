"""``corridor show``: a scenario as it is run."""

from __future__ import annotations

import json
from math import inf
from typing import TYPE_CHECKING

import click

from sim.cli.completion import scenario_names
from sim.cli.options import set_option
from sim.cli.output import print_document, say

if TYPE_CHECKING:
    from sim.spec.load import Scenario


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--resolved", is_flag=True, help="Print each value with the file and line it comes from."
)
@set_option
def show(scenario: str, changes: tuple[str, ...], *, resolved: bool) -> None:
    """Print SCENARIO as one file, after parents, projects and --set are applied."""
    from sim.spec.load import load

    loaded = load(scenario, changes, memory_gb=inf)
    for warning in loaded.warnings:
        say(f"doubtful: {warning}", err=True)
    if resolved:
        say(_with_origins(loaded))
    else:
        print_document(loaded.dump_yaml())


def _with_origins(loaded: Scenario) -> str:
    from sim.spec.merge import leaves
    from sim.spec.messages import dotted

    lines = []
    for path, value in leaves(loaded.tree):
        written = json.dumps(value, ensure_ascii=False)
        lines.append(f"{dotted(path)}: {written}  # {_origin(loaded, path)}")
    return "\n".join(lines)


def _origin(loaded: Scenario, path: tuple[str, ...]) -> str:
    """Return where the value at *path*, or the nearest that holds it, was written."""
    for length in range(len(path), 0, -1):
        if path[:length] in loaded.origins:
            return str(loaded.origins[path[:length]])
    return loaded.name
