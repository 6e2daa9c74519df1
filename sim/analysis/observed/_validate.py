"""Validation: a study compared with what was observed, target by target; a miss is never hidden."""

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
    """One target and what was simulated for it."""

    target: Target
    simulated: Interval
    shared_inputs: tuple[str, ...]
    """Inputs that rest on the same row of evidence."""

    @property
    def is_inside(self) -> bool:
        """Whether the mean lies in the range of the target; one that does not exist does not."""
        return isfinite(self.simulated.mean) and self.target.holds(self.simulated.mean)

    @property
    def is_clear(self) -> bool:
        """Whether the whole interval lies on one side of each bound, so that more replications
        would change nothing."""
        if not self.simulated.has_bounds:
            return False
        ends = (self.target.low, self.target.high)
        return all(self.simulated.excludes(end) for end in ends)

    @property
    def verdict(self) -> str:
        """Inside, outside or no number."""
        if not isfinite(self.simulated.mean):
            return MISSING
        return INSIDE if self.is_inside else OUTSIDE

    def row(self) -> dict[str, Any]:
        """Return its row of the table."""
        target, observation = self.target, self.target.observation
        measured = observation.measured
        observed = observation.value
        range_share = error_share = nan
        if observed:
            range_share = (target.high - target.low) / abs(observed)
            error_share = self.simulated.mean / observed - 1
        return {
            "target": target.id,
            "title": observation.title,
            "use": observation.use,
            "family": observation.family,
            "counts": target.counts,
            "scope": observation.scope,
            "observed": observed,
            "range_low": target.low,
            "range_high": target.high,
            "range_share": range_share,
            **self.simulated.named("simulated"),
            "error_share": error_share,
            "inside": self.is_inside,
            "clear": self.is_clear,
            "verdict": self.verdict,
            "unit": observation.unit,
            "source": target.sourced.origin,
            "shared_inputs": len(self.shared_inputs),
            "note": observation.note,
            "measured": measured.in_words() if measured else "not stated",
            "differs": measured.differs if measured else "",
        }


@dataclass(frozen=True, repr=False)
class Validation:
    """Every target of a scenario, in order."""

    study: Study
    checked: tuple[CheckedTarget, ...]

    def share_inside(self, use: str) -> tuple[int, int]:
        """Return how many of the targets of that *use* lie inside, and how many count; linked ones
        count once."""
        counted = [
            checked
            for checked in self.checked
            if checked.target.observation.use == use and checked.target.counts
        ]
        return sum(checked.is_inside for checked in counted), len(counted)

    def table(self) -> pd.DataFrame:
        """Return one row a target.

        Columns ``target, title, use, family, counts, scope, observed, range_low, range_high,
        range_share, simulated, low, high, error_share, inside, clear, verdict, unit, source,
        shared_inputs, note, measured, differs``; ``range_share`` is the width of the range over the observed value,
        ``low`` and ``high`` bound the simulated mean at 95 %.
        """
        return pd.DataFrame([checked.row() for checked in self.checked])

    def in_words(self) -> str:
        """Return the shares inside, in a sentence."""
        shares = []
        for use in USES:
            inside, count = self.share_inside(use)
            shares.append(f"{inside} of {count} {use}")
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
    """Compare *study* with what its scenario says was observed.

    Raises
    ------
    UsageError
        The scenario has no targets.
    """
    numbers = [numbers_of(replication.metrics) for replication in study.replications]
    checked = []
    for target in targets_of(study.scenario):
        simulated = Interval.of((target.of(one) for one in numbers), target.bounds)
        shared_inputs = inputs_behind(study.scenario, target)
        checked.append(CheckedTarget(target, simulated, shared_inputs))
    return Validation(study, tuple(checked))
