r"""The cheapest set of projects that reaches a target, where only a test of one set at a time can
tell whether it does.

Implicit hitting sets (Moreno-Centeno and Karp 2013; in the same words, logic-based Benders cuts):
more projects never do worse is assumed, so a set :math:`F` that fails rules out all its subsets,
and every set that reaches the target holds a project outside of :math:`F`. The cheapest closed set
that holds one outside of each known failure is a linear programme in whole numbers
(`scipy.optimize.milp`). If it reaches the target it is the cheapest of all; if it fails it is
grown, by halving, to as large a failing set as can be found with few tests, which rules out more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np

from sim.analysis.plan._choices import Built, Choices

Verdict: TypeAlias = Literal["reaches", "fails", "undecided"]

ROOM = (0.7, 0.55, 0.4)
"""Shares of capacity that the preview may ask of anything in a set that is tried before the search.
What fails with little room is tried with more."""
MOST_TESTS_TO_GROW = 6
"""Tests spent on one failure, to rule out more with it."""
PER_PROJECT = 1e-3
"""Added to the cost of each project [millions of USD], so that of equal costs the fewest projects
are built."""
PER_PLACE = 1e-7
"""Added by place in the catalogue, so that ties have one answer."""


class Oracle(Protocol):
    """Who can tell of a set whether it reaches the target."""

    def judge(self, built: Built) -> Verdict:
        """Return the verdict on *built*."""

    def seems_to_fail(self, built: Built, room: float = 1.0) -> bool:
        """Return whether a quick look says that *built* fails; it may be wrong either way.

        *room* is the share of its capacity that it may ask of anything, or as much as everything
        together asks of it.
        """

    def helping(self, built: Built) -> Collection[str]:
        """Return the projects that may help against what *built* fails of; it may be wrong either
        way."""

    def failing(self) -> Iterable[Built]:
        """Return all sets that are known to fail."""

    @property
    def is_spent(self) -> bool:
        """Whether nothing more can be tested."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The end of a search."""

    best: Built | None
    """The cheapest set that reaches the target; none if none was found."""
    bound_musd: float
    """No set that is cheaper reaches it; infinite where no set does at all."""
    undecided: tuple[Built, ...] = ()
    """Sets that are cheaper and that could not be decided."""
    was_cut_short: bool = False
    """Whether the budget ended before the search."""


def cheapest(
    choices: Choices, universe: Built, failing: Iterable[Built], forced: Built = frozenset()
) -> Built | None:
    """Return the cheapest closed set in *universe* that no failing set holds, with all *forced*;
    None if there is none.

    Raises
    ------
    ValueError
        The solver did not end.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    names = choices.ordered(universe)
    rows: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = []
    least: list[float] = []
    for failed in failing:
        outside = np.array([float(name not in failed) for name in names])
        if not outside.any():
            return None
        rows.append(outside)
        least.append(1.0)
    if not names:
        return frozenset()
    upper = np.ones(len(names))
    for column, name in enumerate(names):
        for need in choices.candidates[name].needs:
            if need not in universe:
                upper[column] = 0.0
                continue
            row = np.zeros(len(names))
            row[names.index(need)], row[column] = 1.0, -1.0
            rows.append(row)
            least.append(0.0)
    lower = np.array([float(name in forced) for name in names])
    cost = [
        choices.candidates[name].capital.musd + PER_PROJECT + PER_PLACE * place
        for place, name in enumerate(names)
    ]
    limits = LinearConstraint(np.array(rows), lb=np.array(least)) if rows else ()
    found = milp(
        cost, integrality=np.ones(len(names)), bounds=Bounds(lower, upper), constraints=limits
    )
    if found.status == 2:
        return None
    if found.x is None:
        raise ValueError(found.message)
    return frozenset(name for name, x in zip(names, found.x, strict=True) if x > 0.5)


def grow(
    choices: Choices,
    failed: Built,
    others: Sequence[str],
    fails: Callable[[Built], bool],
    most: int,
) -> Built:
    """Return a failing set that holds *failed* and as many *others* as at most so many tests can
    show, by halving."""
    left = most

    def add(base: Built, more: Sequence[str]) -> Built:
        nonlocal left
        larger = choices.closed(base | set(more))
        if larger == base or not more or left <= 0:
            return base
        left -= 1
        if fails(larger):
            return larger
        if len(more) == 1:
            return base
        half = len(more) // 2
        return add(add(base, more[:half]), more[half:])

    # All at once is the universe, which is known not to fail.
    half = len(others) // 2
    return add(add(failed, others[:half]), others[half:]) if len(others) > 1 else failed


def propose(choices: Choices, oracle: Oracle, universe: Built, room: float) -> Built | None:
    """Return the cheapest set that by a quick look does not fail with so much *room*, without a
    test of any."""
    failing = [*oracle.failing()]
    while True:
        chosen = cheapest(choices, universe, failing)
        if chosen is None or not oracle.seems_to_fail(chosen, room):
            return chosen
        others = [name for name in choices.ordered(universe) if name not in chosen]
        failing.append(
            grow(
                choices,
                chosen,
                others,
                lambda built: oracle.seems_to_fail(built, room),
                10 * len(others),
            )
        )


def first_guess(choices: Choices, oracle: Oracle, universe: Built) -> Built | None:
    """Return a set that reaches the target, of those that the quick look proposes; none if none of
    them does."""
    for room in ROOM:
        if oracle.is_spent:
            break
        likely = propose(choices, oracle, universe, room)
        if likely is not None and oracle.judge(likely) == "reaches":
            return likely
    return None


def search(
    choices: Choices, oracle: Oracle, universe: Built, *, forced: Built = frozenset()
) -> SearchResult:
    """Find the cheapest set within *universe*, with all *forced*, that reaches the target."""
    undecided: list[Built] = []
    doubted: set[Built] = set()
    while True:
        chosen = cheapest(choices, universe, [*oracle.failing(), *undecided], forced)
        if chosen is None:
            return SearchResult(None, float("inf"), tuple(undecided))
        bound = choices.capital(chosen).musd
        if chosen not in doubted and oracle.seems_to_fail(chosen):
            # The quick look proposes the largest set it thinks too little, and the test has the
            # say.
            others = [name for name in choices.ordered(universe) if name not in chosen]
            largest = grow(choices, chosen, others, oracle.seems_to_fail, 10 * len(others))
            if largest != chosen and oracle.judge(largest) == "fails":
                continue
            doubted.add(chosen)
        verdict = oracle.judge(chosen)
        if verdict == "reaches":
            return SearchResult(chosen, bound, tuple(undecided))
        if oracle.is_spent:
            return SearchResult(None, bound, tuple(undecided), was_cut_short=True)
        if verdict == "undecided":
            undecided.append(chosen)
            continue
        _rule_out_more(choices, oracle, universe, chosen)


def _rule_out_more(choices: Choices, oracle: Oracle, universe: Built, failed: Built) -> None:
    """Test larger sets than *failed*: first all that is not thought to help, then halves of the
    rest."""
    helping = oracle.helping(failed)
    others = [name for name in choices.ordered(universe) if name not in failed]
    idle, rest = [n for n in others if n not in helping], [n for n in others if n in helping]

    def fails(built: Built) -> bool:
        return oracle.judge(built) == "fails"

    base = choices.closed(failed | set(idle))
    if base not in (failed, universe) and fails(base):
        grow(choices, base, rest, fails, MOST_TESTS_TO_GROW - 1)
    elif len(others) > 1:
        grow(choices, failed, [*idle, *rest], fails, MOST_TESTS_TO_GROW)
