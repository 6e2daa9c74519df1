"""What is regretted if the future is another: what the chosen set costs too much, or lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal, TypeAlias

from sim.analysis.plan._choices import Built
from sim.analysis.plan._judge import Judge
from sim.analysis.plan._ladder import DemandRung
from sim.analysis.plan._oracle import AtScale
from sim.analysis.plan._search import search
from sim.analysis.plan._verdict import Variant, Verdict
from sim.study.interval import Interval

NO_SHORTFALL = Interval(0.0, 0.0, 0.0)

BestIs: TypeAlias = Literal["decided", "undecided", "none reaches it"]


@dataclass(frozen=True, slots=True)
class Regret:
    """What the chosen set costs too much, or lacks, if the future is another."""

    future: str
    scale: float
    built: Built
    """What of the chosen set there is."""
    verdict: Verdict
    because: tuple[str, ...]
    shortfall_t: Interval
    """Tonnes a year offered and not carried; 0 where it reaches the target."""
    best: Built | None
    """The cheapest set in this future; none if none reaches the target or it was not found."""
    best_is: BestIs
    extra_musd: float
    """Capital of the chosen set less that of the best; below 0 where the best costs more."""


def regrets(
    judge: Judge,
    chosen: Built,
    scale: float,
    low: DemandRung | None,
    stresses: Sequence[str],
) -> tuple[Regret, ...]:
    """Return the regret of *chosen* under low demand, late vessels and each of *stresses*.

    *low* is the rung of a lower demand, with the cheapest part of *chosen* that carries it.
    """
    choices = judge.choices
    listed = []
    if low is not None:
        listed.append(_under_low_demand(judge, chosen, low))
    vessels = frozenset(name for name in chosen if choices.candidates[name].adds_vessels)
    if vessels:
        rest = Variant(choices.closed(chosen - vessels), scale)
        universe = choices.closed(choices.everything - vessels)
        listed.append(_regret(judge, "late vessels", rest, chosen, universe))
    for stress in stresses:
        stressed = Variant(chosen, scale, stress)
        listed.append(_regret(judge, stress, stressed, chosen, choices.everything))
    return tuple(listed)


def _under_low_demand(judge: Judge, chosen: Built, low: DemandRung) -> Regret:
    """Return the capital that *chosen* has more than is needed at a lower demand."""
    extra = judge.choices.capital(chosen).musd - judge.choices.capital(low.built).musd
    return Regret(
        f"demand of {low.scale:g}x",
        low.scale,
        chosen,
        "reaches",
        because=(),
        shortfall_t=NO_SHORTFALL,
        best=low.built,
        best_is="decided",
        extra_musd=extra,
    )


def _regret(judge: Judge, future: str, variant: Variant, chosen: Built, universe: Built) -> Regret:
    """Judge what there is in a future that is worse, and look for the best of *universe* in it."""
    judge.decide(variant)
    judge.ensure_first_look(variant)
    judgement = judge.verdict(variant)
    if judgement.verdict == "reaches":
        # Nothing cheaper can do in a worse future what it cannot do in this one.
        return Regret(
            future,
            variant.scale,
            variant.built,
            "reaches",
            because=(),
            shortfall_t=NO_SHORTFALL,
            best=variant.built,
            best_is="decided",
            extra_musd=0.0,
        )
    shortfall_t = judge.shortfall(variant)
    best, best_is = _best(judge, variant, universe)
    extra_musd = nan
    if best is not None:
        extra_musd = judge.choices.capital(chosen).musd - judge.choices.capital(best).musd
    return Regret(
        future,
        variant.scale,
        variant.built,
        judgement.verdict,
        judgement.because,
        shortfall_t,
        best,
        best_is,
        extra_musd,
    )


def _best(judge: Judge, variant: Variant, universe: Built) -> tuple[Built | None, BestIs]:
    """Return the cheapest set of *universe* at the demand and under the stress of *variant*."""
    of_all = judge.decide(variant._replace(built=universe))
    if of_all == "fails":
        return None, "none reaches it"
    if of_all == "undecided":
        return None, "undecided"
    result = search(judge.choices, AtScale(judge, variant.scale, variant.stress), universe)
    is_decided = result.best is not None and not result.undecided
    return result.best, "decided" if is_decided else "undecided"
