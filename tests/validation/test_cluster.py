"""Studies on processes and on a Dask cluster, left alone and disturbed: the same bytes, and nothing computed twice.

Real schedulers, real workers, real SIGKILL.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from filelock import FileLock

import sim
from sim.runs.pools import LostError, Task, open_pool
from sim.runs.runner import Runner
from sim.runs.store import Key, Store, engine_digest
from sim.study.replicate import replicate
from tests.conftest import HANG_S, run_until_line, wait_for, workers_of

SCENARIO = "textbook/one-ferry-line"
PER_DAY = "flows.wagons.arrivals.poisson.per_day"
SWEEP = ("--vary", f"{PER_DAY}=6,8,10", "-n", "6", "--set", "horizon.days=1200")
REPLICATIONS = 18
SEEN = 3
"""Replications in the store when something is done to the sweep."""
RUN = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(
        [str(Path(sim.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    ),
}


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process in a session of its own, and end all of it in the end."""
    with subprocess.Popen(
        command,
        env=RUN,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # A shell lets what it starts in the background ignore Ctrl-C, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as started:
        try:
            yield started
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)


@contextmanager
def cluster(
    folder: Path, workers: int, *, protocol: str = "tcp"
) -> Iterator[tuple[str, subprocess.Popen[str], list[subprocess.Popen[str]]]]:
    """Start a Dask scheduler and workers; give address, scheduler and workers."""
    file = folder / "scheduler.json"
    dask = (sys.executable, "-m", "dask")
    with ExitStack() as stack:
        where = (
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--no-show",
            "--protocol",
            protocol,
            "--scheduler-file",
            str(file),
        )
        scheduler = stack.enter_context(process(*dask, "scheduler", *where))
        address = wait_for(
            lambda: file.exists() and re.search(rf"{protocol}://[\d.:]+", file.read_text()),
            "the scheduler's address",
            process=scheduler,
        )
        started = [stack.enter_context(_worker(address[0])) for _ in range(workers)]
        for worker in started:
            run_until_line(worker, "Registered to")
        yield address[0], scheduler, started


def _worker(address: str):
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", str(HANG_S))
    return process(sys.executable, "-m", "dask", "worker", address, *options)


def _hold_last(store: Path) -> FileLock:
    """Keep the last replication from a sweep, as another process that computes it would; it cannot end before this
    lock is released."""
    scenario = sim.load(SCENARIO, {"horizon.days": 1200, PER_DAY: 10})
    lock = Store(store).claim(Key(scenario.hash, engine_digest(), 1, 5))
    assert lock is not None
    return lock


def _see_some(store: Path, sweep: subprocess.Popen[str]) -> None:
    wait_for(lambda: len(_contents(store)) >= SEEN, "replications in the store", process=sweep)


def _contents(store: Path) -> dict[str, bytes]:
    """Return what is whole in *store*; a file that was being written by a process that was killed begins with a dot."""
    files = (path for path in sorted(store.glob("*/*/*/*")) if not path.name.startswith("."))
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def _sweep(store: Path, *options: str):
    return process(
        sys.executable, "-m", "sim", "sweep", SCENARIO, *SWEEP, "--store", str(store), *options
    )


def _computed(message: str) -> int:
    found = re.search(r"(\d+) replications computed", message)
    assert found is not None, message
    return int(found[1])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> dict[str, bytes]:
    """Return what a sweep leaves in its store."""
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    with _sweep(store, "--workers", "2") as sweep:
        assert _computed(sweep.communicate(timeout=HANG_S)[0]) == REPLICATIONS
        assert sweep.returncode == 0
    contents = _contents(store)
    assert len(contents) == REPLICATIONS
    return contents


def _resumed(store: Path, undisturbed: dict[str, bytes]) -> None:
    """Resume a sweep and see that it ends as the undisturbed one did, and computes only what was missing."""
    there = len(_contents(store))
    with _sweep(store, "--workers", "2") as sweep:
        assert _computed(sweep.communicate(timeout=HANG_S)[0]) == REPLICATIONS - there
        assert sweep.returncode == 0
    assert _contents(store) == undisturbed


def test_workers_and_clusters_give_the_same_bytes(tmp_path):
    scenario = sim.load(
        "baseline-2023",
        {"horizon.days": 60, "horizon.warmup_days": 20, "horizon.followup_days": 10},
    )
    found = {}
    for workers in (1, 2, 4):
        store = tmp_path / f"{workers}"
        replicate(scenario, replications=4, workers=workers, store=store)
        found[f"{workers} workers"] = _contents(store)
    with cluster(tmp_path, 2) as (address, _, _):
        replicate(scenario, replications=4, scheduler=address, store=tmp_path / "dask")
    found["dask"] = _contents(tmp_path / "dask")
    with Runner(scheduler="local", workers=2, store=tmp_path / "local") as runner:
        replicate(scenario, replications=4, runner=runner)
    found["local dask"] = _contents(tmp_path / "local")
    first = found["1 workers"]
    assert len(first) == 5  # four parts and the log of the first
    for name, contents in found.items():
        assert contents == first, name


def test_a_killed_local_worker_costs_nothing(tmp_path, undisturbed):
    store = tmp_path / "store"
    last = _hold_last(store)
    with _sweep(store, "--workers", "2") as sweep:
        _see_some(store, sweep)
        os.kill(workers_of(sweep.pid)[0], signal.SIGKILL)
        last.release()
        message = sweep.communicate(timeout=HANG_S)[0]
        assert sweep.returncode == 0, message
    assert _contents(store) == undisturbed


def test_a_killed_command_goes_on_where_it_was(tmp_path, undisturbed):
    store = tmp_path / "store"
    last = _hold_last(store)
    with _sweep(store, "--workers", "2") as sweep:
        _see_some(store, sweep)
        os.kill(sweep.pid, signal.SIGKILL)
    last.release()
    assert SEEN <= len(_contents(store)) < REPLICATIONS
    _resumed(store, undisturbed)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_is_asked_to_end_keeps_what_is_finished(tmp_path, undisturbed, how):
    store = tmp_path / "store"
    last = _hold_last(store)
    with _sweep(store, "--workers", "2") as sweep:
        _see_some(store, sweep)
        os.kill(sweep.pid, how)
        message = sweep.communicate(timeout=HANG_S)[0]
        assert sweep.returncode == 130
        assert "the same command goes on from there" in message
    last.release()
    _resumed(store, undisturbed)


def test_a_killed_dask_worker_is_replaced_by_one_that_joins(tmp_path, undisturbed):
    store = tmp_path / "store"
    last = _hold_last(store)
    with (
        cluster(tmp_path, 2) as (address, _, workers),
        _sweep(store, "--scheduler", address) as sweep,
    ):
        _see_some(store, sweep)
        os.kill(workers[0].pid, signal.SIGKILL)
        last.release()
        with _worker(address):
            message = sweep.communicate(timeout=HANG_S)[0]
        assert sweep.returncode == 0, message
    assert _contents(store) == undisturbed


def test_a_killed_scheduler_loses_nothing_that_is_in_the_store(tmp_path, undisturbed):
    store = tmp_path / "store"
    last = _hold_last(store)
    with (
        cluster(tmp_path, 2) as (address, scheduler, _),
        _sweep(store, "--scheduler", address) as sweep,
    ):
        _see_some(store, sweep)
        os.killpg(scheduler.pid, signal.SIGKILL)
        last.release()
        # It ends by itself: half a minute after, with a margin for a busy machine.
        message = sweep.communicate(timeout=HANG_S)[0]
        assert sweep.returncode == 4, message
        assert "the same command goes on from there" in message
    assert SEEN <= len(_contents(store)) < REPLICATIONS
    _resumed(store, undisturbed)


def test_a_connection_that_ends_between_two_tasks_is_lost(tmp_path):
    with cluster(tmp_path, 1) as (address, _, _):
        pool = open_pool(1, address, 2)
        pool.close(now=True)
        with pytest.raises(LostError, match="the connection is lost to the Dask scheduler"):
            pool.submit(Task(b"", "", 1, 0, with_log=False))


def test_nobody_at_the_address_is_reported(tmp_path):
    with _sweep(tmp_path / "store", "--scheduler", "tcp://127.0.0.1:9") as sweep:
        message = sweep.communicate(timeout=HANG_S)[0]
        assert sweep.returncode == 4
        assert "no Dask scheduler answers at tcp://127.0.0.1:9" in message


def _scheduled(address, store):
    """Run a small sweep at a scheduler; return code, stdout and stderr."""
    words = ["sweep", SCENARIO, "--vary", f"{PER_DAY}=6", "-n", "2", "--set", "horizon.days=200"]
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words, "--store", str(store), "--scheduler", address],
        env=RUN,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_S,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_host_that_accepts_and_stays_silent_has_a_deadline(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        code, _, message = _scheduled(address, tmp_path / "store")
    assert code == 4, message
    assert f"corridor: no Dask scheduler answers at {address}" in message
    assert "Traceback" not in message and "distributed" not in message


def test_a_port_that_anybody_reaches_is_warned_of(tmp_path):
    code, _, message = _scheduled("tcp://192.0.2.1:9", tmp_path / "store")
    assert code == 4
    assert "warning: tcp://192.0.2.1:9 is neither encrypted nor guarded" in message
    assert "Traceback" not in message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with")
def test_a_cluster_with_certificates_is_for_those_who_have_them(tmp_path):
    """The recipe of the README."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:3072",
        "-nodes",
        "-days",
        "365",
        "-subj",
        "/CN=corridor",
    ]
    made = [*make, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(made, check=True, capture_output=True)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    with pytest.MonkeyPatch.context() as patch:
        files = {f"{tls}CA_FILE": cert}
        for who in ("SCHEDULER", "WORKER", "CLIENT"):
            files |= {f"{tls}{who}__CERT": cert, f"{tls}{who}__KEY": key}
        for name, file in files.items():
            patch.setitem(RUN, name, str(file))
        with cluster(tmp_path, 1, protocol="tls") as (address, _, _):
            code, _, message = _scheduled(address, tmp_path / "store")
            assert code == 0, message
            assert _computed(message) == 2
            for name in files:
                patch.delitem(RUN, name)
            code, _, message = _scheduled(address, tmp_path / "other")
            assert code == 4, message
            assert "it needs the certificates of this cluster" in message
            assert "Traceback" not in message
