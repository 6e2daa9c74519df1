"""Trains: made up at one end of a line by its departure rule, run over its route, unloaded."""

from __future__ import annotations

from dataclasses import replace

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.departure import Alarm, rule_of
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.land.haulage import Coupling, Haulage, Link, begin_breakdowns
from sim.engine.land.station import Stand
from sim.engine.land.terminal import Terminal
from sim.engine.world.lots import Lot, Trip
from sim.engine.world.waiting import wait_for, wait_for_room
from sim.engine.world.world import World
from sim.log import NONE, TRAIN, Activity
from sim.network.parts import Deck, Network, TrainLine
from sim.units import Seconds


def start(world: World, journeys: Journeys) -> None:
    """Set up a dispatcher at both ends of every train line, other trains, and the workshops."""
    haulage = Haulage(world)
    for number, line in enumerate(world.network.trains):
        for direction in (0, 1):
            dispatcher = Dispatcher(world, journeys, haulage, number, direction)
            world.handover.dispatchers[line.carrier, direction] = dispatcher
    haulage.run_other_trains()
    begin_breakdowns(world)


class Dispatcher:
    """Makes up trains of one line at one end, whenever its departure rule says so."""

    def __init__(
        self, world: World, journeys: Journeys, haulage: Haulage, number: int, direction: int
    ) -> None:
        self.line: TrainLine = world.network.trains[number]
        self._world = world
        self._journeys = journeys
        self._number = number
        self._direction = direction
        self._leg = (self.line.carrier, direction)
        self._stack = world.stacks[self._leg]
        self._stack.on_put = self.check
        self._destination = self.line.ends[1 - direction]
        self._last_departure_s = NONE
        self._alarm = Alarm(world.env, self.check)
        self._route = [haulage.link(link) for link in self.line.links[direction]]
        self._has_stands = self.line.is_tight[direction] or any(
            link.tracks is not None for link in self._route
        )
        """Whether its trains ever stand where tracks are few."""
        self._terminals = [Terminal(world, self.line, end) for end in (direction, 1 - direction)]
        self._rule = rule_of(self.line.departure[direction], world.network.start_weekday_s)
        world.on_change.append(self._adopt)

    def _adopt(self, network: Network) -> None:
        self.line = network.trains[self._number]
        self._rule = rule_of(self.line.departure[self._direction], network.start_weekday_s)
        for terminal in self._terminals:
            terminal.adopt(self.line)
        self.check()

    def check(self) -> None:
        """Send off every train that may leave now; set the alarm for the next that may."""
        world, stack = self._world, self._stack
        now = world.env.now
        while stack.holds_cargo:
            deck = self._deck() if world.handover.banned else self.line.deck
            fill = stack.room_used(deck)
            if not fill:
                return
            earliest_s = self._rule(stack.oldest_s(deck), self._last_departure_s, fill, deck.size)
            if earliest_s > now:
                self._alarm.set(earliest_s)
                return
            # Booked before room is given back: that can bring cargo, and this check with it.
            self._last_departure_s = now
            lots, used = stack.take(deck, now)
            world.load(stack, lots)
            self._depart(lots, used)

    def resume(self, lots: list[Lot], link: int, arrives_in_s: Seconds) -> None:
        """Have a train go on that is under way when the run begins.

        Parameters
        ----------
        link
            Number of the link of its route that it reaches next.
        arrives_in_s
            Time until it is there [s].
        """
        per_unit = self.line.deck.per_unit
        used = sum(lot.units * per_unit[lot.consignment.flow.unit] for lot in lots)
        self._depart(lots, used, link, arrives_in_s)

    def _depart(
        self, lots: list[Lot], used: int, begins_at: int | None = None, arrives_in_s: Seconds = 0
    ) -> None:
        """Send a train off with *lots*, which use so much of its deck."""
        size = self.line.deck.size
        train = self._world.vehicle(TRAIN, self.line.carrier)
        trip = self._journeys.depart(train, self._leg, lots, (used, size, size))
        Process(self._world.env, self._run(trip, begins_at, arrives_in_s))

    def _deck(self) -> Deck:
        """Return what a train takes now: nothing that an embargo keeps from its destination."""
        deck = self.line.deck
        per_unit = list(deck.per_unit)
        for unit in range(len(per_unit)):
            if self._world.is_banned(unit, *self._leg):
                per_unit[unit] = 0
        return replace(deck, per_unit=tuple(per_unit))

    def _run(self, trip: Trip, begins_at: int | None, arrives_in_s: Seconds) -> ProcessGenerator:
        """Load, or come to the link of the route at which the train begins; travel; unload."""
        world, route = self._world, self._route
        origin, destination = self._terminals
        vehicle, priority = trip.vehicle, self.line.priority
        stand = Stand() if self._has_stands else None
        is_tight = self.line.is_tight[self._direction]
        if begins_at is None:
            yield from origin.work(trip, stand, keeps=is_tight)
        else:
            route = route[begins_at:]
            behind = self._route[max(begins_at - 1, 0)]
            if arrives_in_s:
                yield self._book_arrival(trip, behind, arrives_in_s)
            if begins_at and behind.tracks is not None and stand is not None:
                yield from behind.tracks.take(vehicle, trip.id, stand)
        holding_places = world.handover.holding_places
        locomotive = Coupling(world, trip, priority)
        for link in route:
            if link.pool is not locomotive.pool:
                yield from locomotive.couple(link)
            is_tight = is_tight or link.tracks is not None
            if is_tight or link.place in holding_places:
                yield from self._wait_to_enter(trip, link, locomotive, stand)
            if is_tight or link.book is None:
                yield from link.pass_with(vehicle, trip.id, priority, stand)
                is_tight = link.tracks is not None
            elif lasts_s := link.book(vehicle, trip.id):
                yield lasts_s
        locomotive.uncouple()
        self._journeys.arrive(trip.lots)
        if world.rooms:
            # Not on a loading track: a train that waited there would keep those out that carry the
            # cargo away, and lock the port.
            yield from wait_for_room(world, trip, destination.place)
        yield from destination.work(trip, stand)
        self._journeys.unload(trip)

    def _book_arrival(self, trip: Trip, link: Link, arrives_in_s: Seconds) -> Seconds:
        now, log = self._world.env.now, self._world.tables["vehicle_log"]
        where = (link.place, link.resource)
        log.add(log.row(trip.vehicle, trip.id, Activity.RUN, *where, now, now + arrives_in_s))
        return arrives_in_s

    def _wait_to_enter(
        self, trip: Trip, link: Link, locomotive: Coupling, stand: Stand | None
    ) -> ProcessGenerator:
        """Stay while an embargo holds the train or others stand on the line.

        An embargo that comes up before the train has its path counts too. A train that is held gives
        its locomotive back, unless it stands where tracks are few: none would come past the trains
        that stand behind it.
        """
        world, holds = self._world, self._world.handover.holds
        in_line = (trip.vehicle, trip.id, Activity.WAIT_PATH, link.place, link.resource)
        yield from wait_for(world, link.line.join(), *in_line)
        while True:
            hold = None
            if holds is not None:
                hold = holds(trip, self._destination, link.place)
            if hold is not None:
                link.line.leave()
                if stand is None or not stand.is_limited:
                    locomotive.uncouple()
                embargo, lifted = hold
                what = (trip.vehicle, trip.id, Activity.WAIT_EMBARGO, link.place, embargo)
                yield from wait_for(world, lifted, *what)
                if locomotive.pool is not link.pool:
                    yield from locomotive.couple(link)
                yield from wait_for(world, link.line.join(), *in_line)
                continue
            blocked = link.blocked()
            if blocked is not None:
                yield from wait_for(world, blocked, *in_line)
                continue
            now = world.env.now
            free_s = link.free_s(now)
            if free_s <= now:
                break
            # It asks for its path when it can have it, so that a ban of the meantime still holds
            # it.
            log = world.tables["vehicle_log"]
            log.add(log.row(*in_line, now, free_s))
            yield free_s - now
        # The next in line looks once this train, which does so at once, has taken its path.
        link.line.leave()
