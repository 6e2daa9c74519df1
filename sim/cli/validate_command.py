"""``corridor validate``: observed beside simulated, target by target."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import precision_options
from sim.cli.output import document_head, json_row, json_rows, say
from sim.cli.replications import replicate_all
from sim.cli.study_command import StudyCommand
from sim.version import __version__

if TYPE_CHECKING:
    from sim.analysis.observed import Forecast, Seasons, Validation
    from sim.cli.screen import Screen
    from sim.spec.load import Scenario

_ROW: dict[str, Any] = {
    "name": None,
    "scenario": None,
    "where": None,
    "group": None,
    "flow": None,
    "activity": None,
    "low": None,
    "high": None,
    "value": None,
    "unit": "1",
}
"""Keys of a row of metrics in their order, and what they hold where nothing is said."""


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@click.option(
    "--seasons",
    type=click.IntRange(0, 10_000),
    metavar="N",
    help="Seasons with every input over its range, one replication each, which say what one year "
    "may bring; 0: replications alone. Default: 39 where inputs carry ranges, for baseline-2023 "
    "some two minutes on two processors.",
)
@precision_options
def validate(scenario: str, seasons: int | None, **options: Any) -> None:
    """Compare SCENARIO with what was observed, target by target.

    The mean over replications is held against the range of the target, and the observation, which
    is one draw, against the forecast of a single season.
    """
    from sim.analysis.headlines import of_validation
    from sim.analysis.observed import targets_of
    from sim.analysis.observed import validate as compare_with_observed
    from sim.cli.validation_tables import print_forecasts, print_validation

    command = StudyCommand(options, store_in_out=False)
    loaded = command.load(scenario)
    targets_of(loaded)  # refuses a scenario without targets before it is run
    (study,), trouble = replicate_all(command, [loaded], options)
    validation = compare_with_observed(study, _drawn(command, loaded, seasons))

    def show(screen: Screen) -> None:
        print_validation(screen, validation)
        print_forecasts(screen, validation)

    command.give_document(
        _document(validation),
        lambda folder: _save(validation, folder),
        of_validation(validation),
        show,
        trouble,
    )


def _drawn(command: StudyCommand, scenario: Scenario, count: int | None) -> Seasons | None:
    """Return *count* seasons over inputs, by default `DEFAULT` where there are inputs to vary."""
    from sim.analysis.observed import DEFAULT_SEASONS, draw_seasons
    from sim.spec.parameters import parameters

    varied = len(parameters(scenario))
    if count is None:
        count = DEFAULT_SEASONS if varied else 0
    if not count:
        return None
    command.announce(scenario, f"{count} seasons over the ranges of inputs ({varied})")
    drawn = command.run(scenario.name, count, partial(draw_seasons, scenario, count))
    for why in drawn.lost:
        say(f"warning: {scenario.name}: {why}", err=True)
    return drawn


def _save(validation: Validation, folder: Path) -> list[Path]:
    """Write the study, the tables, and the figures of both."""
    from sim.plot.drawing import Provenance
    from sim.plot.figures import save_figures
    from sim.plot.kinds import save_results, study_kind
    from sim.study.files import write_study

    study = validation.study
    write_study(study, folder)
    name, count = study.scenario.name, len(study.replications)
    source = Provenance(name, study.scenario.hash, study.seed, count, __version__)
    tables = {"validation": validation.table()}
    if validation.seasons is not None:
        tables["seasons"] = validation.seasons.table()
    files = save_results(tables, source, folder)
    figure = study_kind("validation").draw([study]).noted().figure
    return [*files, *save_figures({"validation": figure}, folder / "figures")]


def _document(validation: Validation) -> dict[str, Any]:
    """Return the metrics of each target, the shares inside, and all columns of the table.

    ``target_inside`` says whether the mean lies in the range of the target. The others are of the
    forecast of one season, named in ``activity``: ``replications``, ``inputs`` or ``naive``.
    """
    from sim.analysis.observed import USES

    study = validation.study
    rows = json_rows(validation.table())
    shares = {}
    for use in USES:
        inside, count = validation.share_inside(use)
        shares[use] = {"inside": inside, "of": count}
    scenario = study.scenario.name
    return {
        **document_head(study.scenario, study.seed, len(study.replications)),
        "metrics": [
            *(_target_inside(scenario, row) for row in rows),
            *_forecast_metrics(validation),
        ],
        "shares": shares,
        "seasons": None if validation.seasons is None else _seasons(validation.seasons),
        "targets": rows,
    }


def _seasons(seasons: Seasons) -> dict[str, Any]:
    return {
        "count": len(seasons.values),
        "parameters": len(seasons.parameters),
        "lost": list(seasons.lost),
    }


def _forecast_metrics(validation: Validation) -> Iterator[dict[str, Any]]:
    """Yield the forecasts of every target, then how many observations lie in them."""
    from sim.analysis.observed import USES

    scenario = validation.study.scenario.name
    for checked in validation.checked:
        observation = checked.target.observation
        common = {"scenario": scenario, "where": checked.target.id, "group": observation.use}
        for kind, forecast in checked.forecasts.items():
            if forecast.exists:
                for row in _numbers_of(forecast, observation.unit):
                    yield {**_ROW, **common, "activity": kind, **row}
    for kind in validation.kinds:
        for use in USES:
            share = validation.share_forecast(kind, use).named("value")
            row = {"name": "forecast_coverage", "scenario": scenario, "group": use}
            yield json_row({**_ROW, **row, "activity": kind, **share})


def _numbers_of(forecast: Forecast, unit: str) -> Iterator[dict[str, Any]]:
    """Yield name, value, bounds and unit of what a forecast is judged by."""
    inside = float(forecast.is_inside)
    ends = {"low": forecast.low, "high": forecast.high}
    yield {"name": "forecast_inside", "value": inside, **ends}
    yield {"name": "forecast_width", "value": forecast.width, "unit": unit}
    yield {"name": "interval_score", "value": forecast.score, "unit": unit}
    if forecast.seasons:
        yield {"name": "crps", "value": forecast.crps, "unit": unit}


def _target_inside(scenario: str, row: dict[str, Any]) -> dict[str, Any]:
    common = {"name": "target_inside", "scenario": scenario, "where": row["target"]}
    return {**_ROW, **common, "group": row["use"], "value": float(row["inside"])}
