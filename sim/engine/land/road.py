"""Roads: every unit drives on a truck of its own and passes the gate of the terminal it enters."""

from __future__ import annotations

from functools import partial

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.draws import Draw
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.land.formalities import Formalities, Rules
from sim.engine.world.lots import Lot
from sim.engine.world.waiting import wait_for_room
from sim.engine.world.world import World
from sim.log import TRUCK, Activity
from sim.network.parts import Gateway, Network, RoadLine


def start(world: World, journeys: Journeys) -> None:
    """Open every road."""
    for number, line in enumerate(world.network.roads):
        road = Road(world, journeys, line)
        world.handover.roads[line.carrier] = road.set_off
        world.on_change.append(partial(_adopt, road, number))


def _adopt(road: Road, number: int, network: Network) -> None:
    road.adopt(network.roads[number])


class Road:
    """One road, both directions."""

    def __init__(self, world: World, journeys: Journeys, line: RoadLine) -> None:
        self._world = world
        self._journeys = journeys
        self._line = line
        self._add, self._row = world.tables["vehicle_log"].add, world.tables["vehicle_log"].row
        self._at_gate = (Activity.WAIT_GATE, Activity.GATE)
        self._running_s = [
            Draw(world.streams, line.running, f"running/{line.id}/{direction}")
            for direction in (0, 1)
        ]
        self._gates = [self._gate(gate) for gate in line.gates]

    def _gate(self, gate: Gateway | None) -> Formalities | None:
        if gate is None:
            return None
        return Formalities(self._world, gate.resource, gate.stream, _rules(gate))

    def adopt(self, line: RoadLine) -> None:
        """Go on by new numbers."""
        for running_s in self._running_s:
            running_s.renew(line.running, self._world.env.now)
        for gate, part in zip(self._gates, line.gates, strict=True):
            if gate is not None and part is not None:
                gate.adopt(_rules(part))
        self._line = line

    def set_off(self, lot: Lot, direction: int) -> None:
        """Send a truck off with *lot*, which is one unit."""
        Process(self._world.env, self._drive(lot, direction))

    def _drive(self, lot: Lot, direction: int) -> ProcessGenerator:
        """Drive, pass the gate, wait for room, arrive."""
        world, line = self._world, self._line
        place = line.ends[1 - direction]
        truck = world.vehicle(TRUCK, line.carrier)
        trip = world.begin_trip(truck, (line.carrier, direction), [lot], (1, 1, 1))
        running_s = self._running_s[direction].next()
        if running_s:
            now = world.env.now
            where = (line.ends[direction], line.resource)
            self._add(self._row(truck, trip.id, Activity.DRIVE, *where, now, now + running_s))
            yield running_s
        gate = self._gates[1 - direction]
        if gate is not None:
            yield from gate.undergo(truck, trip.id, place, self._at_gate)
        if world.handover.router is not None:
            self._journeys.arrive(trip.lots)
        if world.rooms and world.room_of(lot, lot.leg + 1) is not None:
            yield from wait_for_room(world, trip, place)
        self._journeys.unload(trip)


def _rules(gate: Gateway) -> Rules:
    works = (("gate", gate.time),)
    return Rules(works, gate.checks, gate.users, hours_differ=gate.hours_differ)
