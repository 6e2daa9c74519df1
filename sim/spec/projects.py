"""Projects: changes that are defined once in the corridor file and built where a scenario names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.spec.merge import Resolved
from sim.spec.sourced import Sourced
from sim.spec.yaml_tree import Path, shown

_OWN = ("projects", "project_catalogue")


def is_of_projects(dotted_path: str) -> bool:
    """Return whether a path leads to the projects, which are set before they are built."""
    return dotted_path.split(".", 1)[0] in _OWN


def build_projects(resolved: Resolved) -> None:
    """Merge the changes of the chosen projects in their order; each must come after what it needs."""
    chosen = resolved.values.get("projects", [])
    catalogue = resolved.values.get("project_catalogue", {})
    if not isinstance(chosen, list) or not isinstance(catalogue, dict):
        return  # told when the scenario is validated
    built: list[str] = []
    for number, project in enumerate(chosen):
        problem = _obstacle(project, catalogue, built)
        if problem is not None:
            resolved.complain(("projects", str(number)), problem)
        else:
            _build(resolved, project, catalogue[project]["change"])
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


def _build(resolved: Resolved, project: str, change: Mapping[str, Any]) -> None:
    path: Path = ("project_catalogue", project, "change")
    start = len(path)
    origins = {p[start:]: origin for p, origin in resolved.origins.items() if p[:start] == path}
    sources: dict[Path, Sourced] = {p[start:]: s for p, s in resolved.sources.items() if p[:start] == path}
    resolved.overlay(change, origins)
    resolved.sources.update(sources)
