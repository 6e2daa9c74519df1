"""Gridlock: who waits for whom, and whether anything of it can ever move again.

A world is looked at now and then. What has its time set (a train that runs, a ship that is handled)
will move. What waits for a berth, track, lane or locomotive moves once a holder of it does; what
waits for room in a stack, once something that takes cargo from it does; a vessel that waits for a
full deck, once more cargo can come, and that needs equipment where the cargo does. Whoever none of
this reaches waits for ever, and then the run stops and tells the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.process import ProcessGenerator
from sim.engine.world.world import World
from sim.errors import InvariantError
from sim.log import NONE, OPEN, VEHICLE_KINDS, Activity
from sim.network.parts import SurplusPlan
from sim.units import DAY

EVERY_S = 30 * DAY
"""How often a world is looked at; a circle that has closed does not open again."""

FOR_SERVERS = frozenset(
    {
        Activity.WAIT_LOCOMOTIVE,
        Activity.WAIT_BORDER,
        Activity.WAIT_TRACK,
        Activity.WAIT_GATE,
        Activity.WAIT_BERTH,
    }
)

FOR_CARGO = (Activity.WAIT_ROOM, Activity.WAIT_CARGO, Activity.WAIT_TRAIN)


@dataclass(frozen=True, slots=True)
class _Wait:
    """A vehicle that waits without an end in sight."""

    vehicle: int
    activity: Activity
    place: int
    resource: int


def watch(world: World) -> ProcessGenerator:
    """Look at *world* again and again."""
    while True:
        yield EVERY_S
        look(world)


def look(world: World) -> None:
    """Stop the run if vehicles wait for each other in a circle.

    Raises
    ------
    InvariantError
        With the chain of who waits for what, held by whom.
    """
    snapshot = _Snapshot(world)
    stuck = snapshot.stuck()
    if stuck:
        chain = snapshot.chain(stuck)
        what = f"nothing of this can ever move again: {'; '.join(chain)}"
        raise InvariantError(what, world.env.now, "gridlock")


class _Snapshot:
    """Who waits for what at one moment, and who holds it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waits = {wait.vehicle: wait for wait in self._open_waits()}
        self._lines = list(world.rules.dispatchers)
        """Train lines by carrier and direction. Line k is -1 - k among the vehicles: its trains
        come of nothing."""
        waits = ((-1 - number, self._line_waits(leg)) for number, leg in enumerate(self._lines))
        self._waits |= {vehicle: wait for vehicle, wait in waits if wait is not None}
        self._trip_of = {trip.vehicle: trip for trip in world.trips.values()}
        self._legs_of: dict[frozenset[int], list[tuple[int, int]]] = {}
        """By the rooms that are full."""
        on_duty = self._open("duties")
        self._carrier_of = dict(zip(on_duty[:, 0].tolist(), on_duty[:, 1].tolist(), strict=True))
        self._vessels: dict[int, list[int]] = {}
        holds = self._open("resource_log")
        self._holders: dict[int, list[int]] = {}
        for resource, vehicle in holds[holds[:, 3] != OPEN][:, :2].tolist():
            self._holders.setdefault(resource, []).append(vehicle)

    def _open(self, name: str) -> NDArray[np.int64]:
        """Return the rows of a table whose last column is open."""
        rows = self._world.tables[name].by_row()
        return rows[rows[:, -1] == OPEN]

    def _open_waits(self) -> Iterator[_Wait]:
        for vehicle, _, activity, place, resource, *_ in self._open("vehicle_log").tolist():
            yield _Wait(vehicle, Activity(activity), place, resource)

    def _line_waits(self, leg: tuple[int, int]) -> _Wait | None:
        """Return the wait of a train line that leaves full only and has a part of a load, if it
        has."""
        dispatcher, stack = self._world.rules.dispatchers[leg], self._world.stacks[leg]
        rule = dispatcher.line.departure[leg[1]]
        if not rule.needs_full_load or not stack.holds_cargo:
            return None
        return _Wait(NONE, Activity.WAIT_TRAIN, stack.place, stack.code)

    def stuck(self) -> set[int]:
        """Return the vehicles that nothing that moves can ever free: what is left when all others
        have moved on."""
        waits = self._waits
        stuck = {
            vehicle
            for vehicle, wait in waits.items()
            if wait.activity in (*FOR_SERVERS, *FOR_CARGO)
        }
        if not any(waits[vehicle].activity in FOR_CARGO for vehicle in stuck):
            # Whoever holds a server and waits for no room or cargo goes on by the clock.
            return set()
        enders = {vehicle: self._enders(vehicle) for vehicle in stuck}
        while True:
            freed = {
                vehicle
                for vehicle in stuck
                if not enders[vehicle] or any(e not in stuck for e in enders[vehicle])
            }
            if not freed:
                return stuck
            stuck -= freed

    def _enders(self, vehicle: int) -> list[int]:
        """Return the vehicles any of which can end the wait of one; none: it may end by itself."""
        wait = self._waits[vehicle]
        if vehicle < 0:
            return self._bringers(self._lines[-1 - vehicle])
        if wait.activity in FOR_SERVERS:
            return self._holders.get(wait.resource, [])
        if wait.activity is Activity.WAIT_CARGO:
            return self._bringers(self._leg_of(wait))
        carriers = {
            carrier: self._vessels_of(carrier) for carrier, _ in self._full_stacks(wait.vehicle)
        }
        if any(vessels is None for vessels in carriers.values()):
            return []
        return [vessel for vessels in carriers.values() for vessel in vessels or ()]

    def _full_stacks(self, vehicle: int) -> list[tuple[int, int]]:
        """Return the carriers and directions whose cargo fills the stacks before which *vehicle*
        waits."""
        world = self._world
        needed = world.rooms_for(self._trip_of[vehicle].lots)
        full = frozenset(
            room.number for room, units, _ in needed if room.level + units > room.limit
        )
        if full not in self._legs_of:
            legs = [
                leg
                for leg, rooms in world.rooms.items()
                for room in rooms.values()
                if room.number in full
            ]
            self._legs_of[full] = [
                leg for leg in dict.fromkeys(legs) if world.stacks[leg].holds_cargo
            ]
        return self._legs_of[full]

    def _vessels_of(self, carrier: int) -> list[int] | None:
        """Return the vessels that take cargo of *carrier*; None for trains and trucks, which come
        of nothing."""
        if self._world.network.carriers[carrier].kind != "service":
            return None
        if carrier not in self._vessels:
            self._vessels[carrier] = [
                vessel for vessel, at in self._carrier_of.items() if at == carrier
            ]
        return self._vessels[carrier]

    def _leg_of(self, wait: _Wait) -> tuple[int, int]:
        """Return the service and the end at which a vessel waits for cargo."""
        carrier = self._carrier_of[wait.vehicle]
        return carrier, 0 if self._world.end_of(carrier, 0) == wait.place else 1

    def _bringers(self, leg: tuple[int, int]) -> list[int]:
        """Return the vehicles any of which can bring more cargo for *leg*; none: it leaves or is
        filled in time.

        Only equipment that is all on its way or under waiting cargo can keep cargo from coming for
        ever.
        """
        world = self._world
        rules = {line.carrier: line.departure for line in world.network.services}
        rules |= {line.carrier: line.departure for line in world.network.trains}
        rule = rules[leg[0]][leg[1]]
        if not rule.needs_full_load:
            return []
        bringers: dict[int, None] = {}
        for flow in world.network.flows:
            if not any(leg in way.legs for way in flow.ways):
                continue
            if flow.equipment == NONE:
                return []
            pool = world.rules.pools[flow.equipment]
            is_surplus = isinstance(flow.arrivals, SurplusPlan)
            own = not is_surplus and pool.idle[flow.origin] > 0
            comes_anyway = own or any(pool.dwelling.values()) or world.held or world.outside
            movers = None if comes_anyway else self._movers_of(flow.equipment)
            if movers is None:
                return []
            bringers |= movers
        return list(bringers)

    def _movers_of(self, equipment: int) -> dict[int, None] | None:
        """Return the vehicles that can move items of *equipment* on; None if something else can."""
        world = self._world
        movers = {
            trip.vehicle: None
            for trip in world.trips.values()
            if any(lot.consignment.flow.equipment == equipment for lot in trip.lots)
        }
        for leg, stack in world.stacks.items():
            if stack.holds_cargo and any(
                lot.consignment.flow.equipment == equipment for lot in stack.lots()
            ):
                takers = self._vessels_of(leg[0])
                if takers is None:
                    line = -1 - self._lines.index(leg)
                    if line not in self._waits:
                        return None
                    takers = [line]
                movers |= dict.fromkeys(takers)
        return movers

    def chain(self, stuck: set[int]) -> list[str]:
        """Tell one circle, from vehicle to vehicle."""
        seen: list[int] = []
        vehicle = min(stuck)
        while vehicle not in seen:
            seen.append(vehicle)
            vehicle = self._next(vehicle, stuck)
        return [self._told(one, stuck) for one in seen[seen.index(vehicle) :]]

    def _next(self, vehicle: int, stuck: set[int]) -> int:
        return next(ender for ender in self._enders(vehicle) if ender in stuck)

    def _told(self, vehicle: int, stuck: set[int]) -> str:
        wait, names = self._waits[vehicle], self._world.network.names
        me, other = self._name(vehicle), self._name(self._next(vehicle, stuck))
        if wait.activity is Activity.WAIT_ROOM:
            stack = self._world.stacks[self._full_stacks(vehicle)[0]]
            return f"{me} waits for room in {names.resource[stack.code]}, from which {other} would take"
        if wait.activity in (Activity.WAIT_CARGO, Activity.WAIT_TRAIN):
            return f"{me} waits at {names.place[wait.place]} for a full load, for which {other} would bring equipment"
        return f"{me} waits for {names.resource[wait.resource]}, which {other} holds"

    def _name(self, vehicle: int) -> str:
        if vehicle < 0:
            return f"train line {self._world.network.names.carrier[self._lines[-1 - vehicle][0]]}"
        table = self._world.tables["vehicles"]
        _, kind, carrier, *_ = table.rows[
            vehicle * len(table.columns) : (vehicle + 1) * len(table.columns)
        ]
        return f"{VEHICLE_KINDS[kind]} {vehicle} of {self._world.network.names.carrier[carrier]}"
