"""Road: every consignment drives on its own wheels and passes the gate of the terminal it
enters."""

from __future__ import annotations

from functools import partial

from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.land.formalities import Formalities
from sim.engine.world.lots import Lot
from sim.engine.world.waiting import wait_for_room
from sim.engine.world.world import World
from sim.log import TRUCK, Activity
from sim.network.parts import Network, RoadLine


def start(world: World) -> None:
    """Open every road."""
    for number, line in enumerate(world.network.roads):
        road = Road(world, line)
        world.rules.roads[line.carrier] = road.set_off
        world.on_change.append(partial(_adopt, road, number))


def _adopt(road: Road, number: int, network: Network) -> None:
    road.adopt(network.roads[number])


class Road:
    """One road, both directions."""

    def __init__(self, world: World, line: RoadLine) -> None:
        self._world = world
        self._line = line
        self._add, self._row = world.tables["vehicle_log"].add, world.tables["vehicle_log"].row
        self._at_gate = (Activity.WAIT_GATE, Activity.GATE)
        self._running_s = [
            world.streams.draws(line.running, f"running/{line.id}/{d}") for d in (0, 1)
        ]
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

    def adopt(self, line: RoadLine) -> None:
        """Go on by new numbers."""
        if line.running != self._line.running:
            streams, now = self._world.streams, self._world.env.now
            self._running_s = [
                streams.draws(line.running, f"running/{line.id}/{d}/{now}") for d in (0, 1)
            ]
        for gate, part in zip(self._gates, line.gates, strict=True):
            if gate is not None and part is not None:
                gate.adopt((("gate", part.time),), part.checks)
        self._line = line

    def set_off(self, lot: Lot, direction: int) -> None:
        """Send a truck off with *lot*."""
        Process(self._world.env, self._drive(lot, direction))

    def _drive(self, lot: Lot, direction: int) -> ProcessGenerator:
        """Drive, pass the gate, wait for room, arrive."""
        world, line = self._world, self._line
        place = line.ends[1 - direction]
        truck = world.vehicle(TRUCK, line.carrier)
        trip = world.begin_trip(truck, (line.carrier, direction), [lot], (1, 1, 1))
        running_s = next(self._running_s[direction])
        if running_s:
            now = world.env.now
            where = (line.ends[direction], line.resource)
            self._add(self._row(truck, trip.id, Activity.DRIVE, *where, now, now + running_s))
            yield running_s
        gate = self._gates[1 - direction]
        if gate is not None:
            yield from gate.undergo(truck, trip.id, place, self._at_gate)
        if world.rules.choose_way is not None:
            world.arrive(trip.lots)
        if world.room_of(lot, lot.leg + 1) is not None:
            yield from wait_for_room(world, trip, place)
        world.end_trip(trip)
