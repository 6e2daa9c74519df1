"""``corridor disrupt``: the cost of a closure against its length."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import DATE, replications_option, simulation_options
from sim.cli.study_command import Results, StudyCommand
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_TIMED = ("from", "every", "lasting")
"""Keys of a disruption that say when it is; here options do."""


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--what",
    "parts",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help="What is out of service: port=kuryk, section=..., berths=PORT/GROUP, border=..., locomotives=..., service=...; "
    "also lost=2, rate=0.5, inside=pause.",
)
@click.option(
    "--days",
    default="1,3,7,14",
    show_default=True,
    metavar="N1,N2,...",
    help="Days that it is out of service, one closure for each.",
)
@click.option(
    "--from",
    "begins",
    type=DATE,
    metavar="DATE",
    help="First day; default: that of the measured window.",
)
@replications_option(10, "of each length")
@simulation_options
def disrupt(
    scenario: str,
    parts: tuple[str, ...],
    days: str,
    begins: datetime | None,
    replications: int,
    **options: Any,
) -> None:
    """Close a part of SCENARIO for a number of days, and print recovery and delayed cargo against
    their number."""
    from sim.analysis.disrupt import disrupt as close
    from sim.analysis.headlines import of_disruption

    command = StudyCommand(options)
    what, lengths = _what(parts), _lengths(days)
    loaded = command.load(scenario)
    command.announce(loaded, f"{replications} replications of each length")
    first = None if begins is None else begins.date()
    analysis = partial(close, loaded, what, lengths, begins=first, replications=replications)
    result = command.run(loaded.name, (len(lengths) + 1) * replications, analysis)
    table = result.table()
    part = ", ".join(f"{key} {value}" for key, value in what.items())
    title = f"{loaded.name}: {part} out of service from {result.begins} (95 % intervals)"
    command.give(
        Results(
            scenario=loaded,
            replications=replications,
            facts={"what": what, "from": result.begins.isoformat(), "lengths": table},
            files={"disruption": table},
            headline=of_disruption(loaded.name, part, table),
            show=lambda screen: screen.table(_shown(table), title),
        )
    )


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from sim.cli.tables import means_with_intervals

    return pd.DataFrame(
        {
            "days out": table["days"],
            "days to recover": means_with_intervals(table, "recovery_days", "recovery"),
            "delayed [t d]": means_with_intervals(table, "delayed_t_days", "delayed"),
            "most held back [t]": means_with_intervals(table, "peak_t", "peak"),
            "not recovered at the end": [
                f"{missed} of {count}"
                for missed, count in zip(table["not_recovered"], table["n"], strict=True)
            ],
        }
    )


def _what(parts: tuple[str, ...]) -> dict[str, Any]:
    """Return the disruption that the options name, without its time."""
    from sim.analysis.disrupt import TARGETS
    from sim.spec.yaml_tree import read_value

    what: dict[str, Any] = {}
    for text in parts:
        key, equals, value = map(str.strip, text.partition("="))
        if not equals or not key or not value:
            raise UsageError(f"--what {text}: write it like --what port=kuryk")
        what[key] = read_value(value, f"--what {key}")
    if len(what.keys() & set(TARGETS)) != 1:
        targets = ", ".join(f"{key}=..." for key in TARGETS)
        raise UsageError(f"--what names one thing that is out of service: {targets}")
    for key in what:
        if key in _TIMED:
            raise UsageError(f"--what {key}: give the time with --from and --days")
    return what


def _lengths(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(
            f"--days {text}: numbers of days are needed, like --days 1,3,7,14"
        ) from None
