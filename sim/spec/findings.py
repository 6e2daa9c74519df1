"""What a check finds: a place in the scenario, what is wrong there, and whether it can be lived
with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sim.spec.yaml_tree import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the author of a scenario."""

    path: Path
    what: str
    is_warning: bool = False


def unknown(path: Path, name: str, known: Iterable[str], kind: str) -> Finding:
    """Return the finding that *name* is no *kind*."""
    names = list(known)
    close = get_close_matches(name, names, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    there = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") or "none"
    return Finding(path, f"{name!r} is no {kind}{meant} (known: {there})")


def refer(
    path: Path, name: str | None, known: Mapping[str, object], kind: str
) -> Iterator[Finding]:
    """Yield a finding if *name* is given and not known."""
    if name is not None and name not in known:
        yield unknown(path, name, known, kind)
