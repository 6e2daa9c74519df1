"""What one season may bring beside what was observed: table and figure of each study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.observed import validate
from sim.plot.drawing import Drawing
from sim.plot.forecast import KIND, draw
from sim.report.table import DASH, Table, from_to
from sim.units import format_number

if TYPE_CHECKING:
    from sim.study.study import Study

TABLE = "validation.csv"
"""What ``corridor validate`` writes beside a study, with seasons over inputs."""
ALT = (
    "Bars of the interval of one season over what was observed, target by target. "
    "The table above has the numbers."
)


def forecasts(studies: Sequence[Study], folder: Path | None) -> Mapping[str, Drawing]:
    """Return the figure of each study with targets, by its name.

    As ``corridor validate`` wrote it into *folder*, with inputs over their ranges; without that, by
    replications alone.
    """
    if folder is not None and len(studies) == 1 and (folder / TABLE).exists():
        return {studies[0].scenario.name: KIND.draw_folder(folder)}
    with_targets = [study for study in studies if study.scenario.spec.observed]
    return {study.scenario.name: draw(validate(study).table()) for study in with_targets}


def forecast_table(name: str, drawing: Drawing) -> Table:
    """Return the intervals of one season of the scenario of that *name*."""
    rows = tuple(_target(row) for row in drawing.table.to_dict("records"))
    heads = ("target", "regime", "observed", "one season", "inputs over ranges", "naive", "unit")
    note = (
        "Intervals of 90 %; out: the observation lies outside. One season: inputs as written; "
        "inputs over ranges: every input that carries a range is drawn as well, which 'corridor "
        "validate' runs. Naive: what would be forecast without a model."
    )
    return Table(f"{name}: what one season may bring", heads, rows, note)


def _target(row: Mapping[Any, Any]) -> tuple[str, ...]:
    cells = [_interval(row, prefix) for prefix in ("season", "inputs", "naive")]
    return (row["target"], row["regime"], format_number(row["observed"]), *cells, row["unit"])


def _interval(row: Mapping[Any, Any], prefix: str) -> str:
    verdict = row[f"{prefix}_verdict"]
    if verdict == "no number":
        return DASH
    ends = from_to(row[f"{prefix}_low"], row[f"{prefix}_high"])
    return f"{ends}, out" if verdict == "outside" else ends
