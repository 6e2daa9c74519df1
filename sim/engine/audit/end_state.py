"""Where things stand at the end of a run, written as the `initial` part of a scenario that goes on
from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.engine.world.handover import Embargo
from sim.engine.world.lots import Lot, Trip
from sim.engine.world.world import World
from sim.log import NONE, OPEN, TRAIN, TRUCK, Activity, Columns
from sim.network.parts import Crossing, FleetPart, Stretch
from sim.units import Seconds, format_duration

_CARGO_TO_COME_ASHORE = frozenset({Activity.HANDLE, Activity.WAIT_ROOM, Activity.WAIT_BERTH})
_AWAY_FROM_THE_BERTH = frozenset({Activity.REPAIR, Activity.TRANSFER, Activity.LAID_UP})


def end_state(world: World) -> dict[str, Any]:
    """Return what a scenario needs to go on from here: ``initial`` and, where there is any,
    ``equipment``.

    Cargo is created anew, so its time so far is forgotten; what stands before a full yard or is on a
    truck is taken to need no more dwell where it is put down. A train at work, at a border or waiting
    begins that again; a truck sets out again; a ship that is loaded or waits to sail is taken to
    leave now and to take the mean crossing, one that waits for cargo, at its berth or in the roads, begins its
    call anew.
    """
    return _EndState(world).as_mapping()


class _Doing(NamedTuple):
    """What a vehicle does at the end."""

    activity: int
    place: int
    end_s: Seconds


class _EndState:
    """Looks through the world once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._names = world.network.names
        self._doing = _last_begun(world.tables["vehicle_log"].by_column(), world.env.now)
        self._trip_of = {trip.vehicle: trip for trip in world.trips.values()}
        self._holds = world.tables["resource_log"].open_rows()
        self._trips = world.tables["trips"]
        self._vehicles = world.tables["vehicles"]

    def as_mapping(self) -> dict[str, Any]:
        """Return the state."""
        initial: dict[str, Any] = {
            "stocks": self._stocks(),
            "trains": self._trains(),
            "vessels": self._vessels(),
        }
        embargoes = self._embargoes()
        if embargoes:
            initial["embargoes"] = embargoes
        state: dict[str, Any] = {"initial": initial}
        equipment = {}
        for number, pool in enumerate(self._world.handover.pools):
            fleet = self._items(pool.idle, pool.dwelling)
            equipment[self._names.equipment[number]] = {"fleet": fleet}
        if equipment:
            state["equipment"] = equipment
        return state

    def _items(self, idle: Mapping[int, int], dwelling: Mapping[int, int]) -> dict[str, int]:
        return {
            self._names.place[place]: items + dwelling.get(place, 0)
            for place, items in idle.items()
        }

    def _of_vehicle(self, vehicle: int, column: str) -> int:
        """Return what the table of vehicles says of one."""
        return self._vehicles.get(vehicle * len(self._vehicles.columns), column)

    # -- stocks
    # -------------------------------------------------------------------------------------------

    def _stocks(self) -> list[dict[str, Any]]:
        """Return what lies on land; the cargo of a truck is where the truck set out."""
        world = self._world
        units: Counter[tuple[str, str, bool, bool]] = Counter()
        for stack in world.stacks.values():
            for lot in stack.lots():
                has_passed = any(ban.has_passed(lot) for ban in world.handover.embargoes)
                place = self._names.place[stack.place]
                units[self._flow(lot), place, True, has_passed] += lot.units
        on_trucks = []
        for vehicle, trip in self._trip_of.items():
            if self._of_vehicle(vehicle, "kind") == TRUCK:
                on_trucks += trip.lots
        banned = [aside.lot for aside in world.aside.values() if aside.activity != Activity.DWELL]
        for lot in (*world.outside.values(), *world.held.values(), *banned):
            units[self._flow(lot), self._begin_of_leg(lot), True, False] += lot.units
        for lot in world.unequipped.values():
            origin = self._names.place[lot.consignment.flow.origin]
            units[self._flow(lot), origin, False, False] += lot.units
        for lot in on_trucks:
            has_passed = any(ban.has_passed(lot) for ban in world.handover.embargoes)
            units[self._flow(lot), self._begin_of_leg(lot), True, has_passed] += lot.units
        stocks = []
        for (flow, place, equipped, released), count in units.items():
            stock: dict[str, Any] = {"flow": flow, "units": count, "at": place}
            if not equipped:
                stock["equipped"] = False
            if released:
                stock["released"] = True
            stocks.append(stock)
        return stocks + self._dwelling()

    def _dwelling(self) -> list[dict[str, Any]]:
        """Return the lots that dwell, each with the time that it still needs."""
        dwelling = self._world.handover.dwelling
        stocks = []
        for lot, activity, place, _ in self._world.aside.values():
            if activity != Activity.DWELL or dwelling is None:
                continue
            stock = {"flow": self._flow(lot), "units": lot.units, "at": self._names.place[place]}
            stocks.append(stock | {"ready_in": format_duration(dwelling.ready_in_s(lot) or 0)})
        return stocks

    def _begin_of_leg(self, lot: Lot) -> str:
        return self._names.place[self._world.end_of(*lot.legs[lot.leg])]

    # -- trains
    # -------------------------------------------------------------------------------------------

    def _trains(self) -> list[dict[str, Any]]:
        trains = []
        for vehicle, trip in self._trip_of.items():
            if self._of_vehicle(vehicle, "kind") == TRAIN:
                trains.append(self._train(vehicle, trip))
        return trains

    def _train(self, vehicle: int, trip: Trip) -> dict[str, Any]:
        """Return where a train is to go on: the next place, when it is there, and its cargo."""
        world = self._world
        carrier = self._of_vehicle(vehicle, "carrier")
        direction = self._trips.get(trip.row, "direction")
        line = next(line for line in world.network.trains if line.carrier == carrier)
        links = line.links[direction]
        places = [link.place for link in links] + [line.ends[1 - direction]]
        doing = self._doing[vehicle]
        ahead, arrives_in_s = places.index(doing.place), 0
        blocks_s = None
        if ahead < len(links):
            blocks_s = self._blocks_left_s(vehicle, links[ahead])
        if doing.activity == Activity.RUN:
            ahead, arrives_in_s = ahead + 1, doing.end_s - world.env.now + (blocks_s or 0)
        elif blocks_s is not None:
            ahead, arrives_in_s = ahead + 1, blocks_s
        train: dict[str, Any] = {
            "train": self._names.carrier[carrier],
            "towards": self._names.place[places[-1]],
            "next": self._names.place[places[ahead]],
        }
        if any(ban.has_passed_under_way(trip) for ban in world.handover.embargoes):
            train["released"] = True
        return train | self._arrival(arrives_in_s, trip.lots)

    def _blocks_left_s(self, train: int, link: Stretch | Crossing) -> Seconds | None:
        """Return the mean time over the blocks of a single track that a train has yet to enter;
        None: not inside."""
        if not isinstance(link, Stretch) or not link.blocks:
            return None
        holds = self._holds
        of_train = holds["vehicle"] == train
        holds = holds.where(of_train & np.isin(holds["resource"], link.blocks))
        if not len(holds):
            return None
        step = link.blocks.index(int(holds["resource"][-1]))
        waits = bool(holds["start_s"][-1] == OPEN)
        if waits and step == 0:
            return None
        left = len(link.blocks) - step - (not waits)
        return round(link.running.mean * left / len(link.blocks))

    # -- vessels
    # -------------------------------------------------------------------------------------------

    def _vessels(self) -> list[dict[str, Any]]:
        vessels = []
        duties = self._world.tables["duties"].open_rows()
        for vessel, carrier in duties.rows("vehicle", "carrier"):
            doing = self._doing.get(vessel)
            if doing is None or (doing.activity == Activity.LAID_UP and doing.end_s == OPEN):
                continue
            vessels.append(self._vessel(vessel, carrier, doing))
        return vessels

    def _vessel(self, vessel: int, carrier: int, doing: _Doing) -> dict[str, Any]:
        """Return the end a vessel is sailing to, when it is there, and its cargo."""
        vessel_class = self._of_vehicle(vessel, "vessel_class")
        trip = self._trip_of.get(vessel)
        end, arrives_in_s = self._next_call(doing, carrier, vessel_class, trip)
        ship = {
            "service": self._names.carrier[carrier],
            "vessel": self._names.vessel_class[vessel_class],
            "towards": self._names.place[self._world.end_of(carrier, end)],
        }
        home, _ = self._world.handover.vessels[vessel].home
        if home not in (carrier, NONE):
            ship["home"] = self._names.carrier[home]
        return ship | self._arrival(arrives_in_s, trip.lots if trip is not None else [])

    def _next_call(
        self, doing: _Doing, carrier: int, vessel_class: int, trip: Trip | None
    ) -> tuple[int, Seconds]:
        """Return the end at which a vessel calls next and how long until then."""
        here = 0 if self._world.end_of(carrier, 0) == doing.place else 1
        left_s = 0
        if doing.end_s != OPEN:
            left_s = doing.end_s - self._world.env.now
        if doing.activity == Activity.SAIL:
            return 1 - here, left_s
        if trip is not None and self._leaves_with_cargo(doing, trip, here):
            return 1 - here, round(self._fleet_part(carrier, vessel_class).crossing.mean)
        return here, left_s if doing.activity in _AWAY_FROM_THE_BERTH else 0

    def _leaves_with_cargo(self, doing: _Doing, trip: Trip, here: int) -> bool:
        """Return whether the cargo of a vessel in port is to leave with it."""
        if doing.activity in _CARGO_TO_COME_ASHORE:
            return False
        return self._trips.get(trip.row, "direction") == here

    def _fleet_part(self, carrier: int, vessel_class: int) -> FleetPart:
        services = self._world.network.services
        line = next(line for line in services if line.carrier == carrier)
        return next(part for part in line.fleet if part.vessel_class == vessel_class)

    # -- loading bans
    # -------------------------------------------------------------------------------------------

    def _embargoes(self) -> dict[str, Any]:
        """Return the bans that are on, or that know what was worked."""
        bans = self._world.handover.embargoes
        states = {ban.plan.id: self._embargo(ban) for ban in bans}
        return {name: state for name, state in states.items() if state}

    def _embargo(self, ban: Embargo) -> dict[str, Any]:
        state: dict[str, Any] = {}
        if ban.stage != NONE:
            state["stage"] = ban.stage
            opens_in_s = zip(ban.plan.meter_names, ban.opens_in_s(), strict=True)
            opens_in = {name: format_duration(left_s) for name, left_s in opens_in_s if left_s}
            if opens_in:
                state["opens_in"] = opens_in
        if ban.known_for_s:
            state["known_for"] = format_duration(ban.known_for_s)
            state["worked"] = [
                {"ago": format_duration(ago_s), "units": units} for ago_s, units in ban.worked()
            ]
        return state

    # -- of all vehicles
    # -------------------------------------------------------------------------------------------

    def _arrival(self, arrives_in_s: Seconds, lots: Iterable[Lot]) -> dict[str, Any]:
        cargo: Counter[str] = Counter()
        for lot in lots:
            cargo[self._flow(lot)] += lot.units
        arrival: dict[str, Any] = {}
        if cargo:
            arrival["cargo"] = dict(cargo)
        if arrives_in_s > 0:
            arrival["arrives_in"] = format_duration(arrives_in_s)
        return arrival

    def _flow(self, lot: Lot) -> str:
        return self._names.flow[lot.consignment.flow.code]


def _last_begun(rows: Columns, now: Seconds) -> dict[int, _Doing]:
    """Return what each vehicle is doing now: the last of its rows that has begun."""
    under_way = (rows["end_s"] == OPEN) | (rows["end_s"] >= now)
    rows = rows.where(under_way & (rows["start_s"] <= now))
    doing = {}
    for vehicle, activity, place, end_s in rows.rows("vehicle", "activity", "place", "end_s"):
        doing[vehicle] = _Doing(activity, place, end_s)
    return doing
