"""Workers that are killed, replications that fail, and what is kept of the others."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.errors import InvariantError, MachineError
from sim.runs import pools, runner
from sim.runs.memory import LEAST_MB
from sim.runs.pools import Local, Parts, Task, compute
from sim.runs.requests import FailedError, Interrupted, Request
from sim.runs.runner import Runner, runner_or_new
from sim.study.replicate import replicate
from tests.conftest import HANG_S, is_running, wait_for

WHERE = {**os.environ, "PYTHONPATH": str(Path(sim.__file__).parents[1])}


@pytest.fixture(scope="module")
def line():
    return sim.load("textbook/one-ferry-line", {"horizon.days": 200, "horizon.warmup_days": 20})


@pytest.fixture(scope="module")
def undisturbed(line):
    return replicate(line, replications=6, workers=1, keep_log=False).metrics


def _dies_at_three(task: Task) -> Parts:
    if task.replication == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return compute(task)


def _dies_once(task: Task) -> Parts:
    mark = os.environ["SIM_TEST_MARK"]
    if task.replication == 2 and not os.path.exists(mark):
        with open(mark, "w"):
            os.kill(os.getpid(), signal.SIGKILL)
    return compute(task)


def _breaks_a_law_at_one(task: Task) -> Parts:
    if task.replication == 1:
        raise InvariantError("a wagon is lost", 5, "audit")
    return compute(task)


def _pool_of(work, monkeypatch):
    monkeypatch.setattr(runner, "open_pool", lambda workers, scheduler, tasks: Local(2, work))


def test_a_killed_worker_costs_a_retry(line, undisturbed, monkeypatch, tmp_path):
    monkeypatch.setenv("SIM_TEST_MARK", str(tmp_path / "mark"))
    _pool_of(_dies_once, monkeypatch)
    study = replicate(line, replications=6, workers=2, keep_log=False)
    assert (tmp_path / "mark").exists()
    assert study.metrics.equals(undisturbed)


def test_one_that_kills_its_worker_every_time_is_reported_and_the_others_kept(
    line, undisturbed, monkeypatch
):
    _pool_of(_dies_at_three, monkeypatch)
    with pytest.raises(FailedError) as failed:
        replicate(line, replications=6, workers=2, keep_log=False)
    assert [r.number for r in failed.value.finished] == [0, 1, 2, 4, 5]
    assert [f.replication for f in failed.value.failures] == [3]
    assert failed.value.exit_code == 4
    assert "killed 3 times" in str(failed.value)
    assert "--set horizon.days=200" in str(failed.value) and "--seed 1 --replication 3" in str(
        failed.value
    )


def test_one_that_breaks_a_law_is_reported_with_its_command(line, undisturbed, monkeypatch):
    _pool_of(_breaks_a_law_at_one, monkeypatch)
    with pytest.raises(FailedError, match=r"a wagon is lost.*--replication 1") as failed:
        replicate(line, replications=4, workers=2, keep_log=False)
    assert failed.value.exit_code == 3
    kept = {r.number: r.metrics for r in failed.value.finished}
    assert sorted(kept) == [0, 2, 3]
    for number, metrics in kept.items():
        same = undisturbed[undisturbed["replication"] == number]
        assert metrics["value"].tolist() == pytest.approx(
            same["value"].tolist(), rel=0, abs=0, nan_ok=True
        )


def test_ctrl_c_keeps_what_is_finished(line, monkeypatch):
    done = []

    def second_is_interrupted(task: Task) -> Parts:
        if task.replication == 1:
            raise KeyboardInterrupt
        done.append(task.replication)
        return compute(task)

    monkeypatch.setattr(pools, "compute", second_is_interrupted)
    with pytest.raises(Interrupted) as stopped:
        replicate(line, replications=3, seed=7, workers=1)
    assert [r.number for r in stopped.value.finished] == done == [0]


def test_a_replication_alone_is_the_same_as_among_others(line, undisturbed):
    alone = replicate(line, replications=1, first=4, workers=1).metrics["value"].tolist()
    among = undisturbed[undisturbed["replication"] == 4]["value"].tolist()
    assert alone == pytest.approx(among, rel=0, abs=0, nan_ok=True)


def test_workers_are_kept_from_stage_to_stage(line, monkeypatch):
    opened = []
    open_pool = runner.open_pool
    monkeypatch.setattr(
        runner, "open_pool", lambda *about: opened.append(about) or open_pool(*about)
    )
    with Runner(workers=1) as mine:
        replicate(line, replications=60, precision=0.05, runner=mine)
        replicate(line, replications=2, runner=mine)
    assert len(opened) <= 2


def test_a_given_runner_is_left_open_and_a_new_one_closed(line):
    request = Request.of(line, 1, range(2))
    with Runner(workers=1) as given:
        with runner_or_new(given, workers=7) as active:
            assert active is given
            assert len(list(active.collect([request]))) == 2
        assert given._pool is not None
    with runner_or_new(None, workers=1) as new:
        assert len(list(new.collect([request]))) == 2
        assert new._pool is not None
    assert new._pool is None


def test_a_worker_of_another_version_is_refused(line):
    request = Request.of(line, 1, range(1))
    with pytest.raises(MachineError, match="another version"):
        compute(Task(request.network, "0" * 16, 1, 0, False))


def test_workers_that_never_begin_are_reported(tmp_path):
    """A script that has no ``if __name__ == "__main__"``: every worker runs it again, and fails."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sim\n"
        "line = sim.load('textbook/one-ferry-line', {'horizon.days': 100, 'horizon.warmup_days': 10})\n"
        "sim.replicate(line, replications=3, workers=2)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=WHERE, check=False
    )
    assert "put the calls under if __name__ == '__main__'" in done.stderr


def test_workers_end_with_their_parent(tmp_path):
    """Each worker says that it is at work, which is after it began to look after its parent, and never ends by itself."""
    script = tmp_path / "script.py"
    script.write_text("""
import os, signal, sys
from pathlib import Path
from sim.runs.memory import LEAST_MB
from sim.runs.pools import Local, Task

def hold(task):
    Path(sys.argv[1], str(os.getpid())).touch()
    signal.pause()

if __name__ == "__main__":
    pool = Local(2, hold)
    for number in range(2):
        pool.submit(Task(b"", "", 1, number, with_log=False))
    signal.pause()
""")
    at_work = tmp_path / "at_work"
    at_work.mkdir()
    with subprocess.Popen([sys.executable, str(script), str(at_work)], env=WHERE) as parent:
        wait_for(lambda: len(list(at_work.iterdir())) == 2, "two workers", process=parent)
        workers = [int(path.name) for path in at_work.iterdir()]
        assert all(is_running(worker) for worker in workers)
        parent.kill()
    wait_for(lambda: not any(map(is_running, workers)), "the end of the workers")


def test_an_interrupted_call_leaves_no_lock_behind(line, monkeypatch, tmp_path):
    """In a notebook the process lives on: the next call computes what was interrupted, and waits for nobody."""

    def interrupted(task: Task) -> Parts:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(Interrupted):
        patched.setattr(pools, "compute", interrupted)
        replicate(line, replications=1, workers=1, store=tmp_path)
    assert len(replicate(line, replications=1, workers=1, store=tmp_path).replications) == 1


def _limited(command: list[str], megabytes: int) -> subprocess.CompletedProcess[str]:
    """Run the command line with a limit of its address space."""
    return subprocess.run(
        [sys.executable, "-m", "sim", *command],
        env=WHERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
        preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_AS, (megabytes * 1_000_000, resource.RLIM_INFINITY)
        ),
    )


@pytest.mark.parametrize("megabytes", [450, 700, 999])
def test_a_memory_limit_that_is_too_tight_is_said(megabytes):
    """The libraries would wait for memory without end."""
    done = _limited(["run", "textbook/one-ferry-line", "-n", "4", "--workers", "2"], megabytes)
    assert done.returncode == 4
    assert f"may have {megabytes} MB of address space (ulimit -v), and each needs" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", [["report", "study"], ["plot", "study", "waits"], ["capacity", "baseline-2023"]]
)
def test_a_command_without_replications_says_it_too(command):
    done = _limited(command, 600)
    assert done.returncode == 4
    assert done.stderr.count("corridor: ") == 1
    assert "may have 600 MB of address space (ulimit -v), and each needs" in done.stderr
    assert _limited([*command, "--help"], 300).returncode == 0


# Loads the libraries, then uses up the address space and inverts a matrix.
USED_UP = """
import mmap, resource
from sim.runs.memory import LEAST_MB, take_buffers
resource.setrlimit(resource.RLIMIT_AS, (LEAST_MB * 1_000_000, resource.RLIM_INFINITY))
take_buffers()
import numpy as np
from scipy.linalg import lapack
matrix = np.eye(9)
kept = []
size = 1 << 28
while size >= 1 << 22:
    try:
        kept.append(mmap.mmap(-1, size))
    except OSError:
        size >>= 1
np.linalg.inv(matrix)
lapack.dgesv(matrix, matrix)
"""


def test_linear_algebra_has_its_memory_before_it_is_used_up():
    done = subprocess.run(
        [sys.executable, "-c", USED_UP],
        env={**WHERE, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
    )
    assert done.returncode == 0, done.stderr


def test_two_workers_live_within_the_least_memory_limit():
    days = ["--set", "horizon.days=200", "--set", "horizon.warmup_days=20"]
    done = _limited(
        ["run", "textbook/one-ferry-line", "-n", "4", "--workers", "2", *days], LEAST_MB
    )
    assert done.returncode == 0, done.stderr


def _wants_too_much(task: Task) -> Parts:
    del task
    raise MemoryError


def test_workers_without_memory_are_reported_with_what_helps(line, monkeypatch):
    _pool_of(_wants_too_much, monkeypatch)
    with pytest.raises(FailedError, match="no memory left for it; use fewer --workers") as failed:
        replicate(line, replications=2, workers=2, keep_log=False)
    assert failed.value.exit_code == 4
