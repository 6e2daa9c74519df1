"""Tables as columns, and the sums that metrics and audit are made of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.log import OPEN, Columns, Table, close, closed_ends, running_sum, sum_by_code
from sim.metrics.stacks import daily_levels, stack_levels
from sim.metrics.window import until_next


def _array(*values):
    return np.array(values, np.int64)


def test_a_table_is_read_column_by_column():
    table = Table("fleets")
    assert len(table.by_column()) == 0
    for row in ((0, 5), (1, 7)):
        table.add(table.row(*row))
    columns = table.by_column()
    assert columns.names == ("equipment", "items")
    assert columns["items"].tolist() == [5, 7]
    assert all(
        columns[name].flags.c_contiguous and columns[name].dtype == np.int64
        for name in columns.names
    )
    table.add(table.row(2, 9))
    assert len(columns) == 2


def test_rows_are_chosen_by_mask_or_by_number():
    columns = Columns({"a": _array(1, 2, 3), "b": _array(4, 5, 6)})
    assert columns.where(columns["a"] != 2)["b"].tolist() == [4, 6]
    assert columns.where(_array(2, 0, 0))["b"].tolist() == [6, 4, 4]
    assert columns.with_(b=columns["a"], c=columns["b"]).frame().to_numpy().tolist() == [
        [1, 1, 4],
        [2, 2, 5],
        [3, 3, 6],
    ]
    assert columns.names == ("a", "b")


def test_the_frame_of_a_table_is_made_once_and_is_the_readers_own(parted_log):
    frame = parted_log["trips"]
    assert parted_log["trips"] is frame
    assert (frame.dtypes == np.int64).all()
    frame.loc[0, "end_s"] = 0
    assert parted_log.tables["trips"]["end_s"][0] != 0


def test_closing_drops_what_begins_later_and_opens_what_ends_later():
    columns = Columns({"start_s": _array(0, 5, 10, 3), "end_s": _array(10, 11, 12, OPEN)})
    closed = close(columns, 10)
    assert closed["start_s"].tolist() == [0, 5, 3]
    assert closed["end_s"].tolist() == [10, OPEN, OPEN]
    assert closed_ends(closed, 10).tolist() == [10, 10, 10]


def test_sums_by_code_are_those_of_groupby():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"a": rng.integers(0, 4, 500), "b": rng.integers(0, 3, 500), "v": rng.integers(-9, 9, 500)}
    )
    a, b, v = (frame[column].to_numpy() for column in "abv")
    assert sum_by_code(v, (a, 4)).tolist() == frame.groupby("a")["v"].sum().tolist()
    assert (
        sum_by_code(v, (a, 4), (b, 3)).ravel().tolist()
        == frame.groupby(["a", "b"])["v"].sum().tolist()
    )
    assert sum_by_code(v[:0], (a[:0], 2)).tolist() == [0, 0]


def test_sums_are_exact_where_floats_are_not():
    assert sum_by_code(_array(2**53, 1), (_array(0, 0), 1)).tolist() == [2**53 + 1]


def test_a_running_sum_begins_anew_with_each_key():
    assert running_sum(_array(0, 0, 2, 2, 2), _array(1, 2, 3, -3, 4)).tolist() == [1, 3, 3, 0, 4]
    assert running_sum(_array(), _array()).tolist() == []


def test_a_level_lasts_until_the_next_of_its_key(make_log):
    log = make_log((0, 1, 1))
    assert until_next(_array(0, 0, 3), _array(5, 9, 7), log).tolist() == [9, 86_400, 86_400]
    assert until_next(_array(), _array(), log).tolist() == []


@pytest.mark.parametrize("stack", ["kuryk/stack/line", "alat/stack/line"])
def test_levels_stand_by_stack_or_one_below_the_other(parted_log, stack):
    wide, long = daily_levels(parted_log), stack_levels(parted_log)
    rows = long[long["stack"] == stack]
    assert wide[stack].tolist() == rows["level"].tolist()
    assert wide.index.tolist() == rows["day"].tolist()
    assert wide.index.name == "day"


def test_a_table_grows_while_somebody_looks_at_it():
    """A profiler keeps frames alive, and with them what they look at; Dask's workers always have one running."""
    table = Table("embargoes")
    table.add(table.row(0, 10, 20))
    looks = [table.by_row(), table.by_column()]
    table.add(table.row(0, 30, 40))
    assert looks[0].tolist() == [[0, 10, 20]]
    assert table.by_row().tolist() == [[0, 10, 20], [0, 30, 40]]
    assert table.by_column()["end_s"].tolist() == [20, 40]
