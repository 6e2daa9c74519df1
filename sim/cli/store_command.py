"""``corridor store``: what is kept of finished replications."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.completion import scenario_names
from sim.cli.options import full_option, json_option
from sim.cli.output import check_json_file, say, write_json

if TYPE_CHECKING:
    from sim.runs.store import Entry, Store

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
_COLUMNS = ["scenario", "engine", "seed", "is_stale", "has_log", "size"]


@click.group()
def store() -> None:
    """Look after a run store: the FOLDER that --store names."""


@store.command("list")
@_folder
@json_option
@full_option
def list_(folder: Path, json_file: str | None) -> None:
    """List what is kept, by scenario, engine and seed."""
    import pandas as pd

    from sim.cli.screen import Screen

    check_json_file(json_file)
    kept = _open(folder)
    entries = pd.DataFrame(map(_row, kept.entries()), columns=_COLUMNS)
    by = ["scenario", "engine", "seed", "is_stale"]
    groups = entries.groupby(by, sort=False).agg(
        replications=("size", "size"), logs=("has_log", "sum"), bytes=("size", "sum")
    )
    frame = groups.reset_index()
    version = frame.pop("is_stale").map({True: " (stale)", False: " (this)"})
    if json_file is not None:
        write_json(frame.to_dict("records"), json_file)
    if json_file != "-":
        frame["engine"] += version
        titles = {scenario: kept.title(scenario) for scenario in frame["scenario"].unique()}
        frame.insert(0, "name", [titles[hashed] or "-" for hashed in frame["scenario"]])
        frame["scenario"] = [hashed[:12] for hashed in frame["scenario"]]
        screen = Screen()
        screen.table(frame, f"{folder}: {len(entries)} replications")
        screen.show()


@store.command()
@_folder
@click.argument("scenario", shell_complete=scenario_names)
def show(folder: Path, scenario: str) -> None:
    """List the replications that are kept of SCENARIO: a name, a file, or the beginning of its
    hash."""
    wanted = _hash_of(scenario)
    entries = [entry for entry in _open(folder).entries() if entry.key.scenario.startswith(wanted)]
    for entry in entries:
        log = ", with log" if entry.has_log else ""
        stale = ", stale: another version of the engine made it" if entry.is_stale else ""
        say(f"{entry.key}: {entry.size:,} bytes{log}{stale}")
    if not entries:
        say(f"nothing is kept of {scenario} (hash {wanted})", err=True)


@store.command()
@_folder
def verify(folder: Path) -> None:
    """Read every file; damaged ones are listed and removed, and computed again when needed."""
    kept = _open(folder)
    damaged = kept.verify()
    for message in damaged:
        say(message)
    entries = list(kept.entries())
    whole = 0 if kept.is_stale else len(entries)
    stale = sum(entry.is_stale for entry in entries)
    summary = f"{whole} replications are whole, {len(damaged)} files were damaged"
    if stale:
        summary += f", {stale} replications are stale"
    say(summary, err=True)
    if damaged:
        click.get_current_context().exit(1)


@store.command()
@_folder
def prune(folder: Path) -> None:
    """Remove stale replications, which another version of the engine made, and files that were
    left half written."""
    files, size = _open(folder).prune()
    say(f"{files} files with {size:,} bytes are removed", err=True)


def _row(entry: Entry) -> tuple[str, str, int, bool, bool, int]:
    key = entry.key
    return key.scenario, key.engine, key.seed, entry.is_stale, entry.has_log, entry.size


def _open(folder: Path) -> Store:
    """Return the store in *folder*; report one of an earlier version, in which all is stale."""
    from sim.runs.store import LAYOUT, Store

    kept = Store(folder, create=False, accept_stale=True)
    if kept.is_stale:
        what = f"an earlier version wrote {folder}, and this one keeps layout {LAYOUT}: all in it is stale"
        say(f"{what}; to empty it: corridor store prune {folder}", err=True)
    return kept


def _hash_of(scenario: str) -> str:
    from sim.errors import UsageError
    from sim.spec.load import load

    try:
        return load(scenario, memory_gb=inf).hash
    except UsageError:
        if len(scenario) >= 4 and set(scenario) <= set("0123456789abcdef"):
            return scenario
        raise
