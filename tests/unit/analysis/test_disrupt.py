"""A closure against its length, on a line where all of it can be worked out by hand."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest

import sim
from sim.analysis.disrupt import disrupt, impact_of
from sim.cli.main import run as corridor
from sim.errors import UsageError
from sim.runs.runner import Runner

# Ten wagons of 70 t at every midnight; a ferry for 30 may leave at once, every 24 h, a day's cargo a time; it takes a
# quarter of a day to the other side. What a closure holds back is gone with two ships more than are needed.
LINE = """
title: a line
horizon: {start: 2024-01-01, days: 60, warmup_days: 10, followup_days: 30}
places: {a: {}, b: {}}
ports: {a: {berths: {quay: {berths: 4, vessels: [ferry]}}}}
units: {wagon: {tonnes: 70}}
flows:
  wagons: {unit: wagon, origin: a, destination: b, consignment_units: 10, arrivals: {scheduled: {every: 24h}}}
vessels: {ferry: {capacity: {wagon: 30}}}
services:
  line: {from: a, to: b, vessel: ferry, vessels: 4, crossing: 6h, handling: 1h, departure: {a: {longest_wait: 1h, full: 1.0}, b: at_once}}
"""


@pytest.fixture
def line(tmp_path):
    file = tmp_path / "line.yaml"
    file.write_text(LINE)
    return sim.load(file)


def test_the_excess_is_what_the_closure_holds_back(line):
    with Runner(workers=1) as runner:
        found = disrupt(
            line, {"port": "a"}, [1, 3], begins=date(2024, 1, 20), replications=2, runner=runner
        )
    table = found.table().set_index("days")
    # Every day that the port is shut keeps ten wagons of 70 t back that would have left; after it they go at once.
    assert table["peak_t"].tolist() == [700, 2100]
    assert table["recovery_days"].tolist() == [1, 1]
    assert table["delayed_t_days"].tolist() == [700, 4200]
    assert table["not_recovered"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("excess", "days", "recovery", "delayed"),
    [
        (
            [0, 10, 20, 12, 6, 1, 0],
            2,
            3,
            49,
        ),  # two days shut; at 20 the highest, 1 of it left on day 5
        ([0, 10, 20, 12, 2, 9, 0], 2, 2, 44),  # a tenth is left on day 4
        ([0, 0, 0, 0], 1, 0, 0),  # nobody felt it
        ([0, -5, -5, 0], 1, 0, 0),  # less inside than without
    ],
)
def test_recovery_and_delay_by_hand(excess, days, recovery, delayed):
    without = np.full(len(excess) + 3, 1_000_000)
    inside = without.copy()
    inside[3:] += np.array(excess) * 1000
    impact = impact_of(without, inside, 3, days)
    assert (impact.recovery_days, impact.delayed_t_days) == (recovery, delayed)


def test_what_was_still_felt_at_the_end_has_no_recovery():
    inside = np.array([0, 1, 2, 3, 4]) * 1000
    impact = impact_of(np.zeros(5, np.int64), inside, 0, 1)
    assert np.isnan(impact.recovery_days) and np.isnan(impact.delayed_t_days) and impact.peak_t == 4


@pytest.mark.parametrize(
    ("days", "begins", "message"),
    [
        ([], None, "give one length or more"),
        ([0, 1], None, "give one length or more"),
        ([1], date(2023, 12, 1), "must lie between"),
        ([60], None, "must lie between"),
    ],
)
def test_a_closure_that_cannot_be_is_refused(line, days, begins, message):
    with pytest.raises(UsageError, match=message):
        disrupt(line, {"port": "a"}, days, begins=begins)


def test_a_part_that_is_not_there_is_reported(line):
    with pytest.raises(sim.ScenarioError, match="'c'"):
        disrupt(line, {"port": "c"}, [1])


def test_the_command_prints_keeps_and_draws(line, tmp_path, capsys):
    out = tmp_path / "out"
    command = [
        "disrupt",
        str(line.file),
        "--what",
        "port=a",
        "--days",
        "1,2",
        "-n",
        "2",
        "--workers",
        "1",
    ]
    assert corridor([*command, "--out", str(out)]) == 0
    printed, message = capsys.readouterr()
    assert (
        "port a out of service from 2024-01-11" in printed and "6 replications computed" in message
    )
    assert (out / "figures" / "disruption.png").stat().st_size > 5_000
    assert corridor([*command, "--out", str(out), "--json", "-"]) == 0
    printed, message = capsys.readouterr()
    assert "0 replications computed, 6 read" in message
    document = json.loads(printed)
    assert document["what"] == {"port": "a"} and [row["days"] for row in document["lengths"]] == [
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--what", "kuryk"], "write it like --what port=kuryk"),
        (["--what", "lost=2"], "--what names one thing that is out of service"),
        (
            ["--what", "port=a", "--what", "lasting=2d"],
            "give the time with --from and --days",
        ),
        (["--what", "port=a", "--days", "1;3"], "numbers of days are needed"),
        (["--what", "port=x"], "'x'"),
        ([], "Missing option '--what'"),
    ],
)
def test_a_wrong_call_is_reported(line, capsys, options, message):
    assert corridor(["disrupt", str(line.file), *options, "-n", "2", "--workers", "1"]) == 2
    assert message in capsys.readouterr().err
