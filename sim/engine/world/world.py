"""The world of one replication: what stands in it, who moves in it, and the books it keeps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from sim.engine.kernel.clock import Clock
from sim.engine.world.facilities import Facilities
from sim.engine.world.handover import Handover
from sim.engine.world.loading import Quota
from sim.engine.world.lots import Consignment, Legs, Lot, Room, Stack, Trip
from sim.log import NONE, OPEN, TABLES, Activity, Table
from sim.network.parts import FlowPlan, Network
from sim.streams import Streams


class Aside(NamedTuple):
    """A lot that stands beside the stacks, and as what it is booked."""

    lot: Lot
    activity: Activity
    place: int
    resource: int


class World:
    """Mutable state of one replication.

    It books what others do and calls nobody but those who asked for it (`on_change` here, and the
    listeners of a stack).
    """

    def __init__(self, network: Network, streams: Streams) -> None:
        self.network = network
        """As it stands now; dates replace it."""
        self.streams = streams
        self.env = Clock()
        self.tables = {name: Table(name) for name in TABLES}
        self.latest_end_s = network.window_end_s + network.followup_s
        self.facilities = Facilities(self.env, self.tables, network, streams)
        self.on_change: list[Callable[[Network], None]] = []
        """Called when a date has changed the network."""
        self.stacks = {leg: self._stack(leg, code) for leg, code in network.stacks.items()}
        """By carrier and direction."""
        self._room_numbers: list[Room] = []
        self.rooms = self._rooms()
        """By carrier and direction that are waited for, room by kind of unit; shared by all of one
        side."""
        self.handover = Handover()
        self.held: dict[int, Lot] = {}
        """Cargo that an embargo keeps from the road, by lot."""
        self.aside: dict[int, Aside] = {}
        """Cargo that stands beside the stacks, by lot: before a ban that meters, or in papers."""
        self.unequipped: dict[int, Lot] = {}
        """Cargo that waits for equipment, by lot, in order of arrival."""
        self.outside: dict[int, Lot] = {}
        """Cargo before a full stack, by lot."""
        self.trips: dict[int, Trip] = {}
        """Trips under way."""
        self.quotas: dict[int, Quota] = {}
        """Parts of a deck that the cargo of a trip keeps to, for the audit."""
        self.created = [0] * len(network.flows)
        """Units by flow."""
        self.delivered = [0] * len(network.flows)
        """Units by flow."""
        self.there_at_start = [0] * len(network.flows)
        """Units by flow that earlier runs or the scenario laid down; they are created at the start."""
        self.refused = [0] * len(network.flows)
        """Units by flow."""
        self.drawn: dict[int, tuple[list[int], list[int]]] = {}
        """Times and units of all consignments of the flows whose demand is drawn before the run."""
        self._number_vehicle = count().__next__
        self._number_trip = count().__next__
        self._number_lot = count().__next__
        # Bound once: a year writes millions of rows.
        tables = self.tables
        self._add_vehicle, self._vehicle = tables["vehicles"].add, tables["vehicles"].row
        self._add_lot, self._lot = tables["lots"].add, tables["lots"].row
        self._add_stay, self._stay = tables["stays"].add, tables["stays"].row
        self._add_aboard, self._aboard = tables["aboard"].add, tables["aboard"].row
        self._add_trip, self._trip = tables["trips"].add, tables["trips"].row
        self._trip_rows = tables["trips"].rows
        self._trip_end = tables["trips"].offset["end_s"]
        places = {place: code for code, place in enumerate(network.names.place)}
        self._ends = [
            (places[carrier.ends[0]], places[carrier.ends[1]]) for carrier in network.carriers
        ]

    # -- places
    # -------------------------------------------------------------------------------------------

    def end_of(self, carrier: int, end: int) -> int:
        """Return the place of an end of *carrier*."""
        return self._ends[carrier][end]

    def place_of_destination(self, flow: FlowPlan) -> int:
        """Return where *flow* is delivered."""
        carrier, direction = flow.ways[0].legs[-1]
        return self.end_of(carrier, 1 - direction)

    def is_banned(self, unit: int, carrier: int, direction: int) -> bool:
        """Return whether an embargo closes the far end of *carrier* to a unit sent that way."""
        return (unit, self._ends[carrier][1 - direction]) in self.handover.banned

    # -- lots and room for them
    # -------------------------------------------------------------------------------------------

    def new_lot(self, consignment: Consignment, units: int, legs: Legs) -> Lot:
        """Return all of a consignment, which is created now, as one lot."""
        lot = Lot(self._number_lot(), consignment, units, legs, consignment.created_s)
        self._add_lot(self._lot(lot.id, NONE, consignment.id, consignment.flow.code, lot.since_s))
        return lot

    def part(self, lot: Lot, units: int) -> Lot:
        """Return a new lot of *units* that parts from *lot*; both keep creation and history."""
        consignment = lot.consignment
        piece = Lot(self._number_lot(), consignment, units, lot.legs, lot.since_s)
        piece.leg, piece.sequence = lot.leg, lot.sequence
        lot.units -= units
        self._add_lot(
            self._lot(piece.id, lot.id, consignment.id, consignment.flow.code, lot.since_s)
        )
        return piece

    def book_stay(
        self, lot: Lot, activity: Activity, place: int, resource: int, end_s: int | None = None
    ) -> None:
        """Book that *lot* has stood somewhere until now, or (*end_s* `OPEN`) still does."""
        until_s = self.env.now if end_s is None else end_s
        self._add_stay(
            self._stay(lot.id, lot.units, activity, place, resource, lot.since_s, until_s)
        )

    def set_aside(self, lot: Lot, activity: Activity, place: int, resource: int) -> None:
        """Let *lot* stand beside the stacks from now on; it keeps the room that it has."""
        lot.since_s = self.env.now
        self.aside[lot.id] = Aside(lot, activity, place, resource)

    def take_back(self, lot: Lot) -> None:
        """Book the stay of *lot*, which was set aside, as ended."""
        _, activity, place, resource = self.aside.pop(lot.id)
        self.book_stay(lot, activity, place, resource)

    def resource_before(self, leg: tuple[int, int]) -> int:
        """Return on which resource a stay before *leg* is booked: its stack, or the road itself."""
        stack = self.stacks.get(leg)
        if stack is not None:
            return stack.code
        return self.network.names.resource.index(self.network.carriers[leg[0]].id)

    def room_of(self, lot: Lot, leg: int) -> Room | None:
        """Return what room there is, if it is limited, where *lot* waits for its *leg*."""
        legs = lot.legs
        if leg == len(legs):
            return None
        rooms = self.rooms.get(legs[leg])
        return None if rooms is None else rooms.get(lot.consignment.flow.unit)

    def room_on(self, leg: tuple[int, int], unit: int) -> Room | None:
        """Return what room there is, if it is limited, for a kind of unit that waits for *leg*."""
        rooms = self.rooms.get(leg)
        return None if rooms is None else rooms.get(unit)

    def rooms_for(self, lots: list[Lot]) -> list[tuple[Room, int, int]]:
        """Return what must be free before *lots* can leave their vehicle, in a fixed order.

        Returns
        -------
        list
            ``(room, units, resource code of the stack)``.
        """
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

    # -- vehicles and trips
    # -------------------------------------------------------------------------------------------

    def vehicle(self, kind: int, carrier: int, vessel_class: int = NONE) -> int:
        """Register a vehicle and return its number; *kind* counts in `VEHICLE_KINDS`."""
        number = self._number_vehicle()
        self._add_vehicle(self._vehicle(number, kind, carrier, vessel_class, self.env.now))
        return number

    def load(self, stack: Stack, lots: list[Lot]) -> None:
        """Book *lots* out of *stack*: their stay ends, and the room they took is free."""
        now, rooms = self.env.now, self.rooms
        where = (stack.activity, stack.place, stack.code)
        for lot in lots:
            self._add_stay(self._stay(lot.id, lot.units, *where, lot.since_s, now))
            room = self.room_of(lot, lot.leg) if rooms else None
            if room is not None:
                room.give(lot.units)

    def begin_trip(
        self, vehicle: int, leg: tuple[int, int], lots: list[Lot], fill: tuple[int, int, int]
    ) -> Trip:
        """Commit *lots* to a vehicle on *leg*.

        Parameters
        ----------
        fill
            The room that the cargo uses, the room there is, and how much of it is usable today.
        """
        number, row = self._number_trip(), len(self._trip_rows)
        self._add_trip(self._trip(number, vehicle, *leg, self.env.now, OPEN, *fill))
        for lot in lots:
            self._add_aboard(self._aboard(number, lot.id, lot.units))
        trip = Trip(number, vehicle, lots, row)
        self.trips[number] = trip
        return trip

    def end_trip(self, trip: Trip) -> None:
        """Book the end of *trip*."""
        self._trip_rows[trip.row + self._trip_end] = self.env.now
        del self.trips[trip.id]

    # -- dates and counts
    # -------------------------------------------------------------------------------------------

    def adopt(self, network: Network) -> None:
        """Go on by *network* from now on: a date changes the numbers."""
        self.network = network
        self.facilities.adopt(network)
        for stack in self.stacks.values():
            stack.adopt(network.flows)
        for number, limit in enumerate(network.room.values()):
            self._room_numbers[number].renew(limit)
        for adopt in self.on_change:
            adopt(network)

    def inside(self) -> list[int]:
        """Return the units in stacks, outside and beside them and on board, by flow: counted one by
        one."""
        units = [0] * len(self.network.flows)
        for lots in (
            *(stack.lots() for stack in self.stacks.values()),
            self.outside.values(),
            self.held.values(),
            [aside.lot for aside in self.aside.values()],
            self.unequipped.values(),
            *(trip.lots for trip in self.trips.values()),
        ):
            for lot in lots:
                units[lot.consignment.flow.code] += lot.units
        return units

    def events(self) -> int:
        """Return how many kernel events were scheduled."""
        return next(self.env._eid)

    # -- what is laid out once
    # -------------------------------------------------------------------------------------------

    def _stack(self, leg: tuple[int, int], code: int) -> Stack:
        network = self.network
        place = network.names.place.index(network.resources[code].place)
        by_sea = network.carriers[leg[0]].kind == "service"
        activity = Activity.WAIT_VESSEL if by_sea else Activity.WAIT_TRAIN
        return Stack(code, place, activity, network.flows, self.part)

    def _rooms(self) -> dict[tuple[int, int], dict[int, Room]]:
        numbered = {}
        for number, (key, limit) in enumerate(self.network.room.items()):
            numbered[key] = Room(number, limit)
        self._room_numbers = list(numbered.values())
        rooms: dict[tuple[int, int], dict[int, Room]] = {}
        for leg, stack in self.stacks.items():
            side = "sea" if stack.activity is Activity.WAIT_VESSEL else "land"
            for unit in range(len(self.network.names.unit)):
                if (stack.place, side, unit) in numbered:
                    rooms.setdefault(leg, {})[unit] = numbered[stack.place, side, unit]
        return rooms
