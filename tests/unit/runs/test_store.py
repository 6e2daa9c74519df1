"""The run store: complete or absent, checked, computed once, and shared."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.errors import MachineError, UsageError
from sim.layers import below
from sim.runs import store as store_module
from sim.runs.part import decode, encode
from sim.runs.replication import replication_of
from sim.runs.requests import Request
from sim.runs.runner import Runner
from sim.runs.store import Key, Store, engine_digest
from sim.spec.load import Scenario
from sim.study.replicate import replicate
from tests.conftest import HANG_S

OLD = Path(__file__).parents[2] / "data" / "store-of-version-0.1"
"""Two replications as version 0.1 kept them."""


@pytest.fixture
def line() -> Scenario:
    """Return a corridor that takes a tenth of a second."""
    return sim.load("textbook/one-ferry-line", {"horizon.days": 200, "horizon.warmup_days": 20})


def _key(scenario: Scenario, number: int, seed: int = 1) -> Key:
    return Key(scenario.hash, engine_digest(), seed, number)


def test_a_part_gives_back_what_was_put_in(line):
    log = sim.simulate(line, seed=5).log
    before = replication_of(log)
    data = encode(before)
    after = decode(data)
    assert data == encode(after) == encode(replication_of(sim.simulate(line, seed=5).log))
    assert (after.number, after.events) == (before.number, before.events)
    for name in ("metrics", "levels", "closures"):
        left, right = getattr(before, name), getattr(after, name)
        assert left.shape == right.shape and list(left.columns) == list(right.columns)
        assert left.isna().equals(right.isna().set_axis(left.index))
        assert (left.fillna(-1).to_numpy() == right.fillna(-1).to_numpy()).all()


def test_parts_are_added_and_never_computed_twice(line, tmp_path):
    with Runner(workers=1, store=tmp_path / "store") as first:
        few = replicate(line, replications=2, runner=first)
    with Runner(workers=1, store=tmp_path / "store") as second:
        more = replicate(line, replications=5, runner=second)
    with Runner(workers=1, store=tmp_path / "store") as third:
        again = replicate(line, replications=5, runner=third)
    assert [(r.computed, r.read) for r in (first, second, third)] == [(2, 0), (3, 2), (0, 5)]
    assert more.metrics.equals(again.metrics)
    assert more.metrics.query("replication < 2").equals(few.metrics)
    assert replicate(line, replications=5, workers=1).metrics.equals(more.metrics)


def test_a_log_is_kept_where_it_is_asked_for(line, tmp_path):
    store = Store(tmp_path / "store")
    replicate(line, replications=2, workers=1, store=store, keep_log=False)
    assert [entry.has_log for entry in store.entries()] == [False, False]
    kept = replicate(line, replications=2, workers=1, store=store)
    assert [entry.has_log for entry in store.entries()] == [True, False]
    fresh = sim.simulate(line, seed=1).log
    log = kept.replications[0].log
    assert log is not None
    assert (log.facts, log.names, log.flows, log.resources, log.carriers) == (
        fresh.facts,
        fresh.names,
        fresh.flows,
        fresh.resources,
        fresh.carriers,
    )
    assert all(log[name].equals(fresh[name]) for name in fresh.tables)
    assert log.state == fresh.state


@pytest.mark.parametrize(
    "damage",
    [lambda d: d[:-10], lambda d: d[:200] + b"x" + d[201:], lambda _: b"", lambda d: b"y" + d],
)
def test_a_damaged_part_is_found_named_and_computed_anew(line, tmp_path, damage):
    store = Store(tmp_path / "store")
    whole = replicate(line, replications=3, workers=1, store=store)
    path = next(entry.path for entry in store.entries() if entry.key.replication == 1)
    path.write_bytes(damage(path.read_bytes()))
    with Runner(workers=1, store=Store(tmp_path / "store")) as runner:
        mended = replicate(line, replications=3, runner=runner)
    assert (runner.computed, runner.read) == (1, 2)
    assert str(path) in runner.store_message()
    assert mended.metrics.equals(whole.metrics)
    assert store.verify() == []


@pytest.mark.parametrize("kind", ["another number", "another seed", "a log"])
def test_a_part_under_another_name_is_found_out(line, tmp_path, kind):
    store = Store(tmp_path / "store")
    whole = replicate(line, replications=2, workers=1, store=store)
    replicate(line, replications=1, seed=2, workers=1, store=store)
    first, second = (store.folder / f"{_key(line, number).place}.part" for number in (0, 1))
    other = {
        "another number": second,
        "another seed": store.folder / f"{_key(line, 0, seed=2).place}.part",
        "a log": first.with_suffix(".log"),
    }[kind]
    first.write_bytes(other.read_bytes())
    with Runner(workers=1, store=Store(store.folder)) as runner:
        again = replicate(line, replications=2, runner=runner)
    assert runner.computed == 1 and str(first) in runner.store_message()
    assert again.metrics.equals(whole.metrics)


def test_two_processes_may_make_a_store_at_once(tmp_path):
    code = "import sys; from pathlib import Path; from sim.runs.store import Store; Store(Path(sys.argv[1]))"
    for number in range(3):
        command = [sys.executable, "-c", code, str(tmp_path / str(number))]
        both = [subprocess.Popen(command) for _ in range(2)]
        assert [process.wait(timeout=HANG_S) for process in both] == [0, 0]
    left = tmp_path / "left"
    left.mkdir()
    (left / ".corridor-store.123").write_text("")  # by one that was killed meanwhile
    Store(left)


def test_a_command_that_only_reads_makes_no_store(tmp_path):
    with pytest.raises(UsageError, match="is no run store"):
        Store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_tidying_up_leaves_alone_what_is_being_written(line, tmp_path):
    store = Store(tmp_path / "store")
    replicate(line, replications=1, workers=1, store=store, keep_log=False)
    folder = next(store.entries()).path.parent
    (folder / ".7.part.123").write_text("half")
    (folder / "notes.txt").write_text("mine")
    (folder / "copy.part").write_text("mine")
    lock = store.claim(_key(line, 7))
    assert lock is not None
    assert store.prune() == (0, 0)
    lock.release()
    assert store.prune() == (1, 4)
    assert sorted(path.name for path in folder.iterdir()) == ["0.part", "copy.part", "notes.txt"]
    assert [entry.key.replication for entry in store.entries()] == [0]


def test_another_engine_finds_nothing_of_this_one(line, tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    replicate(line, replications=1, workers=1, store=store)
    monkeypatch.setattr(store_module, "engine_digest", lambda: "0" * 16)
    monkeypatch.setattr("sim.runs.runner.engine_digest", lambda: "0" * 16)
    with Runner(workers=1, store=store) as runner:
        replicate(line, replications=1, runner=runner)
    assert runner.computed == 1
    files, _ = store.prune()
    assert files == 2  # the part and the log of the engine before
    assert [entry.key.engine for entry in store.entries()] == ["0" * 16]


def test_every_package_below_study_is_in_the_digest():
    names = below("study")
    assert {"engine", "metrics", "network", "spec", "log", "runs", "streams", "units"} <= set(names)
    assert not {"study", "analysis", "plot", "report", "cli", "verify"} & set(names)
    root = Path(sim.__file__).parent
    assert all((root / name).is_dir() or (root / f"{name}.py").is_file() for name in names)


def test_a_store_of_the_version_before_is_refused_as_stale_and_never_read(line, tmp_path):
    folder = tmp_path / "store"
    shutil.copytree(OLD, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"has layout 1.*stale.*corridor store prune"):
        replicate(line, replications=1, workers=1, store=folder)
    kept = Store(folder, create=False, accept_stale=True)
    assert [entry.is_stale for entry in kept.entries()] == [True, True]
    assert kept.verify() == []
    assert {path: path.read_bytes() for path in before} == before
    assert all(kept.part(entry.key) is None for entry in kept.entries())
    assert kept.damaged == []
    assert {path: path.read_bytes() for path in before} == before
    assert kept.prune()[0] == 2
    assert not list(kept.entries())
    with Runner(workers=1, store=folder) as runner:
        replicate(line, replications=1, runner=runner)
    assert runner.computed == 1


def test_the_digest_sees_every_source_that_makes_a_part(tmp_path, monkeypatch):
    root = tmp_path / "sim"
    shutil.copytree(Path(sim.__file__).parent, root, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(store_module, "__file__", str(root / "runs" / "store.py"))
    engine_digest.cache_clear()
    before = engine_digest()
    for name, counts in (
        ("engine/sea/vessel.py", True),
        ("metrics/rows.py", True),
        ("streams.py", True),
        ("plot/look.py", False),
    ):
        text = (root / name).read_text()
        (root / name).write_text(text + "\n# changed\n")
        engine_digest.cache_clear()
        assert (engine_digest() != before) is counts, name
        (root / name).write_text(text)
    engine_digest.cache_clear()


def test_a_full_disk_leaves_nothing_half_written(line, tmp_path, monkeypatch):
    store = Store(tmp_path / "store")
    replicate(line, replications=1, workers=1, store=store, keep_log=False)
    fsync = os.fsync

    def full(descriptor: int) -> None:
        fsync(descriptor)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MachineError, match=r"No space left.*the same command goes on"):
        replicate(line, replications=3, workers=1, store=store, keep_log=False)
    monkeypatch.undo()
    assert [entry.key.replication for entry in store.entries()] == [0]
    assert not [path for path in store.folder.rglob("*") if path.name.startswith(".")]
    assert store.verify() == []


def test_a_folder_with_other_things_is_no_store(tmp_path):
    (tmp_path / "letter.txt").write_text("dear port")
    with pytest.raises(UsageError, match="holds other things"):
        Store(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "corridor-store").write_text("99\n")
    with pytest.raises(UsageError, match="layout 99"):
        Store(other)


def test_two_processes_share_the_work(line, tmp_path):
    """What another process is computing is waited for, and read."""
    code = """
import sys, sim
from sim.runs.runner import Runner
from sim.study.replicate import replicate
line = sim.load("textbook/one-ferry-line", {"horizon.days": 200, "horizon.warmup_days": 20})
with Runner(workers=1, store=sys.argv[1]) as runner:
    replicate(line, replications=12, runner=runner, keep_log=False)
print(runner.computed, runner.read)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "store")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    counts = []
    for process in both:
        with process:
            counts.append([int(n) for n in process.communicate(timeout=HANG_S)[0].split()])
    assert sum(computed for computed, _ in counts) == 12
    assert all(computed + read == 12 for computed, read in counts)


def test_what_a_killed_process_was_at_is_taken_over(line, tmp_path):
    store = Store(tmp_path / "store")
    code = """
import signal, sys, sim
from pathlib import Path
from sim.runs.store import Key, Store, engine_digest
lock = Store(Path(sys.argv[1])).claim(Key(sys.argv[2], engine_digest(), 1, 0))
print("held", flush=True)
signal.pause()
"""
    command = [sys.executable, "-c", code, str(store.folder), line.hash]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert store.claim(_key(line, 0)) is None
        holder.send_signal(signal.SIGKILL)
    lock = store.claim(_key(line, 0))
    assert lock is not None, "the lock outlives its holder"
    lock.release()
    with Runner(workers=1, store=store) as runner:
        assert [r.number for _, r in runner.collect([Request.of(line, 1, range(1))])] == [0]
    assert runner.computed == 1
