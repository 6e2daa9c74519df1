"""Logs written by hand: one ferry line from Kuryk to Alat, times in days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from sim.log import (
    OPEN,
    TABLES,
    CarrierFacts,
    Columns,
    FlowFacts,
    Names,
    ResourceFacts,
    RunFacts,
    RunLog,
)
from sim.units import DAY

TIMES = ("born_s", "from_s", "start_s", "end_s", "asked_s", "delivered_s", "at_s")

FLOWS = (
    FlowFacts("wagons", "wagon", "titr", 60_000, 0.0),
    FlowFacts("boxes", "teu", "titr", 14_000, 1.0),
    FlowFacts("empties", "wagon", "titr", 0, 0.0),
    FlowFacts("crude", "wagon", "crude", 60_000, 0.0),
)
RESOURCES = (
    ResourceFacts("kuryk/rail", "berth", "kuryk", 1),
    ResourceFacts("alat/ferry", "berth", "alat", 2),
    ResourceFacts("line", "line", "kuryk", 0),
    ResourceFacts("kuryk/stack/line", "stack", "kuryk", 0),
    ResourceFacts("alat/stack/line", "stack", "alat", 0),
    ResourceFacts("beineu-kuryk:beineu>kuryk", "path", "beineu", 1),
)
CARRIERS = (
    CarrierFacts("line", "service", ("kuryk", "alat")),
    CarrierFacts("block", "train", ("beineu", "kuryk")),
)
NAMES = Names(
    flow=tuple(flow.id for flow in FLOWS),
    unit=("wagon", "teu"),
    place=("kuryk", "alat", "beineu"),
    resource=tuple(resource.id for resource in RESOURCES),
    carrier=tuple(carrier.id for carrier in CARRIERS),
    vessel_class=("ferry", "ro-ro"),
)

MakeLog = Callable[..., RunLog]


def _table(name: str, rows: Sequence[Sequence[float]]) -> Columns:
    """Return rows written in days as a table of the log in seconds."""
    values = np.array(rows, float).reshape(-1, len(TABLES[name]))
    table = {}
    for column, written in zip(TABLES[name], values.T, strict=True):
        seconds = np.where(written == OPEN, written, written * DAY) if column in TIMES else written
        table[column] = seconds.round().astype(np.int64)
    return Columns(table)


@pytest.fixture
def make_log() -> MakeLog:
    """Return a builder: days of warm-up, of the window's end and of the run's end, then tables as rows in days."""

    def make(days: tuple[float, float, float], **tables: Sequence[Sequence[float]]) -> RunLog:
        warmup_s, window_end_s, end_s = (round(day * DAY) for day in days)
        facts = RunFacts(
            "2023-01-01", warmup_s, window_end_s, end_s, seed=1, replication=0, events=0
        )
        columns = {name: _table(name, tables.pop(name, ())) for name in TABLES}
        assert not tables
        return RunLog(facts, NAMES, FLOWS, RESOURCES, CARRIERS, columns)

    return make


@pytest.fixture
def parted_log(make_log: MakeLog) -> RunLog:
    """Return a log of ten wagons created on day 1: six sail on day 2 for a day, four on day 4 for two days."""
    return make_log(
        (0, 10, 12),
        consignments=[(0, 0, 10, 1)],
        lots=[(0, -1, 0, 0, 1), (1, 0, 0, 0, 1)],
        stays=[(1, 6, 1, 0, 3, 1, 2), (0, 4, 1, 0, 3, 1, 4)],
        aboard=[(0, 1, 6), (1, 0, 4)],
        deliveries=[(1, 0, 0, 6, 1, 3), (0, 0, 0, 4, 1, 6)],
        vehicles=[(0, 1, 0, 0, 0)],
        duties=[(0, 0, 0, OPEN)],
        trips=[(0, 0, 0, 0, 2, 3, 6, 10, 10), (1, 0, 0, 0, 4, 6, 4, 10, 10)],
        vehicle_log=[
            (0, -1, 16, 0, 0, 0, 2),
            (0, 0, 18, 0, 2, 2, 2.75),
            (0, 0, 15, 1, 1, 2.75, 3),
            (0, -1, 18, 1, 2, 3, 4),
            (0, 1, 18, 0, 2, 4, 5.5),
            (0, 1, 15, 1, 1, 5.5, 6),
            (0, -1, 19, 1, 1, 6, OPEN),
        ],
        resource_log=[(0, 0, 0, 0, 2), (1, 0, 2.75, 2.75, 3), (0, 0, 3, 4, 4), (1, 0, 5, 5.5, 6)],
    )


@pytest.fixture
def value() -> Callable[..., float]:
    """Return the reader of the one value that has these keys, None where none is given."""

    def read(frame: pd.DataFrame, name: str, **keys: str | None) -> float:
        rows = frame[frame["name"] == name]
        for key, text in {"where": None, "flow": None, "activity": None, **keys}.items():
            rows = rows[rows[key].isna() if text is None else rows[key] == text]
        assert len(rows) == 1, f"{name} {keys}: {len(rows)} rows"
        return float(rows["value"].iloc[0])

    return read
