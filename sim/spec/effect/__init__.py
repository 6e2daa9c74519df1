"""Which of what a scenario states has an effect, by pattern of paths.

A rule of the language that can be without effect is a line in the table of its subject; whoever
asks finds it by the path. What has no line always has an effect, or is refused elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from sim.spec.effect import _cargo, _economy, _land, _sea
from sim.spec.effect._idle import Idle
from sim.spec.effect._users import sharing
from sim.spec.effect._uses import Uses
from sim.spec.messages import Path

__all__ = ["ANY", "TABLE", "Idle", "Uses", "idle_at", "sharing"]

ANY = "*"
"""Stands for any id in a pattern."""

TABLE: Mapping[str, Idle] = {
    **_cargo.TABLE,
    **_land.TABLE,
    **_sea.TABLE,
    **_economy.TABLE,
}


def idle_at(uses: Uses, path: Path) -> tuple[str, str] | None:
    """Return ``(pattern, why)`` if what stands at *path* itself has no effect, or None.

    What lies above is not looked at.
    """
    for pattern, ids in _matching(path):
        if TABLE[pattern].is_idle(uses, *ids):
            return pattern, TABLE[pattern].why
    return None


def _matching(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield every pattern for *path*, with the ids for which it has a `ANY`."""
    for pattern in _by_part().get((path[0], len(path)), ()):
        steps = pattern.split(".")
        pairs = list(zip(steps, path, strict=True))
        if all(step in (ANY, key) for step, key in pairs):
            yield pattern, tuple(key for step, key in pairs if step == ANY)


@cache
def _by_part() -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Return the patterns by part of the scenario and length."""
    by_part: dict[tuple[str, int], tuple[str, ...]] = {}
    for pattern in TABLE:
        steps = pattern.split(".")
        key = (steps[0], len(steps))
        by_part[key] = (*by_part.get(key, ()), pattern)
    return by_part
