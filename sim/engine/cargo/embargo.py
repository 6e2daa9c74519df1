"""Embargoes: while too much cargo waits for vessels at a port, the railway sends no more of it
there."""

from __future__ import annotations

import simpy

from sim.engine.world.lots import Legs, Lot, Stack
from sim.engine.world.world import World
from sim.log import OPEN, Activity
from sim.network.parts import EmbargoPlan, FlowPlan


def start(world: World) -> None:
    """Watch the stacks of every port that has an embargo."""
    embargoes = [
        Embargo(world, number, plan) for number, plan in enumerate(world.network.embargoes)
    ]
    if not embargoes:
        return

    def holding(lots: list[Lot], port: int, place: int) -> tuple[int, simpy.Event] | None:
        for embargo in embargoes:
            if embargo.holds(lots, port, place):
                return embargo.resource, embargo.lifted
        return None

    world.rules.holds = holding
    world.rules.holding_places = frozenset(
        place for embargo in embargoes for place in embargo.plan.holds_at
    )
    world.rules.refuses = [embargo.refuses for embargo in embargoes if embargo.plan.refuses]


class Embargo:
    """One loading ban; it begins and ends by how much cargo waits, at the end of the second in
    which it does."""

    def __init__(self, world: World, number: int, plan: EmbargoPlan) -> None:
        self.plan = plan
        self.resource = world.network.names.resource.index(plan.id)
        self.is_on = False
        self.lifted = world.env.event()
        """Happens when the ban that is on ends."""
        self._world = world
        self._number = number
        self._began_at = 0
        self._units = frozenset(plan.units)
        self._stacks: list[Stack] = [
            stack
            for stack in world.stacks.values()
            if stack.place == plan.port and stack.activity is Activity.WAIT_VESSEL
        ]
        self._looks = False
        for stack in self._stacks:
            stack.on_change.append(self._look_soon)

    def holds(self, lots: list[Lot], port: int, place: int) -> bool:
        """Return whether a train with *lots* for *port* has to stop at *place*."""
        if not self.is_on or port != self.plan.port or place not in self.plan.holds_at:
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
        """Look at the end of the second, when whoever moves cargo in it is done, if there may be
        something to see."""
        if not self._looks and self._turns(self.waiting()):
            self._looks = True
            timer = self._world.env.pause(0)
            timer.callbacks.append(lambda _: self._look())

    def _turns(self, waiting: int) -> bool:
        """Return whether so much cargo imposes the ban, or lifts it."""
        return waiting <= self.plan.lift if self.is_on else waiting >= self.plan.impose

    def _look(self) -> None:
        self._looks = False
        waiting, env = self.waiting(), self._world.env
        book = self._world.tables["embargoes"]
        if not self._turns(waiting):
            return
        for unit in self._units:
            self._world.rules.banned[unit, self.plan.port] += -1 if self.is_on else 1
        # What is not banned is not there, so that asking is a look into a dict.
        self._world.rules.banned = +self._world.rules.banned
        if not self.is_on:
            self.is_on = True
            self._began_at = len(book.rows)
            book.add(book.row(self._number, env.now, OPEN))
        else:
            self.is_on = False
            book.rows[self._began_at + 2] = env.now
            lifted, self.lifted = self.lifted, env.event()
            lifted.succeed()
            self._world.release_held()
            for (carrier, direction), dispatcher in self._world.rules.dispatchers.items():
                if self._world.end_of(carrier, 1 - direction) == self.plan.port:
                    dispatcher.check()
