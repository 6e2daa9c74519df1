"""Quays: cargo and ready vessels of one service at one end, and the rule by which vessels leave."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

import simpy

from sim.engine.kernel.departure import Alarm, Rule, rule_of
from sim.engine.sea.duty import Duty
from sim.engine.world.lots import Lot, Stack
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Deck, Network, SeaLine
from sim.units import Seconds

Quays: TypeAlias = "dict[tuple[int, int], Quay]"
"""By carrier and end."""


def open_quays(world: World) -> Quays:
    """Make ready to load at both ends of every service, before there is cargo or a vessel."""
    quays = {}
    for line in world.network.services:
        for end in (0, 1):
            quays[line.carrier, end] = Quay(world, line, end)
    return quays


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a vessel leaves with."""

    lots: list[Lot]
    fill: tuple[int, int, int]
    """The room it uses, the room there is, and how much of that is usable."""


@dataclass(slots=True)
class Ready:
    """A vessel that lies at its berth, ready to load."""

    duty: Duty
    deck: Deck
    """As far as it can be loaded."""
    ready_s: Seconds
    cargo: Cargo | None = None
    """What it leaves with, once it may."""
    go: simpy.Event | None = None
    """For a vessel that has to wait until then."""


class Quay:
    """Cargo and ready vessels of one service at one end.

    Vessels that carry the same kinds of unit stand in one line; only the first of a line may leave,
    so that cargo goes to the one that has been ready longest. Vessels of other kinds (trucks only,
    say) do not stand behind it.
    """

    def __init__(self, world: World, line: SeaLine, end: int) -> None:
        self.stack: Stack = world.stacks[line.carrier, end]
        self.stack.on_put = self.check
        self._world = world
        self._end = end
        self._number = world.network.services.index(line)
        self._rule: Rule = rule_of(line.departure[end], world.network.start_weekday_s)
        self._last_departure_s = NONE
        self._lines: dict[tuple[bool, ...], deque[Ready]] = {}
        self._alarm = Alarm(world.env, self.check)
        world.on_change.append(self._adopt)

    def _adopt(self, network: Network) -> None:
        departure = network.services[self._number].departure[self._end]
        self._rule = rule_of(departure, network.start_weekday_s)
        for line in self._lines.values():
            for vessel in line:
                vessel.deck = vessel.duty.intake()
        self.check()

    def ready(self, duty: Duty) -> Ready:
        """Report a vessel ready to load; unless it has its cargo at once, it must wait for
        ``go``."""
        vessel = Ready(duty, duty.intake(), self._world.env.now)
        kinds = tuple(size > 0 for size in vessel.deck.per_unit)
        self._lines.setdefault(kinds, deque()).append(vessel)
        self.check()
        if vessel.cargo is None:
            vessel.go = self._world.env.event()
        return vessel

    def check(self) -> None:
        """Let every vessel go that may leave now; set the alarm for the next that may."""
        world = self._world
        now = world.env.now
        for line in self._lines.values():
            while line:
                first = line[0]
                deck, part = first.deck, first.duty.part
                fill = self.stack.room_used(deck, apart=part.segregates)
                earliest_s = self._rule(first.ready_s, self._last_departure_s, fill, deck.size)
                if earliest_s > now:
                    self._alarm.set(earliest_s)
                    break
                line.popleft()
                # Booked before room is given back: that can bring cargo, and this check with it.
                self._last_departure_s = now
                lots, used = self.stack.take(deck, now, apart=part.segregates)
                world.load(self.stack, lots)
                first.cargo = Cargo(lots, (used, part.deck.size, deck.size))
                if first.go is not None:
                    first.go.succeed()
