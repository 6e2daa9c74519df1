"""What a study and a comparison show at a glance: main outcomes, what is overloaded, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.html import heading, small, table
from sim.metrics.outcomes import MAIN
from sim.study.growth import overloaded_rows
from sim.study.interval import Interval
from sim.units import format_mean, format_number
from sim.version import __version__

if TYPE_CHECKING:
    from sim.study.comparison import Comparison
    from sim.study.study import Study

MOST_NAMED = 8
"""Parts that are named of what is overloaded, those that grow most."""


def study_page(study: Study) -> str:
    """Return main outcomes with 95 % intervals, what is overloaded, and provenance."""
    summary = study.summary()
    rows = []
    for label, unit, row in _main(summary):
        rows.append((label, format_mean(*Interval.from_row(row)), unit))
    missed = (
        ""
        if study.precision_missed is None
        else f"A precision of {study.precision_missed:.1%} was not reached."
    )
    return (
        heading(study.scenario.name, study.scenario.spec.title)
        + table(("outcome", "mean (95 %)", "unit"), rows)
        + small(f"Overloaded: {_overloaded(summary)}", missed, _source(study))
    )


def comparison_page(comparison: Comparison) -> str:
    """Return paired differences of the main outcomes to the first scenario, and what is overloaded
    in which."""
    studies, names = comparison.studies, _names(comparison.studies)
    rows = []
    for name, other in zip(names[1:], studies[1:], strict=True):
        for label, unit, row in _main(type(comparison)((studies[0], other)).table()):
            difference = Interval.from_row(row, "difference")
            sides = (format_number(row[key]) for key in ("base", "value"))
            rows.append((name, label, *sides, format_mean(*difference), _clear(difference), unit))
    head = ("scenario", "outcome", "base", "value", "difference (95 %)", "clear", "unit")
    named = list(zip(names, studies, strict=True))
    return (
        heading(", ".join(names[1:]), f"against {names[0]}, paired on the same luck")
        + table(head, rows)
        + small(
            *(f"Overloaded in {name}: {_overloaded(study.summary())}" for name, study in named),
            *(
                f"Changed in {name}: {_changed(study)}"
                for name, study in named
                if name != study.scenario.name
            ),
            *(_source(study, name) for name, study in named),
        )
    )


def _clear(difference: Interval) -> str:
    """Return whether *difference* is not 0, beyond its interval."""
    if not difference.has_bounds:
        return "-"
    return "yes" if difference.excludes(0.0) else "no"


def _names(studies: Sequence[Study]) -> list[str]:
    """Return the name of each, with its number where another has the same."""
    names = [study.scenario.name for study in studies]
    return [
        name if names.count(name) == 1 else f"{name} ({number})"
        for number, name in enumerate(names, 1)
    ]


def _changed(study: Study) -> str:
    return ", ".join(dict.fromkeys(path for path, _ in study.scenario.changes)) or "nothing"


def _main(frame: pd.DataFrame) -> list[tuple[str, str, pd.Series]]:
    """Return label, unit and row of each main outcome of the corridor that *frame* tells."""
    whole = frame[frame["where"].isna() & frame["flow"].isna() & frame["activity"].isna()]
    found = []
    for outcome in MAIN:
        rows = whole[whole["name"] == outcome.name]
        if len(rows):
            found.append((outcome.label, outcome.unit, rows.iloc[0]))
    return found


def _overloaded(summary: pd.DataFrame) -> str:
    """Return what is overloaded with its growth in a year, the fastest first, in words."""
    parts = [
        f"{row.where} ({row.mean:+,.0f} {row.unit.removesuffix('/a')} a year)"
        for row in overloaded_rows(summary).itertuples(index=False)
    ]
    if not parts:
        return "nothing."
    listed = ", ".join(parts[:MOST_NAMED])
    if len(parts) > MOST_NAMED:
        listed += f" and {len(parts) - MOST_NAMED} more"
    return f"{listed}."


def _source(study: Study, name: str = "") -> str:
    facts = f"seed {study.seed}, {len(study.replications)} replications, version {__version__}"
    head = f"{name}: hash" if name else "Hash"
    return f"{head} {study.scenario.hash}, {facts}, audit passed."
