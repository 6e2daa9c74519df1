"""Files of scenarios: those that ship with the package by name, and those of the user by path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim.bounds import irregular
from sim.errors import UsageError
from sim.spec.messages import harmless, near, nearest, shown


@lru_cache(maxsize=1)
def scenario_folder() -> Path:
    """Return the folder of shipped scenarios: inside the wheel, or beside ``sim`` in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent / "scenarios"


PARTS = ("observed", "catalogue", "rates")
"""Folders of files that hold one part of a scenario, such as its targets or its rates."""


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped scenarios, those of subfolders as ``folder/name``."""
    return _names_in(scenario_folder())


@lru_cache(maxsize=1)
def _names_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the scenarios in *folder*; what ships does not change while it is used."""
    files = (path for path in folder.rglob("*.yaml") if path.parent.name not in PARTS)
    return tuple(sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files))


def shipped_like(name: str) -> str:
    """Return for a message the shipped scenarios whose names are nearest to *name*."""
    listed = ", ".join(nearest(name, shipped()))
    return f"shipped are {listed} and others, see 'corridor scenarios'"


def scenario_name(file: Path) -> str:
    """Return the name of the scenario in *file*: its path among the shipped ones, its stem
    elsewhere."""
    folder = scenario_folder()
    return (
        file.relative_to(folder).with_suffix("").as_posix()
        if file.is_relative_to(folder)
        else harmless(file.stem, 255)
    )


def find(name: str | Path) -> Path:
    """Return the file of a scenario given by shipped name or by path.

    Raises
    ------
    UsageError
        There is no such scenario; the message says which there are.
    """
    text = str(name)
    if text in shipped():
        return scenario_folder() / f"{text}.yaml"
    path = Path(text)
    if path.suffix in {".yaml", ".yml"} and _is_there(path):
        return path
    kind = irregular(path)
    if kind:
        raise UsageError(f"{shown(text, 200)} is {kind}, and no scenario file (.yaml)")
    hint = near(text, shipped())
    what = (
        "is not a scenario file (.yaml)"
        if _is_there(path)
        else "is neither a shipped scenario nor a file"
    )
    raise UsageError(f"{shown(text, 200)} {what}{hint} ({shipped_like(text)})")


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have, such as one that is too long
        return False
