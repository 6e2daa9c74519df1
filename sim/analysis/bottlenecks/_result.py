"""What a search for bottlenecks leaves: rungs, each with its evidence, and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pandas as pd

from sim.runs.requests import FailedError
from sim.spec.load import Scenario
from sim.study.growth import State
from sim.study.interval import MISSING, NOT_NEGATIVE, Interval, interval_columns

NOTHING = "nothing"
"""That no suspect gives anything: a contender beside them."""
CARRIED, TRANSIT = "carried_t_per_year", "transit_days_mean"
GAIN_UNITS = {CARRIED: "t/a", TRANSIT: "d"}
"""By the outcome that suspects are judged by."""

CARRIED_COLUMNS = interval_columns(CARRIED, "carried")
GAIN_COLUMNS = interval_columns("gain", "gain")
MORE_COLUMNS = interval_columns("more_t_per_year", "more")


@dataclass(frozen=True, slots=True)
class GrowingStack:
    """A stack or queue that grows by more than the limit."""

    where: str
    share: Interval
    """Growth in a year, as a share of the yearly flow."""
    is_overloaded: bool
    """At 99 %."""


@dataclass(frozen=True, slots=True)
class SuspectEffect:
    """What one more of a suspect gives, and what made it a suspect."""

    id: str
    unit: str
    now: float
    then: float
    gain: Interval
    """Tonnes a year carried more, or days of transit time less; over paired differences."""
    is_contender: bool
    """Whether it may be the best, after the last look."""
    may_be_nothing: bool
    """Whether it may be that no suspect helps."""
    load: float
    """By the preview."""
    waited_days: float
    """That a delivered unit waits for it."""
    bottleneck_share: float
    """Of the time, in which it is the momentary bottleneck."""

    def row(self) -> dict[str, Any]:
        """Return its row of the table of suspects."""
        return {
            "id": self.id,
            "unit": self.unit,
            "now": self.now,
            "then": self.then,
            **self.gain.named("gain"),
            "n": self.gain.count,
            "is_contender": self.is_contender,
            "may_be_nothing": self.may_be_nothing,
            "load": self.load,
            "waited_days": self.waited_days,
            "bottleneck_share": self.bottleneck_share,
        }


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
    state: State
    """``overloaded``, ``undecided`` or ``holds``."""
    growth: tuple[GrowingStack, ...]
    waits: pd.DataFrame
    outcome: str
    """What suspects are judged by."""
    base: Mapping[int, Mapping[str, float]]
    """Main outcomes by replication."""
    active: pd.DataFrame
    effects: tuple[SuspectEffect, ...] = ()
    fix: Fix | None = None

    @property
    def gain_unit(self) -> str:
        """Unit of the gains."""
        return GAIN_UNITS[self.outcome]

    @property
    def ranked(self) -> list[SuspectEffect]:
        """The effects, the largest gain first."""
        return sorted(self.effects, key=lambda effect: -effect.gain.mean)

    @property
    def verdict(self) -> str:
        """Return the bottleneck, or between what it is undecided."""
        if not self.effects:
            return ""
        contenders = [effect.id for effect in self.ranked if effect.is_contender]
        if not contenders:
            return "none of the suspects"
        if self.is_decided:
            return contenders[0]
        if self._may_be_nothing:
            contenders.append(NOTHING)
        return f"undecided: {' or '.join(contenders)}"

    @property
    def is_decided(self) -> bool:
        """Whether one suspect is distinguished from all others and from nothing."""
        contenders = sum(effect.is_contender for effect in self.effects)
        return contenders == 1 and not self._may_be_nothing

    @property
    def _may_be_nothing(self) -> bool:
        return any(effect.may_be_nothing for effect in self.effects)

    def mean(self, outcome: str) -> Interval:
        """Return mean and bounds of an outcome over replications."""
        return Interval.of((values[outcome] for values in self.base.values()), NOT_NEGATIVE)


@dataclass(frozen=True, slots=True)
class DroppedSuspect:
    """A suspect whose what-if fails every time, so that nothing is known of it."""

    rung: int
    id: str
    why: str
    """With the command that repeats it."""

    def __str__(self) -> str:
        return (
            f"{self.id} is no longer tried (rung {self.rung}): "
            f"one more of it fails every time: {self.why}"
        )


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
        for number, (rung, above) in enumerate(self._pairs(), 1):
            row: dict[str, Any] = {
                "rung": number,
                "state": rung.state,
                "overloaded": sum(one.is_overloaded for one in rung.growth),
                "first": rung.growth[0].where if rung.growth else "",
                **rung.mean(CARRIED).named(CARRIED, "carried"),
                "n": len(rung.base),
                "bottleneck": rung.verdict,
                **_gain_of(rung).named("gain", "gain"),
                "gain_unit": rung.gain_unit,
                "fix": str(rung.fix or ""),
                **_more(rung, above).named("more_t_per_year", "more"),
            }
            rows.append(row)
        columns = ["rung", "state", "overloaded", "first", *CARRIED_COLUMNS, "n", "bottleneck"]
        columns += [*GAIN_COLUMNS, "gain_unit", "fix", *MORE_COLUMNS]
        return pd.DataFrame(rows, columns=columns)

    def _pairs(self) -> list[tuple[Rung, Rung | None]]:
        """Return each rung with the next above it, if there is one."""
        return list(zip_longest(self.rungs, self.rungs[1:]))

    def suspects(self) -> pd.DataFrame:
        """Return one row for each what-if, the best of each rung first.

        Columns ``rung, id, unit, now, then, gain, low, high, n, is_contender, may_be_nothing, load,
        waited_days, bottleneck_share, gain_unit``, see `SuspectEffect`.
        """
        rows = []
        for number, rung in enumerate(self.rungs, 1):
            about = {"rung": number, "gain_unit": rung.gain_unit}
            rows += [{**about, **effect.row()} for effect in rung.ranked]
        columns = ["rung", "id", "unit", "now", "then", *interval_columns("gain"), "n"]
        columns += ["is_contender", "may_be_nothing", "load", "waited_days", "bottleneck_share"]
        return pd.DataFrame(rows, columns=[*columns, "gain_unit"])

    def waits(self) -> pd.DataFrame:
        """Return where the days go on each rung: ``rung, activity, where, days, low, high``, the
        longest first."""
        frames = [rung.waits for rung in self.rungs]
        return _stacked(frames, ["activity", "where", *interval_columns("days")])

    def active(self) -> pd.DataFrame:
        """Return who is the momentary bottleneck on each rung: ``rung, where, kind, share, low,
        high``."""
        frames = [rung.active for rung in self.rungs]
        return _stacked(frames, ["where", "kind", *interval_columns("share")])

    def growth(self) -> pd.DataFrame:
        """Return what grows on each rung: ``rung, where, share, low, high, is_overloaded``, the
        fastest first."""
        rows = []
        for number, rung in enumerate(self.rungs, 1):
            rows += [(number, one.where, *one.share, one.is_overloaded) for one in rung.growth]
        columns = ["rung", "where", *interval_columns("share"), "is_overloaded"]
        return pd.DataFrame(rows, columns=columns)

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


def _gain_of(rung: Rung) -> Interval:
    """Return the gain of what is raised, or else the largest."""
    for effect in rung.effects:
        if rung.fix is not None and effect.id == rung.fix.id:
            return effect.gain
    return max(
        (effect.gain for effect in rung.effects), key=lambda gain: gain.mean, default=MISSING
    )


def _more(rung: Rung, above: Rung | None) -> Interval:
    """Return what is carried more on the rung above, over the replications that both have."""
    if above is None:
        return MISSING
    shared = [number for number in rung.base if number in above.base]
    return Interval.of(
        above.base[number][CARRIED] - rung.base[number][CARRIED] for number in shared
    )


def _stacked(frames: Sequence[pd.DataFrame], columns: Iterable[str]) -> pd.DataFrame:
    """Return the tables of all rungs, one below the other, with the column ``rung``."""
    listed = ["rung", *columns]
    if not frames:
        return pd.DataFrame(columns=listed)
    numbered = [frame.assign(rung=number) for number, frame in enumerate(frames, 1)]
    return pd.concat(numbered, ignore_index=True)[listed]
