"""What the chosen file itself states, and what is set from outside, without any effect.

What is inherited may serve other scenarios, and is not looked at; nor are parts that several
scenarios share as a file, such as rates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.spec.effect import Uses, idle_at
from sim.spec.findings import Finding
from sim.spec.messages import Path, dotted

MOST_ALIKE = 3
"""So many statements of one kind are listed each; more are one finding."""


@dataclass(frozen=True, slots=True)
class _Unused:
    path: Path
    pattern: str
    why: str


def check_used(stages: Sequence[Uses], stated: Sequence[Path]) -> Iterator[Finding]:
    """Yield a warning for what is stated and has no effect in any of *stages*.

    Parameters
    ----------
    stages
        The scenario as it begins, and from each later date on.
    stated
        Paths of everything that the author wrote for this scenario.
    """
    by_pattern: dict[str, list[_Unused]] = {}
    for unused in _unused(stages, stated):
        by_pattern.setdefault(unused.pattern, []).append(unused)
    for alike in by_pattern.values():
        if len(alike) <= MOST_ALIKE:
            for unused in alike:
                yield Finding(unused.path, f"has no effect: {unused.why}", is_warning=True)
            continue
        first, names = alike[0], ", ".join(dotted(unused.path[-1:]) for unused in alike[1:4])
        what = f"has no effect: {first.why} ({len(alike) - 1} more like it: {names}"
        what += ", ...)" if len(alike) > MOST_ALIKE + 1 else ")"
        yield Finding(first.path, what, is_warning=True)


def _unused(stages: Sequence[Uses], stated: Sequence[Path]) -> Iterator[_Unused]:
    """Yield what has no effect; of what lies within it nothing more is said."""
    listed: set[Path] = set()
    why: dict[Path, tuple[str, str] | None] = {}
    for path in sorted(stated, key=len):
        beginnings = [path[:length] for length in range(1, len(path) + 1)]
        if any(beginning in listed for beginning in beginnings):
            continue
        for beginning in beginnings:
            if beginning not in why:
                why[beginning] = _idle_in_all(stages, beginning)
            idle = why[beginning]
            if idle is not None:
                listed.add(path)
                yield _Unused(path, *idle)
                break


def _idle_in_all(stages: Sequence[Uses], path: Path) -> tuple[str, str] | None:
    """Return ``(pattern, why)`` where what stands at *path* has no effect in any stage."""
    idle = None
    for uses in stages:
        idle = idle_at(uses, path)
        if idle is None:
            return None
    return idle
