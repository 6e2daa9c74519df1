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
from sim.analysis.plan._judge import LOOKS, AtScale, Judge, Variant
from sim.analysis.plan._search import first_guess, search


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

    What is there is looked at first, on the lowest rung; then on every rung what the preview
    proposes within the rung above: a bound, if the budget ends early.
    """
    choices = judge.choices
    judge.judge(Variant(frozenset(), scale) for scale in scales[:-1][:1])
    bounds, bound = {}, chosen
    for scale in reversed(scales[:-1]):
        guess = first_guess(choices, AtScale(judge, scale), bound)
        bounds[scale] = bound = bound if guess is None else guess
    judge.go_on()
    needed = _needed(judge, chosen, scales[:-1])
    rungs: list[DemandRung] = []
    below: Built = frozenset()
    for scale in scales[:-1]:
        forced = choices.with_needs(below | needed[scale])
        found = search(choices, AtScale(judge, scale), chosen, forced=forced)
        # What a rung holds too much of, all above it hold.
        is_decided = (
            found.best is not None
            and not found.undecided
            and all(rung.is_decided for rung in rungs)
        )
        below = found.best if found.best is not None else below | bounds[scale]
        rungs.append(DemandRung(scale, below, is_decided))
    return (*rungs, DemandRung(scales[-1], chosen, is_decided=True))


def _needed(judge: Judge, chosen: Built, scales: Sequence[float]) -> dict[float, Built]:
    """Return by scale the projects without which the rest of *chosen* fails; middle scales first,
    which tell of both sides. None where a look at each would take more than half of what may be
    used."""
    choices = judge.choices
    if LOOKS[0] * len(chosen) > judge.left / 2:
        return dict.fromkeys(scales, frozenset())
    without = {name: choices.closed(chosen - {name}) for name in choices.ordered(chosen)}
    for scale in sorted(scales, key=lambda s: abs(s - scales[len(scales) // 2])):
        judge.judge(Variant(rest, scale) for rest in without.values())
    return {
        scale: frozenset(
            n
            for n, rest in without.items()
            if judge.verdict(Variant(rest, scale)).verdict == "fails"
        )
        for scale in scales
    }


@dataclass(frozen=True, slots=True)
class Due:
    """When a project is needed, and when it can be there."""

    project: str
    scale: float
    """DemandRung that needs it."""
    year: int | None
    """In which the demand outgrows the rung below; none where demand never does."""
    opens: date | None
    """Not before what it needs."""

    @property
    def late_years(self) -> int | None:
        """Years by which it comes after it is needed; none where a date is not known."""
        if self.year is None or self.opens is None:
            return None
        # What opens on the last day of a year is there for the next.
        there = self.opens.year + (self.opens > date(self.opens.year, 1, 1))
        return max(there - self.year, 0)


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
        year = base_year if rung.scale <= 1 else _first_year(carried, growth, base_year)
        new = choices.ordered(rung.built - there)
        due.extend(Due(name, rung.scale, year, _opens(choices, name)) for name in new)
        there |= rung.built
        carried = rung.scale
    return tuple(due)


def _first_year(multiple: float, growth: float, base_year: int) -> int | None:
    """Return the first year whose demand is above *multiple*."""
    if growth <= 0:
        return None
    years = log(multiple) / log(1 + growth)
    return base_year + max(1, ceil(years + 1e-9)) if isfinite(years) else None


def _opens(choices: Choices, name: str) -> date | None:
    own = [choices.candidates[project].opens for project in choices.with_needs({name})]
    known = [opens for opens in own if opens is not None]
    return max(known) if known and choices.candidates[name].opens is not None else None
