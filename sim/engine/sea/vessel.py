"""Vessels: they call, wait for cargo by their departure rule, sail when the weather lets them, and
go for repair."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

import simpy

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.calendar import NEVER, Calendar
from sim.engine.kernel.process import Awaited, ProcessGenerator
from sim.engine.kernel.tokens import Tokens
from sim.engine.sea.duty import Duty, line_of, part_of
from sim.engine.sea.manoeuvre import IN, OUT, manoeuvre
from sim.engine.sea.quay import Quay, Quays
from sim.engine.world.lots import Trip
from sim.engine.world.waiting import wait_for, wait_for_room
from sim.engine.world.world import World
from sim.errors import InvariantError
from sim.log import NONE, OPEN, VESSEL, Activity
from sim.network.parts import FleetPart, Network, ReassignmentPlan, SeaLine
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Order:
    """What a vessel does next, other than go on."""

    carrier: int = NONE
    """Service to work for; `NONE`: lie up."""
    transfer_s: Seconds = 0
    until_s: Seconds = 0
    """Of lying up: until when, unless there is an event to wait for."""
    called: simpy.Event | None = None


class Fleet(Protocol):
    """Who gives a vessel its orders."""

    @property
    def quays(self) -> Quays:
        """Where its vessels load."""

    def sign_on(self, vessel: Vessel, part: FleetPart) -> str:
        """Register a new vessel and return its name."""

    def order(self, vessel: Vessel) -> Order | None:
        """Return what *vessel*, which has just discharged, is to do; None: go on."""


class Vessel:
    """One vessel and what it does, call after call."""

    def __init__(
        self,
        world: World,
        journeys: Journeys,
        fleet: Fleet,
        line: SeaLine,
        part: FleetPart,
    ) -> None:
        self._world = world
        self._journeys = journeys
        self._fleet = fleet
        self._log = world.tables["vehicle_log"]
        self._duty_book = world.tables["duties"]
        self.home = (line.carrier, part.vessel_class)
        """The service it belongs to, and its class."""
        self.helps_by: ReassignmentPlan | None = None
        """The rule by which it works for another."""
        name = fleet.sign_on(self, part)
        self._name = name
        self.id = world.vehicle(VESSEL, line.carrier, part.vessel_class)
        world.handover.vessels[self.id] = self
        self._duties = {line.carrier: Duty(world, line, part, name)}
        self._duty = self._duties[line.carrier]
        self._duty_row = self._begin_duty(line.carrier)
        streams = world.streams
        self._service_s: Iterator[int] | None = None
        self._repair_s: Iterator[int] | None = None
        self._repair_due_s = NEVER
        self._no_repair = Calendar(part.no_repair)
        if part.repair_every is not None and part.repair_lasting is not None:
            self._service_s = streams.draws(part.repair_every, f"in_service/{name}")
            self._repair_s = streams.draws(part.repair_lasting, f"repair/{name}")
            # The first stay in the yard comes after a part of an interval, so that a fleet does not
            # go in together.
            age = next(streams.uniforms(f"age/{name}"))
            self._repair_due_s = world.env.now + round(next(self._service_s) * age)
        self._hold = NONE
        # Before the quays, which look at the decks of those that lie there.
        world.on_change.insert(0, self._adopt)

    def _adopt(self, network: Network) -> None:
        for duty in self._duties.values():
            duty.adopt(network)

    @property
    def carrier(self) -> int:
        """The service it works for now."""
        return self._duty.line.carrier

    @property
    def part(self) -> FleetPart:
        """What it is on that service."""
        return self._duty.part

    def take_duty(self, carrier: int) -> None:
        """Work for *carrier* from now on."""
        now, book = self._world.env.now, self._duty_book
        self._duty = self._duty_for(carrier)
        if book.get(self._duty_row, "start_s") == now:
            # It has not worked for the other at all.
            book.set(self._duty_row, "carrier", carrier)
        else:
            book.set(self._duty_row, "end_s", now)
            self._duty_row = self._begin_duty(carrier)

    def _duty_for(self, carrier: int) -> Duty:
        if carrier not in self._duties:
            line = line_of(self._world.network, carrier)
            part = part_of(line, self.home[1])
            self._duties[carrier] = Duty(self._world, line, part, f"{self._name}@{line.id}")
        return self._duties[carrier]

    def work(
        self, end: int, arrives_in_s: Seconds = 0, trip: Trip | None = None
    ) -> ProcessGenerator:
        """Call, load, sail, without end."""
        self._quay(end).expect(self.id, self._duty)
        self._quay(end).expect_at(self.id, self._duty, self._world.env.now + arrives_in_s)
        if arrives_in_s:
            yield self._be_at_sea(trip, end, arrives_in_s)
        while True:
            yield from self._come_alongside(trip, end)
            yield from self._discharge(trip, end)
            if end == 0 and self._is_due_for_repair():
                yield from self._go_for_repair(end)
            order = self._fleet.order(self)
            if order is not None:
                end = yield from self._change_duty(end, order)
            trip = yield from self._load(end)
            crossing_s = self._duty.crossing_s.next()
            if waits_s := self._wait_to_sail(trip.id, end, crossing_s):
                yield waits_s
            yield from self._leave_berth(trip, end)
            if self._duty.line.turns_back:
                yield from self._turn_back(trip, end, crossing_s)
            quay = self._quay(1 - end)
            if quay.knows_who_comes:
                quay.expect_at(self.id, self._duty, self._world.env.now + crossing_s)
            if at_sea_s := self._be_at_sea(trip, 1 - end, crossing_s):
                yield at_sea_s
            end = 1 - end

    # -- at the port
    # -------------------------------------------------------------------------------------------

    def _come_alongside(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Wait for weather and a berth; a storm that comes up while waiting keeps the vessel out
        once more."""
        duty, env = self._duty, self._world.env
        number = NONE if trip is None else trip.id
        opens_s = duty.alongside[end].next_open_s(env.now)
        if waits_s := self._wait_until(opens_s, number, end):
            yield waits_s
        berths = duty.berths[end]
        if berths is not None:
            yield from self._take_berth(berths, number, end)
        if duty.helps[end]:
            yield from manoeuvre(self._world, duty, self.id, number, (end, IN))

    def _take_berth(self, berths: Tokens, number: int, end: int) -> ProcessGenerator:
        """Wait for a berth, and for weather if it came up meanwhile."""
        duty, env = self._duty, self._world.env
        self._hold, granted = berths.take(self.id, duty.line.priority)
        if granted is not None:
            where = (duty.line.ends[end], duty.part.berths[end])
            yield from wait_for(self._world, granted, self.id, number, Activity.WAIT_BERTH, *where)
            opens_s = duty.alongside[end].next_open_s(env.now)
            if waits_s := self._wait_until(opens_s, number, end):
                yield waits_s

    def _discharge(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Work the call; the cargo is there when the handling of it ends, and when there is room
        for it."""
        duty = self._duty
        work_s = duty.handling_s[end].next() + self._rate_work_s(trip, end)
        if works_s := self._work(work_s, NONE if trip is None else trip.id, Activity.HANDLE, end):
            yield works_s
        if trip is not None:
            self._journeys.arrive(trip.lots)
            if self._world.rooms:
                where = (duty.line.ends[end], duty.part.berths[end])
                yield from wait_for_room(self._world, trip, *where)
            self._journeys.unload(trip)

    def _is_due_for_repair(self) -> bool:
        """Return whether a stay in the yard is due, in a month in which such begin."""
        now = self._world.env.now
        return now >= self._repair_due_s and self._no_repair.next_open_s(now) == now

    def _go_for_repair(self, end: int) -> ProcessGenerator:
        """Leave the berth for the yard and come back; the next stay is due after the next interval
        in service."""
        if self._repair_s is None or self._service_s is None:
            return
        self._quay(end).forget(self.id)
        yield from self._cast_off(end)
        if repair_s := self._spend(next(self._repair_s), NONE, Activity.REPAIR, end):
            yield repair_s
        self._repair_due_s = self._world.env.now + next(self._service_s)
        self._quay(end).expect(self.id, self._duty)
        yield from self._come_alongside(None, end)

    def _change_duty(self, end: int, order: Order | None) -> Generator[Awaited, object, int]:
        """Lie up, or change over to another service, as the fleet orders; return the end where the
        vessel then is."""
        while order is not None:
            self._quay(end).forget(self.id)
            yield from self._cast_off(end)
            if order.carrier == NONE:
                end = yield from self._lie_up(end, order.until_s, order.called)
            elif order.carrier != self.carrier:
                end = yield from self._join(order.carrier, end, order.transfer_s)
            self._quay(end).expect(self.id, self._duty)
            yield from self._come_alongside(None, end)
            order = self._fleet.order(self)
        return end

    def _lie_up(
        self, end: int, until_s: Seconds, called: simpy.Event | None
    ) -> Generator[Awaited, object, int]:
        """Lie still until a known time, or until the fleet calls."""
        if called is None:
            if lies_s := self._spend(until_s - self._world.env.now, NONE, Activity.LAID_UP, end):
                yield lies_s
            return end
        place, resource = self._duty.line.ends[end], self._duty.line.resource
        yield from wait_for(self._world, called, self.id, NONE, Activity.LAID_UP, place, resource)
        return end

    def _join(self, carrier: int, end: int, transfer_s: Seconds) -> Generator[Awaited, object, int]:
        """Change over to another service, at the port that both have, or else at its first."""
        here, then = self._duty.line.ends[end], self._duty_for(carrier)
        if here not in then.line.ends:
            # No port in common: it sails as far as its new line is long.
            transfer_s += round(then.part.crossing.mean)
        if transfer_s := self._spend(transfer_s, NONE, Activity.TRANSFER, end):
            yield transfer_s
        self.take_duty(carrier)
        return int(here == self._duty.line.ends[1])

    def _begin_duty(self, carrier: int) -> int:
        return self._duty_book.begin(self.id, carrier, self._world.env.now, OPEN)

    def _load(self, end: int) -> Generator[Awaited, object, Trip]:
        """Wait until the rule lets the vessel go, then load what it leaves with."""
        world, duty, quay = self._world, self._duty, self._quay(end)
        ready = quay.ready(self.id, duty)
        if ready.go is not None:
            yield from self._wait_until_called(ready.go, Activity.WAIT_CARGO, end)
        while ready.in_roads:
            yield from self._leave_berth(None, end)
            quay.anchor(ready)
            if ready.go is not None:
                yield from self._wait_until_called(ready.go, Activity.WAIT_ROADS, end)
            yield from self._come_alongside(None, end)
            quay.come_back(ready)
            if ready.go is not None:
                yield from self._wait_until_called(ready.go, Activity.WAIT_CARGO, end)
        cargo = ready.cargo
        if cargo is None:
            raise InvariantError("a vessel left without cargo", world.env.now, duty.part.name)
        leg = (duty.line.carrier, end)
        trip = self._journeys.depart(self.id, leg, cargo.lots, cargo.fill)
        if cargo.quota is not None:
            world.quotas[trip.id] = cargo.quota
        if works_s := self._work(self._rate_work_s(trip, end), trip.id, Activity.LOAD, end):
            yield works_s
        return trip

    def _wait_until_called(
        self, called: simpy.Event, activity: Activity, end: int
    ) -> ProcessGenerator:
        where = (self._duty.line.ends[end], self._duty.part.berths[end])
        return wait_for(self._world, called, self.id, NONE, activity, *where)

    # -- to sea
    # -------------------------------------------------------------------------------------------

    def _wait_to_sail(self, trip: int, end: int, crossing_s: Seconds) -> Seconds:
        """Book the wait for weather by the sailing rule of the service."""
        duty, now = self._duty, self._world.env.now
        if duty.line.forecast_s:
            opens = duty.crossing.next_open_for_s(now, min(duty.line.forecast_s, crossing_s))
        else:
            opens = duty.weather[end].next_open_s(now)
        return self._wait_until(opens, trip, end)

    def _turn_back(self, trip: Trip, end: int, crossing_s: Seconds) -> ProcessGenerator:
        """Turn back from every storm that comes up on the first half of the way, until one crossing
        holds."""
        duty, env = self._duty, self._world.env
        while 2 * (out_s := duty.crossing.next_shut_s(env.now) - env.now) < crossing_s:
            if at_sea_s := self._be_at_sea(trip, 1 - end, 2 * out_s):
                yield at_sea_s
            if waits_s := self._wait_to_sail(trip.id, end, crossing_s):
                yield waits_s

    # -- what takes a known time: booked now, and returned for the process to wait
    # -------------------------------------------------------------------------------------------

    def _be_at_sea(self, trip: Trip | None, towards: int, for_s: Seconds) -> Seconds:
        if for_s:
            line, now, log = self._duty.line, self._world.env.now, self._log
            number = NONE if trip is None else trip.id
            where = (line.ends[1 - towards], line.resource)
            log.add(log.row(self.id, number, Activity.SAIL, *where, now, now + for_s))
        return for_s

    def _wait_until(self, opens_s: Seconds, trip: int, end: int) -> Seconds:
        now = self._world.env.now
        if opens_s <= now:
            return 0
        return self._spend(opens_s - now, trip, Activity.WAIT_WEATHER, end)

    def _work(self, work_s: Seconds, trip: int, activity: Activity, end: int) -> Seconds:
        """Book the time that work takes at the pace of the berth."""
        pace = self._duty.pace[end]
        if pace and work_s > 0:
            work_s = pace.end_s(self._world.env.now, work_s) - self._world.env.now
        return self._spend(work_s, trip, activity, end)

    def _spend(self, duration_s: Seconds, trip: int, activity: Activity, end: int) -> Seconds:
        """Book a known time at the port; below zero counts as nothing."""
        if duration_s <= 0:
            return 0
        duty, now, log = self._duty, self._world.env.now, self._log
        where = (duty.line.ends[end], duty.part.berths[end])
        log.add(log.row(self.id, trip, activity, *where, now, now + duration_s))
        return duration_s

    def _rate_work_s(self, trip: Trip | None, end: int) -> Seconds:
        """Return the time that the units of *trip* take at the berth's rates, as a whole and
        rounded once."""
        s_per_unit = self._duty.part.s_per_unit[end]
        if trip is None or not any(s_per_unit):
            return 0
        return round(sum(count * s_per_unit[unit] for unit, count in trip.units_by_kind().items()))

    def _quay(self, end: int) -> Quay:
        """Return where it loads at *end*."""
        return self._fleet.quays[self._duty.line.carrier, end]

    def _leave_berth(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Leave the berth and give it back, as the quay has announced."""
        yield from self._move_off(trip, end)
        berths = self._duty.berths[end]
        if berths is not None:
            berths.leaving -= 1
            berths.give(self._hold)

    def _cast_off(self, end: int) -> ProcessGenerator:
        """Leave the berth and give it back."""
        yield from self._move_off(None, end)
        berths = self._duty.berths[end]
        if berths is not None:
            berths.give(self._hold)

    def _move_off(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Leave the berth with tugs, pilots and channels, where the port has any."""
        if self._duty.helps[end]:
            number = NONE if trip is None else trip.id
            yield from manoeuvre(self._world, self._duty, self.id, number, (end, OUT))
