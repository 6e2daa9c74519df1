"""Gridlock: who waits for whom, and whether anything of it can ever move again.

A world is looked at now and then, and once more when a run ends; since when it stands still is read
from the waits in its log. What has its time set (a train that runs, a ship that is handled)
will move. What waits for a berth, track, lane or locomotive moves once a holder of it does, and who
waits for a section once those do that stand in it before full tracks. What waits for room in a stack
moves once something that takes cargo from it does; a vessel that waits for a full deck, once more
cargo can come, and that needs equipment where the cargo does. Whoever none of this reaches waits for
ever, and then the run stops and names the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.engine.kernel.process import ProcessGenerator
from sim.engine.world.lots import Lot
from sim.engine.world.world import World
from sim.errors import GridlockError
from sim.log import NONE, OPEN, VEHICLE_KINDS, Activity
from sim.network.parts import FlowPlan, SurplusPlan
from sim.units import DAY, Seconds

EVERY_S = 30 * DAY
"""How often a world is looked at; a circle that has closed does not open again."""

FOR_SERVERS = frozenset(
    {
        Activity.WAIT_LOCOMOTIVE,
        Activity.WAIT_BORDER,
        Activity.WAIT_TRACK,
        Activity.WAIT_GATE,
        Activity.WAIT_BERTH,
        Activity.WAIT_POOL,
    }
)

FOR_A_LOAD = (Activity.WAIT_CARGO, Activity.WAIT_ROADS, Activity.WAIT_TRAIN)
FOR_CARGO = (Activity.WAIT_ROOM, *FOR_A_LOAD)


@dataclass(frozen=True, slots=True)
class _Wait:
    """A vehicle that waits without an end in sight."""

    vehicle: int
    activity: Activity
    place: int
    resource: int
    start_s: Seconds


def watch(world: World) -> ProcessGenerator:
    """Look at *world* again and again."""
    while True:
        yield EVERY_S
        look(world)


def look(world: World) -> None:
    """Stop the run if vehicles wait for each other in a circle.

    Raises
    ------
    GridlockError
        With the chain of who waits for what, held by whom, and since when.
    """
    snapshot = _Snapshot(world)
    stuck = snapshot.stuck()
    if stuck:
        circle = snapshot.circle(stuck)
        chain = tuple(snapshot.sentence(vehicle, stuck) for vehicle in circle)
        raise GridlockError(chain, snapshot.closed_s(circle))


class _Snapshot:
    """Who waits for what at one moment, and who holds it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waits = {wait.vehicle: wait for wait in self._open_waits()}
        self._lines = list(world.handover.dispatchers)
        """Train lines by carrier and direction. Line k is -1 - k among the vehicles: its trains
        come of nothing."""
        waits = ((-1 - number, self._line_waits(leg)) for number, leg in enumerate(self._lines))
        self._waits |= {vehicle: wait for vehicle, wait in waits if wait is not None}
        self._trip_of = {trip.vehicle: trip for trip in world.trips.values()}
        self._legs_of: dict[frozenset[int], list[tuple[int, int]]] = {}
        """By the rooms that are full."""
        duties = world.tables["duties"].open_rows()
        self._carrier_of: dict[int, int] = {}
        for vessel, carrier in duties.rows("vehicle", "carrier"):
            self._carrier_of[vessel] = carrier
        self._vessels: dict[int, list[int]] = {}
        self._holders: dict[int, list[int]] = {}
        holds = world.tables["resource_log"].open_rows()
        self._asks_for: dict[int, int] = {}
        """By vehicle, the resource for which it waits."""
        for resource, vehicle, start_s in holds.rows("resource", "vehicle", "start_s"):
            if start_s == OPEN:
                self._asks_for[vehicle] = resource
            else:
                self._holders.setdefault(resource, []).append(vehicle)

    def _open_waits(self) -> Iterator[_Wait]:
        rows = self._world.tables["vehicle_log"].open_rows()
        for vehicle, activity, place, resource, start_s in rows.rows(
            "vehicle", "activity", "place", "resource", "start_s"
        ):
            yield _Wait(vehicle, Activity(activity), place, resource, start_s)

    def _line_waits(self, leg: tuple[int, int]) -> _Wait | None:
        """Return the wait of a train line that leaves full only and has a part of a load, if it
        has."""
        dispatcher, stack = self._world.handover.dispatchers[leg], self._world.stacks[leg]
        rule = dispatcher.line.departure[leg[1]]
        if not rule.needs_more_cargo or not stack.holds_cargo:
            return None
        return _Wait(NONE, Activity.WAIT_TRAIN, stack.place, stack.code, 0)

    def stuck(self) -> set[int]:
        """Return the vehicles that nothing that moves can ever free: what is left when all others
        have moved on."""
        waits = self._waits
        endless: tuple[Activity, ...] = (*FOR_SERVERS, *FOR_CARGO)
        on_the_line = any(self._world.handover.on_the_line.values())
        if on_the_line:
            endless = (*endless, Activity.WAIT_PATH)
        stuck = {vehicle for vehicle, wait in waits.items() if wait.activity in endless}
        for_cargo = any(waits[vehicle].activity in FOR_CARGO for vehicle in stuck)
        if not for_cargo and not on_the_line:
            # Whoever holds a server and waits for no room, cargo or track goes on by the clock.
            return set()
        enders = {vehicle: self._enders(vehicle) for vehicle in stuck}
        while freed := _freed(stuck, enders):
            stuck -= freed
        return stuck

    def _enders(self, vehicle: int) -> list[int]:
        """Return the vehicles any of which can end the wait of one; none: it may end by itself."""
        wait = self._waits[vehicle]
        if vehicle < 0:
            return self._bringers(self._lines[-1 - vehicle])
        if wait.activity in FOR_SERVERS:
            return self._holders.get(wait.resource, [])
        if wait.activity is Activity.WAIT_PATH:
            return self._in_the_way(wait)
        if wait.activity in (Activity.WAIT_CARGO, Activity.WAIT_ROADS):
            return self._bringers(self._leg_of(wait))
        enders: list[int] = []
        for carrier in dict.fromkeys(carrier for carrier, _ in self._full_stacks(wait.vehicle)):
            vessels = self._vessels_of(carrier)
            if vessels is None:
                return []
            enders += vessels
        return enders

    def _in_the_way(self, wait: _Wait) -> list[int]:
        """Return who keeps a train out of a section: those that stand in it before full tracks, or
        who holds the block for which it asks; none: it goes on by the clock."""
        asks_for = self._asks_for.get(wait.vehicle)
        if asks_for is not None:
            return self._holders.get(asks_for, [])
        return list(self._world.handover.on_the_line.get(wait.resource, ()))

    def _full_stacks(self, vehicle: int) -> list[tuple[int, int]]:
        """Return the carriers and directions whose cargo fills the stacks before which *vehicle*
        waits; none while some of it dwells, which ends by itself."""
        world = self._world
        needed = world.rooms_for(self._trip_of[vehicle].lots)
        full = frozenset(
            room.number for room, units, _ in needed if room.level + units > room.limit
        )
        if full not in self._legs_of:
            legs: list[tuple[int, int]] = []
            rooms_of = {} if self._dwells_in(full) else world.rooms
            for leg, rooms in rooms_of.items():
                is_full = any(room.number in full for room in rooms.values())
                if is_full and world.stacks[leg].holds_cargo:
                    legs.append(leg)
            self._legs_of[full] = legs
        return self._legs_of[full]

    def _dwells_in(self, full: frozenset[int]) -> bool:
        """Return whether cargo dwells in any of these rooms."""
        world = self._world
        for lot, activity, _, _ in world.aside.values():
            room = world.room_of(lot, lot.leg)
            if activity is Activity.DWELL and room is not None and room.number in full:
                return True
        return False

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
        network = self._world.network
        rules = {line.carrier: line.departure for line in network.services}
        rules |= {line.carrier: line.departure for line in network.trains}
        rule = rules[leg[0]][leg[1]]
        if not rule.needs_more_cargo:
            return []
        legs = {leg}
        if rule.far_cargo is not None:
            legs.add((leg[0], 1 - leg[1]))
        bringers: dict[int, None] = {}
        for flow in network.flows:
            if not any(legs & set(way.legs) for way in flow.ways):
                continue
            if flow.equipment == NONE or self._comes_anyway(flow):
                return []
            movers = self._movers_of(flow.equipment)
            if movers is None:
                return []
            bringers |= movers
        return list(bringers)

    def _comes_anyway(self, flow: FlowPlan) -> bool:
        """Return whether cargo of a flow that needs equipment can come without any vehicle."""
        world = self._world
        pool = world.handover.pools[flow.equipment]
        finds_items = not isinstance(flow.arrivals, SurplusPlan) and pool.idle[flow.origin] > 0
        return (
            finds_items
            or any(pool.dwelling.values())
            or bool(world.held or world.outside or world.aside)
        )

    def _movers_of(self, equipment: int) -> dict[int, None] | None:
        """Return the vehicles that can move items of *equipment* on; None if something else can."""
        world = self._world
        movers: dict[int, None] = {}
        for trip in world.trips.values():
            if _uses(trip.lots, equipment):
                movers[trip.vehicle] = None
        for leg, stack in world.stacks.items():
            if not _uses(stack.lots(), equipment):
                continue
            takers = self._takers_of(leg)
            if takers is None:
                return None
            movers |= dict.fromkeys(takers)
        return movers

    def _takers_of(self, leg: tuple[int, int]) -> list[int] | None:
        """Return who takes cargo of *leg*: vessels, or a train line that waits; None if it comes by
        itself."""
        vessels = self._vessels_of(leg[0])
        if vessels is not None:
            return vessels
        line = -1 - self._lines.index(leg)
        return [line] if line in self._waits else None

    def circle(self, stuck: set[int]) -> list[int]:
        """Return one circle, each vehicle followed by the one that it waits for."""
        seen: list[int] = []
        vehicle = min(stuck)
        while vehicle not in seen:
            seen.append(vehicle)
            vehicle = self._next(vehicle, stuck)
        return seen[seen.index(vehicle) :]

    def closed_s(self, circle: list[int]) -> Seconds:
        """Return when the last vehicle of *circle* began to wait."""
        return max(self._waits[vehicle].start_s for vehicle in circle)

    def _next(self, vehicle: int, stuck: set[int]) -> int:
        return next(ender for ender in self._enders(vehicle) if ender in stuck)

    def sentence(self, vehicle: int, stuck: set[int]) -> str:
        """Return what *vehicle* waits for, and who holds it."""
        wait, names = self._waits[vehicle], self._world.network.names
        me, other = self._name(vehicle), self._name(self._next(vehicle, stuck))
        if wait.activity is Activity.WAIT_ROOM:
            stack = self._world.stacks[self._full_stacks(vehicle)[0]]
            return f"{me} waits for room in {names.resource[stack.code]}, from which {other} would take"
        if wait.activity in FOR_A_LOAD:
            return f"{me} waits at {names.place[wait.place]} for a full load, for which {other} would bring equipment"
        return f"{me} waits for {names.resource[wait.resource]}, which {other} holds"

    def _name(self, vehicle: int) -> str:
        if vehicle < 0:
            return f"train line {self._world.network.names.carrier[self._lines[-1 - vehicle][0]]}"
        vehicles, names = self._world.tables["vehicles"], self._world.network.names
        row = vehicle * len(vehicles.columns)
        kind = VEHICLE_KINDS[vehicles.get(row, "kind")]
        return f"{kind} {vehicle} of {names.carrier[vehicles.get(row, 'carrier')]}"


def _freed(stuck: set[int], enders: Mapping[int, list[int]]) -> set[int]:
    """Return those of *stuck* that somebody who is not stuck can free, or that wait for nobody."""
    freed = set()
    for vehicle in stuck:
        if not enders[vehicle] or any(ender not in stuck for ender in enders[vehicle]):
            freed.add(vehicle)
    return freed


def _uses(lots: list[Lot], equipment: int) -> bool:
    """Return whether any of *lots* uses items of a fleet of equipment."""
    return any(lot.consignment.flow.equipment == equipment for lot in lots)
