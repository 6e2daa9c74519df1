"""Road: every consignment drives on its own wheels and passes the gate of the terminal it enters."""

from __future__ import annotations

from functools import partial

from sim.engine.cargo import Lot
from sim.engine.formalities import Formalities
from sim.engine.story import Story, Teller
from sim.engine.waiting import wait_for_room
from sim.engine.world import World
from sim.log import Activity
from sim.network.parts import RoadLine


def start(world: World) -> None:
    """Open every road."""
    for line in world.network.roads:
        road = Road(world, line)
        world.roads[line.carrier] = partial(_set_off, world, road)


def _set_off(world: World, road: Road, lot: Lot, direction: int) -> None:
    Teller(world.env, road.drive(lot, direction))


class Road:
    """One road, both directions."""

    def __init__(self, world: World, line: RoadLine) -> None:
        self._world = world
        self._line = line
        self._book = world.tables["vehicle_log"].add
        self._at_gate = (Activity.WAIT_GATE, Activity.GATE)
        self._running_s = [world.streams.draws(line.running, f"running/{line.id}/{d}") for d in (0, 1)]
        self._gates = [
            None
            if gate is None
            else Formalities(
                world,
                gate.resource,
                world.network.names.resource[gate.resource],
                works=(("gate", gate.time),),
                checks=gate.checks,
            )
            for gate in line.gates
        ]

    def drive(self, lot: Lot, direction: int) -> Story:
        """Drive, pass the gate, wait for room, arrive."""
        world, line = self._world, self._line
        env, place = world.env, line.ends[1 - direction]
        truck = world.vehicle("truck", line.carrier)
        trip = world.begin_trip(truck, (line.carrier, direction), [lot], (1, 1))
        running_s = next(self._running_s[direction])
        if running_s:
            now = env.now
            row = (truck, trip.id, Activity.DRIVE, line.ends[direction], line.resource, now, now + running_s)
            self._book(row)
            yield running_s
        gate = self._gates[1 - direction]
        if gate is not None:
            yield from gate.undergo(truck, trip.id, place, self._at_gate)
        if world.is_limited(lot, lot.leg + 1):
            yield from wait_for_room(world, trip, place)
        world.end_trip(trip)
