"""Draws that a date renews, and rows of the log that are completed later."""

from __future__ import annotations

from itertools import islice

from sim.distributions import Distribution
from sim.engine.kernel.draws import Draw
from sim.log import OPEN, Table
from sim.streams import Streams

SLOW, FAST = Distribution("exponential", (7200.0,)), Distribution("exponential", (3600.0,))


def _first(distribution, name, count):
    return list(islice(Streams(1, 0).draws(distribution, name), count))


def test_a_renewed_draw_goes_on_with_a_stream_named_after_the_date():
    draw = Draw(Streams(1, 0), SLOW, "running")
    assert [draw.next() for _ in range(20)] == _first(SLOW, "running", 20)
    draw.renew(FAST, 86_400)
    assert [draw.next() for _ in range(20)] == _first(FAST, "running/86400", 20)


def test_a_draw_that_is_renewed_with_the_same_distribution_goes_on():
    draw = Draw(Streams(1, 0), SLOW, "running")
    drawn = [draw.next() for _ in range(3)]
    draw.renew(Distribution("exponential", (7200.0,)), 86_400)
    drawn += [draw.next() for _ in range(3)]
    assert drawn == _first(SLOW, "running", 6)


def test_a_row_is_completed_by_the_name_of_its_column():
    table = Table("duties")
    table.add(table.row(1, 10, 0, 5))
    row = table.begin(2, 20, 5, OPEN)
    table.add(table.row(3, 30, 6, OPEN))
    assert table.get(row, "vehicle") == 2
    assert list(table.open_rows().rows("vehicle", "carrier")) == [(2, 20), (3, 30)]
    table.set(row, "end_s", 9)
    assert list(table.by_column().rows("vehicle", "end_s")) == [(1, 5), (2, 9), (3, OPEN)]
    assert list(table.open_rows().rows("vehicle")) == [(3,)]
