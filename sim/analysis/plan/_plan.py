"""The process of a plan: search, ladder, effects, regret, reach, each within its share of the
budget.

Sets of projects are searched in order of capital (`sim.analysis.plan._search`), each set is judged
by simulation at the target demand (`sim.analysis.plan._judge`), the preview only proposes what to
rule out. The budget is a number of replications; what it does not decide is listed as undecided.
Everything is as if the projects were in service from the first day, under a steady demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from math import inf

from sim.analysis.plan._catalogue import choices_of
from sim.analysis.plan._choices import Built
from sim.analysis.plan._effects import effects
from sim.analysis.plan._judge import Budget, Judge
from sim.analysis.plan._ladder import NOTHING, DemandRung, ladder, timeline
from sim.analysis.plan._oracle import AtScale
from sim.analysis.plan._reach import reach_of
from sim.analysis.plan._regret import Regret, regrets
from sim.analysis.plan._result import Plan
from sim.analysis.plan._search import SearchResult, first_guess, search
from sim.analysis.plan._target import DemandTarget, read_target
from sim.analysis.plan._verdict import LOOKS, Judgement, Variant
from sim.errors import UsageError
from sim.runs.requests import check_replications_and_seed
from sim.runs.runner import Runner, runner_or_new
from sim.spec.load import Scenario
from sim.spec.messages import known_names

BUDGET = 120
"""Replications, by default."""
SHARES = {"search": 0.45, "ladder": 0.75, "effects": 0.87, "regret": 0.94, "reach": 1.0}
"""Share of the budget that may be used up to the end of each part."""
GROWTH = 0.13
"""Growth of demand a year for the timeline, if neither scenario nor user gives one: three times
from 2021 to 2030, as the World Bank expects of the corridor (evidence row M01), is 13 % a year."""
LOW_SEA = "low-sea"
"""Stress of the catalogue whose regret is reported by default."""


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
        Assumed capital of a project without a published one [millions of USD]; default, the median
        of the others.
    growth
        Of demand from year to year, for the timeline; default, that of the scenario, else 13 %.
    stresses
        Of the stress catalogue, whose regret is reported; default, ``low-sea`` if it is there.
    on_verdict
        Called after each look at a variant.

    Raises
    ------
    UsageError
        The target has another form or is less than today's demand; there is no catalogue; the
        horizon is too short.
    """
    _, seed = check_replications_and_seed(max(budget, 1), seed)
    _check(budget, p90_days)
    goal = read_target(target, scenario)
    choices = choices_of(scenario, assumed_musd, goal.scale)
    stresses = _checked_stresses(scenario, stresses)
    if growth is None:
        growth = scenario.spec.demand.growth_per_year or GROWTH
    horizon = scenario.spec.horizon
    base_year = (horizon.start + timedelta(days=horizon.warmup_days)).year
    with runner_or_new(runner) as active:
        judge = Judge(choices, seed, active, Budget(budget), p90_days, on_verdict)
        return _plan(judge, goal, growth, base_year, stresses)


def _check(budget: int, p90_days: float | None) -> None:
    if budget < LOOKS[0]:
        raise UsageError(
            f"the budget must allow {LOOKS[0]} replications, the first look at one set; got {budget}"
        )
    if p90_days is not None and not 0 < p90_days < 1000:
        raise UsageError(
            "the P90 transit time to be reached must lie between 0 and 1,000 days; "
            f"got {p90_days:g}"
        )


def _checked_stresses(scenario: Scenario, stresses: Sequence[str] | None) -> Sequence[str]:
    """Return *stresses*, or by default `LOW_SEA` if the scenario can have it."""
    spec = scenario.spec
    possible = [name for name in spec.stress_catalogue if name not in spec.stress]
    if stresses is None:
        return [LOW_SEA] if LOW_SEA in possible else []
    for stress in stresses:
        if stress not in possible:
            raise UsageError(
                f"{stress!r} is no stress that can be laid on {scenario.name} "
                f"{known_names(stress, possible)}"
            )
    return stresses


def _plan(
    judge: Judge, goal: DemandTarget, growth: float, base_year: int, stresses: Sequence[str]
) -> Plan:
    choices, budget = judge.choices, judge.budget
    everything = Variant(choices.everything, goal.scale)

    budget.allow(SHARES["search"])
    result = SearchResult(None, inf)
    if judge.decide(everything) == "reaches":
        result = _searched(judge, goal.scale)
    of_everything = judge.verdict(everything)
    is_cheapest = result.best is not None and not result.undecided
    chosen = result.best
    if chosen is None:
        chosen = _cheapest_known(judge, goal.scale)
    # Where no set is known to reach the target, the ladder ends at the highest rung that one does.
    top, scales = chosen, goal.rungs
    if top is None:
        top, scales = _highest(judge, goal.rungs)

    budget.allow(SHARES["ladder"])
    rungs = ladder(judge, top, scales) if scales else ()

    budget.allow(SHARES["effects"])
    project_effects = effects(judge, chosen, goal.scale, is_cheapest=is_cheapest)

    budget.allow(SHARES["regret"])
    regretted: tuple[Regret, ...] = ()
    if chosen is not None:
        regretted = regrets(judge, chosen, goal.scale, _low_demand(rungs), stresses)

    budget.allow(SHARES["reach"])
    sets = dict.fromkeys([NOTHING, *(rung.built for rung in rungs), choices.everything])
    reaches = tuple(reach_of(judge, built, goal.rungs) for built in sets)

    return Plan(
        scenario=choices.scenario,
        target=goal,
        p90_days=judge.p90_days,
        choices=choices,
        seed=judge.seed,
        budget=budget.total,
        search=result,
        chosen=chosen,
        is_cheapest=is_cheapest,
        everything=of_everything,
        reached_scale=scales[-1] if scales else 0.0,
        rungs=rungs,
        reaches=reaches,
        effects=project_effects,
        regrets=regretted,
        due=timeline(choices, rungs, growth, base_year),
        growth=growth,
        base_year=base_year,
        judge=judge,
    )


def _searched(judge: Judge, scale: float) -> SearchResult:
    """Search for the cheapest set, after a first guess by the preview: a bound, if the budget is
    short."""
    oracle, everything = AtScale(judge, scale), judge.choices.everything
    first_guess(judge.choices, oracle, everything)
    judge.budget.clear_refusal()
    return search(judge.choices, oracle, everything)


def _cheapest_known(judge: Judge, scale: float) -> Built | None:
    """Return the cheapest set that is known to reach *scale*, where the search did not end."""
    choices = judge.choices
    sets = [
        variant.built
        for variant in judge.verdicts
        if judge.verdict(Variant(variant.built, scale)).verdict == "reaches"
    ]

    def rank(built: Built) -> tuple[float, int, list[str]]:
        return choices.capital(built).musd, len(built), sorted(built)

    return min(sets, key=rank, default=None)


def _highest(judge: Judge, scales: Sequence[float]) -> tuple[Built, tuple[float, ...]]:
    """Return the cheapest set for the highest of *scales*, below the last, that all projects
    together carry, and the scales up to it."""
    everything = judge.choices.everything
    for last in range(len(scales) - 2, -1, -1):
        scale = scales[last]
        if judge.decide(Variant(everything, scale)) == "reaches":
            best = _searched(judge, scale).best
            if best is None:
                best = _cheapest_known(judge, scale)
            return everything if best is None else best, tuple(scales[: last + 1])
    return NOTHING, ()


def _low_demand(rungs: Sequence[DemandRung]) -> DemandRung | None:
    """Return the middle rung, if there is one and its set is decided."""
    middle = rungs[len(rungs) // 2]
    return middle if middle.is_decided and len(rungs) > 1 else None
