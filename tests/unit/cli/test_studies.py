"""``corridor sweep``, ``saturation``, ``store`` and the options of studies, as a user calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sim.cli.main import run as corridor
from tests.conftest import HANG_S

LINE = "textbook/one-ferry-line"
SHORT = ["--set", "horizon.days=200", "--set", "horizon.warmup_days=20", "--workers", "1"]
PER_DAY = "flows.wagons.arrivals.poisson.per_day"


def test_a_sweep_prints_and_keeps_its_points(tmp_path, capsys):
    out = tmp_path / "out"
    command = [
        "sweep",
        LINE,
        "--vary",
        f"{PER_DAY}=6,8",
        "--vary",
        "services.line.vessels=2,3",
        "-n",
        "2",
        *SHORT,
    ]
    assert corridor([*command, "--out", str(out)]) == 0
    printed, told = capsys.readouterr()
    assert "main outcomes at 4 points, 95 %" in printed and "±" in printed
    assert (
        "seed 1, 4 points, 2 replications each" in told
        and "8 replications computed, 0 read" in told
    )
    points = pd.read_csv(out / "points.csv")
    assert points[PER_DAY].tolist() == [6, 6, 8, 8]
    assert points["n"].tolist() == [2, 2, 2, 2]
    assert len(pd.read_parquet(out / "sweep.parquet")) == 4 * 2 * 5
    assert corridor([*command, "--out", str(out), "--json", "-"]) == 0
    printed, told = capsys.readouterr()
    assert "0 replications computed, 8 read" in told
    document = json.loads(printed)
    assert document["paths"] == [PER_DAY, "services.line.vessels"]
    assert document["points"][2]["offered_t_per_year [t/a]"] == pytest.approx(
        points["offered_t_per_year [t/a]"][2]
    )


def test_a_sample_and_a_design_make_points(tmp_path, capsys):
    sample = [
        "sweep",
        LINE,
        "--vary",
        f"{PER_DAY}=5..9",
        "--sample",
        "3",
        "-n",
        "1",
        *SHORT,
        "--json",
        "-",
    ]
    assert corridor(sample) == 0
    values = [point[PER_DAY] for point in json.loads(capsys.readouterr().out)["points"]]
    assert len(set(values)) == 3 and all(5 <= value <= 9 for value in values)
    (tmp_path / "design.csv").write_text(
        f"{PER_DAY},services.line.crossing\n6,18h\n7,{{exponential: 20h}}\n"
    )
    assert (
        corridor(
            [
                "sweep",
                LINE,
                "--design",
                str(tmp_path / "design.csv"),
                "-n",
                "1",
                *SHORT,
                "--json",
                "-",
            ]
        )
        == 0
    )
    assert len(json.loads(capsys.readouterr().out)["points"]) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "needs something to vary"),
        (["--vary", "demand.scale"], "write it like --vary demand.scale=1,2,3"),
        (["--vary", "demand.scale="], "write it like --vary demand.scale=1,2,3"),
        (["--vary", "demand.scale=1,2", "--vary", "demand.scale=3"], "varied twice"),
        (
            ["--vary", "demand.scale=1,2", "--sample", "5"],
            "a range of numbers is needed, like demand.scale=0.5..2",
        ),
        (["--vary", "demand.scale=3..1", "--sample", "5"], "a range of numbers is needed"),
        (["--vary", "demand.scael=1,2"], "did you mean 'scale'"),
        (["--vary", "demand.scale=1,-2"], "demand.scale"),
        (["--design", "nowhere.csv"], "nowhere.csv cannot be read"),
        (
            ["--design", "nowhere.csv", "--vary", "demand.scale=1,2"],
            "leave out --vary and --sample",
        ),
    ],
)
def test_a_sweep_that_cannot_be_is_told_before_it_runs(options, told, capsys):
    assert corridor(["sweep", LINE, *options, "-n", "1", "--workers", "1"]) == 2
    assert told in capsys.readouterr().err


def test_saturation_is_one_metric(tmp_path, capsys):
    out = tmp_path / "out"
    changes = ["--set", "horizon.days=740", "--set", "horizon.warmup_days=10"]
    command = [
        "saturation",
        "textbook/gate",
        "-n",
        "2",
        "--tolerance",
        "40%",
        "--workers",
        "1",
        *changes,
    ]
    assert corridor([*command, "--out", str(out), "--json", "-"]) == 0
    printed, told = capsys.readouterr()
    document = json.loads(printed)
    (row,) = document["metrics"]
    assert (row["name"], row["where"], row["unit"]) == (
        "saturation_multiple",
        "street:gate:port",
        "1",
    )
    assert row["low"] < row["value"] < row["high"]
    assert "4 times: overloaded: street:gate:port" in told
    assert len(pd.read_csv(out / "saturation.csv")) == len(document["trials"])
    assert "wrote " in told and (out / "figures" / "saturation.png").exists()
    assert corridor([*command, "--out", str(out)]) == 0
    assert "the first to pile up is port, gate of street" in capsys.readouterr().out


def test_saturation_without_two_years_is_refused(capsys):
    assert corridor(["saturation", LINE, "-n", "2", *SHORT]) == 2
    assert "longer horizon" in capsys.readouterr().err


def test_the_store_is_listed_shown_verified_and_pruned(tmp_path, capsys):
    store = tmp_path / "store"
    assert corridor(["run", LINE, "-n", "3", *SHORT, "--store", str(store)]) == 0
    capsys.readouterr()
    assert corridor(["store", "list", str(store), "--json", "-"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["seed"], row["replications"], row["logs"]) == (1, 3, 0)
    assert corridor(["store", "list", str(store)]) == 0
    assert LINE in capsys.readouterr().out
    assert corridor(["store", "show", str(store), row["scenario"][:8]]) == 0
    assert capsys.readouterr().out.count("replication ") == 3
    assert corridor(["store", "verify", str(store)]) == 0
    part = next(store.rglob("1.part"))
    part.write_bytes(part.read_bytes()[:-1])
    capsys.readouterr()
    assert corridor(["store", "verify", str(store)]) == 1
    printed, told = capsys.readouterr()
    assert str(part) in printed and "2 replications are whole, 1 files were damaged" in told
    assert corridor(["store", "prune", str(store)]) == 0
    assert corridor(["store", "show", str(store), "no-such-scenario"]) == 2


def test_a_store_of_the_version_before_is_said_to_be_stale(tmp_path, capsys):
    store = tmp_path / "store"
    shutil.copytree(Path(__file__).parents[2] / "data" / "store-of-version-0.1", store)
    assert corridor(["run", LINE, "-n", "1", "--store", str(store)]) == 2
    assert "all in it is stale" in capsys.readouterr().err
    assert corridor(["store", "list", str(store)]) == 0
    printed, messages = capsys.readouterr()
    assert "5407092994d315f4 (stale)" in printed and "all in it is stale" in messages
    assert corridor(["store", "verify", str(store)]) == 0
    assert "0 files were damaged, 2 replications are stale" in capsys.readouterr().err
    assert corridor(["store", "prune", str(store)]) == 0
    assert "2 files" in capsys.readouterr().err
    assert corridor(["run", LINE, "-n", "1", "--store", str(store), *SHORT]) == 0


def test_a_store_that_is_none_is_told(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("dear port")
    assert corridor(["run", LINE, "-n", "1", *SHORT, "--store", str(tmp_path)]) == 2
    assert "is no run store and holds other things" in capsys.readouterr().err


def test_a_precision_says_how_many_it_took(capsys):
    assert (
        corridor(["run", LINE, "--precision", "0.5%", "--most", "25", *SHORT, "--json", "-"]) == 0
    )
    printed, told = capsys.readouterr()
    assert json.loads(printed)["replications"] == 25
    assert "25 replications do not reach a precision of 0.005" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--precision", "2%", "-n", "3"], "one of --replications, --precision and --replication"),
        (["--precision", "150%"], "--precision is a share between 0 and 100 %"),
        (["--precision", "narrow"], "--precision is a share between 0 and 100 %"),
        (["--replication", "2", "-n", "3"], "one of --replications, --precision and --replication"),
    ],
)
def test_options_that_contradict_are_told(options, told, capsys):
    assert corridor(["run", LINE, *SHORT, *options]) == 2
    assert told in capsys.readouterr().err


def test_one_replication_can_be_run_alone(tmp_path, capsys):
    out = tmp_path / "out"
    assert corridor(["run", LINE, "--replication", "7", *SHORT, "--out", str(out)]) == 0
    assert json.loads((out / "manifest.json").read_text())["replications"] == [7]
    assert (out / "log" / "cargo.parquet").is_file()
    assert (out / "figures" / "warmup.png").is_file()


def test_a_short_run_in_is_told(tmp_path, capsys):
    """A ferry line that begins with a heap of wagons and works it off for two months."""
    scenario = Path(tmp_path / "heap.yaml")
    scenario.write_text("""
title: a heap
horizon: {days: 400, warmup_days: 2}
places: {kuryk: {}, alat: {}}
flows:
  wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}
  old: {unit: wagon, origin: kuryk, destination: alat, arrivals: {trace: {file: old.csv}}}
vessels: {ferry: {capacity: {wagon: 20}}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: 1, crossing: 9h, handling: 3h, departure: {kuryk: {full: 1}, alat: at_once}}
""")
    (tmp_path / "old.csv").write_text("time,units\n2023-01-01T00:00:00,600\n")
    assert corridor(["run", str(scenario), "-n", "3", "--workers", "1"]) == 0
    assert (
        "the warm-up of 2 days is short: by MSER-5 the cargo in all stacks settles after"
        in capsys.readouterr().err
    )


def test_pairs_have_the_same_replications_whatever_their_precision(tmp_path, capsys):
    few = Path(tmp_path / "few.yaml")
    few.write_text(
        f"extends: {LINE}\ntitle: few\nflows: {{wagons: {{arrivals: {{poisson: {{per_day: 2}}}}}}}}\n"
    )
    options = ["--precision", "2%", "--most", "200", *SHORT]
    counts = []
    for scenario in (LINE, str(few)):
        assert corridor(["run", scenario, *options, "--json", "-"]) == 0
        counts.append(json.loads(capsys.readouterr().out)["replications"])
    assert counts[0] < counts[1]
    out = tmp_path / "out"
    assert corridor(["compare", LINE, str(few), *options, "--out", str(out)]) == 0
    manifests = [json.loads(file.read_text()) for file in sorted(out.glob("*/manifest.json"))]
    assert [len(manifest["replications"]) for manifest in manifests] == [counts[1]] * 2


def test_a_reader_that_has_seen_enough_is_no_failure(tmp_path):
    import subprocess
    import sys

    store = tmp_path / "store"
    assert corridor(["run", LINE, "-n", "2", *SHORT, "--store", str(store)]) == 0
    with subprocess.Popen(
        [sys.executable, "-m", "sim", "store", "list", str(store)], stdout=subprocess.PIPE
    ) as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.wait(timeout=HANG_S) == 0


def test_what_cannot_be_an_address_is_told_at_once(capsys):
    assert corridor(["run", LINE, "-n", "2", *SHORT, "--scheduler", "foo"]) == 2
    assert (
        "--scheduler is an address like tls://host:8786 or tcp://127.0.0.1:8786, or 'local'; got 'foo'"
        in capsys.readouterr().err
    )


def test_saturation_of_nothing_is_refused(capsys):
    assert (
        corridor(["saturation", LINE, "-n", "2", "--set", "demand.scale=0", "--workers", "1"]) == 2
    )
    assert "no multiple of nothing" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "compare", "sweep"])
def test_what_is_finished_is_told_when_a_replication_fails(command, monkeypatch, capsys):
    """The second replication breaks a law; in a comparison the pair is left out."""
    from sim.errors import InvariantError
    from sim.runs import pools

    compute = pools.compute

    def breaks_a_law(task):
        if task.replication == 1:
            raise InvariantError("a wagon is lost", 5, "audit")
        return compute(task)

    monkeypatch.setattr(pools, "compute", breaks_a_law)
    what = {"run": [LINE], "compare": [LINE, LINE], "sweep": [LINE, "--vary", f"{PER_DAY}=6,8"]}[
        command
    ]
    assert corridor([command, *what, "-n", "3", *SHORT]) == 3
    printed, told = capsys.readouterr()
    assert {"run": "cargo", "compare": "paired differences", "sweep": "main outcomes"}[
        command
    ] in printed
    assert (
        "a wagon is lost" in told
        and "--replication 1" in told
        and "all others are finished" in told
    )
