"""The plan: what to build, with its tables."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import pandas as pd

from sim.analysis.plan._choices import Built, Choices
from sim.analysis.plan._judge import P90, Judge, Judgement
from sim.analysis.plan._ladder import DemandRung, Due
from sim.analysis.plan._search import SearchResult, Verdict
from sim.analysis.plan._target import DemandTarget
from sim.analysis.plan._worth import CARRIED, OFFERED, ProjectEffect, Reach, Regret
from sim.spec.load import Scenario


@dataclass(frozen=True, repr=False)
class Plan:
    """What to build."""

    scenario: Scenario
    target: DemandTarget
    p90_days: float | None
    choices: Choices
    seed: int
    budget: int
    found: SearchResult
    chosen: Built | None
    """The cheapest set that is known to reach the target."""
    is_cheapest: bool
    """Whether every cheaper set is known to fail, so that it is the answer and no upper bound."""
    everything: Judgement
    """On all projects together, at the target."""
    reached_scale: float
    """Highest rung that some set is known to carry; the set of the ladder is chosen for it. 0: not
    even the first."""
    rungs: tuple[DemandRung, ...]
    reaches: tuple[Reach, ...]
    effects: tuple[ProjectEffect, ...]
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
        for variant in self.judge.known:
            if (
                variant.scale == self.target.scale
                and not variant.stress
                and self.judge.verdict(variant).verdict == "reaches"
            ):
                cost, n = self.choices.capital(variant.built).musd, len(self.judge.seen(variant))
                rows.append(
                    (
                        _listed(self.choices, variant.built) or "nothing",
                        cost,
                        *self.judge.mean(variant, P90),
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
        for variant, found in self.judge.known.items():
            carried, (offered, _, _) = (
                self.judge.mean(variant, CARRIED),
                self.judge.mean(variant, OFFERED),
            )
            cost = self.choices.capital(variant.built).musd
            built = _listed(self.choices, variant.built) or "nothing"
            because = ", ".join(found.because[:3])
            rows.append(
                (
                    built,
                    variant.scale,
                    variant.stress,
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
