"""The plan: what to build, with its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from math import isfinite, nan
from typing import Any

import pandas as pd

from sim.analysis.plan._choices import Built, Capital, Choices
from sim.analysis.plan._effects import ProjectEffect
from sim.analysis.plan._judge import CARRIED, OFFERED, Judge
from sim.analysis.plan._ladder import NOTHING, DemandRung, Due
from sim.analysis.plan._reach import Reach
from sim.analysis.plan._regret import Regret
from sim.analysis.plan._search import SearchResult
from sim.analysis.plan._target import DemandTarget
from sim.analysis.plan._verdict import P90, Judgement, Variant, Verdict
from sim.spec.load import Scenario
from sim.study.interval import interval_columns

CAPITAL_COLUMNS = interval_columns("capital_musd", "capital")
CARRIED_COLUMNS = interval_columns("carried_t", "carried")
P90_COLUMNS = interval_columns("p90_days", "p90")
SHORTFALL_COLUMNS = interval_columns("shortfall_t", "shortfall")
REASONS_SHOWN = 3


@dataclass(frozen=True, repr=False)
class Plan:
    """What to build."""

    scenario: Scenario
    target: DemandTarget
    p90_days: float | None
    choices: Choices
    seed: int
    budget: int
    search: SearchResult
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
        """Whether some set reaches the target, none does, or the budget leaves it undecided."""
        if self.chosen is not None:
            return "reaches"
        return "fails" if self.everything.verdict == "fails" else "undecided"

    @property
    def best(self) -> Built:
        """The chosen set; where none reaches the target, that of the highest rung that one
        carries."""
        if self.chosen is not None:
            return self.chosen
        return self.rungs[-1].built if self.rungs else NOTHING

    def table(self) -> pd.DataFrame:
        """Return the projects of the plan in order: ``project, title, rung, due, opens, late_years,
        capital_musd, capital_low, capital_high, is_assumed``."""
        rows = []
        for due in self.due:
            candidate = self.choices.candidates[due.project]
            rows.append(
                {
                    "project": due.project,
                    "title": candidate.title,
                    "rung": due.scale,
                    "due": due.year,
                    "opens": None if due.opens is None else due.opens.isoformat(),
                    "late_years": due.late_years,
                    **_capital_columns(candidate.capital),
                    "is_assumed": bool(candidate.capital.assumed),
                }
            )
        columns = ("project", "title", "rung", "due", "opens", "late_years", *CAPITAL_COLUMNS)
        return _frame(rows, (*columns, "is_assumed"))

    def ladder(self) -> pd.DataFrame:
        """Return a row for each rung: ``scale, kt_per_year, projects, new, capital_musd,
        capital_low, capital_high, verdict``."""
        rows = []
        below = NOTHING
        tonnes_at_once = self.target.tonnes_per_year / self.target.scale
        for rung in self.rungs:
            rows.append(
                {
                    "scale": rung.scale,
                    "kt_per_year": rung.scale * tonnes_at_once / 1000,
                    "projects": len(rung.built),
                    "new": self.choices.listed(rung.built - below, nothing=""),
                    **_capital_columns(self.choices.capital(rung.built)),
                    "verdict": "decided" if self._is_decided(rung) else "upper bound",
                }
            )
            below = rung.built
        columns = ("scale", "kt_per_year", "projects", "new", *CAPITAL_COLUMNS, "verdict")
        return _frame(rows, columns)

    def _is_decided(self, rung: DemandRung) -> bool:
        """Return whether the set of *rung* is known to be the cheapest."""
        if rung.scale == self.target.scale and not self.is_cheapest:
            return False
        return rung.is_decided

    def frontier(self) -> pd.DataFrame:
        """Return capital against what it buys: ``built, projects, capital_musd, multiple_low,
        multiple_high, p90_scale, p90_days, p90_low, p90_high``."""
        rows = [
            {
                "built": self.choices.listed(reach.built),
                "projects": len(reach.built),
                "capital_musd": self.choices.capital(reach.built).musd,
                "multiple_low": reach.low or nan,
                "multiple_high": reach.high if isfinite(reach.high) else nan,
                "p90_scale": reach.p90_scale,
                **reach.p90_days.named("p90_days", "p90"),
            }
            for reach in self.reaches
        ]
        columns = ("built", "projects", "capital_musd", "multiple_low", "multiple_high")
        return _frame(rows, (*columns, "p90_scale", *P90_COLUMNS))

    def transit(self) -> pd.DataFrame:
        """Return all sets that are known to reach the target by capital: ``built, capital_musd,
        p90_days, p90_low, p90_high, n``."""
        rows = [
            {
                "built": self.choices.listed(variant.built),
                "capital_musd": self.choices.capital(variant.built).musd,
                **self.judge.mean(variant, P90).named("p90_days", "p90"),
                "n": len(self.judge.measured(variant)),
            }
            for variant in self.judge.verdicts
            if self._reaches_target(variant)
        ]
        frame = _frame(rows, ("built", "capital_musd", *P90_COLUMNS, "n"))
        return frame.sort_values(["capital_musd", "built"], ignore_index=True)

    def _reaches_target(self, variant: Variant) -> bool:
        if variant.scale != self.target.scale or variant.stress:
            return False
        return self.judge.verdict(variant).verdict == "reaches"

    def worth(self) -> pd.DataFrame:
        """Return what each project does at the target: ``project, beside, carried_t, carried_low,
        carried_high, p90_days, p90_low, p90_high, n, verdict``."""
        rows = [
            {
                "project": effect.project,
                "beside": effect.beside,
                **effect.carried_t.named("carried_t", "carried"),
                **effect.p90_days.named("p90_days", "p90"),
                "n": effect.n,
                "verdict": effect.verdict,
            }
            for effect in self.effects
        ]
        return _frame(rows, ("project", "beside", *CARRIED_COLUMNS, *P90_COLUMNS, "n", "verdict"))

    def regret(self) -> pd.DataFrame:
        """Return what is regretted in other futures: ``future, scale, verdict, because,
        shortfall_t, shortfall_low, shortfall_high, best, best_is, extra_musd``."""
        rows = [
            {
                "future": regret.future,
                "scale": regret.scale,
                "verdict": regret.verdict,
                "because": ", ".join(regret.because[:REASONS_SHOWN]),
                **regret.shortfall_t.named("shortfall_t", "shortfall"),
                "best": None if regret.best is None else self.choices.listed(regret.best),
                "best_is": regret.best_is,
                "extra_musd": regret.extra_musd,
            }
            for regret in self.regrets
        ]
        columns = ("future", "scale", "verdict", "because", *SHORTFALL_COLUMNS)
        return _frame(rows, (*columns, "best", "best_is", "extra_musd"))

    def judged(self) -> pd.DataFrame:
        """Return every verdict in the order of the search: ``built, scale, stress, capital_musd,
        verdict, because, n, carried_t, carried_low, carried_high, offered_t``."""
        rows = [
            {
                "built": self.choices.listed(variant.built),
                "scale": variant.scale,
                "stress": variant.stress,
                "capital_musd": self.choices.capital(variant.built).musd,
                "verdict": judgement.verdict,
                "because": ", ".join(judgement.because[:REASONS_SHOWN]),
                "n": judgement.n,
                **self.judge.mean(variant, CARRIED).named("carried_t", "carried"),
                "offered_t": self.judge.mean(variant, OFFERED).mean,
            }
            for variant, judgement in self.judge.verdicts.items()
        ]
        columns = ("built", "scale", "stress", "capital_musd", "verdict", "because", "n")
        return _frame(rows, (*columns, *CARRIED_COLUMNS, "offered_t"))

    def __repr__(self) -> str:
        return (
            f"<Plan of {self.scenario.name!r} for {self.target.text}: "
            f"{self.verdict}, {len(self.best)} projects>"
        )

    def _repr_html_(self) -> str:
        tables = (self.table(), self.ladder())
        return f"{escape(repr(self))}<br>" + "".join(
            str(table.to_html(index=False)) for table in tables
        )


def _capital_columns(capital: Capital) -> dict[str, float]:
    """Return a capital with its stated range by column."""
    return dict(zip(CAPITAL_COLUMNS, capital[:3], strict=True))


def _frame(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """Return a table that has its columns even without rows."""
    return pd.DataFrame(list(rows), columns=list(columns))
