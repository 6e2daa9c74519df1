"""``corridor projects``: what could be built, when, for how much, and after what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import json_option, write_json
from sim.cli.scenario_commands import set_option

if TYPE_CHECKING:
    from sim.spec.load import Scenario


@click.command()
@click.argument("scenario", default="baseline-2023")
@set_option
@json_option
def projects(scenario: str, changes: tuple[str, ...], json_file: str | None) -> None:
    """List what could be built in SCENARIO: status, date, capital with its range, needs and source.

    Built projects are marked; what others pay for a project stands below. Build some with
    --set 'projects=[feeders-780, alat-cranes]'.
    """
    from sim.spec.load import load

    loaded = load(scenario, changes)
    rows = [_row(loaded, project) for project in loaded.spec.project_catalogue]
    if json_file is not None:
        write_json({"scenario": loaded.name, "hash": loaded.hash, "projects": rows}, json_file)
    if json_file != "-":
        _print(loaded, rows)


def _row(loaded: Scenario, name: str) -> dict[str, Any]:
    project = loaded.spec.project_catalogue[name]
    here = ("project_catalogue", name)
    capital, opens = (
        loaded.sources.get((*here, "capital_musd")),
        loaded.sources.get((*here, "opens")),
    )
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


def _print(loaded: Scenario, rows: list[dict[str, Any]]) -> None:
    import pandas as pd

    from sim.cli.tables import print_frame, terminal

    if not rows:
        click.echo(f"{loaded.name}: no project is defined; write them under 'project_catalogue'")
        return
    columns = [
        {
            "project": f"{row['project']}{' (built)' if row['built'] else ''}",
            "what": row["title"],
            "status": row["status"],
            "opens": row["opens"] or "-",
            "capital_M_USD": _capital(row),
            "needs": ", ".join(row["needs"]) or "-",
            "source": ", ".join(row["evidence"]) or "-",
        }
        for row in rows
    ]
    print_frame(terminal(), pd.DataFrame(columns), f"{loaded.name}: what could be built")
    for row in rows:
        if row["external_cost"]:
            click.echo(f"{row['project']}, what others pay: {row['external_cost']}")


def _capital(row: dict[str, Any]) -> str:
    value, low, high = (
        row[key] for key in ("capital_musd", "capital_low_musd", "capital_high_musd")
    )
    if value is None:
        return "not published"
    return f"{value:g}" + (
        f" ({low:g} to {high:g})" if low is not None and high is not None else ""
    )
