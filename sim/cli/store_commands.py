"""``corridor store``: what is kept of finished replications."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import json_option, write_json

if TYPE_CHECKING:
    from sim.runs.store import Store

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))


@click.group()
def store() -> None:
    """Look after a run store: the FOLDER that --store names."""


@store.command("list")
@_folder
@json_option
def list_(folder: Path, json_file: str | None) -> None:
    """List what is kept, by scenario, engine and seed."""
    import pandas as pd

    from sim.cli.tables import print_frame, terminal

    kept = _open(folder)
    rows = [
        {
            "scenario": entry.key.scenario,
            "engine": entry.key.engine,
            "seed": entry.key.seed,
            "logs": int(entry.has_log),
            "bytes": entry.size,
            "is_stale": entry.is_stale,
        }
        for entry in kept.entries()
    ]
    keys = ["scenario", "engine", "seed", "is_stale"]
    parts = pd.DataFrame(rows, columns=[*keys, "logs", "bytes"])
    frame = (
        parts.groupby(keys, sort=False)
        .agg(replications=("logs", "size"), logs=("logs", "sum"), bytes=("bytes", "sum"))
        .reset_index()
    )
    is_stale = frame.pop("is_stale")
    if json_file is not None:
        write_json(frame.to_dict("records"), json_file)
    if json_file != "-":
        frame["engine"] = [
            f"{engine} ({'stale' if stale else 'this'})"
            for engine, stale in zip(frame["engine"], is_stale, strict=True)
        ]
        print_frame(terminal(), frame, f"{folder}: {len(parts)} replications")


@store.command()
@_folder
@click.argument("scenario")
def show(folder: Path, scenario: str) -> None:
    """Show which replications of SCENARIO (a name, a file, or the beginning of its hash) are
    kept."""
    wanted = _hash_of(scenario)
    entries = [entry for entry in _open(folder).entries() if entry.key.scenario.startswith(wanted)]
    for entry in entries:
        log = ", with log" if entry.has_log else ""
        stale = ", stale: another version of the engine made it" if entry.is_stale else ""
        click.echo(f"{entry.key}: {entry.size:,} bytes{log}{stale}")
    if not entries:
        click.echo(f"nothing is kept of {scenario} (hash {wanted})", err=True)


@store.command()
@_folder
def verify(folder: Path) -> None:
    """Read every part; damaged parts are listed and removed, and computed anew when they are
    wanted."""
    kept = _open(folder)
    damaged = kept.verify()
    for what in damaged:
        click.echo(what)
    entries = list(kept.entries())
    whole = 0 if kept.is_stale else len(entries)
    stale = sum(entry.is_stale for entry in entries)
    summary = f"{whole} replications are whole, {len(damaged)} files were damaged"
    click.echo(f"{summary}, {stale} replications are stale" if stale else summary, err=True)
    if damaged:
        click.get_current_context().exit(1)


@store.command()
@_folder
def prune(folder: Path) -> None:
    """Remove what is stale, as another version of the engine made it, and what was left half
    written."""
    files, size = _open(folder).prune()
    click.echo(f"{files} files with {size:,} bytes are removed", err=True)


def _open(folder: Path) -> Store:
    """Return the store in *folder*; that of an earlier version with a note that all in it is
    stale."""
    from sim.runs.store import LAYOUT, Store

    kept = Store(folder, create=False, accept_stale=True)
    if kept.is_stale:
        what = f"an earlier version wrote {folder}, and this one keeps layout {LAYOUT}: all in it is stale"
        click.echo(f"{what}; to empty it: corridor store prune {folder}", err=True)
    return kept


def _hash_of(scenario: str) -> str:
    from sim.errors import UsageError
    from sim.spec.load import load

    try:
        return load(scenario).hash
    except UsageError:
        if len(scenario) >= 4 and set(scenario) <= set("0123456789abcdef"):
            return scenario
        raise
