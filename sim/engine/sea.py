"""Sea: vessels call, wait for cargo by their departure rule, sail when the weather lets them, and go for repair."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass

import simpy

from sim.engine.cargo import Lot, Stack
from sim.engine.departure import NEVER, Alarm, Rule, rule_of
from sim.engine.story import Awaited, Story, Teller
from sim.engine.waiting import wait_for, wait_for_room
from sim.engine.world import Trip, World
from sim.errors import InvariantError
from sim.log import NONE, Activity
from sim.network.parts import Deck, FleetPart, SeaLine
from sim.units import Seconds


def start(world: World) -> None:
    """Put every fleet to sea: vessels begin alternately at the two ends, empty, at the roads."""
    for line in world.network.services:
        quays = [Quay(world, line, end) for end in (0, 1)]
        number = 0
        for part in line.fleet:
            for of_class in range(part.vessels):
                vessel = Vessel(world, line, part, of_class)
                Teller(world.env, vessel.work(quays, number % 2))
                number += 1


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a vessel leaves with, and the room it uses."""

    lots: list[Lot]
    used: int


@dataclass(slots=True)
class Ready:
    """A vessel that lies at its berth, ready to load."""

    deck: Deck
    ready_s: Seconds
    cargo: Cargo | None = None
    """What it leaves with, once it may."""
    go: simpy.Event | None = None
    """For a vessel that has to wait until then."""


class Quay:
    """Cargo and ready vessels of one service at one end.

    Vessels that carry the same kinds of unit stand in one line; only the first of a line may leave, so that cargo goes
    to the one that has been ready longest. Vessels of other kinds (trucks only, say) do not stand behind it.
    """

    def __init__(self, world: World, line: SeaLine, end: int) -> None:
        self.stack: Stack = world.stacks[line.carrier, end]
        self.stack.on_put = self.check
        self._world = world
        self._rule: Rule = rule_of(line.departure[end], world.network.start_weekday_s)
        self._last_departure_s = NONE
        self._lines: dict[tuple[bool, ...], deque[Ready]] = {}
        self._alarm = Alarm(world.env, self.check)

    def ready(self, deck: Deck) -> Ready:
        """Report a vessel ready to load; unless it has its cargo at once, it must wait for ``go``."""
        vessel = Ready(deck, self._world.env.now)
        kinds = tuple(size > 0 for size in deck.per_unit)
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
                fill = self.stack.room_used(first.deck)
                earliest_s = self._rule(first.ready_s, self._last_departure_s, fill, first.deck.size)
                if earliest_s > now:
                    self._alarm.set(earliest_s)
                    break
                line.popleft()
                self._last_departure_s = now
                lots, used = self.stack.take(first.deck, now)
                world.load(self.stack, lots)
                first.cargo = Cargo(lots, used)
                if first.go is not None:
                    first.go.succeed()


class Vessel:
    """One vessel on its service."""

    def __init__(self, world: World, line: SeaLine, part: FleetPart, number: int) -> None:
        streams, name = world.streams, f"{part.name}/{number}"
        self._world = world
        self._line = line
        self._part = part
        self.id = world.vehicle("vessel", line.carrier, part.vessel_class)
        self._berths = [world.tokens_of(resource) for resource in part.berths]
        self._weather = [world.weather_at(place) for place in line.ends]
        # Drawn once a voyage, whatever the weather does to the attempts to sail.
        self._crossing_s = streams.draws(part.crossing, f"crossing/{name}")
        self._handling_s = [streams.draws(part.handling[end], f"handling/{name}/{end}") for end in (0, 1)]
        self._service_s = streams.draws(part.repair_every, f"in_service/{name}") if part.repair_every else None
        self._repair_s = streams.draws(part.repair_lasting, f"repair/{name}") if part.repair_lasting else None
        self._repair_due_s = NEVER
        if self._service_s is not None:
            # The first stay in the yard comes after a part of an interval, so that a fleet does not go in together.
            self._repair_due_s = round(next(self._service_s) * next(streams.uniforms(f"age/{name}")))
        self._hold = NONE

    def work(self, quays: list[Quay], end: int) -> Story:
        """Call, load, sail, without end."""
        trip: Trip | None = None
        while True:
            yield from self._come_alongside(trip, end)
            yield from self._discharge(trip, end)
            if end == 0 and self._world.env.now >= self._repair_due_s:
                yield from self._go_for_repair(end)
            trip = yield from self._load(quays[end], end)
            yield from self._wait_for_weather(trip.id, end)
            self._cast_off(end)
            yield from self._sail(trip, end)
            end = 1 - end

    def _come_alongside(self, trip: Trip | None, end: int) -> Story:
        """Wait for weather and a berth; a storm that comes up while waiting keeps the vessel out once more."""
        number = NONE if trip is None else trip.id
        yield from self._wait_for_weather(number, end)
        berths = self._berths[end]
        if berths is None:
            return
        self._hold, granted = berths.take(self.id)
        if granted is not None:
            what = (self.id, number, Activity.WAIT_BERTH, self._line.ends[end], self._part.berths[end])
            yield from wait_for(self._world, granted, *what)
            yield from self._wait_for_weather(number, end)

    def _discharge(self, trip: Trip | None, end: int) -> Story:
        """Work the call; the cargo is there when the handling of it ends, and when there is room for it."""
        units = {} if trip is None else trip.units_by_kind()
        work_s = next(self._handling_s[end]) + self._rate_work_s(units, end)
        yield from self._spend(work_s, NONE if trip is None else trip.id, Activity.HANDLE, end)
        if trip is not None:
            yield from wait_for_room(self._world, trip, self._line.ends[end], self._part.berths[end])
            self._world.end_trip(trip)

    def _go_for_repair(self, end: int) -> Story:
        """Leave the berth for the yard and come back; the next stay is due after the next interval in service."""
        if self._repair_s is None or self._service_s is None:
            return
        self._cast_off(end)
        yield from self._spend(next(self._repair_s), NONE, Activity.REPAIR, end)
        self._repair_due_s = self._world.env.now + next(self._service_s)
        yield from self._come_alongside(None, end)

    def _load(self, quay: Quay, end: int) -> Generator[Awaited, object, Trip]:
        """Wait until the rule lets the vessel go, then load what it leaves with."""
        world, deck = self._world, self._part.deck
        ready = quay.ready(deck)
        what = (self.id, NONE, Activity.WAIT_CARGO, self._line.ends[end], self._part.berths[end])
        yield from wait_for(world, ready.go, *what)
        cargo = ready.cargo
        if cargo is None:
            raise InvariantError("a vessel left without its cargo being told", world.env.now, self._part.name)
        trip = world.begin_trip(self.id, (self._line.carrier, end), cargo.lots, (cargo.used, deck.size))
        yield from self._spend(self._rate_work_s(trip.units_by_kind(), end), trip.id, Activity.LOAD, end)
        return trip

    def _wait_for_weather(self, trip: int, end: int) -> Story:
        now = self._world.env.now
        open_s = self._weather[end].next_open_s(now)
        yield from self._spend(open_s - now, trip, Activity.WAIT_WEATHER, end)

    def _sail(self, trip: Trip, end: int) -> Story:
        line, env = self._line, self._world.env
        crossing_s = next(self._crossing_s)
        row = (self.id, trip.id, Activity.SAIL, line.ends[end], line.resource, env.now, env.now + crossing_s)
        self._world.tables["vehicle_log"].add(row)
        yield crossing_s

    def _spend(self, duration_s: Seconds, trip: int, activity: Activity, end: int) -> Story:
        """Spend a known time at the port."""
        if duration_s > 0:
            env = self._world.env
            place, resource = self._line.ends[end], self._part.berths[end]
            row = (self.id, trip, activity, place, resource, env.now, env.now + duration_s)
            self._world.tables["vehicle_log"].add(row)
            yield duration_s

    def _rate_work_s(self, units: dict[int, int], end: int) -> Seconds:
        """Return the time that *units* take at the berth's working rates, as a whole and rounded once."""
        s_per_unit = self._part.s_per_unit[end]
        return round(sum(count * s_per_unit[unit] for unit, count in units.items()))

    def _cast_off(self, end: int) -> None:
        berths = self._berths[end]
        if berths is not None:
            berths.give(self._hold)
