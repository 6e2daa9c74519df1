"""Servers by priority, and servers that go out of service and come back while they are in use."""

from __future__ import annotations

import pytest

from sim.engine.kernel.calendar import Calendar
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.tokens import Paths, Tokens
from sim.log import NONE, Table


@pytest.fixture
def berths():
    return Tokens(Clock(), Table("resource_log"), Table("capacities"), 0, 2)


def take(tokens, vehicle, priority=5):
    """Return the hold, and a function that returns whether it is granted by now."""
    hold, granted = tokens.take(vehicle, priority)
    return hold, lambda: granted is None or granted.triggered


def test_lower_numbers_are_served_first_and_equals_in_the_order_of_asking(berths):
    first, _ = take(berths, 1)
    take(berths, 2)
    _, late = take(berths, 3, 7)
    _, soon = take(berths, 4, 2)
    _, then = take(berths, 5, 2)
    berths.give(first)
    assert (late(), soon(), then()) == (False, True, False)


def test_who_is_served_when_a_server_goes_out_is_served_to_the_end_and_nobody_follows(berths):
    holds = [take(berths, number)[0] for number in (1, 2)]
    _, waiting = take(berths, 3)
    berths.lose(1)
    berths.give(holds[0])
    assert not waiting()
    berths.give(holds[1])
    assert waiting()


def test_servers_that_come_back_are_taken_at_once(berths):
    berths.lose(2)
    _, first = take(berths, 1)
    _, second = take(berths, 2)
    berths.lose(-1)
    assert (first(), second()) == (True, False)
    berths.renew(3)
    assert second()


def test_more_can_be_lost_than_there_are_and_all_come_back(berths):
    berths.lose(5)
    assert berths.servers == 0
    berths.lose(-5)
    assert berths.servers == 2


def test_a_path_is_given_by_the_headway_of_its_day_and_outside_of_shut_hours():
    paths = Paths(Table("resource_log"), 0, [(0, 100), (1000, 10)], Calendar([(250, 400)]))
    assert [paths.reserve(NONE, now) for now in (0, 0, 0, 0)] == [0, 100, 200, 400]
    assert [paths.reserve(NONE, now) for now in (995, 995, 995)] == [995, 1095, 1105]
    assert paths.wait_s(1105) == 10
