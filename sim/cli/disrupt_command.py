"""``corridor disrupt``: what a closure costs, against how long it lasts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_row, prepare_json, runner_options, tell_written, write_json
from sim.cli.progress import progress
from sim.cli.running import load_and_warn, prepare_out, running
from sim.errors import UsageError
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("scenario")
@click.option(
    "--what",
    "parts",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help="What is out: port=kuryk, section=..., berths=PORT/GROUP, border=..., locomotives=..., service=...; "
    "also lost=2, rate=0.5, inside=pause.",
)
@click.option(
    "--days", default="1,3,7,14", show_default=True, metavar="N1,N2,...", help="How long it is out."
)
@click.option(
    "--from",
    "begins",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day; default: that of the measured window.",
)
@click.option(
    "-n", "--replications", type=click.IntRange(2, 100_000), default=10, show_default=True
)
@runner_options
def disrupt(
    scenario: str, parts: tuple[str, ...], days: str, begins: datetime | None, **options: Any
) -> None:
    """Close a part of SCENARIO for a number of days, and print recovery and cargo delayed against
    their number."""
    from sim.analysis import disrupt as study
    from sim.cli.tables import print_frame, terminal
    from sim.plot.drawing import Provenance
    from sim.plot.kinds import save_results

    what, lengths = _what(parts), _lengths(days)
    prepare_json(options["json_file"])
    loaded = load_and_warn(scenario, options)
    out, count = options["out"], options["replications"]
    prepare_out(options)
    head = f"{loaded.name}, hash {loaded.hash}, seed {options['seed']}, {count} replications of each length"
    click.echo(f"{head}, version {__version__}", err=True)
    first: date | None = begins.date() if begins is not None else None
    with (
        progress(loaded.name, (len(lengths) + 1) * count) as step,
        running(options, step) as runner,
    ):
        found = study.disrupt(
            loaded,
            what,
            lengths,
            begins=first,
            replications=count,
            seed=options["seed"],
            runner=runner,
        )
    table = found.table()
    if out is not None:
        source = Provenance(loaded.name, loaded.hash, options["seed"], count, __version__)
        tell_written(save_results({"disruption": table}, source, out))
    if options["json_file"] is not None:
        facts = {
            "scenario": loaded.name,
            "hash": loaded.hash,
            "version": __version__,
            "seed": options["seed"],
        }
        rows = [json_row(row) for row in table.to_dict("records")]
        begun = {"what": what, "from": found.begins.isoformat(), "audit": "passed"}
        write_json({**facts, "replications": count, **begun, "lengths": rows}, options["json_file"])
    if options["json_file"] != "-":
        told = ", ".join(f"{key} {value}" for key, value in what.items())
        print_frame(
            terminal(),
            _shown(table),
            f"{loaded.name}: {told} out from {found.begins} (95 % intervals)",
        )


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from sim.units import format_mean

    def with_bounds(name: str, short: str) -> list[str]:
        rows = zip(table[name], table[f"{short}_low"], table[f"{short}_high"], strict=True)
        return [format_mean(*bounds) for bounds in rows]

    return pd.DataFrame(
        {
            "days out": table["days"],
            "days to recover": with_bounds("recovery_days", "recovery"),
            "delayed [t d]": with_bounds("delayed_t_days", "delayed"),
            "most held back [t]": with_bounds("peak_t", "peak"),
            "still felt at the end": [
                f"{missed} of {n}"
                for missed, n in zip(table["not_recovered"], table["n"], strict=True)
            ],
        }
    )


def _what(parts: tuple[str, ...]) -> dict[str, Any]:
    from sim.analysis.disrupt import TARGETS
    from sim.spec.yaml_tree import read_value

    what: dict[str, Any] = {}
    for text in parts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip() or not value.strip():
            raise UsageError(f"--what {text}: write it like --what port=kuryk")
        what[key.strip()] = read_value(value.strip(), f"--what {key.strip()}")
    if sum(key in TARGETS for key in what) != 1:
        raise UsageError(
            f"--what names one thing that is out: {', '.join(f'{key}=...' for key in TARGETS)}"
        )
    if timed := [key for key in what if key in ("from", "every", "lasting")]:
        raise UsageError(f"--what {timed[0]}: when and how long is said by --from and --days")
    return what


def _lengths(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--days {text}: numbers of days are needed, like --days 1,3,7,14"
        ) from None
