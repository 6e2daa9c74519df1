"""What can be chosen from: the projects of a catalogue that are not built yet, with their capital
and what they need.

A project whose cost nobody published is no gift: it counts at an assumed cost, and every sum says
how much of it is assumed. One that others pay for (``external_cost``) is none either: it would
always come first, at no capital, and what it takes from others would break the rule that more
projects never do worse. The same rule is broken by one that limits what it does not enlarge, such
as a timetable with fewer departures than all ships of the catalogue could make. Such projects are
left out, and said to be; who wants one all the same names it in ``projects``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from math import fsum
from statistics import median
from typing import Any, NamedTuple, TypeAlias

from sim.analysis.loads import loads_of
from sim.errors import UsageError
from sim.spec.load import Scenario
from sim.spec.merge import leaves

Built: TypeAlias = frozenset[str]
"""A set of projects."""

STEPS = ("plus", "times")
TIGHT = 0.85
"""Share of what a resource can do, by the preview, above which it may be too little: storms, rules
of departure and full decks take what the preview does not know of."""


class Capital(NamedTuple):
    """Capital cost [millions of USD]."""

    musd: float
    low: float
    high: float
    assumed: float = 0.0
    """Part of ``musd`` that no source tells."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A project that can be chosen."""

    id: str
    title: str
    needs: tuple[str, ...]
    """What must be chosen with it."""
    opens: date | None
    capital: Capital
    adds_vessels: bool


@dataclass(frozen=True)
class Choices:
    """All candidates, each after what it needs."""

    scenario: Scenario
    candidates: Mapping[str, Candidate]
    assumed_musd: float
    """What a project without a published cost counts [millions of USD]."""
    left_out: Mapping[str, str]
    """Projects that are not to choose from, and why."""

    @property
    def everything(self) -> Built:
        """All of them."""
        return frozenset(self.candidates)

    def ordered(self, built: Iterable[str]) -> tuple[str, ...]:
        """Return *built* in the order in which it can be built."""
        chosen = frozenset(built)
        return tuple(name for name in self.candidates if name in chosen)

    def closed(self, built: Iterable[str]) -> Built:
        """Return the largest part of *built* that has all that it needs."""
        kept: set[str] = set()
        for name in self.ordered(built):
            if all(need in kept for need in self.candidates[name].needs):
                kept.add(name)
        return frozenset(kept)

    def with_needs(self, built: Iterable[str]) -> Built:
        """Return *built* with all that it needs."""
        wanted = set(built)
        for name in reversed(list(self.candidates)):
            if name in wanted:
                wanted.update(self.candidates[name].needs)
        return frozenset(wanted)

    def capital(self, built: Iterable[str]) -> Capital:
        """Return the capital of *built*; the ends of its range are the sums of the ends."""
        parts = [self.candidates[name].capital for name in self.ordered(built)]
        return (
            Capital(*(fsum(column) for column in zip(*parts, strict=True)))
            if parts
            else Capital(0, 0, 0)
        )

    def changes(self, built: Built, scale: float, stress: str = "") -> dict[str, Any]:
        """Return what makes the scenario one in which *built* is in service from the first day,
        under steady demand."""
        spec = self.scenario.spec
        projects = [*spec.projects, *self.ordered(built)]
        horizon = spec.horizon
        changes: dict[str, Any] = {
            f"project_catalogue.{name}.opens": None
            for name in projects
            if (opens := spec.project_catalogue[name].opens) is not None and opens > horizon.start
        }
        changes |= {"projects": projects, "demand.scale": scale}
        if spec.demand.growth_per_year:
            changes["demand.growth_per_year"] = 0
        if stress:
            changes["stress"] = [*spec.stress, stress]
        return changes

    def conflicts(self) -> tuple[str, ...]:
        """Return in words which projects set the same number to different values, so that the later
        one counts."""
        catalogue = self.scenario.spec.project_catalogue
        sets = {
            name: {
                path: value
                for path, value in leaves(catalogue[name].change)
                if path and path[-1] not in STEPS
            }
            for name in self.candidates
        }
        told = []
        for first, second in combinations(self.candidates, 2):
            both = [
                p for p in sets[first] if p in sets[second] and sets[first][p] != sets[second][p]
            ]
            # What a project sets anew after one that it needs is meant so.
            if both and first not in self.candidates[second].needs:
                where = ".".join(both[0])
                told.append(
                    f"{first} and {second} both set {where}; where both are built, {second} counts"
                )
        return tuple(told)


def choices_of(
    scenario: Scenario, assumed_musd: float | None = None, scale: float | None = None
) -> Choices:
    """Return what *scenario* leaves to be chosen.

    Parameters
    ----------
    assumed_musd
        What a project without a published cost counts; the median of the published ones, if nothing
        is said.
    scale
        Value of ``demand.scale`` at which no project may stand in the way of the others; without it
        none is asked.

    Raises
    ------
    UsageError
        There is nothing to choose from, or a project needs one that does not exist.
    """
    spec = scenario.spec
    if not spec.project_catalogue:
        what = "has no project_catalogue, so there is nothing to choose from"
        raise UsageError(
            f"{scenario.name} {what}; give it one (id: {{title, change, needs, capital_musd}})"
        )
    free = [name for name in spec.project_catalogue if name not in spec.projects]
    if not free:
        raise UsageError(
            f"{scenario.name} has built all projects of its catalogue; leave some out of 'projects'"
        )
    costs = {name: cost for name in free if (cost := spec.project_catalogue[name].external_cost)}
    paid = _with_those_in_need(
        scenario, free, {name: f"others would pay for it: {cost}" for name, cost in costs.items()}
    )
    if len(paid) == len(free):
        raise UsageError(
            f"{scenario.name}: others pay for every project that is left; name in 'projects' what they accept"
        )
    choices = _choices(scenario, assumed_musd, free, paid)
    if scale is None:
        return choices
    left_out = dict(paid)
    while blocking := in_the_way(choices, scale):
        left_out = _with_those_in_need(scenario, free, left_out | blocking)
        if len(left_out) == len(free):
            raise UsageError(
                f"{scenario.name}: at {scale:g} times the demand every project that is left stands in the way "
                f"({next(iter(blocking.values()))}); name in 'projects' what is wanted all the same"
            )
        choices = _choices(scenario, assumed_musd, free, left_out)
    return choices


def _choices(
    scenario: Scenario,
    assumed_musd: float | None,
    free: Iterable[str],
    left_out: Mapping[str, str],
) -> Choices:
    spec = scenario.spec
    free = [name for name in free if name not in left_out]
    known = [
        cost for name in free if (cost := spec.project_catalogue[name].capital_musd) is not None
    ]
    if assumed_musd is None:
        assumed_musd = float(median(known)) if known else 1.0
    if assumed_musd < 0:
        raise UsageError(
            f"the capital of a project that nobody published cannot be below 0; got {assumed_musd:g}"
        )
    candidates = {
        name: _candidate(scenario, name, assumed_musd, known) for name in _in_order(scenario, free)
    }
    return Choices(scenario, candidates, assumed_musd, left_out)


def _with_those_in_need(
    scenario: Scenario, free: Iterable[str], left_out: Mapping[str, str]
) -> dict[str, str]:
    """Return *left_out* and what cannot be built without it."""
    catalogue, found = scenario.spec.project_catalogue, dict(left_out)
    while True:
        needing = {
            name: f"needs {need}"
            for name in free
            if name not in found
            for need in catalogue[name].needs
            if need in found
        }
        if not needing:
            return found
        found |= needing


def in_the_way(choices: Choices, scale: float) -> dict[str, str]:
    """Return the projects that, beside all others, relieve nothing and make the tightest resource
    tighter, and how.

    By the preview, where it asks more than `TIGHT` of something. Without such a project the
    corridor can do more than with it, so that "all projects" would be no upper bound of what can be
    reached. Two that set the same limit are not found: without either the other holds.
    """

    def ratios(built: Built) -> dict[str, float]:
        return loads_of(choices.scenario.with_(choices.changes(built, scale)))

    with_all = ratios(choices.everything)
    tightest = max(with_all, key=lambda resource: with_all[resource], default="")
    if with_all.get(tightest, 0.0) <= TIGHT:
        return {}
    found = {}
    for name in choices.candidates:
        others = choices.closed(choices.everything - {name})
        without = ratios(others)
        # What needs it has no say: it may be the one that stands in the way.
        beside = with_all if others | {name} == choices.everything else ratios(others | {name})
        relieves = any(
            ratio > beside.get(resource, 0.0) + 1e-9 for resource, ratio in without.items()
        )
        tighter, before = beside.get(tightest, 0.0), without.get(tightest, 0.0)
        if not relieves and tighter > before + 1e-9:
            found[name] = (
                f"beside all others it relieves nothing, and {tightest} is asked for {tighter:.2f} of what it can do, "
                f"{before:.2f} without it"
            )
    return found


def _in_order(scenario: Scenario, free: list[str]) -> Iterator[str]:
    """Yield the projects, each after what it needs, else as the catalogue has them."""
    spec, left = scenario.spec, list(free)
    ready = set(spec.projects)
    while left:
        name = next(
            (n for n in left if all(need in ready for need in spec.project_catalogue[n].needs)),
            None,
        )
        if name is None:
            missing = [f"{n} needs {', '.join(spec.project_catalogue[n].needs)}" for n in left]
            raise UsageError(
                f"these projects can never be built, for what they need is not there: {'; '.join(missing)}"
            )
        left.remove(name)
        ready.add(name)
        yield name


def _candidate(scenario: Scenario, name: str, assumed_musd: float, known: list[float]) -> Candidate:
    spec = scenario.spec.project_catalogue[name]
    needs = tuple(need for need in spec.needs if need not in scenario.spec.projects)
    if spec.capital_musd is None:
        ends = (min([*known, assumed_musd]), max([*known, assumed_musd]))
        capital = Capital(assumed_musd, *ends, assumed=assumed_musd)
    else:
        sourced = scenario.sources.get(("project_catalogue", name, "capital_musd"))
        low, high = (None, None) if sourced is None else (sourced.low, sourced.high)
        value = spec.capital_musd
        capital = Capital(
            value, value if low is None else float(low), value if high is None else float(high)
        )
    paths = [path for path, _ in leaves(spec.change)]
    adds_vessels = any(path[:1] == ("services",) and "vessels" in path for path in paths)
    return Candidate(name, spec.title, needs, spec.opens, capital, adds_vessels)
