"""The world of one replication: all that moves, and the books it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import simpy
from simpy.events import URGENT

from sim.engine.kernel.clock import Clock
from sim.engine.world.facilities import Facilities
from sim.engine.world.handover import Rules
from sim.engine.world.lots import Consignment, Legs, Lot, Room, Stack
from sim.log import NONE, OPEN, TABLES, Activity, Table
from sim.network.parts import FlowPlan, Network, ReturnsPlan, SurplusPlan
from sim.streams import Streams
from sim.units import Seconds


class Trip:
    """One way of a vehicle with the cargo that is aboard."""

    __slots__ = ("end_at", "id", "lots", "vehicle")

    def __init__(self, number: int, vehicle: int, lots: list[Lot], end_at: int) -> None:
        self.id = number
        self.vehicle = vehicle
        self.lots = lots
        self.end_at = end_at
        """Offset of the trip's end in its table."""

    def units_by_kind(self) -> dict[int, int]:
        """Return how many units of each kind are aboard."""
        units: dict[int, int] = {}
        for lot in self.lots:
            kind = lot.consignment.flow.unit
            units[kind] = units.get(kind, 0) + lot.units
        return units


class World:
    """Mutable state of one replication. Rail, sea and road hand cargo over through it alone."""

    def __init__(self, network: Network, streams: Streams) -> None:
        self.network = network
        """As it stands now; dates replace it."""
        self.streams = streams
        self.env = Clock()
        self.tables = {name: Table(name) for name in TABLES}
        self.latest_end_s = network.window_end_s + network.followup_s
        self.facilities = Facilities(self.env, self.tables, network, streams)
        self.on_change: list[Callable[[Network], None]] = []
        """Who is told when a date changes the network."""
        self.stacks = {key: self._stack(key, code) for key, code in network.stacks.items()}
        self.rooms = self._rooms()
        """By carrier and direction that are waited for, room by kind of unit; shared by all of one
        side."""
        self.rules = Rules()
        self.held: dict[int, Lot] = {}
        """Cargo that an embargo keeps from the road, by lot."""
        self.unequipped: dict[int, Lot] = {}
        """Cargo that waits for equipment, by lot."""
        self.trips: dict[int, Trip] = {}
        """Trips under way."""
        self.outside: dict[int, Lot] = {}
        """Cargo before a full stack, by lot."""
        self.born = [0] * len(network.flows)
        self.delivered = [0] * len(network.flows)
        self._followers = _followers(network)
        self._carried_over = [0.0] * len(network.flows)
        returning = [flow for flow in network.flows if isinstance(flow.arrivals, ReturnsPlan)]
        self._after = {
            flow.code: streams.draws(returns_of(flow).after, f"returns/{flow.id}")
            for flow in returning
        }
        self._way_back = {flow.code: streams.uniforms(f"way/{flow.id}") for flow in returning}
        self._cohort_units = 0
        self._number_consignment = count().__next__
        self._number_lot = count().__next__
        self._number_vehicle = count().__next__
        self._number_trip = count().__next__
        self._window = (network.warmup_s, network.window_end_s)
        # Bound once: a year writes millions of rows.
        self._add_consignment, self._consignment = (
            self.tables["consignments"].add,
            self.tables["consignments"].row,
        )
        self._add_vehicle, self._vehicle = self.tables["vehicles"].add, self.tables["vehicles"].row
        self._add_lot, self._lot = self.tables["lots"].add, self.tables["lots"].row
        self._add_stay, self._stay = self.tables["stays"].add, self.tables["stays"].row
        self._add_aboard, self._aboard = self.tables["aboard"].add, self.tables["aboard"].row
        self._add_delivery, self._delivery = (
            self.tables["deliveries"].add,
            self.tables["deliveries"].row,
        )
        self._trips = self.tables["trips"]
        self._stop: simpy.Event | None = None
        places = {place: code for code, place in enumerate(network.names.place)}
        self._ends = [(places[c.ends[0]], places[c.ends[1]]) for c in network.carriers]

    # -- birth and delivery
    # --------------------------------------------------------------------------------------

    def bear(self, code: int, units: int, way: float) -> None:
        """Bring a consignment of a flow into the world; *way* in [0, 1) chooses its itinerary."""
        flow = self.network.flows[code]
        legs = _choose(flow, way) if len(flow.ways) > 1 else flow.ways[0].legs
        if self.rules.refuses and self._is_refused(flow, legs):
            refusals = self.tables["refusals"]
            refusals.add(refusals.row(code, units, self.env.now))
            return
        lot = self.new_consignment(flow, units, legs)
        if flow.equipment == NONE:
            self.set_out(lot)
        else:
            self.rules.pools[flow.equipment].equip(lot)

    def _is_refused(self, flow: FlowPlan, legs: Legs) -> bool:
        """Return whether an embargo turns a consignment away: on its way, or on every way if it may
        choose."""
        if isinstance(flow.arrivals, SurplusPlan):
            # Equipment that goes back would be lost; it waits.
            return False
        ways = [way.legs for way in flow.ways] if flow.by_time else [legs]
        return all(any(refuse(flow, way) for refuse in self.rules.refuses) for way in ways)

    def new_consignment(self, flow: FlowPlan, units: int, legs: Legs) -> Lot:
        """Book a consignment as born now, and return it as one lot."""
        now = self.env.now
        code, number = flow.code, self._number_consignment()
        consignment = Consignment(number, flow, now)
        self._add_consignment(self._consignment(number, code, units, now))
        self.born[code] += units
        if self._window[0] <= now < self._window[1]:
            consignment.in_cohort = True
            self._cohort_units += units
        lot = Lot(self._number_lot(), consignment, units, legs, now)
        self._add_lot(self._lot(lot.id, NONE, number, code, now))
        return lot

    def set_out(self, lot: Lot) -> None:
        """Put *lot* where its journey begins, as far as there is room."""
        lot.since_s = self.env.now
        if self.rules.choose_way is not None:
            self.decide(lot, lot.leg)
        room = self.room_of(lot, lot.leg)
        if room is None:
            self.lay_down(lot)
            return
        while lot.units > room.limit:
            self._enter(self.part(lot, room.limit), room)
        self._enter(lot, room)

    def decide(self, lot: Lot, leg: int) -> None:
        """Let *lot*, if it goes by the queues it sees, choose its way from *leg* on."""
        if self.rules.choose_way is not None and lot.consignment.flow.by_time:
            self.rules.choose_way(lot, leg)

    def arrive(self, lots: list[Lot]) -> None:
        """Let *lots*, whose leg is done, decide where to go next, before room for them is
        sought."""
        if self.rules.choose_way is not None:
            for lot in lots:
                self.decide(lot, lot.leg + 1)

    def rooms_for(self, lots: list[Lot]) -> list[tuple[Room, int, int]]:
        """Return ``(room, units, stack)`` that must be had before *lots* can leave their vehicle,
        in a fixed order."""
        if not self.rooms:
            return []
        needed: dict[int, tuple[Room, int, int]] = {}
        for lot in lots:
            room = self.room_of(lot, lot.leg + 1)
            if room is not None:
                stack = self.stacks[lot.legs[lot.leg + 1]].code
                _, units, first = needed.get(room.number, (room, 0, stack))
                needed[room.number] = (room, units + lot.units, first)
        return [needed[number] for number in sorted(needed)]

    def _enter(self, lot: Lot, room: Room) -> None:
        """Let a newborn lot into its first stack, or have it wait outside until there is room."""

        def come_in() -> None:
            del self.outside[lot.id]
            stack = self.stacks[lot.legs[lot.leg]]
            self.book_stay(lot, Activity.WAIT_ROOM, stack.place, stack.code)
            self.lay_down(lot)

        if room.take(lot.units, come_in):
            self.lay_down(lot)
        else:
            self.outside[lot.id] = lot

    def lay_down(self, lot: Lot) -> None:
        """Put *lot* into the stack of its next leg, or on the road."""
        leg = lot.legs[lot.leg]
        stack = self.stacks.get(leg)
        if stack is not None:
            stack.put(lot, self.env.now)
            return
        lot.since_s = self.env.now
        if self.rules.banned and self.is_banned(lot.consignment.flow.unit, *leg):
            self.held[lot.id] = lot
        elif lot.units == 1:
            # One unit always fits.
            self.rules.roads[leg[0]](lot, leg[1])
        else:
            self._drive(lot, leg)

    def is_banned(self, unit: int, carrier: int, direction: int) -> bool:
        """Return whether a unit may not be sent by *carrier* in *direction*, since an embargo
        closes its far end."""
        return (unit, self._ends[carrier][1 - direction]) in self.rules.banned

    def end_of(self, carrier: int, end: int) -> int:
        """Return the place of an end of *carrier*."""
        return self._ends[carrier][end]

    def place_of_destination(self, flow: FlowPlan) -> int:
        """Return where *flow* is delivered."""
        carrier, direction = flow.ways[0].legs[-1]
        return self.end_of(carrier, 1 - direction)

    def way_of_surplus(self, flow: FlowPlan) -> Iterator[float]:
        """Return the luck that chooses ways for equipment that goes back."""
        if flow.code not in self._way_back:
            self._way_back[flow.code] = self.streams.uniforms(f"way/{flow.id}")
        return self._way_back[flow.code]

    def release_held(self) -> None:
        """Send off what an embargo kept from the road and does no more."""
        for lot in list(self.held.values()):
            leg = lot.legs[lot.leg]
            if not self.is_banned(lot.consignment.flow.unit, *leg):
                del self.held[lot.id]
                place, road = self.end_of(*leg), self.network.carriers[leg[0]].id
                code = self.network.names.resource.index(road)
                self.book_stay(lot, Activity.WAIT_EMBARGO, place, code)
                lot.since_s = self.env.now
                self._drive(lot, leg)

    def _drive(self, lot: Lot, leg: tuple[int, int]) -> None:
        drive, room = self.rules.roads[leg[0]], self.room_of(lot, lot.leg + 1)
        while room is not None and lot.units > room.limit:
            # More than there will ever be room for where the road ends: it arrives in parts.
            drive(self.part(lot, room.limit), leg[1])
        drive(lot, leg[1])

    def _deliver(self, lot: Lot) -> None:
        now, consignment = self.env.now, lot.consignment
        flow = consignment.flow
        self._add_delivery(
            self._delivery(lot.id, consignment.id, flow.code, lot.units, consignment.born_s, now)
        )
        self.delivered[flow.code] += lot.units
        if flow.equipment != NONE:
            self.rules.pools[flow.equipment].unequip(flow, lot.units)
        for follower in self._followers[flow.code]:
            self._return(follower, lot.units)
        if consignment.in_cohort:
            self._cohort_units -= lot.units
            self.stop_if_done()

    def _return(self, flow: FlowPlan, units: int) -> None:
        """Send a share of delivered units back; fractions are carried over, so the share is exact
        in the long run."""
        due = (
            self._carried_over[flow.code] + units * returns_of(self.network.flows[flow.code]).share
        )
        whole = int(due + 1e-9)
        self._carried_over[flow.code] = due - whole
        if whole:
            delay_s = next(self._after[flow.code])
            timer = self.env.pause(delay_s)
            way = next(self._way_back[flow.code])
            timer.callbacks.append(lambda _: self.bear(flow.code, whole, way))

    # -- lots
    # ----------------------------------------------------------------------------------------------------

    def part(self, lot: Lot, units: int) -> Lot:
        """Return a new lot of *units* that parts from *lot*; both keep birth and history."""
        consignment = lot.consignment
        piece = Lot(self._number_lot(), consignment, units, lot.legs, lot.since_s)
        piece.leg, piece.sequence = lot.leg, lot.sequence
        lot.units -= units
        self._add_lot(
            self._lot(piece.id, lot.id, consignment.id, consignment.flow.code, lot.since_s)
        )
        return piece

    def book_stay(
        self, lot: Lot, activity: Activity, place: int, resource: int, end_s: Seconds | None = None
    ) -> None:
        """Book that *lot* has stood somewhere until now, or (*end_s* `OPEN`) still does."""
        until_s = self.env.now if end_s is None else end_s
        self._add_stay(
            self._stay(lot.id, lot.units, activity, place, resource, lot.since_s, until_s)
        )

    def room_of(self, lot: Lot, leg: int) -> Room | None:
        """Return what room there is, if it is limited, where *lot* waits for its *leg*."""
        legs = lot.legs
        return None if leg == len(legs) else self.room_on(legs[leg], lot.consignment.flow.unit)

    def room_on(self, leg: tuple[int, int], unit: int) -> Room | None:
        """Return what room there is, if it is limited, for a kind of unit that waits for *leg*."""
        rooms = self.rooms.get(leg)
        return None if rooms is None else rooms.get(unit)

    def _rooms(self) -> dict[tuple[int, int], dict[int, Room]]:
        rooms = {
            key: Room(number, limit)
            for number, (key, limit) in enumerate(self.network.room.items())
        }
        self._room_numbers = list(rooms.values())
        found: dict[tuple[int, int], dict[int, Room]] = {}
        for leg, stack in self.stacks.items():
            side = "sea" if stack.activity is Activity.WAIT_VESSEL else "land"
            for unit in range(len(self.network.names.unit)):
                if (stack.place, side, unit) in rooms:
                    found.setdefault(leg, {})[unit] = rooms[stack.place, side, unit]
        return found

    # -- vehicles and trips
    # --------------------------------------------------------------------------------------

    def vehicle(self, kind: int, carrier: int, vessel_class: int = NONE) -> int:
        """Register a vehicle and return its number; *kind* counts in `VEHICLE_KINDS`."""
        number = self._number_vehicle()
        self._add_vehicle(self._vehicle(number, kind, carrier, vessel_class, self.env.now))
        return number

    def load(self, stack: Stack, lots: list[Lot]) -> None:
        """Book *lots* out of *stack*: their stay ends, and the room they took is free."""
        now, rooms = self.env.now, self.rooms
        what = (stack.activity, stack.place, stack.code)
        for lot in lots:
            self._add_stay(self._stay(lot.id, lot.units, *what, lot.since_s, now))
            room = self.room_of(lot, lot.leg) if rooms else None
            if room is not None:
                room.give(lot.units)

    def begin_trip(
        self, vehicle: int, leg: tuple[int, int], lots: list[Lot], fill: tuple[int, int, int]
    ) -> Trip:
        """Commit *lots* to a vehicle on *leg*; *fill* is the room they use, the room there is, and
        how much of it is usable today."""
        number, trips = self._number_trip(), self._trips
        if self.rules.departed is not None:
            self.rules.departed(leg)
        end_at = len(trips.rows) + 5
        trips.add(trips.row(number, vehicle, *leg, self.env.now, OPEN, *fill))
        for lot in lots:
            self._add_aboard(self._aboard(number, lot.id, lot.units))
        trip = Trip(number, vehicle, lots, end_at)
        self.trips[number] = trip
        return trip

    def end_trip(self, trip: Trip) -> None:
        """Unload: the cargo of *trip*, for which there is room, moves on: to the next stack, road,
        or the consignee."""
        self._trips.rows[trip.end_at] = self.env.now
        del self.trips[trip.id]
        for lot in trip.lots:
            lot.leg += 1
            if lot.leg == len(lot.legs):
                self._deliver(lot)
            else:
                self.lay_down(lot)

    # -- resources
    # -----------------------------------------------------------------------------------------------

    def adopt(self, network: Network) -> None:
        """Go on by *network* from now on: a date changes the numbers."""
        self.network = network
        self.facilities.adopt(network)
        for number, limit in enumerate(network.room.values()):
            self._room_numbers[number].renew(limit)
        for tell in self.on_change:
            tell(network)

    def inside(self) -> list[int]:
        """Count, flow by flow, the units in stacks, outside them and on board: by looking, not by
        difference."""
        units = [0] * len(self.network.flows)
        for lots in (
            *(stack.lots() for stack in self.stacks.values()),
            self.outside.values(),
            self.held.values(),
            self.unequipped.values(),
            *(trip.lots for trip in self.trips.values()),
        ):
            for lot in lots:
                units[lot.consignment.flow.code] += lot.units
        return units

    def events(self) -> int:
        """Return how many kernel events were scheduled."""
        return next(self.env._eid)

    # -- the end
    # -------------------------------------------------------------------------------------------------

    def stop_if_done(self) -> None:
        """End the run once the window is over and everything born in it is delivered."""
        if not self._cohort_units and self._stop is not None and self.env.now >= self._window[1]:
            self._stop_after_now()

    def stop_event(self) -> simpy.Event:
        """Return the event that ends the run; its time is the end, and nothing of that second
        happens."""
        self._stop = self.env.event()
        stop = self._stop
        check = self.env.pause(self.network.window_end_s)
        check.callbacks.append(lambda _: self.stop_if_done())
        last = self.env.pause(self.latest_end_s)
        last.callbacks.append(lambda _: self._stop_after_now())
        return stop

    def _stop_after_now(self) -> None:
        stop, self._stop = self._stop, None
        if stop is not None:
            # Whole seconds: everything of this second still happens, nothing of the next does.
            stop._ok, stop._value = True, None
            self.env.schedule(stop, URGENT, delay=1)

    def _stack(self, key: tuple[int, int], code: int) -> Stack:
        facts = self.network.resources[code]
        carrier = self.network.carriers[key[0]]
        activity = Activity.WAIT_VESSEL if carrier.kind == "service" else Activity.WAIT_TRAIN
        return Stack(code, self.network.names.place.index(facts.place), activity, self.part)


def _followers(network: Network) -> list[list[FlowPlan]]:
    """Return, by flow code, the flows that return from it."""
    followers: list[list[FlowPlan]] = [[] for _ in network.flows]
    for flow in network.flows:
        if isinstance(flow.arrivals, ReturnsPlan):
            followers[flow.arrivals.flow].append(flow)
    return followers


def returns_of(flow: FlowPlan) -> ReturnsPlan:
    """Return the return rule of *flow*; it must have one."""
    if not isinstance(flow.arrivals, ReturnsPlan):
        raise TypeError(flow.id)
    return flow.arrivals


def _choose(flow: FlowPlan, way: float) -> Legs:
    """Return the legs of the way in whose share of [0, 1) *way* falls."""
    for option in flow.ways:
        way -= option.share
        if way < 0:
            return option.legs
    return flow.ways[-1].legs
