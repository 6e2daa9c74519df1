"""Projects: changes that are defined once in the corridor file and built where a scenario names them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sim.spec.merge import Resolved
from sim.spec.sourced import Sourced
from sim.spec.yaml_tree import Path, shown

_OWN = ("projects", "project_catalogue")


def comes_first(dotted_path: str) -> bool:
    """Return whether a path leads to what decides which projects are built when, and is set before they are."""
    return dotted_path.split(".", 1)[0] in (*_OWN, "horizon")


def build_projects(resolved: Resolved, run: tuple[date, date]) -> None:
    """Merge the changes of the chosen projects in their order; each must come after what it needs.

    A project that opens during the *run* (its first and last day) becomes a dated change.
    """
    chosen = resolved.values.get("projects", [])
    catalogue = resolved.values.get("project_catalogue", {})
    if not isinstance(chosen, list) or not isinstance(catalogue, dict):
        return  # told when the scenario is validated
    built: list[str] = []
    for number, project in enumerate(chosen):
        problem = _obstacle(project, catalogue, built)
        if problem is not None:
            resolved.complain(("projects", str(number)), problem)
            continue
        path: Path = ("project_catalogue", project, "change")
        opens = as_date(catalogue[project].get("opens"))
        build_change(resolved, path, ("changes", opens.isoformat()) if opens and run[0] < opens <= run[1] else ())
        built.append(project)


def _obstacle(project: object, catalogue: Mapping[str, Any], built: list[str]) -> str | None:
    spec = catalogue.get(project) if isinstance(project, str) else None
    if spec is None:
        return f"{shown(project)} is no project (known: {', '.join(catalogue) or 'none'})"
    if not isinstance(spec, dict) or not isinstance(spec.get("change"), dict):
        return f"{shown(project)} has no change in the catalogue; give it one as a mapping"
    if project in built:
        return f"{shown(project)} stands twice; a project is built once"
    own = [key for key in spec["change"] if key in (*_OWN, "extends")]
    if own:
        return f"{shown(project)} changes {own[0]!r}, which no project can"
    needs = spec.get("needs", [])
    missing = [str(need) for need in needs if need not in built] if isinstance(needs, list) else []
    return f"{shown(project)} needs {', '.join(missing)} before it" if missing else None


def build_change(resolved: Resolved, path: Path, onto: Path = ()) -> None:
    """Merge the change that is kept at *path* into the part of the scenario at *onto*."""
    change: Any = resolved.values
    for key in path:
        change = change[key]
    start = len(path)
    origins = {(*onto, *p[start:]): origin for p, origin in resolved.origins.items() if p[:start] == path}
    sources: dict[Path, Sourced] = {(*onto, *p[start:]): s for p, s in resolved.sources.items() if p[:start] == path}
    for key in reversed(onto):
        change = {key: change}
    resolved.overlay(change, origins)
    resolved.sources.update(sources)


def as_date(raw: object) -> date | None:
    """Return the date that *raw* says; None if it says none, which is told when the scenario is validated."""
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) else raw if isinstance(raw, date) else None
    except ValueError:
        return None
