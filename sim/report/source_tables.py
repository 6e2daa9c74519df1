"""Tables of where the numbers come from: every number, evidence, assumptions, confidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.plot.words import first_few
from sim.report.table import DASH, Table
from sim.spec.evidence import evidence
from sim.spec.sourced import level_name
from sim.spec.sources import SourceRow, source_rows

if TYPE_CHECKING:
    from sim.study.study import Study

Numbers = Sequence[tuple[str, SourceRow]]
"""Numbers with the name of the scenario that states them."""
ASSUMED = "assumed:"
"""How a source begins that is an assumption."""
NAMED = 3
"""Numbers that are named for each assumption."""


def numbers_used(studies: Sequence[Study]) -> Numbers:
    """Return every number of the first scenario, then those that differ in the next ones."""
    seen: set[str] = set()
    numbers = []
    for study in studies:
        for row in source_rows(study.scenario):
            key = json.dumps([row.path, row.value, row.source], default=str)
            if key not in seen:
                seen.add(key)
                numbers.append((study.scenario.name, row))
    return numbers


def sources(numbers: Numbers) -> Table:
    """Return every number with its range and where it comes from."""
    rows = tuple(
        (row.path, _value(row.value), _range(row), row.source or DASH, row.confidence, name)
        for name, row in numbers
    )
    heads = ("number", "value", "range", "source", "confidence", "scenario")
    return Table("Every number", heads, rows)


def _range(row: SourceRow) -> str:
    if row.alternatives:
        return "or " + ", ".join(level_name(level) for level in row.alternatives)
    return DASH if row.low is None else f"{_value(row.low)} to {_value(row.high)}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def evidence_used(numbers: Numbers) -> Table:
    """Return the rows of evidence that stand behind the numbers."""
    known = evidence()
    used = {row.source for _, row in numbers if row.source in known}
    rows = tuple(
        (
            row.id,
            row.quantity,
            f"{row.value} {row.unit}".strip(),
            row.period,
            row.source,
            row.confidence,
        )
        for key, row in sorted(known.items())
        if key in used
    )
    heads = ("id", "quantity", "value", "period", "source", "confidence")
    return Table("Rows of evidence", heads, rows)


def assumptions(numbers: Numbers) -> Table:
    """Return what is assumed, and for which numbers."""
    paths: dict[str, list[str]] = {}
    for _, row in numbers:
        if row.source is not None and row.source.startswith(ASSUMED):
            why = row.source.removeprefix(ASSUMED).strip()
            paths.setdefault(why, []).append(row.path)
    rows = tuple((why, str(len(those)), first_few(those, NAMED)) for why, those in paths.items())
    return Table("Assumptions", ("assumed, since", "numbers", "such as"), rows)


def confidence(numbers: Numbers) -> Table:
    """Return how many numbers there are by confidence; defaults of the schema have no share."""
    counts = Counter(row.confidence for _, row in numbers)
    written = sum(counts.values()) - counts["default"]
    rows = tuple(
        (kind, str(count), DASH if kind == "default" else f"{count / written:.0%}")
        for kind, count in counts.most_common()
    )
    heads = ("confidence", "numbers", "share of what is written")
    return Table("Numbers by confidence", heads, rows)
