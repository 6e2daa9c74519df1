"""The answer: scenarios side by side, with the numbers of their studies."""

from __future__ import annotations

import json
from math import isnan, nan

import pandas as pd
import pytest

import sim
from sim.analysis.answer import FAMILY, NUMBERS, as_markdown
from sim.cli.main import run as corridor
from sim.spec.library import shipped

LINE = "textbook/one-ferry-line"
MONEY = {
    "price_base": 2023,
    "discount_rate": 0,
    "vessels": {"ferry": {"running_usd_per_day": 1000}},
}
TWO_YEARS = {
    "horizon.days": 730,
    "horizon.warmup_days": 365,
    "money": MONEY,
    "units.wagon.tonnes": 70,
}
SETS = [
    part for path, value in TWO_YEARS.items() for part in ("--set", f"{path}={json.dumps(value)}")
]


@pytest.fixture(scope="module")
def studies():
    return [
        sim.replicate(
            sim.load(LINE, {**TWO_YEARS, "demand.scale": scale}),
            replications=2,
            workers=1,
            keep_log=False,
        )
        for scale in (1, 10)
    ]


def test_a_row_has_the_numbers_of_its_study_and_names_what_is_overloaded_first(studies):
    table = sim.answer(studies)
    for study, row in zip(studies, table.to_dict("records"), strict=True):
        whole = study.summary()
        whole = whole[
            whole["where"].isna() & whole["flow"].isna() & whole["activity"].isna()
        ].set_index("name")
        for name, metric in NUMBERS.items():
            if name == "cost_usd_per_t":
                continue  # see below
            known = [nan, nan, nan]
            if metric in whole.index:
                known = whole.loc[metric, ["mean", "low", "high"]].tolist()
            assert [row[name], row[f"{name}_low"], row[f"{name}_high"]] == pytest.approx(
                known, nan_ok=True
            )
    assert table["state"].tolist() == ["holds", "overloaded"] and table["overloaded"].tolist() == [
        0,
        1,
    ]
    assert table["first"].tolist() == ["", "kuryk/stack/line"]
    # A ferry costs a thousand a day, whatever it carries; where cargo is left behind a tonne has no cost.
    known, unknown = table["cost_usd_per_t"]
    assert known * table["carried"][0] == pytest.approx(4 * 365_000, rel=0.01) and isnan(unknown)
    # Four ferries of 54 wagons with a round trip of 56 h carry 92.6 wagons a day of the 100 that come.
    left_behind = 1 - 4 * 54 * 24 / (2 * 20 + 2 * 8) / 100
    assert table["growth"][1] == pytest.approx(left_behind, abs=0.01)


def test_a_horizon_of_less_than_two_years_says_that_overload_is_not_known():
    short = sim.load(LINE, {"horizon.days": 100, "horizon.warmup_days": 10, "demand.scale": 10})
    table = sim.answer([sim.replicate(short, replications=2, workers=1, keep_log=False)])
    assert table["state"].tolist() == ["unknown"]
    assert "not known, the horizon is too short" in as_markdown(table)


def test_what_the_command_prints_and_keeps_is_one_answer(studies, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["answer", LINE, "-n", "2", "--workers", "1", *SETS, "--out", str(out)]
    assert corridor([*command, "--json", str(tmp_path / "answer.json")]) == 0
    printed = capsys.readouterr().out
    (row,) = json.loads((tmp_path / "answer.json").read_text())["scenarios"]
    kept = pd.read_csv(out / "answer.csv").iloc[0]
    expected = sim.answer(studies[:1]).iloc[0]
    for column in ("offered", "carried", "carried_low", "carried_high", "p90_days"):
        assert row[column] == pytest.approx(expected[column])
        assert kept[column] == pytest.approx(expected[column])
    expected_text = f"{expected['p90_days']:.1f} ({expected['p90_days_low']:.1f} to {expected['p90_days_high']:.1f})"
    assert expected_text in (out / "answer.md").read_text()
    assert "nothing" in printed
    assert (out / "figures" / "answer.png").exists()


def test_the_family_ships_and_has_no_scenario_twice():
    assert set(FAMILY) <= set(shipped())
    assert len(set(FAMILY)) == len(FAMILY)


def test_a_scenario_that_is_not_there_is_reported_before_anything_runs(capsys):
    assert corridor(["answer", "fivefold", "sixfold"]) == 2
    assert "sixfold" in capsys.readouterr().err
