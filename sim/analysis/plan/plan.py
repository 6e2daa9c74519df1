"""A plan: the cheapest projects that reach a target, in which order, and what is known of the rest.

A catalogue of twenty projects has a million sets. They are searched in order of capital
(`sim.analysis.plan.search`), each set is judged by simulation at the target demand
(`sim.analysis.plan.judge`), the preview only proposes what to rule out. The budget is a number of
replications; what it does not reach is undecided, and says so. Everything is as if the projects
were in service from the first day, under a steady demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isfinite

import pandas as pd

from sim.analysis.plan.choices import Built, Choices, choices_of
from sim.analysis.plan.judge import LOOKS, P90, AtScale, Case, Judge, Judgement
from sim.analysis.plan.ladder import Due, Rung, ladder, timeline
from sim.analysis.plan.search import Found, Verdict, first_guess, search
from sim.analysis.plan.target import Target, read_target
from sim.analysis.plan.worth import (
    CARRIED,
    OFFERED,
    Effect,
    Reach,
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


@dataclass(frozen=True, repr=False)
class Plan:
    """What to build."""

    scenario: Scenario
    target: Target
    p90_days: float | None
    choices: Choices
    seed: int
    budget: int
    found: Found
    chosen: Built | None
    """The cheapest set that is known to reach the target."""
    is_cheapest: bool
    """Whether every cheaper set is known to fail, so that it is the answer and no upper bound."""
    everything: Judgement
    """On all projects together, at the target."""
    reached_scale: float
    """Highest rung that some set is known to carry; the set of the ladder is chosen for it. 0: not
    even the first."""
    rungs: tuple[Rung, ...]
    reaches: tuple[Reach, ...]
    effects: tuple[Effect, ...]
    regrets: tuple[Regret, ...]
    due: tuple[Due, ...]
    growth: float
    base_year: int
    judge: Judge
    """All verdicts, and the numbers behind them."""

    @property
    def verdict(self) -> Verdict:
        """``reaches``: a set is known to. ``fails``: no set does. ``undecided``: the budget does
        not tell."""
        if self.chosen is not None:
            return "reaches"
        return "fails" if self.everything.verdict == "fails" else "undecided"

    @property
    def best(self) -> Built:
        """The chosen set, or where none reaches the target, that for the highest rung that one
        does."""
        return (
            self.chosen
            if self.chosen is not None
            else self.rungs[-1].built
            if self.rungs
            else frozenset()
        )

    def table(self) -> pd.DataFrame:
        """Return the projects of the plan in order: ``project, title, rung, due, opens, late_years,
        capital_musd, capital_low, capital_high, is_assumed``."""
        rows = []
        for due in self.due:
            candidate = self.choices.candidates[due.project]
            cost = candidate.capital
            rows.append(
                {
                    "project": due.project,
                    "title": candidate.title,
                    "rung": due.scale,
                    "due": due.year,
                    "opens": None if due.opens is None else due.opens.isoformat(),
                    "late_years": due.late_years,
                    "capital_musd": cost.musd,
                    "capital_low": cost.low,
                    "capital_high": cost.high,
                    "is_assumed": bool(cost.assumed),
                }
            )
        columns = ["project", "title", "rung", "due", "opens", "late_years", "capital_musd"]
        return pd.DataFrame(rows, columns=[*columns, "capital_low", "capital_high", "is_assumed"])

    def ladder(self) -> pd.DataFrame:
        """Return a row for each rung: ``scale, kt_per_year, projects, new, capital_musd,
        capital_low, capital_high, verdict``."""
        rows = []
        before: Built = frozenset()
        once = self.target.tonnes_per_year / self.target.scale
        for rung in self.rungs:
            cost = self.choices.capital(rung.built)
            is_open = not rung.is_decided or (
                rung.scale == self.target.scale and not self.is_cheapest
            )
            rows.append(
                {
                    "scale": rung.scale,
                    "kt_per_year": rung.scale * once / 1000,
                    "projects": len(rung.built),
                    "new": _listed(self.choices, rung.built - before),
                    **dict(
                        zip(("capital_musd", "capital_low", "capital_high"), cost[:3], strict=True)
                    ),
                    "verdict": "upper bound" if is_open else "decided",
                }
            )
            before = rung.built
        columns = [
            "scale",
            "kt_per_year",
            "projects",
            "new",
            "capital_musd",
            "capital_low",
            "capital_high",
            "verdict",
        ]
        return pd.DataFrame(rows, columns=columns)

    def frontier(self) -> pd.DataFrame:
        """Return capital against what it buys: ``built, projects, capital_musd, multiple_low,
        multiple_high, p90_scale, p90_days, p90_low, p90_high``."""
        rows = []
        for reach in self.reaches:
            low = reach.low or float("nan")
            high = reach.high if isfinite(reach.high) else float("nan")
            rows.append(
                (
                    _listed(self.choices, reach.built) or "nothing",
                    len(reach.built),
                    self.choices.capital(reach.built).musd,
                    *(low, high, reach.p90_scale, *reach.p90_days),
                )
            )
        head = ["built", "projects", "capital_musd", "multiple_low", "multiple_high", "p90_scale"]
        return pd.DataFrame(rows, columns=[*head, "p90_days", "p90_low", "p90_high"])

    def transit(self) -> pd.DataFrame:
        """Return all sets that are known to reach the target by capital: ``built, capital_musd,
        p90_days, p90_low, p90_high, n``."""
        rows = []
        for case in self.judge.known:
            if (
                case.scale == self.target.scale
                and not case.stress
                and self.judge.verdict(case).verdict == "reaches"
            ):
                cost, n = self.choices.capital(case.built).musd, len(self.judge.seen(case))
                rows.append(
                    (
                        _listed(self.choices, case.built) or "nothing",
                        cost,
                        *self.judge.mean(case, P90),
                        n,
                    )
                )
        columns = ["built", "capital_musd", "p90_days", "p90_low", "p90_high", "n"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            ["capital_musd", "built"], ignore_index=True
        )

    def worth(self) -> pd.DataFrame:
        """Return what each project does at the target: ``project, beside, carried_t, carried_low,
        carried_high, p90_days, p90_low, p90_high, n, verdict``."""
        rows = [
            (one.project, one.beside, *one.carried_t, *one.p90_days, one.n, one.verdict)
            for one in self.effects
        ]
        columns = [
            "project",
            "beside",
            "carried_t",
            "carried_low",
            "carried_high",
            "p90_days",
            "p90_low",
            "p90_high",
        ]
        return pd.DataFrame(rows, columns=[*columns, "n", "verdict"])

    def regret(self) -> pd.DataFrame:
        """Return what is regretted in other futures: ``future, scale, verdict, because,
        shortfall_t, shortfall_low, shortfall_high, best, best_is, extra_musd``."""
        rows = [
            (
                *(one.future, one.scale, one.verdict, ", ".join(one.because[:3]), *one.shortfall_t),
                None if one.best is None else _listed(self.choices, one.best) or "nothing",
                *(one.best_is, one.extra_musd),
            )
            for one in self.regrets
        ]
        columns = [
            "future",
            "scale",
            "verdict",
            "because",
            "shortfall_t",
            "shortfall_low",
            "shortfall_high",
        ]
        return pd.DataFrame(rows, columns=[*columns, "best", "best_is", "extra_musd"])

    def judged(self) -> pd.DataFrame:
        """Return every verdict in the order of the search: ``built, scale, stress, capital_musd,
        verdict, because, n, carried_t, carried_low, carried_high, offered_t``."""
        rows = []
        for case, found in self.judge.known.items():
            carried, (offered, _, _) = (
                self.judge.mean(case, CARRIED),
                self.judge.mean(case, OFFERED),
            )
            cost = self.choices.capital(case.built).musd
            built = _listed(self.choices, case.built) or "nothing"
            because = ", ".join(found.because[:3])
            rows.append(
                (
                    built,
                    case.scale,
                    case.stress,
                    cost,
                    found.verdict,
                    because,
                    found.n,
                    *carried,
                    offered,
                )
            )
        columns = ["built", "scale", "stress", "capital_musd", "verdict", "because", "n"]
        return pd.DataFrame(
            rows, columns=[*columns, "carried_t", "carried_low", "carried_high", "offered_t"]
        )

    def __repr__(self) -> str:
        return f"<Plan of {self.scenario.name!r} for {self.target.text}: {self.verdict}, {len(self.best)} projects>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"{escape(repr(self))}<br>{self.table().to_html(index=False)}{self.ladder().to_html(index=False)}"


def _listed(choices: Choices, built: Built) -> str:
    return ", ".join(choices.ordered(built))


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
    on_verdict: Callable[[Case, Judgement], object] = lambda _case, _judgement: None,
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
    judge: Judge, goal: Target, growth: float, base_year: int, stresses: Sequence[str]
) -> Plan:
    choices = judge.choices
    judge.allow(SHARES["search"])
    judge.judge([Case(choices.everything, goal.scale)])
    everything = judge.verdict(Case(choices.everything, goal.scale))
    found = Found(None, float("inf"))
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


def _searched(judge: Judge, scale: float) -> Found:
    """Search for the cheapest set, after a try of what the preview takes for one: a bound, if the
    budget is short."""
    oracle, everything = AtScale(judge, scale), judge.choices.everything
    first_guess(judge.choices, oracle, everything)
    judge.go_on()
    return search(judge.choices, oracle, everything)


def _cheapest_known(judge: Judge, scale: float) -> Built | None:
    """Return the cheapest set that was found to reach *scale*, where the search did not end."""
    sets = [
        case.built
        for case in judge.known
        if judge.verdict(Case(case.built, scale)).verdict == "reaches"
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
        judge.judge([Case(everything, scales[place])])
        if judge.verdict(Case(everything, scales[place])).verdict == "reaches":
            found = _searched(judge, scales[place])
            best = found.best if found.best is not None else _cheapest_known(judge, scales[place])
            return best if best is not None else everything, tuple(scales[: place + 1])
    return frozenset(), ()
