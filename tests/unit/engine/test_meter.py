"""Meters: when units pass, to the second."""

from __future__ import annotations

from functools import partial

import pytest

from sim.engine.kernel.clock import Clock
from sim.engine.kernel.meter import Meter
from sim.units import DAY, HOUR


@pytest.fixture
def clock():
    return Clock()


def _meter(clock: Clock, per_day: float) -> Meter:
    meter = Meter(clock)
    meter.renew(round(1000 * per_day))
    return meter


def _ask(clock: Clock, meter: Meter, passed: list[tuple[str, int]], *asking: tuple[str, int, bool]):
    for name, units, first in asking:
        meter.ask(units, partial(_note, clock, passed, name), first=first)


def _note(clock: Clock, passed: list[tuple[str, int]], name: str) -> None:
    passed.append((name, clock.now))


def test_who_passes_keeps_the_next_waiting_for_its_units(clock):
    meter, passed = _meter(clock, 12), []
    _ask(clock, meter, passed, ("a", 6, False), ("b", 1, False), ("c", 1, False))
    clock.run()
    # Six units at twelve a day are half a day.
    assert passed == [("a", 0), ("b", DAY // 2), ("c", DAY // 2 + 2 * HOUR)]
    assert meter.passed == 8


def test_trains_pass_before_cargo_that_came_sooner(clock):
    meter, passed = _meter(clock, 24), []
    _ask(clock, meter, passed, ("lot", 1, False), ("lot 2", 1, False), ("train", 3, True))
    clock.run()
    assert passed == [("lot", 0), ("train", HOUR), ("lot 2", 4 * HOUR)]


def test_a_new_rate_holds_for_what_is_left(clock):
    meter, passed = _meter(clock, 1), []
    _ask(clock, meter, passed, ("a", 1, False), ("b", 1, False))
    clock.run(until=DAY // 2)
    meter.renew(4000)
    clock.run()
    assert passed == [("a", 0), ("b", DAY // 2 + DAY // 8)]


def test_nothing_passes_without_a_rate(clock):
    meter, passed = _meter(clock, 0), []
    assert not meter.is_open
    assert meter.open_in_s() is None
    _ask(clock, meter, passed, ("a", 1, False))
    clock.run()
    assert not passed
    meter.renew(1000)
    assert passed == [("a", 0)]


def test_what_is_owed_from_before_is_waited_for(clock):
    meter, passed = _meter(clock, 7), []
    meter.owe(5 * HOUR)
    assert not meter.passes(1)
    _ask(clock, meter, passed, ("a", 1, False))
    clock.run()
    assert passed == [("a", 5 * HOUR)]


def test_a_third_of_a_second_is_waited_for_as_a_whole(clock):
    meter, passed = _meter(clock, 7), []
    _ask(clock, meter, passed, ("a", 1, False), ("b", 1, False))
    clock.run()
    assert passed[1][1] == -(-DAY // 7)
