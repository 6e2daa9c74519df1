"""Validation: a study held against what was observed, target by target; a miss is never hidden."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

import pandas as pd

from sim.analysis.numbers import numbers_of
from sim.analysis.observed._targets import Target, inputs_behind, targets_of
from sim.study.interval import Interval
from sim.study.study import Study

INSIDE, OUTSIDE, MISSING = "inside", "outside", "no number"
USES = ("fitted", "judged")


@dataclass(frozen=True, slots=True)
class CheckedTarget:
    """One target and what came out."""

    target: Target
    simulated: float
    low: float
    high: float
    """Bounds of the mean at 95 %."""
    shared_inputs: tuple[str, ...]
    """Inputs that lean on the same row of evidence."""

    @property
    def is_inside(self) -> bool:
        """Whether the mean lies in the range of the target; a number that does not come out does
        not."""
        return isfinite(self.simulated) and self.target.holds(self.simulated)

    @property
    def is_clear(self) -> bool:
        """Whether the whole interval lies on one side of each bound, so that more replications
        would change nothing."""
        if not isfinite(self.low):
            return False
        return not any(
            self.low <= bound <= self.high for bound in (self.target.low, self.target.high)
        )

    @property
    def verdict(self) -> str:
        """In a word."""
        if not isfinite(self.simulated):
            return MISSING
        return INSIDE if self.is_inside else OUTSIDE


@dataclass(frozen=True, repr=False)
class Validation:
    """Every target of a scenario, in order."""

    study: Study
    checked: tuple[CheckedTarget, ...]

    def share_inside(self, use: str) -> tuple[int, int]:
        """Return how many of the targets of that *use* lie inside, and how many count; linked ones
        count once."""
        counted = [c for c in self.checked if c.target.seen.use == use and c.target.counts]
        return sum(c.is_inside for c in counted), len(counted)

    def table(self) -> pd.DataFrame:
        """Return one row a target.

        Columns ``target, title, use, family, counts, scope, observed, range_low, range_high,
        range_share, simulated, low, high, error_share, inside, clear, verdict, unit, source,
        shared_inputs, note``; ``range_share`` is the width of the range over the observed value,
        ``low`` and ``high`` bound the simulated mean at 95 %.
        """
        return pd.DataFrame([self._row(checked) for checked in self.checked])

    @staticmethod
    def _row(checked: CheckedTarget) -> dict[str, Any]:
        target, seen = checked.target, checked.target.seen
        return {
            "target": target.id,
            "title": seen.title,
            "use": seen.use,
            "family": seen.family,
            "counts": target.counts,
            "scope": seen.scope,
            "observed": seen.value,
            "range_low": target.low,
            "range_high": target.high,
            "range_share": (target.high - target.low) / abs(seen.value) if seen.value else nan,
            "simulated": checked.simulated,
            "low": checked.low,
            "high": checked.high,
            "error_share": checked.simulated / seen.value - 1 if seen.value else nan,
            "inside": checked.is_inside,
            "clear": checked.is_clear,
            "verdict": checked.verdict,
            "unit": seen.unit,
            "source": target.sourced.origin,
            "shared_inputs": len(checked.shared_inputs),
            "note": seen.note,
        }

    def in_words(self) -> str:
        """Return the shares inside, in a sentence."""
        shares = [
            f"{inside} of {of} {use}" for use in USES for inside, of in [self.share_inside(use)]
        ]
        linked = sum(not checked.target.counts for checked in self.checked)
        also = f"; {linked} follow from others and are not counted" if linked else ""
        return f"inside their range: {' and '.join(shares)} targets{also}"

    def __repr__(self) -> str:
        return f"<Validation of {self.study.scenario.name!r}, {self.in_words()}>"

    def _repr_html_(self) -> str:
        columns = [
            "title",
            "use",
            "observed",
            "range_low",
            "range_high",
            "simulated",
            "low",
            "high",
            "verdict",
            "unit",
        ]
        return str(self.table()[columns].to_html(index=False))


def validate(study: Study) -> Validation:
    """Hold *study* against what its scenario says was observed.

    Raises
    ------
    UsageError
        The scenario has no targets.
    """
    targets = targets_of(study.scenario)
    numbers = [numbers_of(replication.metrics) for replication in study.replications]
    checked = []
    for target in targets:
        mean, low, high = Interval.of((target.of(n) for n in numbers), target.bounds)
        checked.append(
            CheckedTarget(target, mean, low, high, inputs_behind(study.scenario, target))
        )
    return Validation(study, tuple(checked))
