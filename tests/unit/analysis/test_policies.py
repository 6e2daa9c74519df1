"""Policies side by side: each alternative by itself, paired, and judged by what was observed."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from scipy import stats

import sim
from sim.analysis.policies import OWN, chance_of, policies, policy_count
from sim.cli.main import run as corridor
from sim.errors import UsageError

LINE = """
title: a shared deck
horizon: {start: 2023-01-01, days: 100, warmup_days: 20, followup_days: 10}
places: {port: {}, far: {}}
flows:
  wagons: {unit: wagon, origin: port, destination: far, priority: 4, arrivals: {poisson: {per_day: 3}}}
  trucks: {unit: truck, origin: port, destination: far, arrivals: {poisson: {per_day: 3}}}
vessels: {ferry: {capacity: {wagon: 4, truck: 4}}}
services:
  line:
    from: port
    to: far
    vessel: ferry
    vessels: 3
    crossing: 6h
    departure: {port: {timetable: ['12:00']}, far: at_once}
    loading: {value: priority, alternatives: [oldest_first, {quota: {wagon: 0.75}, borrowing: false}], assumed: unknown}
observed:
  trucks: {title: trucks, metric: units_per_day, where: far, flow: [unit:truck], use: judged, unit: 1/d,
           value: {value: 2, low: 1.8, high: 2.2, assumed: x}}
"""


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return file


def test_each_alternative_is_run_by_itself_and_what_was_seen_rules_some_out(line):
    """Priority leaves trucks one place of four a day, as a quarter of the deck does; oldest first gives them half."""
    scenario = sim.load(line)
    assert policy_count(scenario) == 3
    with sim.Runner(workers=1) as runner:
        found = policies(scenario, replications=4, seed=1, runner=runner)
    table = found.table().set_index("level")
    assert list(table.index) == ["", "oldest_first", "{quota: {wagon: 0.75}, borrowing: false}"]
    assert table["input"].tolist() == [OWN, "services.line.loading", "services.line.loading"]
    assert table["change"].iloc[0] == 0
    assert table.loc["oldest_first", "ruled_out"] == 0 and table["ruled_out"].iloc[0] == 1
    assert set(table["worst"]) == {"trucks"}
    targets = found.targets().set_index("level")
    assert targets.loc["oldest_first", "simulated"] == pytest.approx(2, abs=0.2)
    assert targets["chance"].tolist() == pytest.approx(table["chance"].tolist())
    alone = scenario.with_({"services.line.loading": "oldest_first"})
    study = sim.replicate(alone, replications=4, runner=sim.Runner(workers=1))
    assert table.loc["oldest_first", "hash"] == study.scenario.hash


def test_the_chance_is_that_of_one_more_season():
    values = [1.0, 1.4, 0.8, 1.2]
    variance = float(pd.Series(values).var())
    of_seasons = 1.25 * variance
    # An observation without error: Student's t with the degrees of the simulated seasons.
    exact = 2 * stats.t.sf(0.9 / of_seasons**0.5, 3)
    assert chance_of(values, variance, 2.0, 0.0) == pytest.approx(exact)
    # Nearly all of it is the observation's: the normal distribution.
    normal = 2 * stats.norm.sf(9 / (of_seasons + 100) ** 0.5)
    assert chance_of(values, variance, 10.1, 10.0) == pytest.approx(normal, rel=1e-3)
    assert chance_of([1.0, 1.0], 0.0, 1.0, 0.0) == 1.0
    assert pd.isna(chance_of([1.0, float("nan")], 1.0, 2.0, 0.1))


def test_the_command_writes_table_targets_and_figure(line, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["policies", str(line), "-n", "2", "--workers", "1"]
    assert corridor([*command, "--out", str(out)]) == 0
    printed, message = capsys.readouterr()
    assert "3 policies, 2 replications of each" in message
    assert "line: each alternative by itself (95 % intervals)" in printed
    assert len(pd.read_csv(out / "policies.csv")) == len(pd.read_csv(out / "targets.csv")) == 3
    assert (out / "figures" / "policies.png").exists()
    assert corridor([*command, "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["level"] for row in document["policies"]][1] == "oldest_first"


def test_a_scenario_without_alternatives_is_refused(line):
    scenario = sim.load(line).with_({"services.line.loading": "priority"})
    with pytest.raises(UsageError, match="no input has alternatives"):
        policies(scenario, replications=2, seed=1, runner=sim.Runner(workers=1))


def test_an_answer_shows_what_hangs_on_the_rules(line, capsys):
    command = ["answer", str(line), "-n", "2", "--workers", "1", "--json", "-"]
    assert corridor(command) == 0
    (row,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert row["choices"] == 1 and row["by_policy_low"] is None
    assert corridor([*command, "--policies"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert row["by_policy_low"] <= row["carried"] <= row["by_policy_high"]
    assert row["by_policy_low"] < row["by_policy_high"]
    assert corridor(command[:-2]) == 0
    assert "1 open, not run" in " ".join(capsys.readouterr().out.split())
