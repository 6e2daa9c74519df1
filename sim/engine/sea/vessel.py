"""Sea: vessels call, wait for cargo by their departure rule, sail when the weather lets them, and
go for repair."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import zip_longest

import simpy

from sim.engine.cargo.initial import lots_aboard
from sim.engine.kernel.calendar import ALWAYS_OPEN, NEVER, Calendar
from sim.engine.kernel.departure import Alarm, Rule, rule_of
from sim.engine.kernel.process import Awaited, Process, ProcessGenerator
from sim.engine.sea.fleets import Fleets, Order
from sim.engine.world.lots import Lot, Stack
from sim.engine.world.waiting import wait_for, wait_for_room
from sim.engine.world.world import Trip, World
from sim.errors import InvariantError
from sim.log import NONE, OPEN, VESSEL, Activity
from sim.network.parts import Deck, FleetPart, InitialVesselPlan, Network, ReassignmentPlan, SeaLine
from sim.units import Seconds


def open_quays(world: World) -> None:
    """Make ready to load at both ends of every service, before there is cargo or a vessel."""
    for line in world.network.services:
        for end in (0, 1):
            world.rules.quays[line.carrier, end] = Quay(world, line, end)


def start(world: World) -> None:
    """Put every fleet to sea: where the scenario says, or else alternately at the two ends, empty,
    at the roads."""
    fleets = Fleets(world, lambda line, part: _launch(world, fleets, line, part))
    for line in world.network.services:
        number = 0
        for part in line.fleet:
            home = (line.carrier, part.vessel_class)
            placed = [
                ship
                for ship in world.network.initial.vessels
                if (ship.home, ship.vessel_class) == home
            ]
            for ship, _ in zip_longest(placed, range(part.vessels)):
                _launch(
                    world,
                    fleets,
                    line,
                    part,
                    ship or InitialVesselPlan(*home, line.carrier, number % 2, 0, ()),
                )
                number += 1
    world.on_change.append(fleets.adopt)


def _launch(
    world: World,
    fleets: Fleets,
    line: SeaLine,
    part: FleetPart,
    ship: InitialVesselPlan | None = None,
) -> None:
    """Bring a vessel of *line* into the world; without a plan of where it is, at the roads of its
    first end."""
    end, arrives_in_s, cargo = (
        (0, 0, ()) if ship is None else (ship.end, ship.arrives_in_s, ship.cargo)
    )
    vessel = Vessel(world, fleets, line, part)
    if ship is not None and ship.carrier != line.carrier:
        fleets.lend(vessel, ship.carrier)
        part = vessel.part
    trip: Trip | None = None
    if cargo:
        leg = (vessel.carrier, 1 - end)
        lots = lots_aboard(world, cargo, leg)
        used = sum(lot.units * part.deck.per_unit[lot.consignment.flow.unit] for lot in lots)
        trip = world.begin_trip(vessel.id, leg, lots, (used, part.deck.size, part.deck.size))
    Process(world.env, vessel.work(end, arrives_in_s, trip))


@dataclass(frozen=True, slots=True)
class Cargo:
    """What a vessel leaves with, the room it uses, the room there is, and how much of it is
    usable."""

    lots: list[Lot]
    fill: tuple[int, int, int]


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
        self._rule = rule_of(
            network.services[self._number].departure[self._end], network.start_weekday_s
        )
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
                apart = first.duty.part.segregates
                fill = self.stack.room_used(first.deck, apart=apart)
                earliest_s = self._rule(
                    first.ready_s, self._last_departure_s, fill, first.deck.size
                )
                if earliest_s > now:
                    self._alarm.set(earliest_s)
                    break
                line.popleft()
                self._last_departure_s = now
                lots, used = self.stack.take(first.deck, now, apart=apart)
                world.load(self.stack, lots)
                first.cargo = Cargo(lots, (used, first.duty.part.deck.size, first.deck.size))
                if first.go is not None:
                    first.go.succeed()


class Duty:
    """One vessel on one service: what it needs at both ends."""

    def __init__(self, world: World, line: SeaLine, part: FleetPart, name: str) -> None:
        self.line = line
        self.part = part
        self._world = world
        self._name = name
        self.berths = [world.facilities.tokens_of(resource) for resource in part.berths]
        self.weather = [
            world.facilities.weather_at(place, part.vessel_class) for place in line.ends
        ]
        self.crossing = world.facilities.crossing_at(line.ends, part.vessel_class)
        """When either end is shut."""
        self.alongside = [self._alongside(end) for end in (0, 1)]
        of_class = part.vessel_class
        self.pace = [
            world.facilities.pace_at(part.berths[end], line.ends[end], of_class) for end in (0, 1)
        ]
        self._draw("")

    def _draw(self, suffix: str) -> None:
        streams, part, name = self._world.streams, self.part, self._name + suffix
        # Drawn once a voyage, whatever the weather does to the attempts to sail.
        self.crossing_s = streams.draws(part.crossing, f"crossing/{name}")
        self.handling_s = [
            streams.draws(part.handling[end], f"handling/{name}/{end}") for end in (0, 1)
        ]

    def _alongside(self, end: int) -> Calendar:
        """Return when no vessel may come alongside."""
        rules = self._world.network.ports.get(self.line.ends[end])
        return self.weather[end] if rules is None or rules.berthing_waits else ALWAYS_OPEN

    def adopt(self, network: Network) -> None:
        """Go on by new numbers."""
        line = next(line for line in network.services if line.carrier == self.line.carrier)
        part = next(part for part in line.fleet if part.vessel_class == self.part.vessel_class)
        changed = (part.crossing, part.handling) != (self.part.crossing, self.part.handling)
        self.line, self.part = line, part
        if changed:
            self._draw(f"/{self._world.env.now}")

    def intake(self) -> Deck:
        """Return the deck as far as the depth of water at both ends lets it be loaded now."""
        part, world = self.part, self._world
        if part.draught_m is None:
            return part.deck
        depths = [
            rules.depth_m
            for rules in map(world.network.ports.get, self.line.ends)
            if rules is not None
        ]
        known = [depth_m for depth_m in depths if depth_m is not None]
        if not known:
            return part.deck
        light_m, full_m = part.draught_m
        water_m = min(known) + world.facilities.sea_level_m() - world.facilities.under_keel_m
        if water_m >= full_m:
            return part.deck
        share = max((water_m - light_m) / (full_m - light_m), 0.0) if full_m > light_m else 0.0
        return replace(part.deck, size=int(share * part.deck.size + 1e-9))


class Vessel:
    """One vessel and what it does, call after call."""

    def __init__(self, world: World, fleets: Fleets, line: SeaLine, part: FleetPart) -> None:
        self._world = world
        self._fleets = fleets
        self.home = (line.carrier, part.vessel_class)
        """The service it belongs to, and its class."""
        self.helps_by: ReassignmentPlan | None = None
        """The rule by which it works for another."""
        name = fleets.sign_on(self, part)
        self._name = name
        self.id = world.vehicle(VESSEL, line.carrier, part.vessel_class)
        world.rules.homes[self.id] = self
        self._duties = {line.carrier: Duty(world, line, part, name)}
        self._duty = self._duties[line.carrier]
        self._duty_at = self._begin_duty(line.carrier)
        streams = world.streams
        self._service_s = (
            streams.draws(part.repair_every, f"in_service/{name}") if part.repair_every else None
        )
        self._repair_s = (
            streams.draws(part.repair_lasting, f"repair/{name}") if part.repair_lasting else None
        )
        self._repair_due_s = NEVER
        if self._service_s is not None:
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
        world = self._world
        if world.tables["duties"].rows[self._duty_at + 2] == world.env.now:
            # It has not worked for the other at all.
            world.tables["duties"].rows[self._duty_at + 1] = carrier
            self._duty = self._duty_for(carrier)
            return
        world.tables["duties"].rows[self._duty_at + 3] = world.env.now
        self._duty = self._duty_for(carrier)
        self._duty_at = self._begin_duty(carrier)

    def _duty_for(self, carrier: int) -> Duty:
        if carrier not in self._duties:
            line = next(line for line in self._world.network.services if line.carrier == carrier)
            part = next(part for part in line.fleet if part.vessel_class == self.home[1])
            self._duties[carrier] = Duty(self._world, line, part, f"{self._name}@{line.id}")
        return self._duties[carrier]

    def work(
        self, end: int, arrives_in_s: Seconds = 0, trip: Trip | None = None
    ) -> ProcessGenerator:
        """Call, load, sail, without end."""
        if arrives_in_s:
            yield self._be_at_sea(trip, end, arrives_in_s)
        while True:
            yield from self._come_alongside(trip, end)
            yield from self._discharge(trip, end)
            if end == 0 and self._world.env.now >= self._repair_due_s:
                yield from self._go_for_repair(end)
            order = self._fleets.order(self)
            if order is not None:
                end = yield from self._change_duty(end, order)
            trip = yield from self._load(end)
            crossing_s = next(self._duty.crossing_s)
            if waits_s := self._wait_to_sail(trip.id, end, crossing_s):
                yield waits_s
            self._cast_off(end)
            if self._duty.line.turns_back:
                yield from self._turn_back(trip, end, crossing_s)
            if at_sea_s := self._be_at_sea(trip, 1 - end, crossing_s):
                yield at_sea_s
            end = 1 - end

    # -- at the port
    # ---------------------------------------------------------------------------------------------

    def _come_alongside(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Wait for weather and a berth; a storm that comes up while waiting keeps the vessel out
        once more."""
        duty, number = self._duty, NONE if trip is None else trip.id
        if waits_s := self._wait_until(
            duty.alongside[end].next_open_s(self._world.env.now), number, end
        ):
            yield waits_s
        berths = duty.berths[end]
        if berths is None:
            return
        self._hold, granted = berths.take(self.id, duty.line.priority)
        if granted is not None:
            what = (
                self.id,
                number,
                Activity.WAIT_BERTH,
                duty.line.ends[end],
                duty.part.berths[end],
            )
            yield from wait_for(self._world, granted, *what)
            if waits_s := self._wait_until(
                duty.alongside[end].next_open_s(self._world.env.now), number, end
            ):
                yield waits_s

    def _discharge(self, trip: Trip | None, end: int) -> ProcessGenerator:
        """Work the call; the cargo is there when the handling of it ends, and when there is room
        for it."""
        duty = self._duty
        work_s = next(duty.handling_s[end]) + self._rate_work_s(trip, end)
        if works_s := self._work(work_s, NONE if trip is None else trip.id, Activity.HANDLE, end):
            yield works_s
        if trip is not None:
            self._world.arrive(trip.lots)
            if self._world.rooms:
                yield from wait_for_room(
                    self._world, trip, duty.line.ends[end], duty.part.berths[end]
                )
            self._world.end_trip(trip)

    def _go_for_repair(self, end: int) -> ProcessGenerator:
        """Leave the berth for the yard and come back; the next stay is due after the next interval
        in service."""
        if self._repair_s is None or self._service_s is None:
            return
        self._cast_off(end)
        if repair_s := self._spend(next(self._repair_s), NONE, Activity.REPAIR, end):
            yield repair_s
        self._repair_due_s = self._world.env.now + next(self._service_s)
        yield from self._come_alongside(None, end)

    def _change_duty(self, end: int, order: Order | None) -> Generator[Awaited, object, int]:
        """Lie up, or change over to another service, as the fleet orders; return the end where the
        vessel then is."""
        while order is not None:
            self._cast_off(end)
            if order.carrier == NONE:
                end = yield from self._lie_up(end, order.until_s, order.called)
            elif order.carrier != self.carrier:
                end = yield from self._join(order.carrier, end, order.transfer_s)
            yield from self._come_alongside(None, end)
            order = self._fleets.order(self)
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
        return 1 if here == self._duty.line.ends[1] else 0

    def _begin_duty(self, carrier: int) -> int:
        duties = self._world.tables["duties"]
        duties.add(duties.row(self.id, carrier, self._world.env.now, OPEN))
        return len(duties.rows) - 4

    def _load(self, end: int) -> Generator[Awaited, object, Trip]:
        """Wait until the rule lets the vessel go, then load what it leaves with."""
        world, duty = self._world, self._duty
        ready = world.rules.quays[duty.line.carrier, end].ready(duty)
        if ready.go is not None:
            what = (self.id, NONE, Activity.WAIT_CARGO, duty.line.ends[end], duty.part.berths[end])
            yield from wait_for(world, ready.go, *what)
        cargo = ready.cargo
        if cargo is None:
            raise InvariantError(
                "a vessel left without its cargo being told", world.env.now, duty.part.name
            )
        trip = world.begin_trip(self.id, (duty.line.carrier, end), cargo.lots, cargo.fill)
        if works_s := self._work(self._rate_work_s(trip, end), trip.id, Activity.LOAD, end):
            yield works_s
        return trip

    # -- to sea
    # --------------------------------------------------------------------------------------------------

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

    # -- what takes a known time: booked now, and returned for the story to wait
    # -----------------------------------

    def _be_at_sea(self, trip: Trip | None, towards: int, for_s: Seconds) -> Seconds:
        if for_s:
            line, now, log = self._duty.line, self._world.env.now, self._world.tables["vehicle_log"]
            number = NONE if trip is None else trip.id
            where = (line.ends[1 - towards], line.resource)
            log.add(log.row(self.id, number, Activity.SAIL, *where, now, now + for_s))
        return for_s

    def _wait_until(self, opens_s: Seconds, trip: int, end: int) -> Seconds:
        return self._spend(opens_s - self._world.env.now, trip, Activity.WAIT_WEATHER, end)

    def _work(self, work_s: Seconds, trip: int, activity: Activity, end: int) -> Seconds:
        """Book the time that work takes at the pace of the berth."""
        pace = self._duty.pace[end]
        if pace and work_s > 0:
            work_s = pace.end_s(self._world.env.now, work_s) - self._world.env.now
        return self._spend(work_s, trip, activity, end)

    def _spend(self, duration_s: Seconds, trip: int, activity: Activity, end: int) -> Seconds:
        """Book a known time at the port; less than none is none."""
        if duration_s <= 0:
            return 0
        duty, now, log = self._duty, self._world.env.now, self._world.tables["vehicle_log"]
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

    def _cast_off(self, end: int) -> None:
        berths = self._duty.berths[end]
        if berths is not None:
            berths.give(self._hold)
