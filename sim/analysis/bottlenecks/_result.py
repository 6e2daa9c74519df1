"""What a search for bottlenecks leaves: rungs, each with its evidence, and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import pandas as pd

from sim.analysis.bottlenecks._suspects import Suspect
from sim.runs.requests import FailedError
from sim.spec.load import Scenario
from sim.study.interval import MISSING, NOT_NEGATIVE, Interval

_LADDER = [
    "rung",
    "state",
    "overloaded",
    "first",
    "carried_t_per_year",
    "carried_low",
    "carried_high",
    "n",
    "bottleneck",
    "gain",
    "gain_low",
    "gain_high",
    "gain_unit",
    "fix",
    "more_t_per_year",
    "more_low",
    "more_high",
]
NOTHING = "nothing"
"""That no suspect gives anything: a contender beside them."""
CARRIED, TRANSIT = "carried_t_per_year", "transit_days_mean"


@dataclass(frozen=True, slots=True)
class Growth:
    """A stack or queue that grows by more than the limit."""

    where: str
    share: float
    """Of its yearly flow, in a year."""
    low: float
    high: float
    is_overloaded: bool
    """At 99 %."""

    @classmethod
    def of(cls, where: str, share: Interval, is_overloaded: bool) -> Growth:
        """Return the growth over replications."""
        return cls(where, share.mean, share.low, share.high, is_overloaded)


@dataclass(frozen=True, slots=True)
class SuspectEffect:
    """What one more of a suspect gives."""

    id: str
    unit: str
    now: float
    then: float
    gain: float
    """Tonnes a year carried more, or days of transit time less; mean of the paired differences."""
    low: float
    high: float
    n: int
    is_contender: bool
    """Whether it may be the best, after the last look."""
    may_be_nothing: bool
    """Whether it may be that no suspect helps."""
    load: float = nan
    """By the preview."""
    waited_days: float = nan
    """That a delivered unit waits for it."""
    bottleneck_share: float = nan
    """Of the time, in which it is the momentary bottleneck."""

    @classmethod
    def of(
        cls, suspect: Suspect, gains: Sequence[float], is_contender: bool, may_be_nothing: bool
    ) -> SuspectEffect:
        """Return the effect over replications."""
        gain = Interval.of(gains)
        return cls(
            suspect.id,
            suspect.unit,
            suspect.now,
            suspect.at(1),
            gain.mean,
            gain.low,
            gain.high,
            gain.count,
            is_contender,
            may_be_nothing,
        )

    def seen(self, load: float, waited_days: float, bottleneck_share: float) -> SuspectEffect:
        """Return it with what made it a suspect."""
        return replace(self, load=load, waited_days=waited_days, bottleneck_share=bottleneck_share)


@dataclass(frozen=True, slots=True)
class Fix:
    """By how much a bottleneck is raised."""

    id: str
    unit: str
    now: float
    then: float
    changes: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.id}: {self.now:g} to {self.then:g}"


@dataclass(frozen=True)
class Rung:
    """The corridor after the fixes of all rungs below."""

    scenario: Scenario
    state: str
    """``overloaded``, ``undecided`` or ``holds``."""
    growth: tuple[Growth, ...]
    waits: pd.DataFrame
    outcome: str
    """What suspects are judged by."""
    base: Mapping[int, Mapping[str, float]]
    """Main outcomes by replication."""
    active: pd.DataFrame
    effects: tuple[SuspectEffect, ...] = ()
    fix: Fix | None = None

    @property
    def verdict(self) -> str:
        """Return the bottleneck, or between what it is undecided."""
        names = [effect.id for effect in self.effects if effect.is_contender]
        may_be_nothing = any(effect.may_be_nothing for effect in self.effects)
        if not self.effects:
            return ""
        if len(names) == 1 and not may_be_nothing:
            return names[0]
        if not names:
            return "none of the suspects"
        ranked = sorted(
            (e for e in self.effects if e.is_contender), key=lambda effect: -effect.gain
        )
        listed = " or ".join(effect.id for effect in ranked)
        return f"undecided: {listed}{' or nothing' if may_be_nothing else ''}"

    @property
    def is_decided(self) -> bool:
        """Whether one suspect is told from all others and from nothing."""
        names = [effect.id for effect in self.effects if effect.is_contender]
        return len(names) == 1 and not self.effects[0].may_be_nothing

    def mean(self, outcome: str) -> Interval:
        """Return mean and bounds of an outcome over replications."""
        return Interval.of((found[outcome] for found in self.base.values()), NOT_NEGATIVE)


@dataclass(frozen=True, slots=True)
class DroppedSuspect:
    """A suspect whose what-if fails every time, so that nothing is known of it."""

    rung: int
    id: str
    why: str
    """With the command that repeats it."""

    def __str__(self) -> str:
        return f"{self.id} is no longer tried (rung {self.rung}): one more of it fails every time: {self.why}"


@dataclass(frozen=True, repr=False)
class Bottlenecks:
    """The ladder."""

    scenario: Scenario
    seed: int
    budget: int
    used: int
    """Replications, read or computed."""
    rungs: tuple[Rung, ...]
    ended: str
    """Why there are no more."""
    without: tuple[DroppedSuspect, ...] = ()
    failed: FailedError | None = None
    """What ended it, if the corridor itself did not run any more."""

    def table(self) -> pd.DataFrame:
        """Return one row a rung, with 95 % intervals.

        Columns ``rung, state, overloaded, first, carried_t_per_year, carried_low, carried_high, n,
        bottleneck, gain, gain_low, gain_high, gain_unit, fix, more_t_per_year, more_low,
        more_high``; the last three are what the fix adds, paired with the next rung.
        """
        rows = []
        for number, rung in enumerate(self.rungs, 1):
            best = _best(rung)
            after = self.rungs[number] if number < len(self.rungs) else None
            row = {
                "rung": number,
                "state": rung.state,
                "overloaded": sum(g.is_overloaded for g in rung.growth),
            }
            row |= {"first": rung.growth[0].where if rung.growth else ""}
            row |= rung.mean(CARRIED).named(CARRIED, "carried")
            gain = Interval(best.gain, best.low, best.high) if best else MISSING
            row |= {"n": len(rung.base), "bottleneck": rung.verdict}
            row |= gain.named("gain", "gain")
            row |= {
                "gain_unit": "d" if rung.outcome == TRANSIT else "t/a",
                "fix": str(rung.fix or ""),
            }
            more = Interval.of(_more(rung, after)) if after else MISSING
            rows.append({**row, **more.named("more_t_per_year", "more")})
        return pd.DataFrame(rows, columns=_LADDER)

    def suspects(self) -> pd.DataFrame:
        """Return one row for each what-if: the fields of `SuspectEffect` with ``rung`` and ``gain_unit``,
        best first."""
        columns = ["rung", *SuspectEffect.__slots__, "gain_unit"]
        rows = [
            {
                "rung": number,
                **{name: getattr(effect, name) for name in SuspectEffect.__slots__},
                "gain_unit": unit,
            }
            for number, rung in enumerate(self.rungs, 1)
            for unit in ("d" if rung.outcome == TRANSIT else "t/a",)
            for effect in sorted(rung.effects, key=lambda effect: -effect.gain)
        ]
        return pd.DataFrame(rows, columns=columns)

    def waits(self) -> pd.DataFrame:
        """Return where the days go on each rung: ``rung, activity, where, days, low, high``, the
        longest first."""
        return _stacked(
            [rung.waits for rung in self.rungs], ["activity", "where", "days", "low", "high"]
        )

    def active(self) -> pd.DataFrame:
        """Return who is the momentary bottleneck on each rung: ``rung, where, kind, share, low,
        high``."""
        return _stacked(
            [rung.active for rung in self.rungs], ["where", "kind", "share", "low", "high"]
        )

    def growth(self) -> pd.DataFrame:
        """Return what grows on each rung: ``rung`` and the fields of `Growth`, the fastest
        first."""
        rows = [
            {"rung": number, **{name: getattr(growth, name) for name in Growth.__slots__}}
            for number, rung in enumerate(self.rungs, 1)
            for growth in rung.growth
        ]
        return pd.DataFrame(rows, columns=["rung", *Growth.__slots__])

    def dropped(self) -> pd.DataFrame:
        """Return what failed every time and was left out: ``rung, id, why``."""
        rows = [(dropped.rung, dropped.id, dropped.why) for dropped in self.without]
        return pd.DataFrame(rows, columns=["rung", "id", "why"])

    def __repr__(self) -> str:
        names = ", ".join(rung.verdict for rung in self.rungs if rung.verdict)
        return f"<Bottlenecks of {self.scenario.name!r}: {names}; {self.ended}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False))


class BottlenecksInterrupted(KeyboardInterrupt):
    """Stopped by the user; carries the rungs that were finished."""

    def __init__(self, finished: Bottlenecks) -> None:
        super().__init__(finished)
        self.finished = finished


def _best(rung: Rung) -> SuspectEffect | None:
    """Return the effect of what is raised, or else the largest."""
    fixed = [effect for effect in rung.effects if rung.fix is not None and effect.id == rung.fix.id]
    return fixed[0] if fixed else max(rung.effects, key=lambda effect: effect.gain, default=None)


def _more(before: Rung, after: Rung) -> list[float]:
    shared = [number for number in before.base if number in after.base]
    return [after.base[number][CARRIED] - before.base[number][CARRIED] for number in shared]


def _stacked(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame(columns=["rung", *columns])
    listed = [frame.assign(rung=number) for number, frame in enumerate(frames, 1)]
    return pd.concat(listed, ignore_index=True)[["rung", *columns]]
