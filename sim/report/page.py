"""The report: one HTML file that a decision maker reads, with the source of every number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from sim.analysis.headlines import Headline, of_comparison, of_study
from sim.report import limit_tables, project_tables, source_tables, study_tables
from sim.report.forecasts import ALT, forecast_table, forecasts
from sim.report.pictures import Picture, picture_of, pictures
from sim.report.result_page import read_headlines
from sim.report.templates import render
from sim.report.words import answer, compared
from sim.study.comparison import compare
from sim.study.files import manifest, study_folders, why_incomplete
from sim.version import __version__

if TYPE_CHECKING:
    from sim.study.study import Study


def report_page(studies: Sequence[Study], folder: Path | None = None) -> str:
    """Return the report of *studies*, the base first, as one HTML page without a network.

    Parameters
    ----------
    folder
        Where they were read from: its manifests say how they were made, and results that other
        commands have written there as CSV are shown.
    """
    numbers = source_tables.numbers_used(studies)
    made = _manifests(studies, folder)
    drawn = forecasts(studies, folder)
    headline = headline_of(studies, folder)
    figures = pictures(studies) | {
        f"forecast-{name}": picture_of(one, name, ALT) for name, one in drawn.items()
    }
    return render(
        "report.html.j2",
        headline=headline,
        picture_first=_first(figures, headline.picture),
        title=" against ".join(study.scenario.spec.title for study in studies),
        incomplete="" if folder is None else why_incomplete(folder),
        studies=[_facts(study) for study in studies],
        main=study_tables.key_numbers(studies),
        **_compared(studies),
        pictures=figures,
        forecasts={name: forecast_table(name, one) for name, one in drawn.items()},
        projects=project_tables.projects(studies[0]),
        further=project_tables.further(folder),
        confidence=source_tables.confidence(numbers),
        assumptions=source_tables.assumptions(numbers),
        evidence=source_tables.evidence_used(numbers),
        sources=source_tables.sources(numbers),
        made=[_made(study, facts) for study, facts in zip(studies, made, strict=True)],
        again=_command(made),
        version=__version__,
    )


def headline_of(studies: Sequence[Study], folder: Path | None = None) -> Headline:
    """Return the first sentence: as the command wrote it into *folder*, else from the studies."""
    if folder is not None:
        written = read_headlines(folder)
        if len(written) == 1:
            return written[0].headline
    if len(studies) > 1:
        return of_comparison(compare(*studies))
    return of_study(studies[0])


def _first(figures: Mapping[str, Picture], kind: str) -> Picture | None:
    """Return the figure of this *kind*, of the last scenario where each has its own."""
    named = [one for name, one in figures.items() if name == kind or name.startswith(f"{kind}-")]
    return named[-1] if named else None


def _compared(studies: Sequence[Study]) -> dict[str, Any]:
    """Return what the page shows of several studies side by side."""
    if len(studies) == 1:
        return {"compared": (), "differences": None}
    comparison = compare(*studies)
    return {
        "compared": compared(comparison),
        "differences": study_tables.differences(comparison),
    }


def _facts(study: Study) -> dict[str, Any]:
    """Return what the page shows of one study."""
    tables = (limit_tables.busiest(study), limit_tables.waits(study), limit_tables.closed(study))
    return {
        "name": study.scenario.name,
        "title": study.scenario.spec.title,
        "question": study.scenario.spec.question,
        "answer": answer(study),
        "growing": limit_tables.growing(study),
        "tables": [table for table in tables if table.rows],
        "flows": study_tables.flows(study),
        "years": study_tables.by_year(study),
        "observed": study_tables.observed(study),
        "residual": _residual(study),
        "settled": _settled(study),
        "warnings": [str(warning) for warning in study.scenario.warnings],
    }


def _settled(study: Study) -> str:
    """Return whether the run-in is long enough, in words."""
    warmup, stated_days = study.warmup, study.scenario.spec.horizon.warmup_days
    if warmup is None:
        return (
            "Whether the run-in is long enough is not known: the run is too short to judge it, or "
            "it begins from a stated state."
        )
    if warmup.is_settled:
        return (
            f"By the rule MSER-5 the cargo in all stacks settles after {warmup.days} days; the "
            f"first {stated_days} are left out of the results."
        )
    return (
        "By the rule MSER-5 the cargo in all stacks does not settle in half of the run: it grows, "
        "or the run is too short."
    )


def _residual(study: Study) -> int:
    """Return the sum of the differences that the audits of all replications found.

    It is 0: a run with a difference stops and has no results.
    """
    metrics = study.metrics
    return int(metrics.loc[metrics["name"] == "audit_residual", "value"].sum())


def _manifests(studies: Sequence[Study], folder: Path | None) -> list[dict[str, Any]]:
    """Return how each study was made: as its manifest says, or as it would if it were saved."""
    if folder is None:
        return [dict(manifest(study)) for study in studies]
    files = [place / "manifest.json" for place in study_folders(folder)]
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


@dataclass(frozen=True, slots=True)
class Made:
    """How one study was made."""

    name: str
    hash: str
    seed: int
    replications: str
    changes: tuple[str, ...]
    versions: str


def _made(study: Study, facts: dict[str, Any]) -> Made:
    """Return how *study* was made, from its manifest."""
    numbers = facts["replications"]
    replications = "none"
    if numbers:
        replications = f"{len(numbers)} (number {numbers[0]} to {numbers[-1]})"
    return Made(
        study.scenario.name,
        study.scenario.hash,
        study.seed,
        replications,
        tuple(facts["changes"]),
        ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
    )


def _command(made: Sequence[dict[str, Any]]) -> str:
    """Return the command that makes the same studies again."""
    first = made[0]
    words = ["corridor", "compare" if len(made) > 1 else "run"]
    words += [quote(facts["scenario"]) for facts in made]
    if all(facts["changes"] == first["changes"] for facts in made):
        words += [f"--set {quote(change)}" for change in first["changes"]]
    words.append(f"--seed {first['seed']}")
    numbers = first["replications"]
    if len(numbers) == 1 and numbers[0]:
        words.append(f"--replication {numbers[0]}")
    else:
        words.append(f"--replications {len(numbers)}")
    return " ".join([*words, "--out OUT"])
