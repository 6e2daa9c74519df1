"""The judge as the search asks it: at one multiple of the demand, under one stress or none.

What the preview says only proposes which sets to test; the verdicts are the judge's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sim.analysis.plan._choices import Built
from sim.analysis.plan._judge import Judge
from sim.analysis.plan._verdict import Variant, Verdict
from sim.log import names
from sim.network.preview import Load
from sim.study.growth import LIMIT

LoadKey: TypeAlias = tuple[str, str, str]
"""Resource, kind and unit."""


@dataclass(frozen=True)
class AtScale:
    """Verdicts of a judge on sets of projects."""

    judge: Judge
    scale: float
    stress: str = ""

    @property
    def is_spent(self) -> bool:
        """Whether the budget did not allow what was asked."""
        return self.judge.budget.was_refused

    def verdict(self, built: Built) -> Verdict:
        """Test *built*, as far as the budget goes, and return the verdict."""
        return self.judge.decide(self._variant(built))

    def seems_to_fail(self, built: Built, room: float = 1.0) -> bool:
        """Return whether the preview asks more of a resource than its *room*, and no verdict says
        otherwise."""
        if self.judge.inferred(self._variant(built)) is not None:
            return False
        # No set leaves more room than all projects together.
        unavoidable = self._loads(self.judge.choices.everything) if room < 1 else {}
        return any(
            load > max(room, unavoidable.get(key, 0.0)) + LIMIT
            for key, load in self._loads(built).items()
        )

    def helping(self, built: Built) -> set[str]:
        """Return the projects that change, by the preview, the load of anything that shares an id
        with what *built* fails of."""
        ids: set[str] = set()
        for name in self.judge.verdict(self._variant(built)).because:
            ids |= names.parse(name).ids
        before = self._loads_near(built, ids)
        choices = self.judge.choices
        helping = set()
        for name in choices.everything - built:
            if self._loads_near(choices.with_needs(built | {name}), ids) != before:
                helping.add(name)
        return helping

    def failing(self) -> list[Built]:
        """Return the sets that fail here: at this demand or less, under this stress or none."""
        failing = []
        for variant, judgement in self.judge.verdicts.items():
            is_no_harder = variant.scale <= self.scale and variant.stress in ("", self.stress)
            if judgement.verdict == "fails" and is_no_harder:
                failing.append(variant.built)
        return failing

    def _variant(self, built: Built) -> Variant:
        return Variant(built, self.scale, self.stress)

    def _loads(self, built: Built) -> dict[LoadKey, float]:
        return {_key(load): load.ratio for load in self.judge.loads(self._variant(built))}

    def _loads_near(self, built: Built, ids: set[str]) -> dict[LoadKey, float]:
        """Return the loads, by the preview, of what has one of *ids* in its name."""
        return {
            key: round(load, 9)
            for key, load in self._loads(built).items()
            if names.parse(key[0]).ids & ids
        }


def _key(load: Load) -> LoadKey:
    return load.resource, load.kind, load.unit
