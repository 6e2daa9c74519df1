"""Quays: cargo and ready vessels of one service at one end, and the rule by which vessels leave."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import simpy

from sim.engine.kernel.departure import Alarm, Rule, rule_of
from sim.engine.sea.conditions import FarShore, before_storm_s
from sim.engine.sea.duty import Duty
from sim.engine.world.lots import Lot, Stack
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Deck, DeparturePlan, Network, SeaLine
from sim.units import Seconds

Quays: TypeAlias = "dict[tuple[int, int], Quay]"
"""By carrier and end."""


def open_quays(world: World) -> Quays:
    """Make ready to load at both ends of every service, before there is cargo or a vessel."""
    quays = {}
    for line in world.network.services:
        for end in (0, 1):
            quays[line.carrier, end] = Quay(world, line, end)
    for (carrier, end), quay in quays.items():
        quay.face(quays[carrier, 1 - end])
    return quays


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a vessel leaves with."""

    lots: list[Lot]
    fill: tuple[int, int, int]
    """The room it uses, the room there is, and how much of that is usable."""


@dataclass(slots=True)
class Ready:
    """A vessel that is ready to load, at its berth or in the roads."""

    vessel: int
    duty: Duty
    deck: Deck
    """As far as it can be loaded."""
    ready_s: Seconds
    cargo: Cargo | None = None
    """What it leaves with, once it may."""
    in_roads: bool = False
    """Whether it is to lie at anchor, or does."""
    go: simpy.Event | None = None
    """For a vessel that has to wait, until it gets its cargo or is to shift."""

    @property
    def kinds(self) -> tuple[bool, ...]:
        """Return which kinds of unit it carries."""
        return tuple(size > 0 for size in self.deck.per_unit)


class Quay:
    """Cargo and ready vessels of one service at one end.

    Vessels that carry the same kinds of unit stand in one line; only the first of a line may leave,
    so that cargo goes to the one that has been ready longest. Vessels of other kinds (trucks only,
    say) do not stand behind it. Those that gave their berth to others stand in lines of their own
    in the roads: cargo goes to those alongside, and the first in the roads is called in once it may
    leave and nobody of its kinds who has been ready longer lies alongside.
    """

    def __init__(self, world: World, line: SeaLine, end: int) -> None:
        self.stack: Stack = world.stacks[line.carrier, end]
        self.stack.on_put = self.check
        self.bound: dict[int, Deck] = {}
        """Decks of the vessels that lie here or are under way here and are to load here."""
        self._world = world
        self._end = end
        self._number = world.network.services.index(line)
        self._plan = line.departure[end]
        self._rule: Rule = rule_of(self._plan, world.network.start_weekday_s)
        self._last_departure_s = NONE
        self._lines: dict[tuple[bool, ...], deque[Ready]] = {}
        self._roads: dict[tuple[bool, ...], deque[Ready]] = {}
        self._called: set[tuple[bool, ...]] = set()
        """Kinds of which a vessel is coming in from the roads."""
        self._alarm = Alarm(world.env, self.check)
        self._other = self
        self._far: FarShore | None = None
        self._watched_from: FarShore | None = None
        """What the other end knows of this one, if it wants to know."""
        world.on_change.append(self._adopt)

    def face(self, other: Quay) -> None:
        """Know the other end of the service, as far as a rule of any date asks for it."""
        self._other = other
        plans = self._plans()
        delays_s = [plan.far_cargo.known_after_s for plan in plans if plan.far_cargo is not None]
        if delays_s:
            self._far = FarShore(self._world.env, other.stack, other.bound, self._hear)
            self._far.longest_delay_s = max(delays_s)
            other._watched_from = self._far
        if any(plan.leaves_for_others or plan.anchors_for_others for plan in plans):
            line = self._world.network.services[self._number]
            for resource in dict.fromkeys(part.berths[self._end] for part in line.fleet):
                berths = self._world.facilities.tokens_of(resource)
                if berths is not None:
                    berths.on_wait.append(self.check)

    def _plans(self) -> list[DeparturePlan]:
        """Return the rules of all dates."""
        stages = self._world.facilities.stages
        return [era.services[self._number].departure[self._end] for _, era in stages]

    def _adopt(self, network: Network) -> None:
        self._plan = network.services[self._number].departure[self._end]
        self._rule = rule_of(self._plan, network.start_weekday_s)
        for line in chain(self._lines.values(), self._roads.values()):
            for vessel in line:
                vessel.deck = vessel.duty.intake()
        self.check()

    # -- who is to load here
    # -------------------------------------------------------------------------------------------

    def expect(self, vessel: int, duty: Duty) -> None:
        """Note that *vessel* is to load here, next."""
        self.bound[vessel] = duty.intake()
        if self._watched_from is not None:
            self._watched_from.note()

    def forget(self, vessel: int) -> None:
        """Note that *vessel* has loaded, or goes elsewhere."""
        self.bound.pop(vessel, None)
        if self._watched_from is not None:
            self._watched_from.note()

    def _hear(self) -> None:
        """Set the alarm for when news of the other end lets a vessel go."""
        plan, now = self._plan.far_cargo, self._world.env.now
        if plan is None or self._far is None:
            return
        for line in chain(self._lines.values(), self._roads.values()):
            if line:
                self._alarm.set(self._far.enough_s(plan, line[0].deck, now))

    # -- vessels come, wait and go
    # -------------------------------------------------------------------------------------------

    def ready(self, number: int, duty: Duty) -> Ready:
        """Report a vessel ready to load; unless it has its cargo at once, it must wait for
        ``go``."""
        vessel = Ready(number, duty, duty.intake(), self._world.env.now)
        self._lines.setdefault(vessel.kinds, deque()).append(vessel)
        self._decide(vessel)
        return vessel

    def anchor(self, vessel: Ready) -> None:
        """Report a vessel at anchor; it must wait for ``go`` unless it is called in at once."""
        _queue_up(vessel, self._roads.setdefault(vessel.kinds, deque()))
        self._decide(vessel)

    def come_back(self, vessel: Ready) -> None:
        """Report a vessel alongside again, in the order in which vessels were ready first."""
        self._called.discard(vessel.kinds)
        _queue_up(vessel, self._lines.setdefault(vessel.kinds, deque()))
        self._decide(vessel)

    def _decide(self, vessel: Ready) -> None:
        vessel.go = None
        was_in_roads = vessel.in_roads
        self.check()
        if vessel.cargo is None and vessel.in_roads == was_in_roads:
            vessel.go = self._world.env.event()

    def check(self) -> None:
        """Let every vessel go that may leave now; set the alarm for the next that may."""
        now = self._world.env.now
        for line in self._lines.values():
            while line:
                earliest_s = self._earliest_s(line[0], now)
                if earliest_s > now:
                    self._alarm.set(earliest_s)
                    break
                self._release(line.popleft(), now)
        if self._plan.anchors_for_others:
            self._make_room()
        if self._roads:
            self._call_in(now)

    def _earliest_s(self, vessel: Ready, now: Seconds) -> Seconds:
        """Return when *vessel* may leave if nothing else happens."""
        deck, plan = vessel.deck, self._plan
        fill = self.stack.room_used(deck, apart=vessel.duty.part.segregates)
        earliest_s = self._rule(vessel.ready_s, self._last_departure_s, fill, deck.size)
        if plan.storm is not None:
            away_s = before_storm_s(plan.storm, vessel.duty, self._end, now)
            earliest_s = min(earliest_s, away_s)
        if plan.far_cargo is not None and self._far is not None:
            earliest_s = min(earliest_s, self._far.enough_s(plan.far_cargo, deck, now))
        if plan.leaves_for_others and self._is_in_the_way(vessel):
            return now
        return earliest_s

    def _is_in_the_way(self, vessel: Ready) -> bool:
        """Return whether others need the berth of *vessel* more than is being cleared."""
        berths = vessel.duty.berths[self._end]
        return berths is not None and berths.is_needed

    def _release(self, vessel: Ready, now: Seconds) -> None:
        """Load a vessel with what is there and let it go."""
        world, deck, part = self._world, vessel.deck, vessel.duty.part
        # Booked before room is given back: that can bring cargo, and a check with it.
        self._last_departure_s = now
        _announce(vessel, self._end)
        if self._far is not None:
            self._far.note_departure(deck)
        self._other.expect(vessel.vessel, vessel.duty)
        lots, used = self.stack.take(deck, now, apart=part.segregates)
        self.forget(vessel.vessel)
        world.load(self.stack, lots)
        vessel.cargo = Cargo(lots, (used, part.deck.size, deck.size))
        if vessel.go is not None:
            vessel.go.succeed()

    def _make_room(self) -> None:
        """Send as many vessels to the roads as others need berths, those first that came last."""
        for line in self._lines.values():
            for vessel in tuple(reversed(line)):
                if self._is_in_the_way(vessel):
                    line.remove(vessel)
                    _announce(vessel, self._end)
                    vessel.in_roads = True
                    if vessel.go is not None:
                        vessel.go.succeed()

    def _call_in(self, now: Seconds) -> None:
        """Call the first vessel of each kind in the roads alongside if it may leave."""
        for kinds, roads in self._roads.items():
            line = self._lines.get(kinds)
            if not roads or kinds in self._called:
                continue
            vessel = roads[0]
            if line and line[0].ready_s <= vessel.ready_s:
                continue
            earliest_s = self._earliest_s(vessel, now)
            if earliest_s > now:
                self._alarm.set(earliest_s)
                continue
            roads.popleft()
            self._called.add(kinds)
            vessel.in_roads = False
            if vessel.go is not None:
                vessel.go.succeed()


def _queue_up(vessel: Ready, line: deque[Ready]) -> None:
    """Put *vessel* in *line* by the time since when it is ready."""
    place = len(line)
    while place and line[place - 1].ready_s > vessel.ready_s:
        place -= 1
    line.insert(place, vessel)


def _announce(vessel: Ready, end: int) -> None:
    """Let the berths know that *vessel* is about to give its own back."""
    berths = vessel.duty.berths[end]
    if berths is not None:
        berths.leaving += 1
