"""A plan: the cheapest projects that reach a target, in which order, and what is known of the rest.

A catalogue of twenty projects has a million sets. They are searched in order of capital
(`sim.analysis.plan._search`), each set is judged by simulation at the target demand
(`sim.analysis.plan._judge`), the preview only proposes what to rule out. The budget is a number of
replications; what it does not reach is undecided, and says so. Everything is as if the projects
were in service from the first day, under a steady demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sim.analysis.plan._choices import Built, choices_of
from sim.analysis.plan._judge import LOOKS, AtScale, Judge, Judgement, Variant
from sim.analysis.plan._ladder import ladder, timeline
from sim.analysis.plan._result import Plan
from sim.analysis.plan._search import SearchResult, first_guess, search
from sim.analysis.plan._target import DemandTarget, read_target
from sim.analysis.plan._worth import (
    Regret,
    effects,
    reach_of,
    regrets,
)
from sim.errors import UsageError
from sim.runs.runner import Runner, check_replications_and_seed, runner_or_new
from sim.spec.load import Scenario

BUDGET = 120
"""Replications, if nobody says how many."""
SHARES = {"search": 0.45, "ladder": 0.75, "worth": 0.87, "regret": 0.94, "frontier": 1.0}
"""Share of the budget that may be used up to the end of each part."""
GROWTH = 0.13
"""Growth of demand a year for the timeline, if neither scenario nor user says one: three times from
2021 to 2030, as the World Bank expects of the corridor (evidence row M01), is 13 % a year."""
LOW_SEA = "low-sea"
"""Stress of the catalogue that regret is asked for, if nobody says which."""


def plan(
    scenario: Scenario,
    target: str | None = None,
    *,
    p90_days: float | None = None,
    budget: int = BUDGET,
    assumed_musd: float | None = None,
    growth: float | None = None,
    stresses: Sequence[str] | None = None,
    seed: int = 1,
    runner: Runner | None = None,
    on_verdict: Callable[[Variant, Judgement], object] = lambda _variant, _judgement: None,
) -> Plan:
    """Find the cheapest projects with which *scenario* reaches a target.

    Parameters
    ----------
    target
        ``5x``: the demand at ``demand.scale`` 5. ``10Mt``: net tonnes a year. Without it, the
        demand as it is.
    p90_days
        Also keep the P90 transit time at most so long.
    budget
        Replications that may be used.
    assumed_musd
        Capital of a project that nobody published [millions of USD]; the median of the others, if
        nothing is said.
    growth
        Of demand from year to year, for the timeline; that of the scenario, else 13 %.
    stresses
        Of the stress catalogue, for which regret is told; ``low-sea`` if there is such a one.

    Raises
    ------
    UsageError
        The target has no form that is known or is less than today's; there is no catalogue; the
        horizon is too short.
    """
    check_replications_and_seed(max(budget, 1), seed)
    if budget < LOOKS[0]:
        raise UsageError(
            f"the budget must allow {LOOKS[0]} replications, the first look at one set; got {budget}"
        )
    if p90_days is not None and not 0 < p90_days < 1000:
        raise UsageError(
            f"the P90 transit time to be reached must lie between 0 and 1,000 days; got {p90_days:g}"
        )
    goal = read_target(target, scenario)
    choices = choices_of(scenario, assumed_musd, goal.scale)
    spec = scenario.spec
    if stresses is None:
        stresses = (
            [LOW_SEA] if LOW_SEA in spec.stress_catalogue and LOW_SEA not in spec.stress else []
        )
    unknown = [
        stress
        for stress in stresses
        if stress not in spec.stress_catalogue or stress in spec.stress
    ]
    if unknown:
        known = (
            ", ".join(name for name in spec.stress_catalogue if name not in spec.stress) or "none"
        )
        raise UsageError(
            f"{unknown[0]!r} is no stress that can be laid on {scenario.name} (known: {known})"
        )
    growth = growth if growth is not None else spec.demand.growth_per_year or GROWTH
    first_day = spec.horizon.start + timedelta(days=spec.horizon.warmup_days)
    with runner_or_new(runner) as active:
        judge = Judge(choices, seed, active, budget, p90_days, on_verdict)
        return _plan(judge, goal, growth, first_day.year, stresses)


def _plan(
    judge: Judge, goal: DemandTarget, growth: float, base_year: int, stresses: Sequence[str]
) -> Plan:
    choices = judge.choices
    judge.allow(SHARES["search"])
    judge.judge([Variant(choices.everything, goal.scale)])
    everything = judge.verdict(Variant(choices.everything, goal.scale))
    found = SearchResult(None, float("inf"))
    if everything.verdict == "reaches":
        found = _searched(judge, goal.scale)
    is_cheapest = found.best is not None and not found.undecided
    chosen = found.best if found.best is not None else _cheapest_known(judge, goal.scale)
    best, scales = (chosen, goal.rungs) if chosen is not None else _highest(judge, goal.rungs)
    judge.allow(SHARES["ladder"])
    rungs = ladder(judge, best, scales) if scales else ()
    judge.allow(SHARES["worth"])
    worth = effects(judge, chosen, goal.scale, is_cheapest=is_cheapest)
    judge.allow(SHARES["regret"])
    regretted: tuple[Regret, ...] = ()
    if chosen is not None:
        middle = rungs[len(rungs) // 2]
        low = (middle.scale, middle.built) if middle.is_decided and len(rungs) > 1 else None
        regretted = regrets(judge, chosen, goal.scale, low, stresses)
    judge.allow(SHARES["frontier"])
    sets = dict.fromkeys([frozenset[str](), *(rung.built for rung in rungs), choices.everything])
    reaches = tuple(reach_of(judge, built, goal.rungs) for built in sets)
    return Plan(
        scenario=choices.scenario,
        target=goal,
        p90_days=judge.p90_days,
        choices=choices,
        seed=judge.seed,
        budget=judge.budget,
        found=found,
        chosen=chosen,
        is_cheapest=is_cheapest,
        everything=everything,
        reached_scale=scales[-1] if scales else 0.0,
        rungs=rungs,
        reaches=reaches,
        effects=worth,
        regrets=regretted,
        due=timeline(choices, rungs, growth, base_year),
        growth=growth,
        base_year=base_year,
        judge=judge,
    )


def _searched(judge: Judge, scale: float) -> SearchResult:
    """Search for the cheapest set, after a try of what the preview takes for one: a bound, if the
    budget is short."""
    oracle, everything = AtScale(judge, scale), judge.choices.everything
    first_guess(judge.choices, oracle, everything)
    judge.go_on()
    return search(judge.choices, oracle, everything)


def _cheapest_known(judge: Judge, scale: float) -> Built | None:
    """Return the cheapest set that was found to reach *scale*, where the search did not end."""
    sets = [
        variant.built
        for variant in judge.known
        if judge.verdict(Variant(variant.built, scale)).verdict == "reaches"
    ]
    return min(
        sets,
        key=lambda built: (judge.choices.capital(built).musd, len(built), sorted(built)),
        default=None,
    )


def _highest(judge: Judge, scales: Sequence[float]) -> tuple[Built, tuple[float, ...]]:
    """Return the cheapest set for the highest of *scales* that all projects together carry, and the
    scales up to it."""
    everything = judge.choices.everything
    for place in range(len(scales) - 2, -1, -1):
        judge.judge([Variant(everything, scales[place])])
        if judge.verdict(Variant(everything, scales[place])).verdict == "reaches":
            found = _searched(judge, scales[place])
            best = found.best if found.best is not None else _cheapest_known(judge, scales[place])
            return best if best is not None else everything, tuple(scales[: place + 1])
    return frozenset(), ()
