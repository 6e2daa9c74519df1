"""What each project does at the target demand, beside others.

Sequential bifurcation (Bettonvil and Kleijnen 1996): projects are looked at in groups, and a group
whose effect is negligible is not divided further, since more never does worse.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from sim.analysis.plan._choices import Built, Choices
from sim.analysis.plan._judge import CARRIED, Judge
from sim.analysis.plan._verdict import P90, Variant
from sim.study.interval import MISSING, Interval

WORTH = 0.01
"""Change of the cargo carried and of the P90 transit time, as a share, below which a project buys
nothing."""

EffectVerdict: TypeAlias = Literal["needed", "helps", "harms", "buys nothing", "undecided"]


@dataclass(frozen=True, slots=True)
class ProjectEffect:
    """What a project does at the target demand, beside others."""

    project: str
    beside: str
    """``in the set``, ``added to the set``, ``taken from all``, or of which group it was seen as a
    part."""
    carried_t: Interval
    """Tonnes a year more with it."""
    p90_days: Interval
    """Days of P90 transit time more with it; NaN where there is none."""
    n: int
    verdict: EffectVerdict


class _Pair(NamedTuple):
    """Two variants that differ by a group of projects."""

    more: Variant
    less: Variant
    beside: str


def effects(
    judge: Judge, chosen: Built | None, scale: float, *, is_cheapest: bool
) -> tuple[ProjectEffect, ...]:
    """Return what each project does at *scale*: added to *chosen*, or taken from all where nothing
    reaches it.

    A project of *chosen* is needed if *chosen* is known to be the cheapest set that reaches the
    target, or to fail without it.
    """
    choices = judge.choices
    by_project = _effects_in_the_set(judge, chosen or frozenset(), scale, is_cheapest)
    others = tuple(name for name in choices.candidates if name not in by_project)
    groups = deque([others] if others else [])
    while groups:
        group = groups.popleft()
        effect = _effect(judge, group, _pair(choices, chosen, group, scale))
        if effect.n or group[0] not in by_project:
            # Where the budget ends, what is known of the larger group stays.
            own = _of_one(effect, group)
            by_project |= {name: replace(own, project=name) for name in group}
        if len(group) > 1 and effect.n and effect.verdict != "buys nothing":
            half = len(group) // 2
            groups.extend([group[:half], group[half:]])
    return tuple(by_project[name] for name in choices.candidates)


def _effects_in_the_set(
    judge: Judge, chosen: Built, scale: float, is_cheapest: bool
) -> dict[str, ProjectEffect]:
    """Return whether each project of *chosen* is needed, by the verdicts that there are."""
    by_project = {}
    for name in chosen:
        rest = judge.choices.closed(chosen - {name})
        is_needed = is_cheapest or judge.verdict(Variant(rest, scale)).verdict == "fails"
        verdict: EffectVerdict = "needed" if is_needed else "undecided"
        by_project[name] = ProjectEffect(name, "in the set", MISSING, MISSING, 0, verdict)
    return by_project


def _pair(choices: Choices, chosen: Built | None, group: tuple[str, ...], scale: float) -> _Pair:
    """Return all projects with and without *group*, or *chosen* with and without it."""
    if chosen is None:
        everything = choices.everything
        rest = choices.closed(everything - set(group))
        return _Pair(Variant(everything, scale), Variant(rest, scale), "taken from all")
    extended = choices.with_needs(chosen | set(group))
    return _Pair(Variant(extended, scale), Variant(chosen, scale), "added to the set")


def _effect(judge: Judge, group: tuple[str, ...], pair: _Pair) -> ProjectEffect:
    """Run both variants of *pair*, and return what the *group* does; of its first project."""
    more, less, beside = pair
    judge.ensure_first_look(more, less)
    n = min(len(judge.measured(more)), len(judge.measured(less)))
    carried_t = judge.difference(more, less, CARRIED)
    p90_days = judge.difference(more, less, P90)
    levels = judge.mean(less, CARRIED).mean, judge.mean(less, P90).mean
    verdict = _verdict(carried_t, p90_days, levels)
    if len(group) > 1:
        beside = f"{beside}, with {len(group) - 1} others"
    return ProjectEffect(group[0], beside, carried_t, p90_days, n, verdict)


def _of_one(effect: ProjectEffect, group: tuple[str, ...]) -> ProjectEffect:
    """Return what the *effect* of a whole *group* says of each of its projects.

    A group that buys nothing holds no project that does; what one that helps or harms adds up to
    says nothing of a single project.
    """
    if len(group) == 1 or effect.verdict == "buys nothing":
        return effect
    return replace(effect, carried_t=MISSING, p90_days=MISSING, verdict="undecided")


def _verdict(carried_t: Interval, p90_days: Interval, levels: tuple[float, float]) -> EffectVerdict:
    """Return the verdict on two changes, of which one may not exist; *levels* are without them."""
    changes = [
        (change, WORTH * abs(level))
        for change, level in zip((carried_t, p90_days), levels, strict=True)
        if change.has_bounds
    ]
    if not changes:
        return "undecided"
    if all(-least <= change.low and change.high <= least for change, least in changes):
        return "buys nothing"
    helps = carried_t.low > 0 or p90_days.high < 0
    harms = carried_t.high < 0 or p90_days.low > 0
    if helps == harms:
        return "undecided"
    return "helps" if helps else "harms"
