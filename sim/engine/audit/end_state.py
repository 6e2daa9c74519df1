"""Where things stand at the end of a run, written as the `initial` part of a scenario that goes on
from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.engine.world.lots import Lot
from sim.engine.world.world import Trip, World
from sim.log import NONE, OPEN, TRAIN, TRUCK, Activity
from sim.network.parts import Crossing, Stretch
from sim.units import Seconds, format_duration

_IN_PORT_WITH_CARGO_TO_COME_ASHORE = frozenset(
    {Activity.HANDLE, Activity.WAIT_ROOM, Activity.WAIT_BERTH}
)


def end_state(world: World) -> dict[str, Any]:
    """Return what a scenario needs to go on from here: ``initial`` and, where there is any,
    ``equipment``.

    Cargo is born anew, so its time so far is forgotten. A train at work, at a border or waiting
    begins that again; a truck sets out again; a ship that is loaded or waits to sail is taken to
    leave now and to take the mean crossing.
    """
    return _State(world).told()


class _State:
    """Looks through the world once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._names = world.network.names
        columns = len(world.tables["vehicle_log"].columns)
        rows = np.array(world.tables["vehicle_log"].rows, np.int64).reshape(-1, columns)
        now = world.env.now
        under_way = rows[(rows[:, 6] == OPEN) | (rows[:, 6] >= now)]
        # The last row that had begun is what a vehicle is doing.
        self._doing = {int(row[0]): row.tolist() for row in under_way[under_way[:, 5] <= now]}
        self._trip_of = {trip.vehicle: trip for trip in world.trips.values()}
        holds = np.array(world.tables["resource_log"].rows, np.int64).reshape(-1, 5)
        self._holds = holds[holds[:, 4] == OPEN]
        self._vehicles = world.tables["vehicles"].rows

    def told(self) -> dict[str, Any]:
        """Return the state."""
        initial = {"stocks": self._stocks(), "trains": self._trains(), "vessels": self._vessels()}
        state: dict[str, Any] = {"initial": initial}
        equipment = {
            self._names.equipment[number]: {"fleet": self._items(pool.idle, pool.dwelling)}
            for number, pool in enumerate(self._world.rules.pools)
        }
        return state | ({"equipment": equipment} if equipment else {})

    def _items(self, idle: dict[int, int], dwelling: dict[int, int]) -> dict[str, int]:
        return {
            self._names.place[place]: items + dwelling.get(place, 0)
            for place, items in idle.items()
        }

    def _kind(self, vehicle: int) -> tuple[int, int, int]:
        """Return kind, carrier and class of a vehicle."""
        width = len(self._world.tables["vehicles"].columns)
        _, kind, carrier, vessel_class, _ = self._vehicles[vehicle * width : (vehicle + 1) * width]
        return kind, carrier, vessel_class

    def _stocks(self) -> list[dict[str, Any]]:
        world = self._world
        waiting: Counter[tuple[str, str, bool]] = Counter()
        for stack in world.stacks.values():
            for lot in stack.lots():
                waiting[self._flow(lot), self._names.place[stack.place], True] += lot.units
        for lot in (*world.outside.values(), *world.held.values()):
            waiting[self._flow(lot), self._names.place[world.end_of(*lot.legs[lot.leg])], True] += (
                lot.units
            )
        for lot in world.unequipped.values():
            waiting[self._flow(lot), self._names.place[lot.consignment.flow.origin], False] += (
                lot.units
            )
        for vehicle, trip in self._trip_of.items():
            if self._kind(vehicle)[0] == TRUCK:
                for lot in trip.lots:
                    place = self._names.place[world.end_of(*lot.legs[lot.leg])]
                    waiting[self._flow(lot), place, True] += lot.units
        return [
            {"flow": flow, "units": units, "at": place} | ({} if equipped else {"equipped": False})
            for (flow, place, equipped), units in waiting.items()
        ]

    def _trains(self) -> list[dict[str, Any]]:
        world, trains = self._world, []
        lines = {line.carrier: line for line in world.network.trains}
        for vehicle, trip in self._trip_of.items():
            kind, carrier, _ = self._kind(vehicle)
            if kind != TRAIN:
                continue
            direction = world.tables["trips"].rows[trip.end_at - 2]
            links = lines[carrier].links[direction]
            places = [link.place for link in links] + [world.end_of(carrier, 1 - direction)]
            _, _, activity, place, _, _, end_s = self._doing[vehicle]
            ahead, arrives_in_s = places.index(place), 0
            blocks_s = self._blocks_left_s(vehicle, links[ahead]) if ahead < len(links) else None
            if activity == Activity.RUN:
                ahead, arrives_in_s = ahead + 1, end_s - world.env.now + (blocks_s or 0)
            elif blocks_s is not None:
                ahead, arrives_in_s = ahead + 1, blocks_s
            train = {
                "train": self._names.carrier[carrier],
                "towards": self._names.place[places[-1]],
            }
            trains.append(
                train
                | {"next": self._names.place[places[ahead]]}
                | self._way(arrives_in_s, trip.lots)
            )
        return trains

    def _blocks_left_s(self, train: int, link: Stretch | Crossing) -> Seconds | None:
        """Return the mean time over the blocks of a single track that a train has yet to enter;
        None: not inside."""
        if not isinstance(link, Stretch) or not link.blocks:
            return None
        rows = self._holds[(self._holds[:, 1] == train) & np.isin(self._holds[:, 0], link.blocks)]
        if not len(rows):
            return None
        block, _, _, start_s, _ = rows[-1].tolist()
        step = link.blocks.index(block)
        if start_s == OPEN and step == 0:
            return None
        left = len(link.blocks) - step - (start_s != OPEN)
        return round(link.running.mean * left / len(link.blocks))

    def _vessels(self) -> list[dict[str, Any]]:
        world, vessels = self._world, []
        duties = np.array(world.tables["duties"].rows, np.int64).reshape(-1, 4)
        for vessel, carrier in duties[duties[:, 3] == OPEN][:, :2].tolist():
            doing = self._doing.get(vessel)
            if doing is None or (doing[2] == Activity.LAID_UP and doing[6] == OPEN):
                continue
            end, arrives_in_s = self._heading(doing, carrier, self._trip_of.get(vessel))
            aboard = self._trip_of[vessel].lots if vessel in self._trip_of else []
            ship = {
                "service": self._names.carrier[carrier],
                "vessel": self._names.vessel_class[self._kind(vessel)[2]],
                "towards": self._names.place[world.end_of(carrier, end)],
            }
            home = world.rules.homes[vessel].home[0]
            if home not in (carrier, NONE):
                ship["home"] = self._names.carrier[home]
            vessels.append(ship | self._way(arrives_in_s, aboard))
        return vessels

    def _heading(self, doing: list[int], carrier: int, trip: Trip | None) -> tuple[int, Seconds]:
        """Return the end a vessel heads for and when it is there."""
        vessel, _, activity, place, _, _, end_s = doing
        here = 0 if self._world.end_of(carrier, 0) == place else 1
        left_s = end_s - self._world.env.now if end_s != OPEN else 0
        if activity == Activity.SAIL:
            return 1 - here, left_s
        if (
            trip is None
            or activity in _IN_PORT_WITH_CARGO_TO_COME_ASHORE
            or not self._is_outbound(trip, here)
        ):
            return here, left_s if activity in (
                Activity.REPAIR,
                Activity.TRANSFER,
                Activity.LAID_UP,
            ) else 0
        line = next(line for line in self._world.network.services if line.carrier == carrier)
        of_class = self._kind(vessel)[2]
        part = next(part for part in line.fleet if part.vessel_class == of_class)
        return 1 - here, round(part.crossing.mean)

    def _is_outbound(self, trip: Trip, here: int) -> bool:
        """Return whether the cargo of a vessel in port is to leave with it."""
        trips = self._world.tables["trips"].rows
        return trips[trip.end_at - 2] == here

    def _way(self, arrives_in_s: Seconds, lots: Iterable[Lot]) -> dict[str, Any]:
        cargo: Counter[str] = Counter()
        for lot in lots:
            cargo[self._flow(lot)] += lot.units
        told: dict[str, Any] = {"cargo": dict(cargo)} if cargo else {}
        return told | ({"arrives_in": format_duration(arrives_in_s)} if arrives_in_s > 0 else {})

    def _flow(self, lot: Lot) -> str:
        return self._names.flow[lot.consignment.flow.code]
