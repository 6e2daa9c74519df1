"""What can be chosen from: projects with their capital and what they need, and sets of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import fsum
from typing import Any, NamedTuple, TypeAlias

from sim.spec.load import Scenario
from sim.spec.merge import leaves
from sim.spec.messages import Path, dotted

Built: TypeAlias = frozenset[str]
"""A set of projects."""

STEPS = ("plus", "times")
"""Changes of a project that add to a number or multiply it; all others set it."""


class Capital(NamedTuple):
    """Capital cost [millions of USD]."""

    musd: float
    low: float
    high: float
    assumed: float = 0.0
    """Part of ``musd`` without a source."""

    @classmethod
    def total(cls, parts: Iterable[Capital]) -> Capital:
        """Return the sum of *parts*; the ends of its range are the sums of the ends."""
        columns = tuple(zip(*parts, strict=True))
        if not columns:
            return cls(0, 0, 0)
        return cls(*map(fsum, columns))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that can be chosen."""

    id: str
    title: str
    needs: tuple[str, ...]
    """What must be chosen with it."""
    opens: date | None
    capital: Capital
    adds_vessels: bool


@dataclass(frozen=True)
class Choices:
    """All candidates, each after what it needs."""

    scenario: Scenario
    candidates: Mapping[str, Candidate]
    assumed_musd: float
    """Assumed cost of a project without a published one [millions of USD]."""
    left_out: Mapping[str, str]
    """Projects that cannot be chosen, and why."""

    @property
    def everything(self) -> Built:
        """All of them."""
        return frozenset(self.candidates)

    def ordered(self, built: Iterable[str]) -> tuple[str, ...]:
        """Return *built* in the order in which it can be built."""
        chosen = frozenset(built)
        return tuple(name for name in self.candidates if name in chosen)

    def listed(self, built: Iterable[str], nothing: str = "nothing") -> str:
        """Return the names of *built*, separated by commas."""
        return ", ".join(self.ordered(built)) or nothing

    def closed(self, built: Iterable[str]) -> Built:
        """Return the largest part of *built* that has all that it needs."""
        kept: set[str] = set()
        for name in self.ordered(built):
            if kept.issuperset(self.candidates[name].needs):
                kept.add(name)
        return frozenset(kept)

    def with_needs(self, built: Iterable[str]) -> Built:
        """Return *built* with all that it needs."""
        wanted = set(built)
        for name in reversed(list(self.candidates)):
            if name in wanted:
                wanted.update(self.candidates[name].needs)
        return frozenset(wanted)

    def capital(self, built: Iterable[str]) -> Capital:
        """Return the capital of *built*."""
        return Capital.total(self.candidates[name].capital for name in self.ordered(built))

    def changes(self, built: Built, scale: float, stress: str = "") -> dict[str, Any]:
        """Return the changes that put *built* in service from the first day, under steady demand."""
        spec = self.scenario.spec
        projects = [*spec.projects, *self.ordered(built)]
        changes: dict[str, Any] = {}
        for name in projects:
            opens = spec.project_catalogue[name].opens
            if opens is not None and opens > spec.horizon.start:
                changes[f"project_catalogue.{name}.opens"] = None
        changes |= {"projects": projects, "demand.scale": scale}
        if spec.demand.growth_per_year:
            changes["demand.growth_per_year"] = 0
        for name, flow in spec.flows.items():
            if flow.growth_per_year:
                changes[f"flows.{name}.growth_per_year"] = 0
        if stress:
            changes["stress"] = [*spec.stress, stress]
        return changes

    def conflicts(self) -> tuple[str, ...]:
        """Return a sentence for each two projects that set the same number to different values."""
        catalogue = self.scenario.spec.project_catalogue
        settings = {name: _settings(catalogue[name].change) for name in self.candidates}
        sentences = []
        for first, second in combinations(self.candidates, 2):
            # A project may set anew what one that it needs has set.
            if first in self.candidates[second].needs:
                continue
            path = _first_clash(settings[first], settings[second])
            if path is not None:
                sentences.append(
                    f"{first} and {second} both set {dotted(path)}; "
                    f"where both are built, {second} counts"
                )
        return tuple(sentences)


def _settings(change: Mapping[str, Any]) -> dict[Path, Any]:
    """Return by path the numbers that a project sets; what it adds or multiplies is none."""
    return {path: value for path, value in leaves(change) if path and path[-1] not in STEPS}


def _first_clash(settings: Mapping[Path, Any], others: Mapping[Path, Any]) -> Path | None:
    for path, value in settings.items():
        if path in others and others[path] != value:
            return path
    return None
