"""What a check finds: a place in the scenario, what is wrong there, and whether it is doubtful only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sim.spec.messages import Path, known_names, near


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the author of a scenario should know."""

    path: Path
    what: str
    is_warning: bool = False


def unknown(path: Path, name: str, known: Iterable[str], kind: str) -> Finding:
    """Return the finding that *name* is no *kind*."""
    names = list(known)
    return Finding(path, f"{name!r} is no {kind}{near(name, names)} {known_names(name, names)}")


def refer(
    path: Path, name: str | None, known: Mapping[str, object], kind: str
) -> Iterator[Finding]:
    """Yield a finding if *name* is given and not known."""
    if name is not None and name not in known:
        yield unknown(path, name, known, kind)
