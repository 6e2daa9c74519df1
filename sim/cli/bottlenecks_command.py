"""``corridor bottlenecks``: what holds a corridor back, what will next, and the proof of it."""

from __future__ import annotations

from math import isnan, nan
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.errors import UsageError
from sim.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from rich.console import Console

    from sim.analysis.bottlenecks import Bottlenecks, DroppedSuspect, Rung

SHOWN = 12
"""Places that are printed of where the days go."""
GROWING = 5
"""Stacks and queues that are printed of each rung."""


@click.command()
@click.argument("scenario")
@click.option(
    "--target",
    metavar="5x",
    help="Scale of the demand to be carried; default: that of the scenario.",
)
@click.option(
    "--budget",
    type=click.IntRange(4, 100_000),
    default=120,
    show_default=True,
    help="Most replications in all, a third for each rung and what it leaves for the next. The default pays for three "
    "rungs: the corridor and six what-ifs, four times each (28), then 12 more of those that may be the best.",
)
@click.option(
    "-n",
    "--replications",
    type=click.IntRange(2, 10_000),
    default=4,
    show_default=True,
    help="Of each what-if before anybody looks; those that may be the best get more.",
)
@click.option(
    "--suspects",
    type=click.IntRange(1, 1000),
    default=6,
    show_default=True,
    help="Most what-ifs on each rung.",
)
@runner_options
def bottlenecks(scenario: str, target: str | None, suspects: int, **options: Any) -> None:
    """Find what holds SCENARIO back, raise it, find the next, until nothing is overloaded: a
    ladder, with 95 %."""
    from sim.analysis import bottlenecks as study
    from sim.analysis.bottlenecks import BottlenecksInterrupted

    scale = _scale(target)
    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    out, count, budget = options["out"], options["replications"], options["budget"]
    prepare_out(options)
    head = (
        f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, at most {budget} replications"
    )
    click.echo(f"{head}, {count} of each what-if at first, version {__version__}", err=True)

    def tell(rung: Rung) -> None:
        carried, low, high = rung.mean("carried_t_per_year")
        told = rung.verdict or f"{rung.state}, nothing tried"
        click.echo(
            f"carried {carried:,.0f} t/a ({low:,.0f} to {high:,.0f}): {told}; raised: {rung.fix}",
            err=True,
        )

    def tell_dropped(dropped: DroppedSuspect) -> None:
        click.echo(f"warning: {dropped}", err=True)

    settings: dict[str, Any] = {
        "target": scale,
        "budget": budget,
        "replications": count,
        "most_suspects": suspects,
    }
    settings |= {"seed": options["seed"], "on_rung": tell, "on_drop": tell_dropped}
    stopped: BottlenecksInterrupted | None = None
    try:
        with progress(loaded.name, budget) as step, running(options, step) as runner:
            found = study.bottlenecks(loaded, **settings, runner=runner)
    except BottlenecksInterrupted as stop:
        # What is finished is told, and then that it is not all.
        found, stopped = stop.finished, stop
    if out is not None:
        _save(found, out)
    if options["json_file"] is not None:
        write_json(_document(found), options["json_file"])
    if options["json_file"] != "-":
        _print(found)
    if stopped is not None:
        raise stopped
    if found.failed is not None:
        raise found.failed


def _save(found: Bottlenecks, out: Path) -> None:
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results

    tables = {
        "ladder" if name == "rungs" else name: table for name, table in _tables(found).items()
    }
    source = Provenance(
        found.scenario.name, found.scenario.hash, found.seed, found.used, __version__, in_all=True
    )
    tell_written(save_results(tables, source, out))


def _document(found: Bottlenecks) -> dict[str, Any]:
    facts = {"scenario": found.scenario.name, "hash": found.scenario.hash, "version": __version__}
    run = {
        "seed": found.seed,
        "budget": found.budget,
        "replications": found.used,
        "audit": "passed",
    }
    tables = {
        name: [json_row(row) for row in table.to_dict("records")]
        for name, table in _tables(found).items()
    }
    return {**facts, **run, "ended": found.ended, **tables}


def _tables(found: Bottlenecks) -> dict[str, pd.DataFrame]:
    return {
        "rungs": found.table(),
        "suspects": found.suspects(),
        "dropped": found.dropped(),
        "waits": found.waits(),
        "active": found.active(),
        "growth": found.growth(),
    }


def _print(found: Bottlenecks) -> None:
    import pandas as pd

    from sim.cli.tables import print_frame, terminal

    if not found.rungs:
        click.echo(f"no rung was finished; {found.ended}, after {found.used} replications")
        return
    console, table = terminal(), found.table()
    _print_first(console, found)
    _print_evidence(console, found)
    shown = pd.DataFrame(
        {
            "rung": table["rung"],
            "carried [t/a]": _told(table, "carried_t_per_year", "carried_low", "carried_high"),
            "overloaded": table["overloaded"],
            "n": table["n"],
            "bottleneck": table["bottleneck"],
            "raised": table["fix"],
            "which adds [t/a]": _told(table, "more_t_per_year", "more_low", "more_high"),
        }
    )
    print_frame(
        console, shown, f"{found.scenario.name}: the ladder of bottlenecks (95 % intervals)"
    )
    for dropped in found.without:
        click.echo(
            f"not tried to the end: {dropped.id} (rung {dropped.rung}), whose what-if fails every time"
        )
    click.echo(f"ended after {found.used} replications: {found.ended}")


def _print_first(console: Console, found: Bottlenecks) -> None:
    """Print where the days go and who holds whom up, before anything is raised."""
    import pandas as pd

    from sim.cli.tables import print_frame

    first = found.rungs[0]
    waits = first.waits.head(SHOWN)
    total = float(first.waits["days"].sum())
    shown = pd.DataFrame(
        {
            "activity": waits["activity"],
            "where": waits["where"],
            "days": _told(waits, "days", "low", "high"),
        }
    )
    whole = not isnan(first.mean("transit_days_mean").mean)
    name = (
        "adds up to the transit time"
        if whole
        else "of what was delivered alone: there is no transit time"
    )
    print_frame(
        console, shown, f"where the days go, the longest {len(shown)} of {total:.4g} d ({name})"
    )
    active = first.active[first.active["kind"] == "all"].head(SHOWN)
    shown = pd.DataFrame(
        {"where": active["where"], "share of time": _told(active, "share", "low", "high")}
    )
    print_frame(console, shown, "who is the momentary bottleneck (longest active without a break)")


def _print_evidence(console: Console, found: Bottlenecks) -> None:
    """Print what is overloaded on each rung, and what one more of each suspect gives."""
    import pandas as pd

    from sim.cli.tables import print_frame

    growth = found.growth()
    growth = growth[growth["is_overloaded"].astype(bool)].groupby("rung", sort=False).head(GROWING)
    if len(growth):
        shown = pd.DataFrame(
            {
                "rung": growth["rung"],
                "where": growth["where"],
                "growth from year to year, of its yearly flow": _told(
                    growth, "share", "low", "high"
                ),
            }
        )
        print_frame(
            console,
            shown,
            f"what is overloaded: grows by more than 2 % at 99 %, up to {GROWING} a rung",
        )
    if found.suspects().size:
        rows = found.suspects()
        shown = pd.DataFrame(
            {
                "rung": rows["rung"],
                "one more of": rows["id"],
                "step": rows["unit"],
                "gain": _told(rows, "gain", "low", "high"),
                "unit": rows["gain_unit"],
                "n": rows["n"],
                "preview load": rows["load"],
                "days waited": rows["waited_days"],
                "verdict": [
                    "may be the best" if is_one else "not the best"
                    for is_one in rows["is_contender"]
                ],
            }
        )
        print_frame(console, shown, "what one more gives, on the same luck")


def _told(rows: Any, mean: str, low: str, high: str) -> list[str]:
    from sim.units import format_mean

    return [format_mean(*bounds) for bounds in zip(rows[mean], rows[low], rows[high], strict=True)]


def _scale(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        scale = float(text.strip().removesuffix("x"))
    except ValueError:
        scale = nan
    if not 0 < scale <= 1000:
        raise UsageError(f"--target {text}: a multiple of the demand is needed, like --target 5x")
    return scale
