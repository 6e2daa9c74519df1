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
from sim.engine.sea.preferences import BY_PRIORITY, Due, preferring_others
from sim.engine.world.loading import Loading, Quota
from sim.engine.world.lots import Lot, Stack
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Deck, DeparturePlan, Network, SeaLine
from sim.units import Seconds

Quays: TypeAlias = "dict[tuple[int, int], Quay]"
"""By carrier and end."""
Lines: TypeAlias = "dict[tuple[int, ...], deque[Ready]]"
"""By the kinds of unit that the vessels carry."""


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
    quota: Quota | None = None
    """Parts of the deck that it keeps to."""


@dataclass(slots=True)
class Ready:
    """A vessel that is ready to load, at its berth or in the roads."""

    vessel: int
    duty: Duty
    deck: Deck
    """As far as it can be loaded."""
    ready_s: Seconds
    loading: Loading | None = None
    """None: by strict priority."""
    behind: int = NONE
    """Class behind which alone it stands; `NONE`: behind all that carry the same kinds of unit."""
    cargo: Cargo | None = None
    """What it leaves with, once it may."""
    in_roads: bool = False
    """Whether it is to lie at anchor, or does."""
    go: simpy.Event | None = None
    """For a vessel that has to wait, until it gets its cargo or is to shift."""
    sent: frozenset[int] = frozenset()
    """Kinds of unit that flows send from here; room for others tells no vessels apart."""

    @property
    def kinds(self) -> tuple[int, ...]:
        """Return the line in which it stands: by the kinds of unit sent here that it carries."""
        rooms = enumerate(self.deck.per_unit)
        kinds = tuple(size > 0 and unit in self.sent for unit, size in rooms)
        return kinds if self.behind == NONE else (self.behind, *kinds)


class Quay:
    """Cargo and ready vessels of one service at one end.

    Vessels that carry the same kinds of unit stand in one line; only the first of a line may leave,
    so that cargo goes to the one that has been ready longest. Vessels of other kinds (trucks only,
    say) do not stand behind it, nor do classes that load by rules of their own. Those that gave
    their berth to others stand in lines of their own in the roads: cargo goes to those alongside,
    and the first in the roads is called in once it may leave and nobody of its kinds who has been
    ready longer lies alongside.
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
        self._lines: dict[tuple[int, ...], deque[Ready]] = {}
        self._roads: dict[tuple[int, ...], deque[Ready]] = {}
        self._called: set[tuple[int, ...]] = set()
        """Kinds of which a vessel is coming in from the roads."""
        self._due = Due()
        self._sent = _sent_from(world, (line.carrier, end))
        self._loadings: dict[int, Loading | None] = {}
        """By vessel class."""
        self._set_loading(line)
        self._alarm = Alarm(world.env, self.check)
        self._other = self
        self._far: FarShore | None = None
        self._watched_from: FarShore | None = None
        """What the other end knows of this one, if it wants to know."""
        self.knows_who_comes = self._prefers_at_any_date()
        """Whether anybody asks which vessels are to load here, and when; else they need not be
        reported."""
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
            other.knows_who_comes = True
        if any(plan.leaves_for_others or plan.anchors_for_others for plan in plans):
            line = self._world.network.services[self._number]
            for resource in dict.fromkeys(part.berths[self._end] for part in line.fleet):
                berths = self._world.facilities.tokens_of(resource)
                if berths is not None:
                    berths.on_wait.append(self.check)

    def _prefers_at_any_date(self) -> bool:
        """Return whether some cargo ever prefers a class of vessels."""
        stages = self._world.facilities.stages
        return any(era.services[self._number].preferences for _, era in stages)

    def _plans(self) -> list[DeparturePlan]:
        """Return the rules of all dates."""
        stages = self._world.facilities.stages
        return [era.services[self._number].departure[self._end] for _, era in stages]

    def _adopt(self, network: Network) -> None:
        service = network.services[self._number]
        self._plan = service.departure[self._end]
        self._rule = rule_of(self._plan, network.start_weekday_s)
        self._set_loading(service)
        self._lines = self._lined_up(self._lines)
        self._roads = self._lined_up(self._roads)
        self.check()

    def _set_loading(self, line: SeaLine) -> None:
        """Take up by which rules the classes of *line* load."""
        self._line = line
        fares: tuple[float, ...] = ()
        for part in line.fleet:
            after = preferring_others(line, part)
            plan = part.loading
            if plan is not None and plan.fares:
                fares = plan.fares[self._end]
            if plan is None and any(after):
                plan = BY_PRIORITY
            self._loadings[part.vessel_class] = None if plan is None else Loading(plan, after)
        self.stack.price(fares)

    def _lined_up(self, lines: Lines) -> Lines:
        """Return the vessels of *lines* in lines by what they carry now, and by which rule."""
        waiting = sorted(chain.from_iterable(lines.values()), key=lambda vessel: vessel.ready_s)
        anew: Lines = {kinds: deque() for kinds in lines}
        for vessel in waiting:
            vessel.deck = vessel.duty.intake()
            self._set_rule_of(vessel)
            anew.setdefault(vessel.kinds, deque()).append(vessel)
        return anew

    def _set_rule_of(self, vessel: Ready) -> None:
        vessel_class = vessel.duty.part.vessel_class
        vessel.loading = self._loadings[vessel_class]
        vessel.behind = vessel_class if self._line.queues_apart else NONE

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
        if self._due.forget(vessel):
            # What was kept for it is free for others.
            self._alarm.set(self._world.env.now)

    def expect_at(self, vessel: int, duty: Duty, at_s: Seconds) -> None:
        """Note when *vessel* comes to load, where some cargo prefers its class."""
        if self._line.preferences:
            self._due.expect(vessel, duty.part, at_s)

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
        vessel = Ready(number, duty, duty.intake(), self._world.env.now, sent=self._sent)
        self._set_rule_of(vessel)
        if self.knows_who_comes:
            self.expect_at(number, duty, vessel.ready_s)
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
        has_left = self._let_go(now)
        # Where cargo was kept for a vessel, its leaving sets cargo free for those of other lines.
        while has_left and self._line.preferences:
            has_left = self._let_go(now)
        if self._plan.anchors_for_others:
            self._make_room()
        if self._roads:
            self._call_in(now)

    def _let_go(self, now: Seconds) -> bool:
        """Go over the lines once; return whether a vessel left."""
        has_left = False
        for line in self._lines.values():
            while line:
                earliest_s = self._earliest_s(line[0], now)
                if earliest_s > now:
                    self._alarm.set(earliest_s)
                    break
                has_left = True
                self._release(line.popleft(), now)
        return has_left

    def _earliest_s(self, vessel: Ready, now: Seconds) -> Seconds:
        """Return when *vessel* may leave if nothing else happens."""
        deck, plan = vessel.deck, self._plan
        if vessel.loading is None:
            fill, size = self.stack.room_used(deck, apart=vessel.duty.part.segregates), deck.size
        else:
            fill, size = self._fill(vessel, vessel.loading, now)
        earliest_s = self._rule(vessel.ready_s, self._last_departure_s, fill, size)
        if plan.storm is not None:
            away_s = before_storm_s(plan.storm, vessel.duty, self._end, now)
            earliest_s = min(earliest_s, away_s)
        if plan.far_cargo is not None and self._far is not None:
            earliest_s = min(earliest_s, self._far.enough_s(plan.far_cargo, deck, now))
        if plan.leaves_for_others and self._is_in_the_way(vessel):
            return now
        return earliest_s

    def _fill(self, vessel: Ready, loading: Loading, now: Seconds) -> tuple[int, int]:
        """Return the room that the waiting cargo would fill, and the room there is for it."""
        kept = self._kept(vessel, now)
        apart = vessel.duty.part.segregates
        fill = loading.fill(self.stack, vessel.deck, kept, apart=apart)
        return fill, loading.usable(vessel.deck)

    def _kept(self, vessel: Ready, now: Seconds) -> dict[int, int]:
        """Return by unit code how many units *vessel* leaves to vessels that they prefer."""
        plans, vessel_class = self._line.preferences, vessel.duty.part.vessel_class
        return self._due.kept(plans, vessel_class, vessel.deck, now)

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
        if self._other.knows_who_comes:
            self._other.expect(vessel.vessel, vessel.duty)
        lots, used, quota = self._take(vessel, now)
        if self.knows_who_comes:
            self.forget(vessel.vessel)
        world.load(self.stack, lots)
        vessel.cargo = Cargo(lots, (used, part.deck.size, deck.size), quota)
        if vessel.go is not None:
            vessel.go.succeed()

    def _take(self, vessel: Ready, now: Seconds) -> tuple[list[Lot], int, Quota | None]:
        """Take the cargo of *vessel* off the stack; return the room it uses and its parts of the
        deck."""
        deck, apart, loading = vessel.deck, vessel.duty.part.segregates, vessel.loading
        if loading is None:
            lots, used = self.stack.take(deck, now, apart=apart)
            return lots, used, None
        kept = self._kept(vessel, now)
        lots, used = loading.take(self.stack, deck, now, kept, apart=apart)
        return lots, used, loading.quota(deck)

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


def _sent_from(world: World, leg: tuple[int, int]) -> frozenset[int]:
    """Return the kinds of unit that some flow of any date may send over *leg*."""
    sent = set()
    for _, era in world.facilities.stages:
        for flow in era.flows:
            if any(leg in way.legs for way in flow.ways):
                sent.add(flow.unit)
    return frozenset(sent)
