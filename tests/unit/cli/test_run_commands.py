"""``corridor run``, ``compare`` and ``capacity`` as a user calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.main import run as corridor
from tests.conftest import HANG_S, wait_for

SMALL = """
title: a small corridor
horizon: {start: 2023-01-01, days: 60, warmup_days: 10}
places: {mine: {}, port: {}, far: {}}
flows: {boxes: {unit: box, origin: mine, destination: far, arrivals: {poisson: {per_day: 4}}}}
sections: {track: {from: mine, to: port, running: 5h, paths_per_day: 8}}
trains: {freight: {path: [mine, port], capacity: {box: 6}}}
vessels: {ship: {capacity: {box: 12}, handling: 4h}}
services: {line: {from: port, to: far, vessel: ship, vessels: 1, crossing: 10h, departure: {port: {full: 1.0}, far: at_once}}}
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return str(path)


def test_run_prints_one_json_document(small, capsys):
    assert corridor(["run", small, "-n", "3", "--workers", "1", "--json", "-"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert list(document) == [
        "scenario",
        "hash",
        "version",
        "seed",
        "replications",
        "audit",
        "metrics",
        "observed",
    ]
    assert (document["scenario"], document["audit"], document["replications"]) == (
        "small",
        "passed",
        3,
    )
    keys = {"name", "scenario", "where", "flow", "activity", "value", "low", "high", "unit"}
    assert all(set(row) == keys for row in document["metrics"])
    residual = [row for row in document["metrics"] if row["name"] == "audit_residual"]
    assert [row["value"] for row in residual] == [0]
    growth = [row for row in document["metrics"] if row["name"] == "stack_growth_per_year"]
    assert growth and all(
        row["value"] is None for row in growth
    )  # no year to compare with: null, not 0
    head = err.splitlines()[0]
    assert head.startswith("small, hash ") and "seed 1, 3 replications, version" in head


def test_the_same_run_gives_the_same_json(small, capsys):
    texts = []
    for workers in ("1", "2"):
        assert corridor(["run", small, "-n", "2", "--workers", workers, "--json", "-"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def test_run_leaves_files_and_figures(small, tmp_path, capsys):
    out = tmp_path / "out"
    assert corridor(["run", small, "-n", "2", "--workers", "1", "--out", str(out)]) == 0
    names = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    assert {
        "manifest.json",
        "metrics.parquet",
        "log/vehicle_log.parquet",
        "figures/waits.png",
        "figures/stacks.svg",
    } <= names
    assert not [name for name in names if "part" in name]
    assert "a small corridor" in (out / "manifest.json").read_text()
    assert "cargo" in capsys.readouterr().out


def test_compare_gives_paired_differences(small, capsys):
    assert corridor(["compare", small, small, "-n", "2", "--workers", "1", "--json", "-"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [s["scenario"] for s in document["scenarios"]] == ["small", "small-2"]
    # Nothing differs; what does not exist in either has no difference.
    assert {row["difference"] for row in document["differences"]} == {0, None}


def test_capacity_works_the_line_out_without_a_run(small, capsys):
    assert corridor(["capacity", small, "--json", "-"]) == 0
    rows = {row["resource"]: row for row in json.loads(capsys.readouterr().out)["capacity"]}
    # 1460 boxes a year in decks of 12 against 365 * 24 / (2 * 10 + 2 * 4) = 312.9 round trips.
    assert rows["line"]["demand_per_year"] == pytest.approx(1460 / 12)
    assert rows["line"]["capacity_per_year"] == pytest.approx(8760 / 28)
    assert rows["track:mine>port"]["capacity_per_year"] == pytest.approx(8 * 365)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["compare", "baseline-2023"], 2, "compare needs two scenarios or more"),
        (["run", "baseline-2024"], 2, "did you mean 'baseline-2023'?"),
        (
            ["run", "baseline-2023", "--set", "demand.scale=-1"],
            2,
            "demand.scale: must be greater than or equal to 0",
        ),
        (
            ["run", "baseline-2023", "--set", "services.kuryk-ferry.vessels=3"],
            2,
            "services.kuryk-ferry",
        ),
        (["run", "baseline-2023", "-n", "0"], 2, "0 is not in the range"),
        (["run", "baseline-2023", "-n", "1", "--out", "/proc/nowhere"], 4, "cannot be written"),
    ],
)
def test_wrong_calls_get_one_message_and_the_right_code(arguments, code, message, capsys):
    assert corridor(arguments) == code
    out, err = capsys.readouterr()
    assert message in err
    assert "Traceback" not in out + err


def test_work_in_the_preview_is_that_of_what_is_moved(tmp_path, capsys):
    path = tmp_path / "rates.yaml"
    path.write_text(
        SMALL.replace(
            "vessels: {ship",
            "ports: {port: {berths: {quay: {berths: 1, units_per_h: {box: 6}}}}}\nvessels: {ship",
        )
    )
    assert corridor(["capacity", str(path), "--json", "-"]) == 0
    rows = {
        (row["resource"], row["kind"]): row
        for row in json.loads(capsys.readouterr().out)["capacity"]
    }
    # One way only: 12 boxes are loaded in 2 h, nothing is discharged at the port; 2 * 10 + 2 * 4 + 2 = 30 h.
    assert rows["line", "service"]["capacity_per_year"] == pytest.approx(8760 / 30)


def test_results_that_cannot_be_written_are_told_before_the_run(small, tmp_path, capsys):
    assert corridor(["run", small, "-n", "1", "--json", str(tmp_path / "nowhere" / "x.json")]) == 4
    err = capsys.readouterr().err
    assert "choose another --json" in err
    assert "replications" not in err


def test_a_broken_audit_is_exit_code_3(small, monkeypatch, capsys):
    from sim.engine.world.world import World

    end_trip = World.end_trip

    def lose(self, trip):
        trip.lots = trip.lots[1:]
        end_trip(self, trip)

    monkeypatch.setattr(World, "end_trip", lose)
    assert corridor(["run", small, "-n", "1", "--workers", "1"]) == 3
    assert "the audit found" in capsys.readouterr().err


def test_a_full_disk_is_exit_code_4(small, capsys):
    if not Path("/dev/full").is_char_device():
        pytest.skip("no /dev/full on this machine")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sim", "run", small, "-n", "1", "--workers", "1", "--json", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 4
    assert "space" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_with_130_and_keeps_what_is_finished(tmp_path):
    out, store = tmp_path / "out", tmp_path / "store"
    command = [sys.executable, "-m", "sim", "run", "baseline-2023", "-n", "2000", "--workers", "2"]
    command += [f"--out={out}", f"--store={store}"]
    command += [
        f"--set=horizon.{k}={v}"
        for k, v in {"days": 20, "warmup_days": 1, "followup_days": 0}.items()
    ]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # Whoever runs the tests in the background has interrupts ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    # Of three parts in the store two at least have been handed over.
    wait_for(
        lambda: len(list(store.glob("*/*/*/*.part"))) >= 3, "three replications", process=process
    )
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=HANG_S)
    assert process.returncode == 130, err
    assert "replications are finished and kept" in err
    assert "Traceback" not in err
    kept = json.loads((out / "manifest.json").read_text())["replications"]
    assert 2 <= len(kept) < 2000
    assert len(list(store.glob("*/*/*/*.part"))) >= len(kept)
