"""What a scenario with projects is worth against one without: net present value, internal rate,
switching values.

The benefit of a year is, flow by flow, what the same cargo costs less to carry, what its users'
time costs less, and what cargo that came anew pays above what it costs. Capital is what the
projects cost; vessels that they buy are counted there and not in the running cost. Benefits begin
when the last project is open: until then they count as none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum, isfinite, nan
from typing import Any

import pandas as pd

from sim.errors import UsageError
from sim.spec.economy import Money, annuity
from sim.study.comparison import compare
from sim.study.interval import Interval, interval_columns
from sim.study.study import Study

PARTS = ("same_cargo", "time", "more_cargo")
"""Of the yearly benefit."""


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
        return zero_of(lambda rate: self.npv(benefit_musd, rate), -0.5, 10.0)


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
    """The appraisal of one scenario against another, on the same luck."""

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
        known: set[str] | None = None
        for replication in (*self.base.replications, *self.study.replications):
            rows = replication.metrics
            rows = rows[(rows["name"] == "time_usd_per_unit") & rows["value"].notna()]
            here = set(rows["flow"])
            known = here if known is None else known & here
        return frozenset(known or ())

    @property
    def not_timed(self) -> tuple[str, ...]:
        """Flows whose time is not valued, since cargo of them is left behind (or none is
        delivered)."""
        return tuple(flow for flow in self.study.scenario.spec.flows if flow not in self.timed)

    def table(self) -> pd.DataFrame:
        """Return the appraisal: ``what, value, low, high, unit``; bounds are the 95 % interval over
        paired replications; those of capital are its stated range.
        """
        rate, cash_flows, totals = (
            self.money.discount_rate,
            self.cash_flows,
            self.benefits["total"].tolist(),
        )
        rows: list[tuple[str, Interval, str]] = [
            (
                f"benefit a year: {part.replace('_', ' ')}",
                Interval.of(self.benefits[part].tolist()),
                "M USD/a",
            )
            for part in PARTS
        ]
        rows.append(("benefit a year", Interval.of(totals), "M USD/a"))
        capital, least, most = (
            fsum(getattr(outlay, key) for outlay in cash_flows.outlays)
            for key in ("capital_musd", "low_musd", "high_musd")
        )
        rows.append(("capital (with its range)", Interval(capital, least, most), "M USD"))
        yearly = fsum(
            outlay.capital_musd * (annuity(rate, outlay.life_years) + cash_flows.upkeep_share)
            for outlay in cash_flows.outlays
        )
        rows.append(("capital and upkeep as annuity", Interval(yearly, nan, nan), "M USD/a"))
        rows.append(
            (
                "net present value",
                Interval.of([cash_flows.npv(total, rate) for total in totals]),
                "M USD",
            )
        )
        for name, key in (("low", "low_musd"), ("high", "high_musd")):
            other = replace(
                cash_flows,
                outlays=tuple(replace(o, capital_musd=getattr(o, key)) for o in cash_flows.outlays),
            )
            value = Interval.of([other.npv(total, rate) for total in totals])
            rows.append((f"net present value, {name} capital", value, "M USD"))
        # The rate rises with the benefit, so the bounds of one give the bounds of the other.
        mean, low, high = (cash_flows.irr(benefit) for benefit in Interval.of(totals))
        rows.append(("internal rate of return", Interval(mean, low, high), "share/a"))
        return pd.DataFrame(
            [(what, *numbers, unit) for what, numbers, unit in rows],
            columns=["what", *interval_columns("value"), "unit"],
        )

    def switching(self) -> pd.DataFrame:
        """Return what would make the net present value zero, each by itself: ``what, stated,
        switch, unit``.

        NaN where no value does.
        """
        rate, cash_flows = self.money.discount_rate, self.cash_flows
        mean = {part: fsum(self.benefits[part]) / len(self.benefits) for part in PARTS}
        whole = fsum(mean.values())

        def scaled(part: str) -> Callable[[float], float]:
            return lambda times: cash_flows.npv(whole + (times - 1) * mean[part], rate)

        labels = {
            "same_cargo": "saving on the same cargo",
            "time": "value of time and hire",
            "more_cargo": "gain on more cargo",
        }
        rows = [
            (
                "capital",
                1.0,
                zero_of(lambda times: cash_flows.npv(whole, rate, times), 0.0, 1000.0),
                "times",
            ),
            ("discount rate", rate, cash_flows.irr(whole), "share/a"),
            (
                "benefit",
                1.0,
                zero_of(lambda times: cash_flows.npv(whole * times, rate), -1000.0, 1000.0),
                "times",
            ),
            *(
                (label, 1.0, zero_of(scaled(part), -1000.0, 1000.0), "times")
                for part, label in labels.items()
            ),
        ]
        return pd.DataFrame(rows, columns=["what", "stated", "switch", "unit"])

    def years(self) -> pd.DataFrame:
        """Return the money flows of every year at the mean benefit [M USD]: ``year, flow_musd,
        discounted_musd``."""
        flows = self.cash_flows.by_year(fsum(self.benefits["total"]) / len(self.benefits))
        rate, first = self.money.discount_rate, self.cash_flows.first
        rows = [(first + t, flow, flow / (1 + rate) ** t) for t, flow in enumerate(flows)]
        return pd.DataFrame(rows, columns=["year", "flow_musd", "discounted_musd"])

    def __repr__(self) -> str:
        return f"<Worth of {self.study.scenario.name!r} against {self.base.scenario.name!r}>"

    def _repr_html_(self) -> str:
        return str(self.table().to_html(index=False)) + str(self.switching().to_html(index=False))


def worth(base: Study, study: Study) -> Worth:
    """Appraise *study*, a scenario with projects, against *base*, the same without them.

    Raises
    ------
    UsageError
        The studies do not share their luck or their prices, no project is built in one alone, or
        one has no capital.
    """
    compare(base, study)
    money = study.scenario.spec.money
    if money is None or base.scenario.spec.money is None:
        name = base.scenario.name if money is not None else study.scenario.name
        raise UsageError(
            f"{name} says nothing of money; add 'money' (see rates/money.yaml of the shipped scenarios)"
        )
    if base.scenario.spec.money != money:
        raise UsageError(
            f"{base.scenario.name} and {study.scenario.name} differ in 'money'; appraise at one set of prices"
        )
    return Worth(
        base,
        study,
        CashFlows(_outlays(base, study, money), money.appraisal_years, money.upkeep_share),
        money,
    )


def _outlays(base: Study, study: Study, money: Money) -> tuple[Outlay, ...]:
    before, loaded = base.scenario.spec.projects, study.scenario
    if missing := [project for project in before if project not in loaded.spec.projects]:
        raise UsageError(
            f"{loaded.name} lacks {', '.join(missing)}, which {base.scenario.name} builds; "
            "name the scenario with more projects second"
        )
    added = [project for project in loaded.spec.projects if project not in before]
    if not added:
        raise UsageError(
            f"{loaded.name} builds no project that {base.scenario.name} does not; add some to 'projects'"
        )
    catalogue = loaded.spec.project_catalogue
    if unpriced := [project for project in added if catalogue[project].capital_musd is None]:
        what = f"of {', '.join(unpriced)} no capital_musd is known, so nothing can be said of their worth"
        raise UsageError(
            f"{what}; give each one (0 for what is only agreed), "
            f"e.g. --set project_catalogue.{unpriced[0]}.capital_musd=20"
        )
    outlays = []
    for project in added:
        spec = catalogue[project]
        capital_musd = spec.capital_musd or 0.0
        low, high = _range_of(study, project, capital_musd)
        opens = (
            loaded.spec.horizon.start.year if spec.opens is None else _first_full_year(spec.opens)
        )
        life = money.lives.get(project, money.life_years)
        outlays.append(Outlay(project, opens, capital_musd, low, high, life))
    return tuple(outlays)


def _range_of(study: Study, project: str, capital_musd: float) -> tuple[float, float]:
    """Return the stated range of a project's capital; the value itself where there is none."""
    sourced = study.scenario.sources.get(("project_catalogue", project, "capital_musd"))
    if sourced is None or sourced.value != capital_musd:
        return capital_musd, capital_musd
    bounds = [
        capital_musd if bound is None else float(bound) for bound in (sourced.low, sourced.high)
    ]
    return bounds[0], bounds[1]


def _first_full_year(opens: Any) -> int:
    """Return the first year in which what *opens* on a date is there from January on."""
    return int(opens.year) + (0 if (opens.month, opens.day) == (1, 1) else 1)


def benefits_of(
    before: pd.DataFrame, after: pd.DataFrame, timed: frozenset[str]
) -> dict[str, float]:
    """Return the benefit of a year [M USD] by its parts, from the metrics of a pair of
    replications.

    Cargo that both carry costs what it costs in each: the unit costs of the two times the smaller
    amount. Cargo that only one carries pays its price and costs its running cost; its user gains
    nothing that is counted.
    """
    first, second = (_by_flow(metrics) for metrics in (before, after))
    parts = dict.fromkeys(PARTS, 0.0)
    for flow, new in second.items():
        old = first[flow]
        both = min(old["units"], new["units"])
        if both:
            parts["same_cargo"] += both * (old["cost"] / old["units"] - new["cost"] / new["units"])
        if both and flow in timed:
            parts["time"] += both * (old["time"] / old["units"] - new["time"] / new["units"])
        for sign, side in ((1, new), (-1, old)):
            if side["units"] > both:
                parts["more_cargo"] += (
                    sign * (side["units"] - both) * (side["price"] - side["cost"]) / side["units"]
                )
            elif not side["units"]:
                # What runs and carries nothing costs all the same.
                parts["same_cargo"] -= sign * side["cost"]
    # What ran and carried nothing at all costs all the same.
    parts["same_cargo"] += _of_nobody(before, first) - _of_nobody(after, second)
    return {part: amount / 1e6 for part, amount in parts.items()}


def _of_nobody(metrics: pd.DataFrame, by_flow: Mapping[str, dict[str, float]]) -> float:
    """Return the running cost of a year [USD] that belongs to no flow."""
    rows = metrics[
        (metrics["name"] == "cost_usd_per_year") & metrics["flow"].isna() & metrics["where"].isna()
    ]
    told = dict(zip(rows["activity"].tolist(), rows["value"].tolist(), strict=True))
    return float(told[None] - told["capital"]) - fsum(flow["cost"] for flow in by_flow.values())


def _by_flow(metrics: pd.DataFrame) -> Mapping[str, dict[str, float]]:
    """Return units, running cost without capital, price and time of a year, by flow of any
    scope."""
    keys = {
        "carried_units_per_year": "units",
        "cost_usd_per_year": "cost",
        "price_usd_per_year": "price",
        "time_usd_per_year": "time",
    }
    rows = metrics[
        metrics["name"].isin(list(keys)) & metrics["flow"].notna() & metrics["where"].isna()
    ]
    found: dict[str, dict[str, float]] = {}
    for name, flow, activity, value in rows[["name", "flow", "activity", "value"]].itertuples(
        index=False
    ):
        mine = found.setdefault(str(flow), dict.fromkeys(keys.values(), 0.0))
        # Capital stands apart, and is a part of the cost.
        mine[keys[name]] += value if activity is None else -value
    return found
