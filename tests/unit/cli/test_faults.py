"""Every operation on the disk of a command fails once: nothing is half, nothing of the user's is touched, and the same command again ends as if nothing had been."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest

import sim
from sim.cli.main import run as corridor
from sim.report.pictures import Picture
from sim.runs.store import Store
from sim.study.contents import CONTENTS
from sim.study.files import load_studies
from sim.study.sealed import verified
from tests.conftest import HANG_S
from tests.disk import Disk, Killed, failing, kill

CORRIDOR = """
title: a line
horizon: {start: 2023-01-01, days: 740, warmup_days: 10, followup_days: 30}
places: {a: {}, b: {}}
units: {wagon: {tonnes: 10}}
flows:
  wagons: {unit: wagon, origin: a, destination: b, arrivals: {poisson: {per_day: 2}}}
  more: {unit: wagon, origin: a, destination: b, arrivals: {trace: {file: data/wagons.csv}}}
vessels: {ferry: {capacity: {wagon: 5}}}
services:
  line: {from: a, to: b, vessel: ferry, vessels: 2, crossing: 6h, handling: 4h, departure: {a: {full: 1.0, longest_wait: 12h}, b: at_once}}
project_catalogue:
  ferry: {title: one more ferry, change: {services: {line: {vessels: {plus: 1}}}}, capital_musd: 30}
"""
TRACE = "time,units\n2023-01-02T00:00:00,2\n2024-12-30T00:00:00,4\n"
SHORT = ["--set", "horizon.days=60", "--workers", "1"]
COMMANDS = {
    "run": ["run", "c.yaml", *SHORT, "-n", "2", "--store", "store"],
    "compare": ["compare", "c.yaml", "c.yaml", *SHORT, "-n", "2"],
    "sweep": ["sweep", "c.yaml", *SHORT, "--vary", "services.line.vessels=1,2", "-n", "1"],
    "plan": ["plan", "c.yaml", "--workers", "1", "--target", "1x", "--budget", "4"],
    "report": ["report", "study"],
}
MINE = ("c.yaml", "data/wagons.csv", "notes.txt")
"""Files of the user beside the results."""
ERRORS = {
    "no space": OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    "no permission": PermissionError(errno.EACCES, os.strerror(errno.EACCES)),
    "a broken disk": OSError(errno.EIO, os.strerror(errno.EIO)),
}


def _words(name: str) -> list[str]:
    words = COMMANDS[name]
    return words if name == "report" else [*words, "--out", "out", "--json", "result.json"]


def _results(folder: Path) -> dict[str, bytes]:
    """Return what *folder* holds but locks, the store, and what a killed command has left to be swept away."""
    return {
        name: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name != ".corridor-lock"
        and not (name := path.relative_to(folder).as_posix()).startswith(
            ("store/", ".corridor-new-")
        )
    }


class Trial:
    """One command in a folder where it has written before, with another seed, undisturbed."""

    def __init__(self, name: str, home: Path) -> None:
        self.name, self.words, self.home = name, _words(name), home
        self.place = "study" if name == "report" else "out"
        (home / "data").mkdir(parents=True)
        (home / "c.yaml").write_text(CORRIDOR)
        (home / "data" / "wagons.csv").write_text(TRACE)
        (home / "notes.txt").write_text("mine")
        os.chdir(home)
        if name == "report":
            assert corridor([*COMMANDS["run"], "--out", "study"]) == 0
            shutil.rmtree("store")
        else:
            assert corridor([*self.words, "--seed", "2"]) == 0
            shutil.rmtree("out/store", ignore_errors=True)
            shutil.rmtree("store", ignore_errors=True)
        self.old = self.state()
        self.before = home.with_name(f"{name}-before")
        shutil.copytree(home, self.before)
        with failing(0, kill) as disk:
            assert corridor(self.words) == 0
        self.disk: Disk = disk
        self.new = self.state()
        assert self.new != self.old

    def state(self) -> dict[str, dict[str, bytes]]:
        """Return the results, and the document."""
        document = Path("result.json")
        return {
            "results": _results(Path(self.place)),
            "document": {"": document.read_bytes()} if document.exists() else {},
        }

    def reset(self) -> None:
        """Put everything back to where it was before the command."""
        shutil.rmtree(self.home)
        shutil.copytree(self.before, self.home)
        os.chdir(self.home)

    def check(self, where: str, *, is_tidy: bool) -> None:
        """Check what is there after a fault, then run the command again."""
        for name in MINE:
            assert (self.home / name).read_bytes() == (self.before / name).read_bytes(), where
        names = {path.name for path in self.home.iterdir() if path.name != "store"}
        expected = {path.name for path in self.before.iterdir()} - {"store"}
        if is_tidy:
            assert names == expected, where
        # Whoever reads the folder finishes what a command had decided on.
        verified(self.home / self.place)
        if self.name in ("run", "compare", "report"):
            load_studies(self.place)
        for part, content in self.state().items():
            assert content in (self.old[part], self.new[part]), (where, part)
        for store in self.home.glob("**/corridor-store"):
            assert not Store(store.parent).verify(), where
        assert corridor(self.words) == 0, where
        assert self.state() == self.new, where
        assert not list((self.home / self.place).glob(".corridor-[!l]*")), where
        assert CONTENTS in self.state()["results"]


@pytest.fixture(scope="module", params=COMMANDS)
def trial(request, tmp_path_factory):
    """Each command, without its figures but one, which takes the same way to the disk."""
    here = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.plot.kinds.STUDY_KINDS", {})
        patch.setattr("sim.plot.kinds.TABLE_KINDS", {})
        patch.setattr("sim.plot.kinds.save_figures", _save_one)
        picture = Picture("", "", "data:,", "")
        patch.setattr("sim.report.page.pictures", lambda studies: defaultdict(lambda: picture))
        yield Trial(request.param, tmp_path_factory.mktemp("faults") / request.param)
    os.chdir(here)


def _save_one(_figures, folder):
    from matplotlib.figure import Figure

    from sim.plot.figures import save_figure

    folder.mkdir(exist_ok=True)
    return [save_figure(Figure(figsize=(1, 1)), folder / "one.svg")]


def _fail_each(trial, numbers, capsys):
    """Fail the operations of these *numbers*, with one error after the other; return how often each code came."""
    codes = {0: 0, 4: 0}
    for number in numbers:
        trial.reset()
        name = list(ERRORS)[number % len(ERRORS)]
        capsys.readouterr()

        def fail(name=name):
            raise ERRORS[name]

        with failing(number, fail) as disk:
            code = corridor(trial.words)
        where = f"{trial.name}: {disk.failed} at {number}: {name}"
        message = capsys.readouterr().err
        assert code in codes, (where, message)
        assert "Traceback" not in message, (where, message)
        said = [line for line in message.splitlines() if line.startswith("corridor: ")]
        assert len(said) == (code == 4), (where, message)
        if code == 0:
            assert trial.state() == trial.new, where
        codes[code] += 1
        trial.check(where, is_tidy=disk.failed not in ("unlink", "remove", "rmdir"))
    return codes


def _kill_each(trial, numbers):
    """Let everything fail from the operations of these *numbers* on, as a kill does."""
    for number in numbers:
        trial.reset()
        with failing(number, kill) as disk, suppress(Killed):
            corridor(trial.words)
        trial.check(f"{trial.name}: killed at {disk.failed} {number}", is_tidy=False)


def test_the_operations_are_counted(trial):
    """No way to the disk is forgotten: every kind is among them."""
    kinds = trial.disk.kinds
    assert {"open", "write", "fsync", "replace", "unlink"} <= set(kinds), kinds
    if trial.name != "report":
        assert {"mkdir", "rename", "rmdir"} <= set(kinds), kinds


def test_some_operations_fail(trial, capsys):
    """A stride through all of them; all are in the long tests."""
    stride = trial.disk.count // 4
    codes = _fail_each(trial, range(2, trial.disk.count + 1, stride), capsys)
    assert codes[4] >= 2
    _kill_each(trial, range(stride, trial.disk.count + 1, 2 * stride))


@pytest.mark.long
def test_every_operation_fails(trial, capsys):
    codes = _fail_each(trial, range(1, trial.disk.count + 1), capsys)
    assert sum(codes.values()) == trial.disk.count
    assert codes[0] < trial.disk.count / 4


@pytest.mark.long
def test_everything_fails_from_every_operation_on(trial):
    _kill_each(trial, range(1, trial.disk.count + 1))


# Kills itself, as SIGKILL does, before the operation of this number.
KILLED = """
import os, signal, sys
from tests.disk import failing
from sim.cli.main import run
import sim.plot.kinds as kinds
kinds.STUDY_KINDS, kinds.save_figures = {}, lambda figures, folder: []
with failing(int(sys.argv[1]), lambda: os.kill(os.getpid(), signal.SIGKILL)):
    sys.exit(run(sys.argv[2:]))
"""


def _kill_for_good(home, numbers):
    """Kill a process that overwrites a study before operations of these *numbers*, given how many there are.

    Return how many were killed.
    """
    root = Path(sim.__file__).parents[1]
    words = [*COMMANDS["run"], "--out", "out", "--json", "result.json"]
    killed = 0
    trial = Trial("run", home)
    for number in numbers(trial.disk.count):
        trial.reset()
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(number), *words],
            env={**os.environ, "PYTHONPATH": str(root)},
            cwd=home,
            check=False,
            capture_output=True,
            timeout=HANG_S,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        killed += done.returncode != 0
        trial.check(f"killed at {number}", is_tidy=False)
    return killed


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.plot.kinds.STUDY_KINDS", {})
    monkeypatch.setattr("sim.plot.kinds.save_figures", lambda figures, folder: [])
    return tmp_path / "home"


def test_a_process_is_killed_at_some_operations(home):
    assert _kill_for_good(home, lambda count: (count // 3, 2 * count // 3, count - 8)) == 3


@pytest.mark.long
def test_a_process_is_killed_at_many_operations(home):
    assert _kill_for_good(home, lambda count: range(1, count + 1, 5)) > 30
