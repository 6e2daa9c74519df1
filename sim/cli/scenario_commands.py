"""Commands about scenario files: check, show, sources, scenarios, schema."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.spec.load import Scenario
    from sim.spec.sources import SourceRow

set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change a value, e.g. --set demand.scale=5.",
)


@click.command()
@click.argument("file")
@set_option
def check(file: str, changes: tuple[str, ...]) -> None:
    """Tell all problems of a scenario FILE at once, or that it is fine.

    Beside what every run checks, each sourced value is compared with its row in the evidence table.
    """
    from sim.errors import Problem, ScenarioError
    from sim.spec.load import load
    from sim.spec.sources import figure_problems

    problems: Sequence[Problem]
    warnings: Sequence[Problem] = ()
    try:
        loaded = load(file, changes)
        problems, warnings = figure_problems(loaded), loaded.warnings
    except ScenarioError as error:
        problems = error.problems
    for problem in problems:
        click.echo(str(problem))
    for warning in warnings:
        click.echo(f"{warning} (doubtful)")
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) != 1 else ''}", err=True)
        click.get_current_context().exit(2)
    click.echo(f"{file}: fine" + (f", {len(warnings)} doubtful" if warnings else ""))


@click.command()
@click.argument("scenario")
@click.option(
    "--resolved", is_flag=True, help="Print each value with the file and line it comes from."
)
@set_option
def show(scenario: str, changes: tuple[str, ...], *, resolved: bool) -> None:
    """Print SCENARIO as one file, after parents, projects and --set."""
    from sim.spec.load import load

    loaded = load(scenario, changes)
    _tell_warnings(loaded)
    click.echo(_with_origins(loaded) if resolved else loaded.dump_yaml(), nl=resolved)


def _with_origins(loaded: Scenario) -> str:
    from sim.spec.merge import leaves
    from sim.spec.messages import dotted

    lines = []
    for path, value in leaves(loaded.tree):
        lengths = range(len(path), 0, -1)
        origin = next(
            (loaded.origins[path[:n]] for n in lengths if path[:n] in loaded.origins), loaded.name
        )
        lines.append(f"{dotted(path)}: {json.dumps(value, ensure_ascii=False)}  # {origin}")
    return "\n".join(lines)


def _tell_warnings(loaded: Scenario) -> None:
    for warning in loaded.warnings:
        click.echo(f"doubtful: {warning}", err=True)


@click.command()
@click.argument("scenario")
@click.option("--json", "json_file", metavar="FILE", help="Write the list as JSON; - for stdout.")
@set_option
def sources(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """List every number of SCENARIO with its range, source and confidence, and the share of
    assumptions."""
    from sim.spec.load import load
    from sim.spec.sources import source_rows

    rows = source_rows(load(scenario, changes))
    if json_file != "-":
        click.echo(_table(rows))
    if json_file is not None:
        text = json.dumps(
            [asdict(row) for row in rows], indent=1, ensure_ascii=False, allow_nan=False
        )
        if json_file == "-":
            click.echo(text)
        else:
            Path(json_file).write_text(text + "\n", encoding="utf-8")
    click.echo(_summary(rows), err=json_file == "-")


def _table(rows: Sequence[SourceRow]) -> str:
    heads = ("path", "value", "low", "high", "source", "confidence")
    cells = [heads, *(tuple(_cell(getattr(row, head)) for head in heads) for row in rows)]
    widths = [min(max(len(line[column]) for line in cells), 60) for column in range(len(heads))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


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


@click.command()
def scenarios() -> None:
    """List the scenarios that ship with the package: name, title and question."""
    from sim.spec.chain import read_chain
    from sim.spec.library import find, shipped

    # The corridor first, then the small ones that prove and explain rules.
    for name in sorted(shipped(), key=lambda name: ("/" in name, name)):
        told: dict[str, Any] = {}
        for tree in read_chain(find(name)):
            told |= {key: tree.values[key] for key in ("title", "question") if key in tree.values}
        click.echo(f"{name}: {told.get('title', '(no title)')}")
        if told.get("question"):
            click.echo(f"    {' '.join(str(told['question']).split())}")


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check."""
    from sim.spec.schema import json_schema

    click.echo(json.dumps(json_schema(), indent=2))
