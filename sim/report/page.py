"""The report: one HTML file that a decision maker reads, and that can be checked down to the source
of every number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from sim.report import tables
from sim.report.pictures import pictures
from sim.report.templates import render
from sim.report.words import answer, compared
from sim.study.comparison import compare
from sim.study.files import manifest
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
    comparison = compare(*studies) if len(studies) > 1 else None
    numbers = tables.numbers_used(studies)
    made = _manifests(studies, folder)
    return render(
        "report.html.j2",
        title=" against ".join(study.scenario.spec.title for study in studies),
        studies=[_told(study) for study in studies],
        main=tables.key_numbers(studies),
        compared=compared(comparison) if comparison else (),
        differences=tables.differences(comparison) if comparison else None,
        pictures=pictures(studies),
        projects=tables.projects(studies[0]),
        further=tables.further(folder),
        confidence=tables.confidence(numbers),
        assumptions=tables.assumptions(numbers),
        evidence=tables.evidence_used(numbers),
        sources=tables.sources(numbers),
        made=[_how(study, facts) for study, facts in zip(studies, made, strict=True)],
        again=_again(made),
        version=__version__,
    )


def _told(study: Study) -> dict[str, Any]:
    """Return what the page says of one study."""
    grown = tables.growing(study)
    warmup, horizon = study.warmup, study.scenario.spec.horizon
    settled = "Whether the run-in is long enough cannot be told from so short a run, or it begins from a stated state."
    if warmup is not None and warmup.is_settled:
        settled = f"By MSER-5 the cargo in all stacks settles after {warmup.days} days; {horizon.warmup_days} are left out."
    elif warmup is not None:
        settled = "By MSER-5 the cargo in all stacks does not settle in half of the run: it grows, or the run is too short."
    return {
        "name": study.scenario.name,
        "title": study.scenario.spec.title,
        "question": study.scenario.spec.question,
        "answer": answer(study),
        "growing": grown if grown.rows else None,
        "tables": [
            t for t in (tables.busiest(study), tables.waits(study), tables.closed(study)) if t.rows
        ],
        "flows": tables.flows(study),
        "years": tables.by_year(study),
        "observed": tables.observed(study),
        "residual": _residual(study),
        "settled": settled,
        "warnings": [str(warning) for warning in study.scenario.warnings],
    }


def _residual(study: Study) -> int:
    """Return the sum of the differences that the audits of all replications found: 0, or they would
    not be here."""
    found = study.metrics
    return int(found.loc[found["name"] == "audit_residual", "value"].sum())


def _manifests(studies: Sequence[Study], folder: Path | None) -> list[dict[str, Any]]:
    """Return how each study was made, as its manifest says or as it would."""
    if folder is None:
        return [dict(manifest(study)) for study in studies]
    if (folder / "manifest.json").is_file():
        files = [folder / "manifest.json"]
    else:
        files = sorted(
            folder.glob("[0-9]*-*/manifest.json"),
            key=lambda file: int(file.parent.name.split("-")[0]),
        )
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


def _how(study: Study, facts: dict[str, Any]) -> Made:
    numbers = facts["replications"]
    told = f"{len(numbers)} (number {numbers[0]} to {numbers[-1]})" if numbers else "none"
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return Made(
        study.scenario.name,
        study.scenario.hash,
        study.seed,
        told,
        tuple(facts["changes"]),
        versions,
    )


def _again(made: Sequence[dict[str, Any]]) -> str:
    """Return the command that makes the same studies again."""
    first = made[0]
    numbers = first["replications"]
    luck = f"--seed {first['seed']}"
    count = (
        f"--replication {numbers[0]}"
        if len(numbers) == 1 and numbers[0]
        else f"--replications {len(numbers)}"
    )
    same = all(facts["changes"] == first["changes"] for facts in made)
    sets = "".join(f" --set {quote(change)}" for change in first["changes"]) if same else ""
    names = " ".join(quote(facts["scenario"]) for facts in made)
    return (
        f"corridor {'compare' if len(made) > 1 else 'run'} {names}{sets} {luck} {count} --out OUT"
    )
