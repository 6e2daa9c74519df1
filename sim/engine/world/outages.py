"""Outages, drawn in advance: when each begins and ends, what is shut by it, and what is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.engine.kernel.calendar import Interval
from sim.network.parts import Network, OutagePlan
from sim.streams import Streams
from sim.units import Seconds


class Outages:
    """All outages of one replication."""

    def __init__(self, network: Network, streams: Streams, until_s: Seconds) -> None:
        self.spells: list[tuple[OutagePlan, list[Interval]]] = [
            (plan, list(_draw(plan, streams, until_s))) for plan in network.outages
        ]
        """Each disruption with its outages, in order."""
        self.on_begin: list[Callable[[OutagePlan], None]] = []
        """Called when an outage begins, before it is booked."""

    def intervals(self, kind: str, code: int) -> Iterator[tuple[OutagePlan, Interval]]:
        """Yield each outage of one thing with its disruption."""
        for plan, spells in self.spells:
            if (plan.kind, plan.code) == (kind, code):
                for interval in spells:
                    yield plan, interval

    def shut(self, kind: str, code: int) -> list[Interval]:
        """Return when a section or port is shut."""
        return sorted(interval for _, interval in self.intervals(kind, code))

    def slow(self, kind: str, code: int) -> list[tuple[Seconds, Seconds, float]]:
        """Return when work there goes on at a lower pace, and at which."""
        return [
            (*interval, plan.rate) for plan, interval in self.intervals(kind, code) if plan.rate < 1
        ]


def _draw(plan: OutagePlan, streams: Streams, until_s: Seconds) -> Iterator[Interval]:
    lasting_s = streams.draws(plan.lasting, f"outage/lasting/{plan.id}")
    if plan.every is None:
        length_s = next(lasting_s)
        if length_s > 0 and plan.from_s + length_s > 0:
            yield max(plan.from_s, 0), plan.from_s + length_s
        return
    every_s, now = streams.draws(plan.every, f"outage/every/{plan.id}"), 0
    while True:
        # At least a second in between keeps outages apart.
        now += max(next(every_s), 1)
        if now >= until_s:
            return
        length_s = next(lasting_s)
        if length_s > 0:
            yield now, now + length_s
        now += length_s
