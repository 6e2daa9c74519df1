"""Outages, drawn in advance: when each begins and ends, what is shut by it, and what is lost."""

from __future__ import annotations

from collections.abc import Iterator

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

    def shut(self, kind: str, code: int) -> list[Interval]:
        """Return when a section or port is shut."""
        spells = (spells for plan, spells in self.spells if (plan.kind, plan.code) == (kind, code))
        return sorted(interval for some in spells for interval in some)

    def slow(self, kind: str, code: int) -> list[tuple[Seconds, Seconds, float]]:
        """Return when work there goes on at a lower pace, and at which."""
        return [
            (start_s, end_s, plan.rate)
            for plan, spells in self.spells
            if (plan.kind, plan.code) == (kind, code) and plan.rate < 1
            for start_s, end_s in spells
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
