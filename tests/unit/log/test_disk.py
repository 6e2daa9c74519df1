"""A log outside its process: what is read back equals what was written, and gives the same metrics."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.errors import UsageError
from sim.log import (
    NONE,
    SCHEMA_VERSION,
    TABLES,
    CarrierFacts,
    Charges,
    Columns,
    FlowFacts,
    LegCharge,
    Names,
    ResourceFacts,
    RunFacts,
    RunLog,
    UnitCharge,
    VehicleCharge,
    disk,
)
from sim.metrics.measure import measure

WINTER = {"horizon.days": 60, "horizon.warmup_days": 10, "horizon.followup_days": 5}
CASES = {
    "baseline-2023": WINTER,
    "fivefold-bad-winter": WINTER,
    "pairs/reassignment-rule": {},
    "pairs/equipment": {},
    "pairs/initial": {},
    "pairs/outage-section-pause": {},
}


def write(log, folder):
    for name, content in disk.to_files(log):
        (folder / name).write_bytes(content)


@pytest.fixture(scope="module", params=CASES)
def log(request):
    """Return the log of one replication."""
    return sim.simulate(sim.load(request.param, CASES[request.param]), seed=5).log


@pytest.fixture(params=["bytes", "folder"])
def again(request, log, tmp_path):
    """Return the same log, written and read back."""
    if request.param == "bytes":
        return disk.from_bytes(disk.to_bytes(log))
    write(log, tmp_path)
    return disk.from_folder(tmp_path)


def assert_equal(one, other):
    for part in ("facts", "names", "flows", "resources", "carriers", "charges"):
        assert getattr(one, part) == getattr(other, part), part
    assert list(one.tables) == list(other.tables)
    for name, table in one.tables.items():
        assert table.names == other.tables[name].names
        for column in table.names:
            assert np.array_equal(table[column], other.tables[name][column]), f"{name}.{column}"


def test_a_log_read_back_equals_what_was_written(log, again):
    assert_equal(again, log)
    assert disk.digest(again) == disk.digest(log)
    assert json.dumps(again.state) == json.dumps(log.state)
    assert again.cargo.equals(log.cargo)


def test_a_log_read_back_gives_all_the_same_metrics(log, again):
    assert measure(again).equals(measure(log))


def test_cost_and_carbon_of_a_log_survive_the_disk(tmp_path):
    log = sim.simulate(sim.load("baseline-2023", WINTER), seed=5).log
    write(log, tmp_path)
    kinds = set(measure(disk.from_folder(tmp_path))["name"])
    assert {"cost_usd_per_year", "co2e_kg_per_unit"} <= kinds


def test_equal_logs_are_equal_bytes(log):
    assert disk.to_bytes(log) == disk.to_bytes(disk.from_bytes(disk.to_bytes(log)))


NAMES = st.text(max_size=8)
CODES = st.integers(-1, 2**40)
RATES = st.floats(allow_nan=False)
TIMES = st.lists(st.integers(0, 10**9), min_size=3, max_size=3).map(sorted)
COUNTS = {
    *("born_units", "delivered_units", "inside_units", "units", "units_per_1000_days"),
    *("change", "items", "meter", "servers", "deck_limit", "deck_size", "deck_used"),
}


@st.composite
def logs(draw):
    """Return a log that holds any text and number that its schema allows."""
    rows = draw(st.integers(0, 3))
    names = Names(*((draw(NAMES),) for _ in Names.__slots__))
    tables = {
        name: Columns({column: draw(values(column, rows)) for column in columns})
        for name, columns in TABLES.items()
    }
    charges = Charges(
        vehicles=(VehicleCharge(draw(NAMES), draw(NAMES), 0, NONE, 1, draw(RATES)),),
        legs=(LegCharge(draw(NAMES), draw(NAMES), draw(NAMES), 0, 1, 0, draw(RATES)),),
        units=draw(st.sampled_from([(), (UnitCharge("time", "", 0, 0.1),)])),
        room=draw(st.lists(st.tuples(CODES, CODES, CODES, CODES), max_size=2).map(tuple)),
    )
    return RunLog(
        facts=RunFacts("2023-01-01", *draw(TIMES), draw(CODES), 0, 0),
        names=names,
        flows=(FlowFacts(draw(NAMES), draw(NAMES), "titr", draw(CODES), draw(RATES)),),
        resources=(ResourceFacts(draw(NAMES), "berth", draw(NAMES), draw(CODES)),),
        carriers=(CarrierFacts(draw(NAMES), "road", (draw(NAMES), draw(NAMES))),),
        tables=tables,
        state=draw(st.dictionaries(NAMES, st.lists(NAMES | CODES), max_size=2)),
        charges=draw(st.sampled_from([None, charges])),
    )


def values(column, rows):
    """Return a strategy for *rows* numbers of a column: counts are free, codes and times are not."""
    if column.endswith("_s"):
        numbers = st.integers(-1, 10**9)
    elif column in COUNTS:
        numbers = CODES
    else:
        numbers = st.integers(-1, 0)
    return st.lists(numbers, min_size=rows, max_size=rows).map(
        lambda drawn: np.array(drawn, np.int64)
    )


@settings(max_examples=30, deadline=None)
@given(log=logs())
def test_any_log_goes_through_bytes(log):
    again = disk.from_bytes(disk.to_bytes(log))
    assert_equal(again, log)
    assert again.state == log.state


def test_a_folder_of_the_first_format_is_recognised(tmp_path):
    (tmp_path / "names.json").write_text('{"schema_version": 1}')
    with pytest.raises(
        UsageError, match="has format 1 of schema 1; this version reads format 2 of schema 1"
    ):
        disk.from_folder(tmp_path)


@pytest.mark.parametrize(
    ("key", "value"), [("format", disk.FORMAT + 1), ("schema_version", SCHEMA_VERSION + 1)]
)
def test_a_later_format_is_recognised(tmp_path, key, value):
    log = sim.simulate(
        sim.load("textbook/one-ferry-line", {"horizon.days": 20, "horizon.warmup_days": 0}), seed=1
    ).log
    write(log, tmp_path)
    file = tmp_path / disk.DOCUMENT
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))
    with pytest.raises(UsageError, match="; run it again with this version"):
        disk.from_folder(tmp_path)


def test_the_document_lists_tables_and_columns(log, tmp_path):
    write(log, tmp_path)
    document = json.loads((tmp_path / disk.DOCUMENT).read_text())
    assert document["tables"] == {name: list(columns) for name, columns in TABLES.items()}
