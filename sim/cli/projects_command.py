"""``corridor projects``: what could be built, when, for how much, and after what."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import click

from sim.cli.completion import scenario_names
from sim.cli.options import full_option, json_option, set_option
from sim.cli.output import check_json_file, write_json

if TYPE_CHECKING:
    from sim.cli.screen import Screen
    from sim.spec.load import Scenario


@click.command()
@click.argument("scenario", default="baseline-2023", shell_complete=scenario_names)
@set_option
@json_option
@full_option
def projects(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """List what could be built in SCENARIO: status, date, capital with its range, needs and source.

    Built projects are marked; what others pay for a project stands below. Build some with
    --set 'projects=[feeders-780, alat-cranes]'.
    """
    from sim.cli.screen import Screen
    from sim.spec.load import load

    check_json_file(json_file)
    loaded = load(scenario, changes, memory_gb=inf)
    rows = [_row(loaded, name) for name in loaded.spec.project_catalogue]
    if json_file is not None:
        write_json({"scenario": loaded.name, "hash": loaded.hash, "projects": rows}, json_file)
    if json_file != "-":
        screen = Screen()
        _print(screen, loaded.name, rows)
        screen.show()


def _row(loaded: Scenario, name: str) -> dict[str, Any]:
    project = loaded.spec.project_catalogue[name]
    here = ("project_catalogue", name)
    capital = loaded.sources.get((*here, "capital_musd"))
    opens = loaded.sources.get((*here, "opens"))
    return {
        "project": name,
        "title": project.title,
        "built": name in loaded.spec.projects,
        "status": project.status,
        "opens": project.opens.isoformat() if project.opens else None,
        "opens_low": opens.low if opens else None,
        "opens_high": opens.high if opens else None,
        "capital_musd": project.capital_musd,
        "capital_low_musd": capital.low if capital else None,
        "capital_high_musd": capital.high if capital else None,
        "capital_source": capital.origin if capital else None,
        "needs": list(project.needs),
        "evidence": list(project.evidence),
        "external_cost": project.external_cost or None,
        "note": project.note or None,
    }


def _print(screen: Screen, name: str, rows: list[dict[str, Any]]) -> None:
    import pandas as pd

    if not rows:
        what = "no project is defined; write them under 'project_catalogue'"
        screen.line(f"{name}: {what}")
        return
    shown = pd.DataFrame([_cells(row) for row in rows])
    screen.table(shown, f"{name}: what could be built")
    for row in rows:
        if row["external_cost"]:
            screen.line(f"{row['project']}, what others pay: {row['external_cost']}")


def _cells(row: dict[str, Any]) -> dict[str, str]:
    return {
        "project": f"{row['project']}{' (built)' if row['built'] else ''}",
        "what": row["title"],
        "status": row["status"],
        "opens": row["opens"] or "-",
        "capital_M_USD": _capital(row),
        "needs": ", ".join(row["needs"]) or "-",
        "source": ", ".join(row["evidence"]) or "-",
    }


def _capital(row: dict[str, Any]) -> str:
    value, low, high = row["capital_musd"], row["capital_low_musd"], row["capital_high_musd"]
    if value is None:
        return "not published"
    if low is None or high is None:
        return f"{value:g}"
    return f"{value:g} ({low:g} to {high:g})"
