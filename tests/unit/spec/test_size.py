"""The size of a run is known before it: estimated, compared with runs, and bounded by its user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.main import run
from sim.engine.run import simulate
from sim.network.build import build
from sim.spec.load import Scenario, load

NO_FOLLOW_UP = {"horizon.followup_days": 0}
"""The estimate counts the whole follow-up; a run ends earlier if its cargo is delivered."""
CARRIED = [
    ("textbook/blocked-tandem", {}),
    ("textbook/bulk", {"horizon.days": 900}),
    ("textbook/closed-fleet", {}),
    ("textbook/full-deck", {"horizon.days": 900}),
    ("textbook/gate", {"horizon.days": 900}),
    ("textbook/locomotive-repair", {"horizon.days": 3000}),
    ("textbook/one-ferry-line", {}),
    ("textbook/paused-work", {"horizon.days": 900}),
    ("textbook/priority", {"horizon.days": 900}),
    ("textbook/timetable", {"horizon.days": 900}),
    ("pairs/crews", {}),
    ("pairs/growth", {}),
    ("pairs/loops", {}),
    ("pairs/turn-back", {}),
    ("baseline-2023", {"horizon.days": 90, "horizon.warmup_days": 30}),
]
LEFT_BEHIND = ("fivefold", {"horizon.days": 60, "horizon.warmup_days": 20})
MANY = """title: more boxes than anybody has memory for
horizon: {days: 40, warmup_days: 5}
places: {a: {}, b: {}}
units: {box: {tonnes: 10}}
flows:
  few: {unit: box, origin: b, destination: a, arrivals: {poisson: {per_day: 1}}}
  many: {unit: box, origin: a, destination: b, arrivals: {poisson: {per_day: 100000}}}
vessels: {v: {capacity: {box: 5000}}}
services: {l: {from: a, to: b, vessel: v, vessels: 2, crossing: 20h, handling: 8h}}
project_catalogue: {ship: {title: one more, change: {services: {l: {vessels: 3}}}, capital_musd: 9}}
"""
MESSAGE = (
    "many.yaml:7:3: flows.many: one run makes about 50 million rows of the log and 8 GB of memory "
    "in 100 days, more than 4 GB; most consignments are here, at scale 1: make them larger, the "
    "scale smaller or the horizon shorter, or allow more with --memory 9 (memory_gb in notebooks)"
)


def ratio(scenario: Scenario) -> float:
    """Return rows that were estimated over rows that a run writes."""
    log = simulate(build(scenario))
    return scenario.size.rows / sum(len(table) for table in log.tables.values())


@pytest.mark.parametrize(("name", "changes"), CARRIED, ids=[name for name, _ in CARRIED])
def test_rows_of_a_run_that_carries_its_cargo_are_estimated(name, changes):
    """Never much too few, since memory is bounded by it; at most half as many again: it takes
    vessels to sail without a wait and every load to part a consignment."""
    assert 0.85 <= ratio(load(name, NO_FOLLOW_UP | changes)) <= 1.6


def test_cargo_that_is_left_behind_is_counted_as_if_it_came_through():
    """Half of it has all its vehicles and legs still to come: up to twice as many rows again."""
    name, changes = LEFT_BEHIND
    assert 1.0 <= ratio(load(name, NO_FOLLOW_UP | changes)) <= 3.0


def test_changes_by_date_count_for_as_long_as_they_hold():
    base = load("textbook/one-ferry-line", {"horizon.days": 1000, **NO_FOLLOW_UP})
    late = base.with_({"changes": {"2023-04-11": {"demand": {"scale": 11}}}})
    assert (late.eras[0].begins - late.spec.horizon.start).days == 100
    cargo = late.size.by_table["consignments"] / base.size.by_table["consignments"]
    assert cargo == pytest.approx((100 + 900 * 11) / 1000)


PEAK = """
import sys
from pathlib import Path
from sim.runs.replication import replication_of
from sim.engine.run import simulate
from sim.network.build import build
from sim.spec.load import load

def peak_gb():
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e9

scenario = load(sys.argv[1], ["horizon.days=" + sys.argv[2]])
network = build(scenario)
before = peak_gb()
replication_of(simulate(network))
print(peak_gb() - before, scenario.size.memory_gb)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize(("name", "days"), [("textbook/priority", 3000), ("piles-up.yaml", 100)])
def test_memory_of_a_run_is_estimated(name, days, tmp_path):
    """Within a factor of two: 24 to 38 bytes a number of the log were measured, 32 are taken."""
    piles_up = MANY.replace("100000", "2500").replace("vessels: 2", "vessels: 1")
    Path(tmp_path / "piles-up.yaml").write_text(piles_up)
    name = str(tmp_path / name) if name.endswith(".yaml") else name
    done = subprocess.run(
        [sys.executable, "-c", PEAK, name, str(days)], capture_output=True, text=True, check=True
    )
    taken_gb, estimated_gb = map(float, done.stdout.split())
    assert 0.5 <= estimated_gb / taken_gb <= 2


@pytest.fixture
def many(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("many.yaml").write_text(MANY)
    return "many.yaml"


@pytest.mark.parametrize("command", ["check", "run", "compare", "sweep", "saturation"])
def test_every_command_that_simulates_refuses_what_takes_too_much(command, many, capsys):
    more = {"compare": [many], "sweep": ["--vary", "demand.scale=1,2"]}.get(command, [])
    assert run([command, many, *more]) == 2
    told = capsys.readouterr()
    assert MESSAGE in told.out + told.err


def test_whoever_runs_it_raises_the_limit_and_the_scenario_cannot(many, monkeypatch, capsys):
    assert run(["check", many, "--memory", "9"]) == 0
    assert "one replication: about 50 million rows of the log and 8 GB" in capsys.readouterr().err
    assert load(many, memory_gb=9).with_({"demand.scale": 0.5}).memory_gb == 9
    with pytest.raises(sim.ScenarioError, match=r"at scale 1.5\b.* --memory 14"):
        load(many, memory_gb=9).with_({"demand.scale": 1.5})
    monkeypatch.setenv("CORRIDOR_MEMORY_GB", "9")
    assert load(many).memory_gb == 9
    monkeypatch.setenv("CORRIDOR_MEMORY_GB", "much")
    with pytest.raises(sim.UsageError, match="CORRIDOR_MEMORY_GB must be a number of GB above 0"):
        load(many)


def test_a_point_of_a_sweep_and_a_target_of_a_plan_are_refused_before_any_run(many, capsys):
    fine = ["--set", "flows.many.arrivals.poisson.per_day=10000"]
    assert run(["sweep", many, *fine, "--vary", "demand.scale=1,10"]) == 2
    assert "at scale 10" in capsys.readouterr().err
    assert run(["plan", many, *fine, "--target", "10x"]) == 2
    assert "at scale 10" in capsys.readouterr().err


def test_workers_that_take_more_together_than_there_is_are_warned_of(many, monkeypatch, capsys):
    monkeypatch.setattr("sim.bounds.machine_memory_gb", lambda: 0.0001)
    few = ["--set", "flows.many.arrivals.poisson.per_day=1", "-n", "1", "--workers", "2"]
    assert run(["run", many, *few]) == 0
    warning = "2 workers may take 0.15 GB of memory each, and this machine has 0.0001 GB; with"
    assert f"warning: {warning} --workers 1 fewer run at once" in capsys.readouterr().err


def test_what_runs_nothing_is_not_bounded(many):
    assert run(["show", many]) == 0
    assert run(["capacity", many]) == 0


def test_going_on_from_a_state_does_not_doubt_rows_of_the_past(tmp_path):
    rows = "".join(f"2023-01-{day:02d},2\n" for day in range(1, 31))
    Path(tmp_path / "trace.csv").write_text("time,units\n" + rows)
    few = MANY.replace("poisson: {per_day: 100000}", "trace: {file: trace.csv}")
    Path(tmp_path / "few.yaml").write_text(few.replace("days: 40", "days: 29"))
    late = {"horizon.start": "2023-01-11", "horizon.days": 19}
    afresh = load(tmp_path / "few.yaml", late)
    assert "10 rows lie before the run begins" in str(afresh.warnings[0])
    assert load(tmp_path / "few.yaml", {**late, "initial": {}}).warnings == ()
