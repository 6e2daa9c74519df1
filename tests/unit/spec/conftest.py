"""Small scenario files in a folder of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIO = """title: one ferry line
horizon: {start: 2023-01-01, days: 200, warmup_days: 10}
places: {kuryk: {}, alat: {}}
vessels: {ferry: {capacity: {wagon: 54}}}
flows:
  wagons: {unit: wagon, origin: kuryk, destination: alat, arrivals: {poisson: {per_day: 10}}}
services:
  line: {from: kuryk, to: alat, vessel: ferry, vessels: 4, crossing: 20h, handling: 8h, departure: {kuryk: {full: 1.0}}}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes scenario files into the current, fresh folder; ``base.yaml`` is there."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(SCENARIO)

    def write_file(name: str, text: str) -> str:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
        return name

    return write_file
