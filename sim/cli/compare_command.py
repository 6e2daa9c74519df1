"""``corridor compare``: paired differences between scenarios."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import precision_options
from sim.cli.replications import draw, replicate_all
from sim.cli.study_command import StudyCommand
from sim.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.screen import Screen
    from sim.study.comparison import Comparison

_KEYS = ["name", "scenario", "where", "flow", "activity"]
_KEYS += ["base", "value", "difference", "low", "high", "unit"]


@click.command()
@click.argument("scenarios", nargs=-1, required=True, shell_complete=scenario_names)
@precision_options
def compare(scenarios: tuple[str, ...], **options: Any) -> None:
    """Simulate SCENARIOS with common random numbers and print paired differences to the first."""
    from sim.analysis.headlines import of_comparison
    from sim.study.comparison import compare as compare_studies
    from sim.study.files import write_comparison

    if len(scenarios) < 2:
        raise UsageError(
            "compare needs two scenarios or more, e.g. corridor compare baseline-2023 fivefold"
        )
    command = StudyCommand(options, store_in_out=False)
    studies, trouble = replicate_all(command, command.load_all(scenarios), options)
    comparison = compare_studies(*studies)

    def save(folder: Path) -> list[Path]:
        write_comparison(comparison, folder)
        return draw(comparison.studies, folder)

    command.give_document(
        _document(comparison),
        save,
        of_comparison(comparison),
        lambda screen: _print(screen, comparison),
        trouble,
    )


def _document(comparison: Comparison) -> dict[str, Any]:
    """Return the head of the base, the metrics of all, and the paired differences."""
    from sim.cli.output import document_head
    from sim.cli.study_results import metric_rows

    studies, table = comparison.studies, comparison.table()
    base = studies[0]
    return {
        **document_head(base.scenario, base.seed, len(base.replications)),
        "scenarios": [
            {"scenario": study.scenario.name, "hash": study.scenario.hash} for study in studies
        ],
        "metrics": list(chain.from_iterable(map(metric_rows, studies))),
        "differences": table[_KEYS],
    }


def _print(screen: Screen, comparison: Comparison) -> None:
    """Print what is overloaded, the paired differences of the main outcomes, the busiest resources."""
    from sim.cli.study_results import busiest_resources, print_overload

    for study in comparison.studies:
        print_overload(screen, study.summary(), study.scenario.name)
    base = comparison.studies[0].scenario.name
    screen.table(
        _differences(comparison.table()),
        f"paired differences to {base}, common random numbers",
    )
    for study in comparison.studies:
        title = f"{study.scenario.name}: busiest resources"
        screen.table(busiest_resources(study.summary()), title)


def _differences(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from sim.cli.tables import show_number

    is_corridor = table["flow"].isna() & table["where"].isna()
    of_corridor = table["name"].isin(
        ["offered_t_per_year", "carried_t_per_year", "transit_days_p50", "transit_days_p90"]
    )
    of_flow = (table["name"] == "carried_share") & table["base"].notna()
    main = table[(is_corridor & of_corridor) | of_flow]
    return pd.DataFrame(
        {
            "scenario": main["scenario"],
            "flow": ["corridor" if flow is None else flow for flow in main["flow"]],
            "metric": main["name"],
            "difference": main["difference"].map(show_number),
            "95 % interval": [
                f"{show_number(low)} .. {show_number(high)}"
                for low, high in zip(main["low"], main["high"], strict=True)
            ],
            "base": main["base"].map(show_number),
            "scenario's": main["value"].map(show_number),
        }
    )
