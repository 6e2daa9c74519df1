"""Worth of projects: against closed forms, by hand, and as a command."""

from __future__ import annotations

import json
from math import isnan

import numpy as np
import pandas as pd
import pytest

import sim
from sim.analysis.worth import CashFlows, Outlay, benefits_of, zero_of
from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.spec.economy import annuity


def _cash_flows(**changes):
    terms = {
        "opens": 2025,
        "capital_musd": 100.0,
        "low_musd": 80.0,
        "high_musd": 150.0,
        "life_years": 20.0,
    } | changes
    return CashFlows((Outlay("p", **terms),), years=20, upkeep_share=0.0)


def test_an_annuity_pays_back_with_interest():
    assert annuity(0.08, 25) == pytest.approx(
        0.0936788, rel=1e-6
    )  # tables of capital recovery factors
    assert annuity(0.0, 25) == 0.04


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.08, 0.2])
def test_present_value_is_the_benefit_over_its_annuity_less_capital(rate):
    cash_flows = _cash_flows()
    assert cash_flows.npv(12.0, rate) == pytest.approx(12.0 / annuity(rate, 20) - 100, abs=1e-9)


@pytest.mark.parametrize("rate", [0.01, 0.08, 0.3])
def test_the_internal_rate_is_the_one_whose_annuity_is_the_benefit(rate):
    assert _cash_flows().irr(100 * annuity(rate, 20)) == pytest.approx(rate, abs=1e-8)


def test_what_is_paid_and_never_comes_back_has_no_internal_rate():
    assert isnan(_cash_flows().irr(-1.0))
    assert isnan(zero_of(lambda x: x * x + 1, -1, 1))


def test_a_longer_life_leaves_something_and_a_shorter_one_is_renewed():
    longer = _cash_flows(life_years=40.0).by_year(0.0)
    assert longer[0] == -100
    assert longer[-1] == pytest.approx(50)
    shorter = _cash_flows(life_years=10.0).by_year(0.0)
    assert [year for year, flow in enumerate(shorter) if flow < 0] == [0, 10]
    assert sum(shorter) == pytest.approx(-200)


def test_benefits_wait_for_the_last_project_and_upkeep_does_not():
    cash_flows = CashFlows(
        (Outlay("a", 2025, 10, 10, 10, 30.0), Outlay("b", 2028, 20, 20, 20, 30.0)),
        years=3,
        upkeep_share=0.1,
    )
    flows = cash_flows.by_year(7.0)
    assert cash_flows.first == 2024
    assert flows[:5] == pytest.approx([-10, -1, -1, -1 - 20, 7 - 1 - 2])
    assert len(flows) == 2030 - 2024 + 1


def _metrics(units, *, cost, price, time, capital=0.0, nobody=0.0):
    keys = ("name", "flow", "where", "activity", "value")
    rows = [
        ("carried_units_per_year", "f", None, None, units),
        ("cost_usd_per_year", "f", None, None, cost + capital),
        ("cost_usd_per_year", "f", None, "capital", capital),
        ("price_usd_per_year", "f", None, None, price),
        ("time_usd_per_year", "f", None, None, time),
        ("cost_usd_per_year", None, None, "capital", capital),
        ("cost_usd_per_year", None, None, None, cost + capital + nobody),
    ]
    return (
        pd.DataFrame(rows, columns=keys)
        .astype({"flow": object, "where": object, "activity": object})
        .replace({np.nan: None})
    )


def test_the_benefit_by_hand():
    before = _metrics(1000, cost=50e6, price=80e6, time=5e6)
    after = _metrics(1500, cost=60e6, price=120e6, time=4.5e6, capital=9e6, nobody=1e6)
    # 1000 units cost 50,000 each, now 40,000; their time 5,000, now 3,000; 500 more pay 80,000 and cost 40,000.
    parts = benefits_of(before, after, frozenset({"f"}))
    assert parts == pytest.approx({"same_cargo": 10.0 - 1.0, "time": 2.0, "more_cargo": 20.0})
    assert benefits_of(before, after, frozenset())["time"] == 0.0
    back = benefits_of(after, before, frozenset({"f"}))
    assert back == pytest.approx({key: -value for key, value in parts.items()})
    assert sum(parts.values()) == pytest.approx((120 - 60 - 80 + 50 - 1) + 2)


FERRIES = """
title: one ferry line
horizon: {start: 2023-01-01, days: 200, warmup_days: 40, followup_days: 20}
places: {kuryk: {}, alat: {}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, tonnes_per_unit: 70, arrivals: {poisson: {per_day: 20}}}}
vessels: {ferry: {capacity: {wagon: 27}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 1, crossing: 20h, handling: 8h, departure: {kuryk: {full: 1.0}, alat: at_once}}}
project_catalogue:
  ferry-2: {title: A second ferry, change: {services: {line: {vessels: 2}}}, opens: 2024-01-01, capital_musd: {value: 20, low: 15, high: 30, assumed: a test}}
  talks: {title: Free of charge, change: {services: {line: {handling: 7h}}}}
money:
  price_base: 2023
  discount_rate: 0.08
  vessels: {ferry: {running_usd_per_day: 5000, capital_musd: 20}}
  tariffs_usd: {line: {wagon: 700}}
  time_usd_per_day: {wagon: 15}
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "base.yaml").write_text(FERRIES)
    (tmp_path / "two.yaml").write_text("extends: base\ntitle: two\nprojects: [ferry-2]\n")
    (tmp_path / "talk.yaml").write_text("extends: base\ntitle: talk\nprojects: [talks]\n")
    return tmp_path


def test_a_ferry_that_carries_what_was_left_is_worth_its_fares(files):
    base, two = (
        sim.replicate(sim.load(files / f"{name}.yaml"), replications=5, workers=1)
        for name in ("base", "two")
    )
    found = sim.worth(base, two)
    # A round trip takes 56 h and brings 27 wagons: 11.57 a day with one ferry, 20 (all that come) with two.
    more, running = 365 * (20 - 27 * 24 / 56) * 700 / 1e6, 365 * 5000 / 1e6
    table = found.table().set_index("what")
    total = table.loc["benefit a year"]
    assert total["low"] <= total["value"] <= total["high"]
    assert total["value"] == pytest.approx(more - running, abs=0.15)
    assert total["high"] - total["low"] < 0.5
    assert found.not_timed == ("wagons",)
    npv = table.loc["net present value"]
    assert npv["low"] < npv["value"] < npv["high"]
    assert (
        table.loc["net present value, high capital", "value"]
        < npv["value"]
        < table.loc["net present value, low capital", "value"]
    )
    switch = found.switching().set_index("what")["switch"]
    benefit = total["value"]
    assert found.cash_flows.npv(benefit, switch["discount rate"]) == pytest.approx(0, abs=1e-6)
    assert found.cash_flows.npv(benefit, 0.08, switch["capital"]) == pytest.approx(0, abs=1e-6)
    assert found.cash_flows.npv(benefit * switch["benefit"], 0.08) == pytest.approx(0, abs=1e-6)
    assert isnan(switch["value of time and hire"])
    assert found.years()["discounted_musd"].sum() == pytest.approx(npv["value"])


def test_the_document_has_the_same(files, capsys):
    code = corridor(
        [
            "worth",
            str(files / "base.yaml"),
            str(files / "two.yaml"),
            "-n",
            "2",
            "--workers",
            "1",
            "--json",
            "-",
            "--out",
            str(files / "out"),
        ]
    )
    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert document["projects"] == [{"project": "ferry-2", "opens": 2024, "capital_musd": 20.0}]
    assert [row["what"] for row in document["switching"]][:2] == ["capital", "discount rate"]
    assert {path.name for path in (files / "out").iterdir()} >= {
        "worth.csv",
        "switching.csv",
        "years.csv",
    }


def test_what_cannot_be_appraised_is_reported(files):
    base, talk = (
        sim.replicate(
            sim.load(files / f"{name}.yaml", {"horizon.days": 50}), replications=2, workers=1
        )
        for name in ("base", "talk")
    )
    with pytest.raises(UsageError, match="of talks no capital_musd is known"):
        sim.worth(base, talk)
    with pytest.raises(UsageError, match="builds no project"):
        sim.worth(base, base)
    with pytest.raises(UsageError, match="lacks talks"):
        sim.worth(talk, base)
