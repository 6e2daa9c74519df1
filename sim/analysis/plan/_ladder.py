"""The ladder: which of the chosen projects must be there at which multiple of the demand, and when
that is.

Each rung is the cheapest part of the chosen set that carries its demand and holds the rung below:
what is built stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, isfinite, log

from sim.analysis.plan._choices import Built, Choices
from sim.analysis.plan._judge import Judge
from sim.analysis.plan._oracle import AtScale
from sim.analysis.plan._search import first_guess, search
from sim.analysis.plan._verdict import LOOKS, Variant
from sim.analysis.projects import first_full_year

NOTHING: Built = frozenset()


@dataclass(frozen=True, slots=True)
class DemandRung:
    """What must be built at a multiple of the demand."""

    scale: float
    built: Built
    is_decided: bool
    """Whether it is known to carry this demand and nothing cheaper within the chosen set does, here
    and on all rungs below."""


def ladder(judge: Judge, chosen: Built, scales: Sequence[float]) -> tuple[DemandRung, ...]:
    """Return the rungs for *scales*, the last of which *chosen* is known to carry.

    First the lowest rung is tested with nothing built; then bounds are found for all rungs, which
    hold if the budget ends early; then each rung is searched for, from the lowest up.
    """
    choices, lower = judge.choices, scales[:-1]
    if lower:
        judge.decide(Variant(NOTHING, lower[0]))
    bounds = _bounds(judge, chosen, lower)
    judge.budget.clear_refusal()
    needed = _needed(judge, chosen, lower)
    rungs: list[DemandRung] = []
    below = NOTHING
    # Where the set of a rung is an upper bound, so are those of all rungs above it.
    is_decided = True
    for scale in lower:
        forced = choices.with_needs(below | needed[scale])
        result = search(choices, AtScale(judge, scale), chosen, forced=forced)
        is_decided = is_decided and result.best is not None and not result.undecided
        below = below | bounds[scale] if result.best is None else result.best
        rungs.append(DemandRung(scale, below, is_decided))
    return (*rungs, DemandRung(scales[-1], chosen, is_decided=True))


def _bounds(judge: Judge, chosen: Built, scales: Sequence[float]) -> dict[float, Built]:
    """Return by scale a set that carries it, from the highest down: the first guess within the
    bound above, or that bound."""
    bounds, bound = {}, chosen
    for scale in reversed(scales):
        guess = first_guess(judge.choices, AtScale(judge, scale), bound)
        if guess is not None:
            bound = guess
        bounds[scale] = bound
    return bounds


def _needed(judge: Judge, chosen: Built, scales: Sequence[float]) -> dict[float, Built]:
    """Return by scale the projects without which the rest of *chosen* fails.

    Middle scales come first: their verdicts hold for others too, failures for those above and
    successes for those below. None is sought where a look at each project would take more than half
    of what may be used.
    """
    choices = judge.choices
    if LOOKS[0] * len(chosen) > judge.budget.left / 2:
        return dict.fromkeys(scales, NOTHING)
    without = {name: choices.closed(chosen - {name}) for name in choices.ordered(chosen)}
    middle = scales[len(scales) // 2] if scales else 0.0
    for scale in sorted(scales, key=lambda scale: abs(scale - middle)):
        judge.judge(Variant(rest, scale) for rest in without.values())
    needed = {}
    for scale in scales:
        verdicts = {
            name: judge.verdict(Variant(rest, scale)).verdict for name, rest in without.items()
        }
        needed[scale] = frozenset(name for name in without if verdicts[name] == "fails")
    return needed


@dataclass(frozen=True, slots=True)
class Due:
    """When a project is needed, and when it can be there."""

    project: str
    scale: float
    """Rung that needs it."""
    year: int | None
    """In which the demand outgrows the rung below; none where demand never does."""
    opens: date | None
    """Not before what it needs."""

    @property
    def late_years(self) -> int | None:
        """Years by which it comes after it is needed; none where a date is not known."""
        if self.year is None or self.opens is None:
            return None
        return max(first_full_year(self.opens) - self.year, 0)


def timeline(
    choices: Choices, rungs: Sequence[DemandRung], growth: float, base_year: int
) -> tuple[Due, ...]:
    """Return for each project of the ladder when it is due, with demand at once in *base_year* and
    growing evenly.

    The rung below carries the demand up to its multiple: in year :math:`y` demand is :math:`(1 +
    g)^{y - y_0}`.
    """
    due: list[Due] = []
    there: set[str] = set()
    carried = 1.0
    for rung in rungs:
        year = base_year if rung.scale <= 1 else _first_year_above(carried, growth, base_year)
        new = choices.ordered(rung.built - there)
        due.extend(Due(name, rung.scale, year, _opens(choices, name)) for name in new)
        there |= rung.built
        carried = rung.scale
    return tuple(due)


def _first_year_above(multiple: float, growth: float, base_year: int) -> int | None:
    """Return the first year whose demand is above *multiple*."""
    if growth <= 0:
        return None
    years = log(multiple) / log(1 + growth)
    if not isfinite(years):
        return None
    return base_year + max(1, ceil(years + 1e-9))


def _opens(choices: Choices, name: str) -> date | None:
    """Return when a project and all that it needs are open; None if its own date is not known."""
    if choices.candidates[name].opens is None:
        return None
    dates = (choices.candidates[project].opens for project in choices.with_needs({name}))
    return max(opens for opens in dates if opens is not None)
