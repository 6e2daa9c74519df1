"""Builders of small corridors, and waiting for what other processes do."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from threading import Timer
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from sim.engine.run import simulate
from sim.log import RunLog
from sim.network.build import build
from sim.network.parts import Network
from sim.spec.load import Scenario, load

Load = Callable[..., Scenario]
T = TypeVar("T")

HANG_S = 600
"""Bound of every wait of the tests [s]: it ends a hang, and no test depends on how fast the machine is."""
POLL_S = 0.02

ONE_FERRY_LINE = """title: one ferry line
horizon: {days: 20}
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows: {wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}}
services: {line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h}}
"""
"""A scenario that a test writes more below of."""

# An example may take as long as a busy machine needs for it, and `tmp_path` may be shared by examples.
settings.register_profile(
    "corridor",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("corridor")


def wait_for(
    sign: Callable[[], T], what: str, *, process: subprocess.Popen[Any] | None = None
) -> T:
    """Ask for *sign* until it is true, and return it.

    *what* is waited for, in words. The test fails when *process*, which should give the sign, ends without it, and
    after `HANG_S`.
    """
    began = time.monotonic()
    while True:
        # Asked before the sign: a process may give it and end between the two.
        has_ended = process is not None and process.poll() is not None
        if value := sign():
            return value
        if has_ended:
            pytest.fail(f"{what}: the process ended before")
        if time.monotonic() - began > HANG_S:
            pytest.fail(f"{what}: not within {HANG_S} s")
        time.sleep(POLL_S)


def run_until_line(process: subprocess.Popen[str], text: str) -> str:
    """Read what *process* prints on its stdout until a line holds *text*, and return that line."""
    assert process.stdout is not None
    hang = Timer(HANG_S, process.kill)
    hang.start()
    read = []
    try:
        for line in process.stdout:
            read.append(line)
            if text in line:
                return line
    finally:
        hang.cancel()
    pytest.fail(f"no line says {text!r}:\n{''.join(read)}")


def is_running(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.fixture
def scenario(tmp_path: Path) -> Load:
    """Load a scenario from its text; trace files by keyword."""

    def read(text: str, changes: Any = (), **files: str) -> Scenario:
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content)
        path = tmp_path / "corridor_under_test.yaml"
        path.write_text(dedent(text))
        return load(path, changes)

    return read


@pytest.fixture
def network(scenario: Load) -> Callable[..., Network]:
    """Build the network of a scenario given as text."""
    return lambda text, changes=(), **files: build(scenario(text, changes, **files))


@pytest.fixture
def run(network: Callable[..., Network]) -> Callable[..., RunLog]:
    """Simulate one replication of a scenario given as text."""
    return lambda text, changes=(), seed=1, **files: simulate(
        network(text, changes, **files), seed=seed
    )


def timeline(log: RunLog, table: str = "cargo") -> list[tuple[Any, ...]]:
    """Return what happened as ``(activity, resource, start hour, end hour, units)``, cargo in order of lot and time."""
    frame = log.labelled(log.cargo if table == "cargo" else log[table])
    hours = [(None if s < 0 else s / 3600) for s in frame["end_s"]]
    columns = [frame["activity"], frame["resource"], frame["start_s"] / 3600, hours]
    if table == "cargo":
        columns.append(frame["units"])
    return [tuple(row) for row in zip(*columns, strict=True)]


def workers_of(pid: int) -> list[int]:
    """Return the worker processes of a command: its children but for the one that tracks its resources."""
    workers = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid and "spawn_main" in (entry / "cmdline").read_text():
                workers.append(int(entry.name))
        except OSError:
            continue  # it has ended meanwhile
    return workers
