"""What is known in advance: when something is shut, and how long work takes that goes slower meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.kernel.calendar import NEVER, WEEK, Calendar, Pace, weekly
from sim.units import DAY, HOUR

SPELLS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 40)).map(lambda t: (t[0], t[0] + t[1])),
    max_size=8,
)


def is_shut(spells, at):
    return any(start <= at < end for start, end in spells)


@given(SPELLS, SPELLS, st.integers(0, 260), st.integers(0, 60))
def test_a_calendar_says_what_looking_at_every_second_says(one, other, now, length):
    calendar, spells = Calendar(sorted(one), sorted(other)), [*one, *other]
    assert calendar.next_open_s(now) == next(
        at for at in range(now, 400) if not is_shut(spells, at)
    )
    shut = (at for at in range(now, 400) if is_shut(spells, at))
    assert calendar.next_shut_s(now) == next(shut, NEVER)
    long = (
        at
        for at in range(now, 400)
        if not any(is_shut(spells, at + s) for s in range(max(length, 1)))
    )
    assert calendar.next_open_for_s(now, length) == next(long)


@given(SPELLS, SPELLS, st.integers(0, 260), st.integers(0, 60))
def test_work_at_a_pace_takes_as_long_as_adding_up_every_second(stops, slow, begin, work):
    pace = Pace([*((a, b, 0.0) for a, b in stops), *((a, b, 0.5) for a, b in slow)])
    now, left = begin, float(work)
    while left > 1e-9:
        left -= 0.0 if is_shut(stops, now) else 0.5 if is_shut(slow, now) else 1.0
        now += 1
    assert pace.end_s(begin, work) == now


def test_hours_recur_every_day_or_every_week_from_any_day_of_the_week():
    daily = [(2 * HOUR - WEEK, 3 * HOUR)]
    assert weekly(daily, 0, 2 * DAY) == [(2 * HOUR, 5 * HOUR), (26 * HOUR, 29 * HOUR)]
    # The run begins on a Wednesday at midnight: Monday comes after five days.
    assert weekly([(8 * HOUR, 4 * HOUR)], 2 * DAY, 8 * DAY) == [
        (5 * DAY + 8 * HOUR, 5 * DAY + 12 * HOUR)
    ]


def test_hours_that_began_before_the_run_are_on_when_it_begins():
    assert weekly([(22 * HOUR - WEEK, 5 * HOUR)], 0, DAY) == [(0, 3 * HOUR), (22 * HOUR, 27 * HOUR)]


@pytest.mark.parametrize("now", [0, 5, 10**9])
def test_what_is_never_shut_is_always_open(now):
    assert not Calendar()
    assert Calendar().next_open_for_s(now, 10**6) == now
    assert Pace([]).end_s(now, 7) == now + 7
