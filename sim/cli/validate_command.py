"""``corridor validate``: observed beside simulated, target by target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import precision_options
from sim.cli.replications import replicate_all
from sim.cli.study_command import StudyCommand

if TYPE_CHECKING:
    from sim.analysis.observed import Validation


@click.command()
@click.argument("scenario")
@precision_options
def validate(scenario: str, **options: Any) -> None:
    """Compare SCENARIO with what was observed, target by target."""
    from sim.analysis.observed import targets_of
    from sim.analysis.observed import validate as compare_with_observed
    from sim.cli.study_results import print_validation
    from sim.plot.figures import save_figures
    from sim.plot.kinds import study_kind
    from sim.study.files import save_text, write_study

    command = StudyCommand(options, store_in_out=False)
    loaded = command.load(scenario)
    targets_of(loaded)  # refuses a scenario without targets before it is run
    (study,), trouble = replicate_all(command, [loaded], options)
    validation = compare_with_observed(study)

    def save(folder: Path) -> list[Path]:
        write_study(study, folder)
        table = validation.table().to_csv(index=False, lineterminator="\n")
        save_text(table, folder / "validation.csv")
        figure = study_kind("validation").draw([study]).noted().figure
        return list(save_figures({"validation": figure}, folder / "figures"))

    command.give_document(
        _document(validation), save, lambda c: print_validation(c, validation), trouble
    )


def _document(validation: Validation) -> dict[str, Any]:
    """Return ``target_inside`` of each target, the shares inside, and all columns of the table."""
    from sim.analysis.observed import USES
    from sim.cli.output import document_head, json_rows

    study = validation.study
    rows = json_rows(validation.table())
    shares = {}
    for use in USES:
        inside, count = validation.share_inside(use)
        shares[use] = {"inside": inside, "of": count}
    return {
        **document_head(study.scenario, study.seed, len(study.replications)),
        "metrics": [_target_inside(study.scenario.name, row) for row in rows],
        "shares": shares,
        "targets": rows,
    }


def _target_inside(scenario: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "target_inside",
        "scenario": scenario,
        "where": row["target"],
        "group": row["use"],
        "flow": None,
        "activity": None,
        "low": None,
        "high": None,
        "value": float(row["inside"]),
        "unit": "1",
    }
