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
from math import inf
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sim.analysis.plan._choices import Built, Choices
from sim.analysis.plan._verdict import Verdict

ROOM = (0.7, 0.55, 0.4)
"""Shares of capacity that the preview may ask of anything in a set that is tried before the search.
What fails with little room is tried with more."""
MOST_TESTS_TO_GROW = 6
"""Tests spent on one failure, to rule out more with it."""
QUICK_LOOKS_TO_GROW = 10
"""Quick looks spent on one set for each project outside of it; they cost nothing but time."""
PER_PROJECT = 1e-3
"""Added to the cost of each project [millions of USD], so that of equal costs the fewest projects
are built."""
PER_PLACE = 1e-7
"""Added by place in the catalogue, so that ties have one answer."""
INFEASIBLE = 2
"""Status of `scipy.optimize.milp`."""

Row: TypeAlias = NDArray[np.float64]


class Oracle(Protocol):
    """What can say of a set whether it reaches the target."""

    def verdict(self, built: Built) -> Verdict:
        """Test *built* and return the verdict."""

    def seems_to_fail(self, built: Built, room: float = 1.0) -> bool:
        """Return whether a quick look says that *built* fails; it may be wrong either way.

        *room* is the share of its capacity that the set may ask of anything, or as much as
        everything together asks of it.
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


def search(
    choices: Choices, oracle: Oracle, universe: Built, *, forced: Built = frozenset()
) -> SearchResult:
    """Find the cheapest set within *universe*, with all *forced*, that reaches the target.

    Propose the cheapest set that is not ruled out; test it; if it fails, rule out more with it; and
    again, until one reaches the target, none is left, or nothing more can be tested.
    """
    undecided: list[Built] = []
    doubted: set[Built] = set()
    while True:
        chosen = cheapest(choices, universe, [*oracle.failing(), *undecided], forced)
        if chosen is None:
            return SearchResult(None, inf, tuple(undecided))
        bound = choices.capital(chosen).musd
        if chosen not in doubted and oracle.seems_to_fail(chosen):
            doubted.add(chosen)
            if _larger_set_fails(choices, oracle, universe, chosen):
                continue
        verdict = oracle.verdict(chosen)
        if verdict == "reaches":
            return SearchResult(chosen, bound, tuple(undecided))
        if oracle.is_spent:
            return SearchResult(None, bound, tuple(undecided), was_cut_short=True)
        if verdict == "undecided":
            undecided.append(chosen)
        else:
            _rule_out_more(choices, oracle, universe, chosen)


def _larger_set_fails(choices: Choices, oracle: Oracle, universe: Built, chosen: Built) -> bool:
    """Test the largest set with *chosen* that a quick look takes for too little."""
    largest = _grown_by_quick_looks(choices, oracle, universe, chosen, room=1.0)
    return largest != chosen and oracle.verdict(largest) == "fails"


def _rule_out_more(choices: Choices, oracle: Oracle, universe: Built, failed: Built) -> None:
    """Test larger sets than *failed*: first with all that may not help, then with halves of the
    rest."""
    helping = oracle.helping(failed)
    others = [name for name in choices.ordered(universe) if name not in failed]
    idle = [name for name in others if name not in helping]
    rest = [name for name in others if name in helping]

    def fails(built: Built) -> bool:
        return oracle.verdict(built) == "fails"

    base = choices.closed(failed | set(idle))
    if base not in (failed, universe) and fails(base):
        grow(choices, base, rest, fails, MOST_TESTS_TO_GROW - 1)
    elif len(others) > 1:
        grow(choices, failed, [*idle, *rest], fails, MOST_TESTS_TO_GROW)


def first_guess(choices: Choices, oracle: Oracle, universe: Built) -> Built | None:
    """Return a set that reaches the target, near to the cheapest: the preview proposes, a test
    decides."""
    for room in ROOM:
        if oracle.is_spent:
            break
        proposed = _propose(choices, oracle, universe, room)
        if proposed is not None and oracle.verdict(proposed) == "reaches":
            return proposed
    return None


def _propose(choices: Choices, oracle: Oracle, universe: Built, room: float) -> Built | None:
    """Return the cheapest set that by quick looks alone does not fail with so much *room*."""
    failing = [*oracle.failing()]
    while True:
        chosen = cheapest(choices, universe, failing)
        if chosen is None or not oracle.seems_to_fail(chosen, room):
            return chosen
        failing.append(_grown_by_quick_looks(choices, oracle, universe, chosen, room))


def _grown_by_quick_looks(
    choices: Choices, oracle: Oracle, universe: Built, chosen: Built, room: float
) -> Built:
    others = [name for name in choices.ordered(universe) if name not in chosen]

    def fails(built: Built) -> bool:
        return oracle.seems_to_fail(built, room)

    return grow(choices, chosen, others, fails, QUICK_LOOKS_TO_GROW * len(others))


def grow(
    choices: Choices,
    failed: Built,
    others: Sequence[str],
    fails: Callable[[Built], bool],
    most: int,
) -> Built:
    """Return a failing set that holds *failed* and as many *others* as *most* tests can show, by
    halving."""
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
        return add_halves(base, more)

    def add_halves(base: Built, more: Sequence[str]) -> Built:
        half = len(more) // 2
        return add(add(base, more[:half]), more[half:])

    if len(others) <= 1:
        return failed
    # All at once is the universe, which is known not to fail.
    return add_halves(failed, others)


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
    outside = [np.array([float(name not in failed) for name in names]) for failed in failing]
    if not all(row.any() for row in outside):
        # A failing set holds all projects there are.
        return None
    if not names:
        return frozenset()
    needs, possible = _needs(choices, names)
    rows = [*outside, *needs]
    # At least one project outside of each failing set; of each project and its need, the need too.
    least = [1.0] * len(outside) + [0.0] * len(needs)
    lower = np.array([float(name in forced) for name in names])
    solution = milp(
        _costs(choices, names),
        integrality=np.ones(len(names)),
        bounds=Bounds(lower, possible),
        constraints=LinearConstraint(np.array(rows), lb=np.array(least)) if rows else (),
    )
    if solution.status == INFEASIBLE:
        return None
    if solution.x is None:
        raise ValueError(solution.message)
    return frozenset(name for name, x in zip(names, solution.x, strict=True) if x > 0.5)


def _needs(choices: Choices, names: Sequence[str]) -> tuple[list[Row], Row]:
    """Return a row for each need of a project, 1 at the need and -1 at the project, and by project
    whether all its needs are there (1) or not (0)."""
    rows = []
    possible = np.ones(len(names))
    for column, name in enumerate(names):
        for need in choices.candidates[name].needs:
            if need not in names:
                possible[column] = 0.0
                continue
            row = np.zeros(len(names))
            row[names.index(need)] = 1.0
            row[column] = -1.0
            rows.append(row)
    return rows, possible


def _costs(choices: Choices, names: Sequence[str]) -> list[float]:
    return [
        choices.candidates[name].capital.musd + PER_PROJECT + PER_PLACE * place
        for place, name in enumerate(names)
    ]
