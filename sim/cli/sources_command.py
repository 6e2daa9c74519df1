"""``corridor sources``: every number with its range, source and confidence."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import json_option, set_option
from sim.cli.output import check_json_file, say, write_json

if TYPE_CHECKING:
    from sim.spec.sources import SourceRow

_HEADS = ("path", "value", "low", "high", "alternatives", "source", "confidence")
_WIDEST = 60
"""Characters to which a column is padded at most."""


@click.command()
@click.argument("scenario", shell_complete=scenario_names)
@set_option
@json_option
def sources(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """List every number of SCENARIO with its range, source and confidence, and the share of
    assumptions."""
    from sim.spec.load import load
    from sim.spec.sources import source_rows

    check_json_file(json_file)
    rows = source_rows(load(scenario, changes, memory_gb=inf))
    if json_file != "-":
        say(_table(rows))
    if json_file is not None:
        write_json([_document(row) for row in rows], json_file)
    say(_summary(rows), err=json_file == "-")


def _document(row: SourceRow) -> dict[str, Any]:
    """Return *row* as JSON has it: only an uncertain choice has alternatives."""
    document = asdict(row)
    if row.alternatives is None:
        del document["alternatives"]
    return document


def _table(rows: Sequence[SourceRow]) -> str:
    heads = [head for head in _HEADS if head != "alternatives" or _any_choice(rows)]
    cells = [heads, *([_cell(getattr(row, head)) for head in heads] for row in rows)]
    columns = zip(*cells, strict=True)
    widths = [min(max(map(len, column)), _WIDEST) for column in columns]
    lines = []
    for line in cells:
        padded = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _any_choice(rows: Sequence[SourceRow]) -> bool:
    return any(row.alternatives is not None for row in rows)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _summary(rows: Sequence[SourceRow]) -> str:
    written = Counter(row.confidence for row in rows if row.confidence != "default")
    total = written.total()
    parts = ", ".join(f"{count} {confidence}" for confidence, count in sorted(written.items()))
    share = written["assumption"] / total if total else 0.0
    defaults = len(rows) - total
    return f"{total} numbers ({parts}): {share:.0%} are assumptions; {defaults} more are defaults of the schema"
