"""Builders: small corridors on one screen, loaded and run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from sim.engine.run import simulate
from sim.log import RunLog
from sim.network.build import build
from sim.network.parts import Network
from sim.spec.load import Scenario, load

Load = Callable[..., Scenario]


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


def story(log: RunLog, table: str = "cargo") -> list[tuple[Any, ...]]:
    """Return what happened as ``(activity, resource, start hour, end hour, units)``, cargo in order of lot and time."""
    frame = log.labelled(log.cargo if table == "cargo" else log[table])
    hours = [(None if s < 0 else s / 3600) for s in frame["end_s"]]
    columns = [frame["activity"], frame["resource"], frame["start_s"] / 3600, hours]
    if table == "cargo":
        columns.append(frame["units"])
    return [tuple(row) for row in zip(*columns, strict=True)]


@pytest.fixture
def workers_of() -> Callable[[int], list[int]]:
    """Find the worker processes of a command: its children but for the one that tracks its resources."""

    def find(pid: int) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    if parent == pid and "spawn_main" in (entry / "cmdline").read_text():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found

    return find
