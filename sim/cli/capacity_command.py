"""``corridor capacity``: demand against capacity, without simulation."""

from __future__ import annotations

from math import inf

import click

from sim.cli.options import json_option, set_option
from sim.cli.output import check_json_file, json_rows, write_json


@click.command()
@click.argument("scenario")
@set_option
@json_option
def capacity(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """Print a year's demand against the capacity of every resource, the tightest first, without
    simulation."""
    from sim.cli.tables import print_frame, terminal
    from sim.network.preview import capacity as capacity_of
    from sim.spec.load import load

    check_json_file(json_file)
    loaded = load(scenario, changes, memory_gb=inf)
    frame = capacity_of(loaded)
    if json_file is not None:
        document = {"scenario": loaded.name, "hash": loaded.hash, "capacity": json_rows(frame)}
        write_json(document, json_file)
    if json_file != "-":
        # Where nothing can be carried the ratio is infinite, which as a number reads "no limit".
        is_infinite = frame["ratio"] == float("inf")
        frame["ratio"] = frame["ratio"].astype(object).where(~is_infinite, "infinite")
        print_frame(terminal(), frame, f"{loaded.name}: demand against capacity a year")
