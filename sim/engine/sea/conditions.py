"""Conditions on which vessels alone leave: cargo at the other end, and a storm that comes up.

Each returns the earliest time at which it lets a vessel go if nothing else happens, or `NEVER`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from sim.engine.kernel.calendar import NEVER
from sim.engine.kernel.clock import Clock
from sim.engine.sea.duty import Duty
from sim.engine.world.lots import Stack
from sim.network.parts import Deck, FarCargoPlan, StormPlan
from sim.units import Seconds


def before_storm_s(plan: StormPlan, duty: Duty, end: int, now: Seconds) -> Seconds:
    """Return when a vessel leaves before the next closure of its way, by the calendar it sails by.

    Nobody sees further than the forecast, and in a storm it is too late for that one.
    """
    calendar = duty.crossing if duty.line.forecast_s else duty.weather[end]
    within_s = duty.get_away_s(end) if plan.within_s is None else plan.within_s
    opens_s = calendar.next_open_s(now)
    shuts_s = calendar.next_shut_s(opens_s)
    if shuts_s == NEVER:
        return NEVER
    return max(opens_s, shuts_s - min(within_s, plan.forecast_s))


@dataclass(slots=True)
class Report:
    """How things stood at the other end."""

    at_s: Seconds
    units: dict[int, int]
    """That wait there for the service, by kind."""
    decks: list[Deck]
    """Of the vessels that lay there or were under way there, all of them to load there."""


class FarShore:
    """What is known at one end of a service of the cargo at the other, some time later.

    The cargo counts beyond what the vessels that are to load there have room for. A vessel that
    leaves this end for the other is known at once.

    Parameters
    ----------
    stack
        Cargo of the other end for the service.
    bound
        Decks of the vessels that are to load there, by number of the vessel; changed by others.
    on_news
        Called when anything has changed there.
    """

    def __init__(
        self,
        env: Clock,
        stack: Stack,
        bound: Mapping[int, Deck],
        on_news: Callable[[], None],
    ) -> None:
        self._env = env
        self._stack = stack
        self._bound = bound
        self._on_news = on_news
        self._reports: deque[Report] = deque()
        self.longest_delay_s = 0
        """No report is asked for that is older."""
        stack.on_change.append(self.note)

    def note(self) -> None:
        """Write down how things stand at the other end."""
        now, reports = self._env.now, self._reports
        if reports and reports[-1].at_s == now:
            reports.pop()
        reports.append(Report(now, self._stack.units_by_kind(), list(self._bound.values())))
        while len(reports) > 1 and reports[1].at_s <= now - self.longest_delay_s:
            reports.popleft()
        self._on_news()

    def note_departure(self, deck: Deck) -> None:
        """Note that a vessel leaves for the other end, which is known here at once."""
        for report in self._reports:
            report.decks.append(deck)

    def enough_s(self, plan: FarCargoPlan, deck: Deck, now: Seconds) -> Seconds:
        """Return when it is known that enough for *deck* waits there."""
        # 1e-9 forgives the binary fraction.
        enough = ceil(plan.deck_share * deck.size - 1e-9)
        latest = 0
        for number, report in enumerate(self._reports):
            if report.at_s + plan.known_after_s <= now:
                latest = number
        for report in list(self._reports)[latest:]:
            if _beyond(report, deck) >= enough:
                return max(now, report.at_s + plan.known_after_s)
        return NEVER


def _beyond(report: Report, deck: Deck) -> int:
    """Return the room on *deck* that the cargo takes which other vessels leave behind."""
    left = dict(report.units)
    for other in report.decks:
        free = other.size
        for unit, units in left.items():
            room = other.per_unit[unit]
            if room:
                taken = min(units, free // room)
                left[unit] = units - taken
                free -= taken * room
    return sum(units * deck.per_unit[unit] for unit, units in left.items())
