"""Embargoes: while too much cargo waits for vessels at a port, the railway sends no more of it
there."""

from __future__ import annotations

import simpy

from sim.engine.cargo.journeys import Journeys
from sim.engine.world.lots import Legs, Lot, Stack
from sim.engine.world.world import World
from sim.log import OPEN, Activity
from sim.network.parts import EmbargoPlan, FlowPlan


def start(world: World, journeys: Journeys) -> None:
    """Watch the stacks of every port that has an embargo."""
    plans = world.network.embargoes
    embargoes = [Embargo(world, journeys, number, plan) for number, plan in enumerate(plans)]
    if not embargoes:
        return

    def holds(lots: list[Lot], destination: int, place: int) -> tuple[int, simpy.Event] | None:
        for embargo in embargoes:
            if embargo.holds(lots, destination, place):
                return embargo.resource, embargo.lifted
        return None

    handover = world.handover
    handover.holds = holds
    handover.holding_places = frozenset().union(*(plan.holds_at for plan in plans))
    handover.refusals = [embargo.refuses for embargo in embargoes if embargo.plan.refuses]


class Embargo:
    """One loading ban; it begins and ends by how much cargo waits, at the end of the second in
    which it does."""

    def __init__(self, world: World, journeys: Journeys, number: int, plan: EmbargoPlan) -> None:
        self.plan = plan
        self.resource = world.network.names.resource.index(plan.id)
        self.is_on = False
        self.lifted = world.env.event()
        """Happens when the ban that is on ends."""
        self._world = world
        self._journeys = journeys
        self._number = number
        self._row = 0
        """Of the ban that is on, where it begins in its table."""
        self._units = frozenset(plan.units)
        self._stacks: list[Stack] = [
            stack
            for stack in world.stacks.values()
            if stack.place == plan.port and stack.activity is Activity.WAIT_VESSEL
        ]
        self._looks = False
        for stack in self._stacks:
            stack.on_change.append(self._look_soon)

    def holds(self, lots: list[Lot], destination: int, place: int) -> bool:
        """Return whether a train with *lots* for *destination* has to stop at *place*."""
        if not self.is_on or destination != self.plan.port or place not in self.plan.holds_at:
            return False
        return any(lot.consignment.flow.unit in self._units for lot in lots)

    def refuses(self, flow: FlowPlan, legs: Legs) -> bool:
        """Return whether a consignment that would come through the port by land is turned away."""
        if not self.is_on or flow.unit not in self._units:
            return False
        world = self._world
        by_sea = {line.carrier for line in world.network.services}
        return any(
            carrier not in by_sea and world.end_of(carrier, 1 - direction) == self.plan.port
            for carrier, direction in legs[:-1]
        )

    def waiting(self) -> int:
        """Return the units that count."""
        total = 0
        for stack in self._stacks:
            for queue in stack.queues:
                if queue.unit in self._units:
                    total += queue.units
        return total

    def _look_soon(self) -> None:
        """Look at the end of the second, when all cargo of it has moved, if the ban may turn."""
        if not self._looks and self._turns(self.waiting()):
            self._looks = True
            timer = self._world.env.pause(0)
            timer.callbacks.append(lambda _: self._look())

    def _turns(self, waiting: int) -> bool:
        """Return whether so much cargo imposes the ban, or lifts it."""
        return waiting <= self.plan.lift if self.is_on else waiting >= self.plan.impose

    def _look(self) -> None:
        self._looks = False
        if not self._turns(self.waiting()):
            return
        if self.is_on:
            self._lift()
        else:
            self._impose()

    def _impose(self) -> None:
        self.is_on = True
        self._count_ban(1)
        book = self._world.tables["embargoes"]
        self._row = book.begin(self._number, self._world.env.now, OPEN)

    def _lift(self) -> None:
        world = self._world
        self.is_on = False
        self._count_ban(-1)
        world.tables["embargoes"].set(self._row, "end_s", world.env.now)
        lifted, self.lifted = self.lifted, world.env.event()
        lifted.succeed()
        self._journeys.release_held()
        for (carrier, direction), dispatcher in world.handover.dispatchers.items():
            if world.end_of(carrier, 1 - direction) == self.plan.port:
                dispatcher.check()

    def _count_ban(self, change: int) -> None:
        banned = self._world.handover.banned
        for unit in self._units:
            banned[unit, self.plan.port] += change
        # What is not banned is not in it, so that asking is a look into a dict.
        self._world.handover.banned = +banned
