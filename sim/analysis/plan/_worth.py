"""What a plan is worth: how far each capital goes, what buys nothing, what is regretted if the
future is another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan, sqrt

from sim.analysis.plan._choices import Built
from sim.analysis.plan._judge import LOOKS, P90, AtScale, Judge, Variant
from sim.analysis.plan._search import search

CARRIED, OFFERED = "carried_t_per_year", "offered_t_per_year"
BRACKET = 1.15
"""Upper over lower end of a saturation multiple at which nobody looks closer."""
MOST_TRIALS = 3
"""Multiples that are tried between two rungs."""

WORTH = 0.01
"""Change of the cargo carried and of the P90 transit time, as a share, below which a project buys
nothing."""

Interval = tuple[float, float, float]
NONE: Interval = (nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many times the demand a set carries."""

    built: Built
    low: float
    """Largest multiple that it is known to carry; 0 if none is."""
    high: float
    """Smallest multiple at which something is known to be overloaded; infinite if none is."""
    p90_scale: float
    """Multiple at which the transit time below holds, the largest it is known to carry; NaN if none
    is."""
    p90_days: Interval


def reach_of(judge: Judge, built: Built, scales: Iterable[float]) -> Reach:
    """Return between which multiples *built* ends to carry its demand: all that is known, and a few
    trials."""
    tried = {variant.scale for variant in judge.known if not variant.stress} | set(scales)
    for _ in range(MOST_TRIALS + 1):
        low, high = _bracket(judge, built, sorted(tried))
        if low > 0 and isfinite(high) and high / low <= BRACKET:
            break
        scale = (
            sqrt(low * high) if low > 0 and isfinite(high) else high / 2 if not low else 1.25 * low
        )
        if scale in tried or not 0.125 <= scale <= 64:
            break
        tried.add(scale)
        judge.judge([Variant(built, scale)], LOOKS[:2])
        if judge.verdict(Variant(built, scale)).verdict == "undecided":
            break
    low, high = _bracket(judge, built, sorted(tried))
    ran = [s for s in sorted(tried) if s <= low and judge.seen(Variant(built, s))]
    p90 = judge.mean(Variant(built, ran[-1]), P90) if ran else (nan, nan, nan)
    return Reach(built, low, high, ran[-1] if ran else nan, p90)


def _bracket(judge: Judge, built: Built, scales: Sequence[float]) -> tuple[float, float]:
    verdicts = {scale: judge.verdict(Variant(built, scale)).verdict for scale in scales}
    low = max((s for s, verdict in verdicts.items() if verdict == "reaches"), default=0.0)
    return low, min(
        (s for s, verdict in verdicts.items() if verdict == "fails"), default=float("inf")
    )


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
    verdict: str
    """``needed``, ``helps``, ``harms``, ``buys nothing`` or ``undecided``."""


def effects(
    judge: Judge, chosen: Built | None, scale: float, *, is_cheapest: bool
) -> tuple[ProjectEffect, ...]:
    """Return what each project does at *scale*: added to *chosen*, or taken from all where nothing
    reaches it.

    A project of *chosen* is needed if *chosen* is known to be the cheapest set that reaches the
    target, or to fail without it.

    Sequential bifurcation (Bettonvil and Kleijnen 1996): projects are looked at in groups, and a
    group that does nothing worth the name is not looked into, since more never does worse.
    """
    choices = judge.choices
    base = choices.everything if chosen is None else chosen
    told = {}
    for name in chosen or ():
        fails = judge.verdict(Variant(choices.closed(base - {name}), scale)).verdict == "fails"
        verdict = "needed" if is_cheapest or fails else "undecided"
        told[name] = ProjectEffect(name, "in the set", NONE, NONE, 0, verdict)
    groups = [tuple(name for name in choices.candidates if name not in told)]
    while groups:
        group = groups.pop(0)
        if not group:
            continue
        other = (
            choices.closed(base - set(group))
            if chosen is None
            else choices.with_needs(base | set(group))
        )
        more, less = (
            (Variant(base, scale), Variant(other, scale))
            if chosen is None
            else (Variant(other, scale), Variant(base, scale))
        )
        judge.run(
            [variant for variant in (more, less) if len(judge.seen(variant)) < LOOKS[0]], LOOKS[0]
        )
        effect = _effect(
            judge, group, more, less, "taken from all" if chosen is None else "added to the set"
        )
        if effect.n or group[0] not in told:
            # Where the budget ends, what is known of the larger group stays told.
            told |= {name: replace(effect, project=name) for name in group}
        if len(group) > 1 and effect.verdict != "buys nothing" and effect.n:
            half = len(group) // 2
            groups += [group[:half], group[half:]]
    return tuple(told[name] for name in choices.candidates)


def _effect(
    judge: Judge, group: tuple[str, ...], more: Variant, less: Variant, beside: str
) -> ProjectEffect:
    n = min(len(judge.seen(more)), len(judge.seen(less)))
    carried, p90 = (judge.difference(more, less, outcome) for outcome in (CARRIED, P90))
    at = [judge.mean(less, outcome)[0] for outcome in (CARRIED, P90)]
    known = [(x, level) for x, level in zip((carried, p90), at, strict=True) if isfinite(x[1])]
    worth = [WORTH * abs(level) for _, level in known]
    if not known or not n:
        verdict = "undecided"
    elif all(-least <= x[1] and x[2] <= least for (x, _), least in zip(known, worth, strict=True)):
        verdict = "buys nothing"
    else:
        helps, harms = carried[1] > 0 or p90[2] < 0, carried[2] < 0 or p90[1] > 0
        verdict = "undecided" if helps == harms else "helps" if helps else "harms"
    told = beside if len(group) == 1 else f"{beside}, with {len(group) - 1} others"
    return ProjectEffect(group[0], told, carried, p90, n, verdict)


@dataclass(frozen=True, slots=True)
class Regret:
    """What the chosen set costs too much, or lacks, if the future is another."""

    future: str
    scale: float
    built: Built
    """What of the chosen set there is."""
    verdict: str
    because: tuple[str, ...]
    shortfall_t: Interval
    """Tonnes a year offered and not carried; 0 where it reaches the target."""
    best: Built | None
    """The cheapest set in this future; none if none reaches the target or it was not found."""
    best_is: str
    """``decided``, ``undecided`` or ``none reaches it``."""
    extra_musd: float
    """Capital of the chosen set less that of the best; below 0 where the best costs more."""


def regrets(
    judge: Judge,
    chosen: Built,
    scale: float,
    low: tuple[float, Built] | None,
    stresses: Sequence[str],
) -> tuple[Regret, ...]:
    """Return the regret of *chosen* under low demand, late ferries and each of *stresses*.

    *low* is the lower demand with the cheapest part of *chosen* that carries it.
    """
    choices = judge.choices
    found = []
    if low is not None:
        extra = choices.capital(chosen).musd - choices.capital(low[1]).musd
        zero = (0.0, 0.0, 0.0)
        name = f"demand of {low[0]:g}x"
        found.append(Regret(name, low[0], chosen, "reaches", (), zero, low[1], "decided", extra))
    ferries = frozenset(name for name in chosen if choices.candidates[name].adds_vessels)
    if ferries:
        rest = choices.closed(choices.everything - ferries)
        found.append(
            _regret(
                judge,
                "late vessels",
                Variant(choices.closed(chosen - ferries), scale),
                chosen,
                rest,
            )
        )
    under = [
        _regret(judge, stress, Variant(chosen, scale, stress), chosen, choices.everything)
        for stress in stresses
    ]
    return (*found, *under)


def _regret(judge: Judge, future: str, variant: Variant, chosen: Built, universe: Built) -> Regret:
    """Judge what there is in a future that is worse, and look for the best of *universe* in it."""
    choices = judge.choices
    judge.judge([variant])
    judge.run([variant] if len(judge.seen(variant)) < LOOKS[0] else [], LOOKS[0])
    found = judge.verdict(variant)
    if found.verdict == "reaches":
        # Nothing cheaper can do in a worse future what it cannot do in this one.
        return Regret(
            future,
            variant.scale,
            variant.built,
            "reaches",
            (),
            (0.0, 0.0, 0.0),
            variant.built,
            "decided",
            0.0,
        )
    short = judge.difference_of_outcomes(variant, OFFERED, CARRIED)
    everything = Variant(universe, variant.scale, variant.stress)
    judge.judge([everything])
    best, of_all = None, judge.verdict(everything).verdict
    is_best = "none reaches it" if of_all == "fails" else "undecided"
    if of_all == "reaches":
        looked = search(choices, AtScale(judge, variant.scale, variant.stress), universe)
        best, is_best = (
            looked.best,
            "decided" if looked.best is not None and not looked.undecided else "undecided",
        )
    extra = choices.capital(chosen).musd - choices.capital(best).musd if best is not None else nan
    return Regret(
        future,
        variant.scale,
        variant.built,
        found.verdict,
        found.because,
        short,
        best,
        is_best,
        extra,
    )
