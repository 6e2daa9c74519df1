"""``corridor store``: what is kept of finished replications."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import json_option, write_json

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
    from sim.runs.store import Store, engine_digest

    rows: dict[tuple[str, str, int], list[int]] = {}
    for entry in Store(folder, create=False).entries():
        found = rows.setdefault((entry.key.scenario, entry.key.engine, entry.key.seed), [0, 0, 0])
        found[0] += 1
        found[1] += entry.has_log
        found[2] += entry.size
    columns = ["scenario", "engine", "seed", "replications", "logs", "bytes"]
    frame = pd.DataFrame([(*key, *counts) for key, counts in rows.items()], columns=columns)
    if json_file is not None:
        write_json(frame.to_dict("records"), json_file)
    if json_file != "-":
        frame["engine"] = [e if e != engine_digest() else f"{e} (this)" for e in frame["engine"]]
        print_frame(terminal(), frame, f"{folder}: {sum(c[0] for c in rows.values())} replications")


@store.command()
@_folder
@click.argument("scenario")
def show(folder: Path, scenario: str) -> None:
    """Show which replications of SCENARIO (a name, a file, or the beginning of its hash) are
    kept."""
    from sim.runs.store import Store, engine_digest

    wanted = _hash_of(scenario)
    found = [
        entry
        for entry in Store(folder, create=False).entries()
        if entry.key.scenario.startswith(wanted)
    ]
    for entry in found:
        is_current = (
            "" if entry.key.engine == engine_digest() else ", made by another version of the engine"
        )
        log = ", with log" if entry.has_log else ""
        click.echo(f"{entry.key}: {entry.size:,} bytes{log}{is_current}")
    if not found:
        click.echo(f"nothing is kept of {scenario} (hash {wanted})", err=True)


@store.command()
@_folder
def verify(folder: Path) -> None:
    """Read every part; damaged ones are named and taken away, to be computed anew when they are
    wanted."""
    from sim.runs.store import Store

    kept = Store(folder, create=False)
    damaged = kept.verify()
    for what in damaged:
        click.echo(what)
    click.echo(
        f"{sum(1 for _ in kept.entries())} replications are whole, {len(damaged)} files were damaged",
        err=True,
    )
    if damaged:
        click.get_current_context().exit(1)


@store.command()
@_folder
def prune(folder: Path) -> None:
    """Remove what another version of the engine made, and what was left half written."""
    from sim.runs.store import Store

    files, size = Store(folder, create=False).prune()
    click.echo(f"{files} files with {size:,} bytes are removed", err=True)


def _hash_of(scenario: str) -> str:
    from sim.errors import UsageError
    from sim.spec.load import load

    try:
        return load(scenario).hash
    except UsageError:
        if len(scenario) >= 4 and set(scenario) <= set("0123456789abcdef"):
            return scenario
        raise
