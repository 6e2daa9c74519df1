"""Calendars: when something is shut, and at what pace work goes on, as far as it is known in
advance."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from heapq import merge
from math import ceil

from sim.units import DAY, WEEK, Seconds

Interval = tuple[Seconds, Seconds]
NEVER: Seconds = 1 << 62


class Calendar:
    """Half-open intervals in which something is shut, in order and apart.

    Parameters
    ----------
    shut
        Intervals, each iterable in order; those that overlap or meet are joined.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, *shut: Iterable[Interval]) -> None:
        starts: list[Seconds] = []
        ends: list[Seconds] = []
        for start_s, end_s in merge(*shut):
            if ends and start_s <= ends[-1]:
                ends[-1] = max(ends[-1], end_s)
            elif end_s > start_s:
                starts.append(start_s)
                ends.append(end_s)
        self._starts, self._ends = starts, ends

    def __bool__(self) -> bool:
        """Whether it is ever shut."""
        return bool(self._starts)

    @property
    def intervals(self) -> list[Interval]:
        """Return when it is shut."""
        return list(zip(self._starts, self._ends, strict=True))

    def next_open_s(self, now: Seconds) -> Seconds:
        """Return *now* if it is open, else when it opens."""
        at = bisect_right(self._starts, now) - 1
        if at >= 0 and now < self._ends[at]:
            return self._ends[at]
        return now

    def next_open_for_s(self, now: Seconds, length_s: Seconds) -> Seconds:
        """Return the first time, from *now* on, from which it stays open for *length_s*."""
        opens = self.next_open_s(now)
        at = bisect_right(self._starts, opens)
        while at < len(self._starts) and self._starts[at] < opens + length_s:
            opens = self._ends[at]
            at += 1
        return opens

    def next_shut_s(self, now: Seconds) -> Seconds:
        """Return *now* if it is shut, else when it shuts next; `NEVER` if it does not."""
        at = bisect_right(self._starts, now)
        if at and now < self._ends[at - 1]:
            return now
        return self._starts[at] if at < len(self._starts) else NEVER


ALWAYS_OPEN = Calendar()


def open_for_s(opens_s: Seconds, closes_s: Seconds) -> Seconds:
    """Return how long a day is that goes from one time of day to another, over midnight or not; a
    whole day if they are the same."""
    return (closes_s - opens_s) % DAY or DAY


def next_opening_s(opens_s: Seconds, closes_s: Seconds, now: Seconds) -> Seconds:
    """Return *now* within the daily hours (the horizon starts at midnight), else when they begin."""
    # Counted from the opening, so that hours over midnight are like others.
    if (now - opens_s) % DAY < open_for_s(opens_s, closes_s):
        return now
    return now + (opens_s - now) % DAY


class Pace:
    """How fast work goes on over time: at rate 1, but slower in some intervals.

    Parameters
    ----------
    slow
        ``(begin, end, rate)``; where they overlap, the lowest rate holds.
    """

    __slots__ = ("_edges", "_rates")

    def __init__(self, slow: Iterable[tuple[Seconds, Seconds, float]]) -> None:
        changes: list[tuple[Seconds, float, int]] = []
        """``(second, rate, how many intervals of it begin)``."""
        for start_s, end_s, rate in slow:
            if rate < 1 and end_s > start_s:
                changes += [(start_s, rate, 1), (end_s, rate, -1)]
        self._edges: list[Seconds] = []
        self._rates: list[float] = []
        on: Counter[float] = Counter()
        for at_s, rate, change in sorted(changes):
            on[rate] += change
            if not self._edges or self._edges[-1] != at_s:
                self._edges.append(at_s)
                self._rates.append(1.0)
            # Few rates differ, so the slowest that is on is found by looking at all.
            self._rates[-1] = min((rate for rate, count in on.items() if count), default=1.0)

    def __bool__(self) -> bool:
        """Whether it is ever slower."""
        return bool(self._rates)

    def end_s(self, begin_s: Seconds, work_s: Seconds) -> Seconds:
        """Return when work of *work_s* at full pace is done that begins at *begin_s*."""
        edges = self._edges
        now, left = begin_s, float(work_s)
        at = bisect_right(edges, now)
        while at < len(edges):
            # Before the first edge and after the last it is 1.
            rate = self._rates[at - 1] if at else 1.0
            done = (edges[at] - now) * rate
            if done >= left:
                if not rate:
                    # Nothing was left to do.
                    return now
                # Rounded up to whole seconds; 1e-9 forgives the sum of fractions.
                return now + ceil(left / rate - 1e-9)
            left -= done
            now = edges[at]
            at += 1
        return now + ceil(left - 1e-9)


def weekly(
    times: Iterable[tuple[Seconds, Seconds]], monday_s: Seconds, until_s: Seconds
) -> list[Interval]:
    """Return recurring hours as intervals up to *until_s*.

    Parameters
    ----------
    times
        Begin in seconds after Monday midnight (below zero: of every day, less one week), and
        length.
    monday_s
        How long ago Monday midnight was at second 0.
    """
    intervals: list[Interval] = []
    for begin_s, length_s in times:
        every = DAY if begin_s < 0 else WEEK
        first = (begin_s + WEEK - monday_s) % every - every
        begins = range(first, until_s, every)
        intervals += [(max(at, 0), at + length_s) for at in begins if at + length_s > 0]
    return sorted(intervals)
