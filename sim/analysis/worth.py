"""What a scenario with projects is worth against one without: net present value, internal rate,
switching values.

The benefit of a year is, flow by flow, what the same cargo costs less to carry, what its users'
time costs less, and what cargo that is new pays above what it costs. Capital is what the projects
cost; vessels that they buy are counted there and not in the running cost. Benefits begin when the
last project is open: until then they count as none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import fsum, isfinite, nan

import pandas as pd

from sim.analysis.projects import capital_range, first_full_year
from sim.errors import UsageError
from sim.spec.economy import Money, annuity
from sim.spec.load import Scenario
from sim.study.comparison import compare
from sim.study.interval import Interval, interval_columns
from sim.study.study import Study

PARTS = {
    "same_cargo": "saving on the same cargo",
    "time": "value of time and hire",
    "more_cargo": "gain on more cargo",
}
"""Parts of the yearly benefit, and what each is called where it switches."""
LARGEST_TIMES = 1000.0
"""Times the stated value up to which a switching value is sought."""
RATES = (-0.5, 10.0)
"""Discount rates between which an internal rate is sought."""


@dataclass(frozen=True, slots=True)
class Outlay:
    """A project and its capital."""

    project: str
    opens: int
    """Year; it is paid for in the year before."""
    capital_musd: float
    low_musd: float
    high_musd: float
    life_years: float


@dataclass(frozen=True, slots=True)
class CashFlows:
    """Money flows by year: outlays and what is left of them, and a benefit a year."""

    outlays: tuple[Outlay, ...]
    years: int
    upkeep_share: float

    @property
    def first(self) -> int:
        """Year of the first outlay, to which all is discounted."""
        return min(outlay.opens for outlay in self.outlays) - 1

    @property
    def opens(self) -> int:
        """First year of benefits."""
        return max(outlay.opens for outlay in self.outlays)

    def by_year(self, benefit_musd: float, capital: float = 1.0) -> list[float]:
        """Return the net flow of every year [M USD], with *capital* times as much as stated."""
        last = self.opens + self.years - 1
        flows = [0.0] * (last - self.first + 1)
        for outlay in self.outlays:
            amount = outlay.capital_musd * capital
            renewed = outlay.opens - 1
            while renewed < last:
                flows[renewed - self.first] -= amount
                left = outlay.life_years - (last - renewed)
                renewed += max(1, round(outlay.life_years))
            # What is worth something at the end is given back, in a straight line over its life.
            flows[-1] += amount * max(0.0, left) / outlay.life_years
            for year in range(outlay.opens, last + 1):
                flows[year - self.first] -= amount * self.upkeep_share
        for year in range(self.opens, last + 1):
            flows[year - self.first] += benefit_musd
        return flows

    def npv(self, benefit_musd: float, rate: float, capital: float = 1.0) -> float:
        r"""Return :math:`\sum_t f_t (1 + r)^{-t}` [M USD of the price base, in the year of the
        first outlay]."""
        return fsum(
            flow / (1 + rate) ** t for t, flow in enumerate(self.by_year(benefit_musd, capital))
        )

    def irr(self, benefit_musd: float) -> float:
        """Return the discount rate at which the net present value is zero; NaN where there is none
        up to 1,000 %."""
        return zero_of(lambda rate: self.npv(benefit_musd, rate), *RATES)

    def with_capital(self, key: str) -> CashFlows:
        """Return the flows with another capital of each outlay, its field *key*."""
        outlays = (replace(one, capital_musd=getattr(one, key)) for one in self.outlays)
        return replace(self, outlays=tuple(outlays))

    def capital_musd(self, key: str = "capital_musd") -> float:
        """Return the sum of a field of all outlays."""
        return fsum(getattr(outlay, key) for outlay in self.outlays)

    def annuity_musd(self, rate: float) -> float:
        """Return capital and upkeep as an equal sum a year [M USD]."""
        return fsum(
            outlay.capital_musd * (annuity(rate, outlay.life_years) + self.upkeep_share)
            for outlay in self.outlays
        )


def zero_of(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where *function* is zero between *low* and *high*; NaN where its sign is the same at
    both."""
    from scipy.optimize import brentq

    at_low, at_high = function(low), function(high)
    if not (isfinite(at_low) and isfinite(at_high)) or at_low * at_high > 0:
        return nan
    return float(brentq(function, low, high, xtol=1e-10))


@dataclass(frozen=True, repr=False)
class Worth:
    """The appraisal of one scenario against another, on common random numbers."""

    base: Study
    study: Study
    cash_flows: CashFlows
    money: Money

    @cached_property
    def benefits(self) -> pd.DataFrame:
        """Yearly benefit [M USD] by replication: ``replication, same_cargo, time, more_cargo,
        total``."""
        rows = []
        for before, after in zip(self.base.replications, self.study.replications, strict=True):
            parts = benefits_of(before.metrics, after.metrics, self.timed)
            rows.append({"replication": before.number, **parts, "total": fsum(parts.values())})
        return pd.DataFrame(rows)

    @cached_property
    def timed(self) -> frozenset[str]:
        """Flows whose time is valued: those that leave nothing behind in any replication of either
        scenario."""
        both = (*self.base.replications, *self.study.replications)
        timed = [_flows_with_time(replication.metrics) for replication in both]
        return frozenset.intersection(*timed) if timed else frozenset()

    @property
    def not_timed(self) -> tuple[str, ...]:
        """Flows whose time is not valued, since cargo of them is left behind (or none is
        delivered)."""
        return tuple(flow for flow in self.study.scenario.spec.flows if flow not in self.timed)

    def table(self) -> pd.DataFrame:
        """Return the appraisal: ``what, value, low, high, unit``; bounds are the 95 % interval over
        paired replications; those of capital are its stated range.
        """
        rate, flows = self.money.discount_rate, self.cash_flows
        totals = self.benefits["total"].tolist()
        total = Interval.of(totals)
        rows: list[tuple[str, Interval, str]] = []
        for part in PARTS:
            label = f"benefit a year: {part.replace('_', ' ')}"
            rows.append((label, Interval.of(self.benefits[part].tolist()), "M USD/a"))
        rows.append(("benefit a year", total, "M USD/a"))
        ends = (flows.capital_musd("low_musd"), flows.capital_musd("high_musd"))
        rows.append(("capital (with its range)", Interval(flows.capital_musd(), *ends), "M USD"))
        yearly = Interval(flows.annuity_musd(rate), nan, nan)
        rows.append(("capital and upkeep as annuity", yearly, "M USD/a"))
        for label, key in (
            ("net present value", "capital_musd"),
            ("net present value, low capital", "low_musd"),
            ("net present value, high capital", "high_musd"),
        ):
            other = flows.with_capital(key)
            value = Interval.of([other.npv(benefit, rate) for benefit in totals])
            rows.append((label, value, "M USD"))
        # The rate rises with the benefit, so the bounds of one give the bounds of the other.
        mean, low, high = (flows.irr(benefit) for benefit in total)
        rows.append(("internal rate of return", Interval(mean, low, high), "share/a"))
        columns = ["what", *interval_columns("value"), "unit"]
        return pd.DataFrame([(what, *value, unit) for what, value, unit in rows], columns=columns)

    @property
    def mean_benefit(self) -> dict[str, float]:
        """Mean over replications of each part of the yearly benefit [M USD]."""
        return {part: fsum(self.benefits[part]) / len(self.benefits) for part in PARTS}

    def switching(self) -> pd.DataFrame:
        """Return what would make the net present value zero, each by itself: ``what, stated,
        switch, unit``.

        NaN where no value does.
        """
        rate, flows, parts = self.money.discount_rate, self.cash_flows, self.mean_benefit
        whole = fsum(parts.values())

        def npv_with(benefit: float, times: float) -> float:
            """Return the net present value with *times* as much of a part of the benefit."""
            return flows.npv(whole + (times - 1) * benefit, rate)

        capital = zero_of(lambda times: flows.npv(whole, rate, times), 0.0, LARGEST_TIMES)
        benefit = zero_of(
            lambda times: flows.npv(whole * times, rate), -LARGEST_TIMES, LARGEST_TIMES
        )
        rows = [
            ("capital", 1.0, capital, "times"),
            ("discount rate", rate, flows.irr(whole), "share/a"),
            ("benefit", 1.0, benefit, "times"),
        ]
        for part, label in PARTS.items():
            switch = zero_of(partial(npv_with, parts[part]), -LARGEST_TIMES, LARGEST_TIMES)
            rows.append((label, 1.0, switch, "times"))
        return pd.DataFrame(rows, columns=["what", "stated", "switch", "unit"])

    def years(self) -> pd.DataFrame:
        """Return the money flows of every year at the mean benefit [M USD]: ``year, flow_musd,
        discounted_musd``."""
        total = fsum(self.benefits["total"]) / len(self.benefits)
        flows = self.cash_flows.by_year(total)
        rate, first = self.money.discount_rate, self.cash_flows.first
        rows = [(first + t, flow, flow / (1 + rate) ** t) for t, flow in enumerate(flows)]
        return pd.DataFrame(rows, columns=["year", "flow_musd", "discounted_musd"])

    def __repr__(self) -> str:
        return f"<Worth of {self.study.scenario.name!r} against {self.base.scenario.name!r}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False)) + str(self.switching().to_html(index=False))


def _flows_with_time(metrics: pd.DataFrame) -> frozenset[str]:
    """Return the flows whose time has a value in one replication."""
    rows = metrics[(metrics["name"] == "time_usd_per_unit") & metrics["value"].notna()]
    return frozenset(rows["flow"])


def worth(base: Study, study: Study) -> Worth:
    """Appraise *study*, a scenario with projects, against *base*, the same without them.

    Raises
    ------
    UsageError
        The studies do not share their random numbers or their prices, no project is built in one
        alone, or one has no capital.
    """
    compare(base, study)
    money = _common_money(base.scenario, study.scenario)
    outlays = _outlays(base.scenario, study.scenario, money)
    return Worth(base, study, CashFlows(outlays, money.appraisal_years, money.upkeep_share), money)


def _common_money(base: Scenario, scenario: Scenario) -> Money:
    """Return the prices of both scenarios."""
    for one in (scenario, base):
        if one.spec.money is None:
            raise UsageError(
                f"{one.name} says nothing of money; "
                "add 'money' (see rates/money.yaml of the shipped scenarios)"
            )
    if scenario.spec.money is None or base.spec.money != scenario.spec.money:
        raise UsageError(
            f"{base.name} and {scenario.name} differ in 'money'; appraise at one set of prices"
        )
    return scenario.spec.money


def _outlays(base: Scenario, scenario: Scenario, money: Money) -> tuple[Outlay, ...]:
    """Return the capital of each project that *scenario* builds and *base* does not."""
    spec, catalogue = scenario.spec, scenario.spec.project_catalogue
    outlays = []
    for project in _added_projects(base, scenario):
        capital_musd = catalogue[project].capital_musd or 0.0
        low, high = capital_range(scenario, project, capital_musd)
        opens = catalogue[project].opens
        year = spec.horizon.start.year if opens is None else first_full_year(opens)
        life = money.lives.get(project, money.life_years)
        outlays.append(Outlay(project, year, capital_musd, low, high, life))
    return tuple(outlays)


def _added_projects(base: Scenario, scenario: Scenario) -> list[str]:
    """Return the projects that *scenario* builds and *base* does not; all have a capital."""
    before, after = base.spec.projects, scenario.spec.projects
    missing = [project for project in before if project not in after]
    if missing:
        raise UsageError(
            f"{scenario.name} lacks {', '.join(missing)}, which {base.name} builds; "
            "name the scenario with more projects second"
        )
    added = [project for project in after if project not in before]
    if not added:
        raise UsageError(
            f"{scenario.name} builds no project that {base.name} does not; add some to 'projects'"
        )
    catalogue = scenario.spec.project_catalogue
    unpriced = [project for project in added if catalogue[project].capital_musd is None]
    if unpriced:
        raise UsageError(
            f"of {', '.join(unpriced)} no capital_musd is known, so nothing can be said of their "
            "worth; give each one (0 for what is only agreed), "
            f"e.g. --set project_catalogue.{unpriced[0]}.capital_musd=20"
        )
    return added


def benefits_of(
    before: pd.DataFrame, after: pd.DataFrame, timed: frozenset[str]
) -> dict[str, float]:
    """Return the benefit of a year [M USD] by its parts, from the metrics of a pair of
    replications.

    Cargo that both carry costs what it costs in each: the unit costs of the two times the smaller
    amount. Cargo that only one carries pays its price and costs its running cost; its user gains
    nothing that is counted.
    """
    old_flows, new_flows = _years_by_flow(before), _years_by_flow(after)
    parts = dict.fromkeys(PARTS, 0.0)
    for flow, new in new_flows.items():
        old = old_flows[flow]
        both = min(old.units, new.units)
        if both:
            parts["same_cargo"] += both * (old.cost / old.units - new.cost / new.units)
        if both and flow in timed:
            parts["time"] += both * (old.time / old.units - new.time / new.units)
        parts["more_cargo"] += _gain_beyond(both, new) - _gain_beyond(both, old)
        # What runs and carries nothing of a flow costs all the same.
        parts["same_cargo"] += _cost_of_nothing(old) - _cost_of_nothing(new)
    # What runs and carries nothing at all costs all the same.
    parts["same_cargo"] += _cost_without_flow(before, old_flows)
    parts["same_cargo"] -= _cost_without_flow(after, new_flows)
    return {part: amount / 1e6 for part, amount in parts.items()}


@dataclass(slots=True)
class _FlowYear:
    """A year of one flow [USD], of any scope."""

    units: float = 0.0
    cost: float = 0.0
    """Running cost, without capital."""
    price: float = 0.0
    time: float = 0.0


_FIELDS = {
    "carried_units_per_year": "units",
    "cost_usd_per_year": "cost",
    "price_usd_per_year": "price",
    "time_usd_per_year": "time",
}
"""Fields of `_FlowYear` by metric."""


def _gain_beyond(both: float, year: _FlowYear) -> float:
    """Return what the cargo beyond *both* units pays above its running cost [USD]."""
    if year.units <= both:
        return 0.0
    return (year.units - both) * (year.price - year.cost) / year.units


def _cost_of_nothing(year: _FlowYear) -> float:
    return 0.0 if year.units else year.cost


def _cost_without_flow(metrics: pd.DataFrame, by_flow: Mapping[str, _FlowYear]) -> float:
    """Return the running cost of a year [USD] that belongs to no flow."""
    is_cost = metrics["name"] == "cost_usd_per_year"
    rows = metrics[is_cost & metrics["flow"].isna() & metrics["where"].isna()]
    by_activity = dict(zip(rows["activity"].tolist(), rows["value"].tolist(), strict=True))
    running = float(by_activity[None] - by_activity["capital"])
    return running - fsum(year.cost for year in by_flow.values())


def _years_by_flow(metrics: pd.DataFrame) -> dict[str, _FlowYear]:
    """Return the year of each flow, from the metrics of a replication."""
    is_yearly = metrics["name"].isin(list(_FIELDS))
    rows = metrics[is_yearly & metrics["flow"].notna() & metrics["where"].isna()]
    columns = (rows[column].tolist() for column in ("name", "flow", "activity", "value"))
    years: dict[str, _FlowYear] = {}
    for name, flow, activity, value in zip(*columns, strict=True):
        year = years.setdefault(str(flow), _FlowYear())
        field = _FIELDS[name]
        # Capital has a row of its own, and is a part of the cost.
        amount = value if activity is None else -value
        setattr(year, field, getattr(year, field) + amount)
    return years
