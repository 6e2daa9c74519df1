"""Options that several commands share, and how results are written as JSON."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from sim.cli.scenario_commands import set_option
from sim.errors import MachineError

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option(
    "--json", "json_file", metavar="FILE", help="Write one JSON document; '-' for stdout."
)


def runner_options(command: F) -> F:
    """Add the options of commands that simulate."""
    for option in (
        set_option,
        click.option(
            "--seed",
            type=click.IntRange(0, 2**63 - 1),
            default=1,
            show_default=True,
            help="Base of all luck.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 1024),
            default=None,
            help="Local processes; default: one a processor.",
        ),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Dask scheduler, tcp://host:port; 'local' starts one on this machine.",
        ),
        click.option(
            "--store",
            type=click.Path(path_type=Path, file_okay=False),
            help="Folder of finished replications, which are not computed again.",
        ),
        click.option(
            "--out",
            "out",
            type=click.Path(path_type=Path),
            default=None,
            help="Folder for results and figures.",
        ),
        json_option,
    ):
        command = option(command)
    return command


def study_options(command: F) -> F:
    """Add the options of commands that run scenarios as they are."""
    for option in (
        click.option(
            "-n",
            "--replications",
            type=click.IntRange(1, 100_000),
            help="Replications; default 10.",
            default=None,
        ),
        click.option(
            "--precision",
            metavar="SHARE",
            help="Replications until the 95 % intervals of the main outcomes have this half-width, e.g. 2%.",
        ),
        click.option(
            "--most",
            type=click.IntRange(1, 100_000),
            default=1000,
            show_default=True,
            help="Replications that --precision may take.",
        ),
        runner_options,
    ):
        command = option(command)
    return command


def share(text: str, option: str) -> float:
    """Return the share that *text* says, ``2%`` or ``0.02``."""
    from sim.errors import UsageError

    try:
        value = float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise UsageError(f"{option} is a share between 0 and 100 %, like 2% or 0.02; got {text}")
    return value


def number(value: object) -> float | None:
    """Return *value* for JSON: a number that does not exist is null."""
    if value is None or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def json_row(row: dict[Any, Any]) -> dict[str, Any]:
    """Return one row of a frame for JSON."""
    return {
        str(key): number(value) if isinstance(value, float) else value for key, value in row.items()
    }


def write_json(document: object, target: str) -> None:
    """Write *document* to a file, whole or not at all, or to stdout for ``-``."""
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    path = Path(target).resolve()
    if path.exists() and not path.is_file():
        # A device or a pipe is written to, never replaced.
        path.write_text(text, encoding="utf-8")
        return
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise MachineError(
            f"{target}: cannot be written: {error.strerror}; choose another --json"
        ) from None


def prepare_json(target: str | None) -> None:
    """See that *target* can be written, before any time is spent on what goes there."""
    if target is None or target == "-":
        return
    path = Path(target).resolve()
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        what = "is a folder" if path.is_dir() else "lies in no folder that can be written"
        raise MachineError(f"{target}: {what}; choose another --json")


def tell_written(paths: Iterable[Path]) -> None:
    """Say which files there are now."""
    for path in paths:
        click.echo(f"wrote {path}", err=True)
