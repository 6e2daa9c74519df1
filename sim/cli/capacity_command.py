"""``corridor capacity``: demand against capacity, without simulation."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import click

from sim.cli.completion import scenario_names
from sim.cli.options import full_option, json_option, set_option
from sim.cli.output import check_json_file, json_rows, write_json

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = ("resource", "ratio", "demand_per_year", "capacity_per_year", "unit", "kind")
"""Columns in the order of the table: what tells most comes first."""


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@set_option
@json_option
@full_option
def capacity(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """Print a year's demand against the capacity of every resource, the tightest first, without
    simulation."""
    from sim.cli.screen import Screen
    from sim.network.preview import capacity as capacity_of
    from sim.spec.load import load

    check_json_file(json_file)
    loaded = load(scenario, changes, memory_gb=inf)
    frame = capacity_of(loaded)
    if json_file is not None:
        document = {"scenario": loaded.name, "hash": loaded.hash, "capacity": json_rows(frame)}
        write_json(document, json_file)
    if json_file != "-":
        sentence = _sentence(loaded.name, frame)
        # Where nothing can be carried the ratio is infinite, which as a number reads "no limit".
        is_infinite = frame["ratio"] == float("inf")
        frame["ratio"] = frame["ratio"].astype(object).where(~is_infinite, "infinite")
        screen = Screen()
        screen.headline(sentence)
        screen.table(frame[list(_SHOWN)], f"{loaded.name}: demand against capacity a year")
        screen.next(f"corridor run {loaded.name}")
        screen.show()


def _sentence(name: str, frame: pd.DataFrame) -> str:
    """Return how many resources have less capacity than demand, and which is the tightest."""
    if frame.empty:
        return f"{name}: no resource limits what is offered."
    short = int((frame["ratio"] > 1).sum())
    tightest = f"the tightest is {frame['resource'].iloc[0]}"
    if not short:
        return f"{name}: every resource has room for a year's demand; {tightest}."
    return f"{name}: {short} of {len(frame)} resources cannot carry a year's demand; {tightest}."
