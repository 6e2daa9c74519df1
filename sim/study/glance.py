"""The pages of a study and a comparison in a notebook: main outcomes, overload, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.html import heading, small, table
from sim.metrics.outcomes import MAIN
from sim.study.growth import SENTENCES, overloaded_rows, state_of_summary
from sim.study.interval import Interval
from sim.units import format_mean, format_number
from sim.version import __version__

if TYPE_CHECKING:
    from sim.study.comparison import Comparison
    from sim.study.study import Study

MOST_NAMED = 8
"""How many overloaded stacks and queues are named, those that grow most."""


def study_page(study: Study) -> str:
    """Return main outcomes with 95 % intervals, what is overloaded, and provenance."""
    summary = study.summary()
    rows = [
        (label, format_mean(*Interval.from_row(row)), unit) for label, unit, row in _main(summary)
    ]
    missed = ""
    if study.precision_missed is not None:
        missed = f"A precision of {study.precision_missed:.1%} was not reached."
    return (
        heading(study.scenario.name, study.scenario.spec.title)
        + table(("outcome", "mean (95 %)", "unit"), rows)
        + small(_overload(study), missed, _source(study))
    )


def comparison_page(comparison: Comparison) -> str:
    """Return paired differences of the main outcomes to the first scenario, and the overloads."""
    studies, names = comparison.studies, _names(comparison.studies)
    rows = []
    for name, other in zip(names[1:], studies[1:], strict=True):
        for label, unit, row in _main(type(comparison)((studies[0], other)).table()):
            difference = Interval.from_row(row, "difference")
            sides = (format_number(row[key]) for key in ("base", "value"))
            rows.append((name, label, *sides, format_mean(*difference), _clear(difference), unit))
    head = ("scenario", "outcome", "base", "value", "difference (95 %)", "clear", "unit")
    by_name = dict(zip(names, studies, strict=True))
    overloads = [_overload(study, name) for name, study in by_name.items()]
    changes = [
        f"Changed in {name}: {_changed(study)}"
        for name, study in by_name.items()
        if name != study.scenario.name
    ]
    sources = [_source(study, name) for name, study in by_name.items()]
    return (
        heading(", ".join(names[1:]), f"against {names[0]}, paired on common random numbers")
        + table(head, rows)
        + small(*overloads, *changes, *sources)
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
    """Return label, unit and row of each main outcome of the corridor that is in *frame*."""
    corridor = frame[frame["where"].isna() & frame["flow"].isna() & frame["activity"].isna()]
    by_name = {row["name"]: row for _, row in corridor.iterrows()}
    return [
        (outcome.label, outcome.unit, by_name[outcome.name])
        for outcome in MAIN
        if outcome.name in by_name
    ]


def _overload(study: Study, name: str = "") -> str:
    """Return what is overloaded with its growth in a year, the fastest first, as a sentence."""
    summary = study.summary()
    state = state_of_summary(summary)
    if state != "overloaded":
        sentence = f"{name}: {SENTENCES[state]}" if name else SENTENCES[state].capitalize()
        return f"{sentence}."
    parts = [
        f"{row.where} ({row.mean:+,.0f} {row.unit.removesuffix('/a')} a year)"
        for row in overloaded_rows(summary).itertuples(index=False)
    ]
    listed = ", ".join(parts[:MOST_NAMED])
    if len(parts) > MOST_NAMED:
        listed += f" and {len(parts) - MOST_NAMED} more"
    return f"Overloaded in {name}: {listed}." if name else f"Overloaded: {listed}."


def _source(study: Study, name: str = "") -> str:
    facts = f"seed {study.seed}, {len(study.replications)} replications, version {__version__}"
    head = f"{name}: hash" if name else "Hash"
    return f"{head} {study.scenario.hash}, {facts}, audit passed."
