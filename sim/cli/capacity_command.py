"""``corridor capacity``: the preview."""

from __future__ import annotations

from math import isfinite

import click

from sim.cli.options import json_option, json_row, write_json
from sim.cli.scenario_commands import set_option


@click.command()
@click.argument("scenario")
@set_option
@json_option
def capacity(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """Print demand against capacity of every resource in a year, the tightest first, without any
    simulation."""
    from sim.cli.tables import print_frame, terminal
    from sim.network.preview import capacity as capacity_of
    from sim.spec.load import load

    loaded = load(scenario, changes)
    frame = capacity_of(loaded)
    if json_file is not None:
        rows = [json_row(row) for row in frame.to_dict("records")]
        write_json({"scenario": loaded.name, "hash": loaded.hash, "capacity": rows}, json_file)
    if json_file != "-":
        # Where nothing can be carried the ratio is infinite, which as a number would read "no
        # limit".
        frame["ratio"] = [ratio if isfinite(ratio) else "infinite" for ratio in frame["ratio"]]
        print_frame(terminal(), frame, f"{loaded.name}: demand against capacity a year")
