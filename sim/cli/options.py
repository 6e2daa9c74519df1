"""Arguments and options that several commands share, and how their texts are read."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sim.cli.completion import settings
from sim.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

FULL = "full"
"""Key in the memory of a click context: whether everything is printed."""
DATE = click.DateTime(["%Y-%m-%d"])
"""A day, like 2023-11-01."""
FILE = click.Path(path_type=Path)

study_argument = click.argument("study", type=FILE)
"""A folder that ``--out`` wrote."""

set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    shell_complete=settings,
    help="Change a value of the scenario, e.g. --set demand.scale=5; repeat it for more.",
)
memory_option = click.option(
    "--memory",
    "memory_gb",
    type=click.FloatRange(0, min_open=True),
    metavar="GB",
    help="Memory that one replication may take by the estimate; default: 4, or CORRIDOR_MEMORY_GB.",
)
json_option = click.option(
    "--json", "json_file", metavar="FILE", help="Write one JSON document; '-' for stdout."
)


def _print_all(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    context.find_root().meta[FULL] = wanted


full_option = click.option(
    "--full",
    is_flag=True,
    expose_value=False,
    callback=_print_all,
    help="Print every table whole; on a terminal, one screen of them is printed by default.",
)


def replications_option(
    default: int, of_what: str, *, least: int = 2, most: int = 100_000
) -> Callable[[F], F]:
    """Return ``-n``: how many replications *of_what*, *least* to *most*."""
    return click.option(
        "-n",
        "--replications",
        type=click.IntRange(least, most),
        metavar="N",
        default=default,
        show_default=True,
        help=f"Replications {of_what}.",
    )


def simulation_options(command: F) -> F:
    """Add the options of every command that simulates, which `StudyCommand` reads."""
    options = (
        set_option,
        click.option(
            "--seed",
            type=click.IntRange(0, 2**63 - 1),
            metavar="N",
            default=1,
            show_default=True,
            help="Seed of all random numbers.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="Local processes; default: one for each processor.",
        ),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Dask scheduler, tls://host:port (tcp:// on this machine alone); 'local' starts one.",
        ),
        click.option(
            "--store",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="FOLDER",
            help="Folder of finished replications; those found there are not computed again.",
        ),
        memory_option,
        click.option("--out", type=FILE, metavar="FOLDER", help="Folder for results and figures."),
        json_option,
        full_option,
    )
    return _with(options, command)


def precision_options(command: F) -> F:
    """Add the options of commands that simulate scenarios as they are: how often, and those of
    `simulation_options`."""
    options = (
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, 100_000),
            metavar="N",
            help="Replications of each scenario; default: 10.",
        ),
        click.option(
            "--precision",
            metavar="SHARE",
            help="Add replications until the 95 % intervals of the main outcomes have this "
            "half-width, e.g. 2%.",
        ),
        click.option(
            "--most",
            type=click.IntRange(1, 100_000),
            metavar="N",
            default=1000,
            show_default=True,
            help="Most replications that --precision may take.",
        ),
        simulation_options,
    )
    return _with(options, command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    # The one applied last stands first in the help.
    for option in reversed(options):
        command = option(command)
    return command


def read_share(text: str, option: str) -> float:
    """Return the share written as ``2%`` or ``0.02``."""
    written = text.strip()
    try:
        value = float(written.removesuffix("%"))
    except ValueError:
        value = math.nan
    if written.endswith("%"):
        value /= 100
    if not 0 < value < 1:
        raise UsageError(f"{option} is a share between 0 and 100 %, like 2% or 0.02; got {text}")
    return value
