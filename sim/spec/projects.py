"""Projects and stresses: changes that a catalogue defines and a scenario chooses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from sim.spec.fields import read_date
from sim.spec.merge import Resolved
from sim.spec.messages import Path, known_names, near, shown
from sim.spec.scenario import CATALOGUES, CHOSEN, Horizon
from sim.spec.sourced import Sourced

_OWN = (*CHOSEN, *CATALOGUES)


def comes_first(dotted_path: str) -> bool:
    """Return whether a path leads to what decides which projects are built when, and is set before
    they are."""
    return dotted_path.split(".", 1)[0] in (*_OWN, "horizon")


def build_projects(resolved: Resolved, run: tuple[date, date]) -> None:
    """Merge the changes of the chosen projects in their order, each after what it needs; then those
    of the stresses.

    A project that opens during the *run* (its first and last day) becomes a dated change.
    """
    first, last = run
    for project, path, chosen in _chosen(resolved, "projects", "project_catalogue"):
        opens = as_date(resolved.values["project_catalogue"][project].get("opens"))
        if opens is not None and first < opens <= last:
            build_change(resolved, path, ("changes", opens.isoformat()))
        else:
            _build_now(resolved, path, chosen)
    for _, path, chosen in _chosen(resolved, "stress", "stress_catalogue"):
        _build_now(resolved, path, chosen)


def _build_now(resolved: Resolved, path: Path, chosen: Path) -> None:
    """Merge the change that is kept at *path*, and doubt one that leaves everything as it is."""
    catalogue, name, key = path
    parts = resolved.values[catalogue][name][key]
    before = deepcopy({part: resolved.values.get(part) for part in parts})
    build_change(resolved, path)
    after = {part: resolved.values.get(part) for part in parts}
    if before == after and not resolved.problems:
        resolved.doubt(chosen, f"{shown(name)} changes nothing: all that it sets is so already")


def _chosen(resolved: Resolved, key: str, catalogue: str) -> Iterator[tuple[str, Path, Path]]:
    """Yield each entry of *catalogue* that is chosen, with the path of its change and of the choice.

    What cannot be built becomes a problem of *resolved*.
    """
    chosen, entries = resolved.values.get(key, []), resolved.values.get(catalogue, {})
    if not isinstance(chosen, list) or not isinstance(entries, dict):
        return  # refused when the scenario is validated
    built: list[str] = []
    for number, name in enumerate(chosen):
        problem = _obstacle(name, entries, built, _ONE[key])
        if problem is not None:
            resolved.complain((key, str(number)), problem)
            continue
        yield name, (catalogue, name, "change"), (key, str(number))
        built.append(name)


_ONE = {"projects": ("project", "built"), "stress": ("stress", "applied")}
"""What one entry is called, and what becomes of it."""


def _obstacle(
    name: object, catalogue: Mapping[str, Any], built: list[str], words: tuple[str, str]
) -> str | None:
    """Return why the entry *name* cannot be made, or None."""
    word, done = words
    entry = catalogue.get(name) if isinstance(name, str) else None
    if entry is None:
        return f"{shown(name)} is no {word}{near(name, catalogue)} {known_names(name, catalogue)}"
    if not isinstance(entry, dict) or not isinstance(entry.get("change"), dict):
        return f"{shown(name)} has no change in the catalogue; give it one as a mapping"
    if name in built:
        return f"{shown(name)} stands twice; a {word} is {done} once"
    for key in entry["change"]:
        if key in (*_OWN, "extends"):
            return f"{shown(name)} changes {key!r}, which no {word} can"
    missing = _missing(entry.get("needs", []), built)
    return f"{shown(name)} needs {', '.join(missing)} before it" if missing else None


def _missing(needs: object, built: list[str]) -> list[str]:
    """Return those of *needs* that are not *built* yet."""
    if not isinstance(needs, list):
        return []  # refused when the scenario is validated
    return [str(need) for need in needs if need not in built]


def build_change(resolved: Resolved, path: Path, onto: Path = ()) -> None:
    """Merge the change that is kept at *path* into the part of the scenario at *onto*.

    Where it is kept for a day, the steps of several changes add up.
    """
    change: Any = resolved.values
    for key in path:
        change = change[key]
    start = len(path)
    origins = {
        (*onto, *p[start:]): origin for p, origin in resolved.origins.items() if p[:start] == path
    }
    sources: dict[Path, Sourced] = {
        (*onto, *p[start:]): s for p, s in resolved.sources.items() if p[:start] == path
    }
    for key in reversed(onto):
        change = {key: change}
    resolved.overlay(change, origins, sources, adds_up=True)


def as_date(raw: object) -> date | None:
    """Return the date that *raw* says; None if it says none, which validation refuses."""
    try:
        return read_date(raw)
    except ValueError:
        return None


def run_days(values: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first and the last possible day of the run; defaults where *values* are wrong."""
    written, default = values.get("horizon"), Horizon()
    if not isinstance(written, Mapping):
        written = {}
    start = as_date(written.get("start")) or default.start

    def days(key: str, otherwise: int) -> int:
        value = written.get(key)
        return min(value, 36_525) if isinstance(value, int) else otherwise

    length = days("days", default.days) + days("followup_days", default.followup_days)
    return start, start + timedelta(days=max(length, 0))
