"""Where scenarios are found: those that ship with the package, by name, and those of the user, by path."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from sim.errors import UsageError


def scenario_folder() -> Path:
    """Return the folder of shipped scenarios: inside the wheel, or beside ``sim`` in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "shipped"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped scenarios, those of subfolders as ``folder/name``."""
    folder = scenario_folder()
    return tuple(sorted(p.relative_to(folder).with_suffix("").as_posix() for p in folder.rglob("*.yaml")))


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
    if path.suffix in {".yaml", ".yml"} and path.is_file():
        return path
    close = get_close_matches(text, shipped(), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    what = "is not a scenario file" if path.exists() else "is neither a shipped scenario nor a file"
    shown = "".join(c if c.isprintable() else "?" for c in text[:200])
    raise UsageError(f"{shown!r} {what}{hint} Shipped: {', '.join(shipped())}. A file ends in .yaml")
