"""Checks that every kind of line has in common: its two ends, and what is written for each end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec


def check_ends(scenario: ScenarioSpec, path: Path, ends: tuple[str, str]) -> Iterator[Finding]:
    """Yield findings if the two ends of a line are not two known places."""
    first, second = ends
    yield from refer((*path, "from"), first, scenario.places, "place")
    yield from refer((*path, "to"), second, scenario.places, "place")
    if first == second:
        yield Finding((*path, "to"), f"begins and ends at {first}; give two places")


def check_end_keys(
    path: Path, keys: Iterable[str], ends: tuple[str, str], *, both: bool = True
) -> Iterator[Finding]:
    """Yield a finding for each of *keys* that is no end of its line, nor (if allowed) ``both``."""
    for key in keys:
        if key in ends or (both and key == BOTH_ENDS):
            continue
        what = f"{key!r} is no end of this line; its ends are {ends[0]} and {ends[1]}"
        yield Finding((*path, key), what)


def check_units(scenario: ScenarioSpec, path: Path, units: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each of *units* that is not declared, where a scenario declares any."""
    if scenario.units:
        for unit in units:
            yield from refer((*path, unit), unit, scenario.units, "unit")
