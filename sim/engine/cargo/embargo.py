"""Embargoes: while too much cargo waits for vessels at a port, the railway sends no more of it
there, or only what a quota lets pass."""

from __future__ import annotations

from collections import deque

import simpy

from sim.engine.cargo.gate import Gate
from sim.engine.cargo.journeys import Journeys
from sim.engine.world.lots import Legs, Lot, Stack, Trip
from sim.engine.world.world import World
from sim.log import OPEN, Activity
from sim.network.parts import BanStatePlan, EmbargoPlan, FlowPlan, LevelPlan
from sim.units import DAY, Seconds

OFF = -1
"""Stage of a ban that is not on."""


def start(world: World, journeys: Journeys) -> None:
    """Watch the stacks of every port that has an embargo."""
    plans = world.network.embargoes
    embargoes = [Embargo(world, journeys, number, plan) for number, plan in enumerate(plans)]
    if not embargoes:
        return

    def holds(trip: Trip, destination: int, place: int) -> tuple[int, simpy.Event] | None:
        for embargo in embargoes:
            waits_for = embargo.holds(trip, destination, place)
            if waits_for is not None:
                return embargo.resource, waits_for
        return None

    handover = world.handover
    handover.embargoes = embargoes
    handover.holds = holds
    handover.holding_places = frozenset().union(*(plan.holds_at for plan in plans))
    handover.refusals = [embargo.refuses for embargo in embargoes if embargo.plan.refuses]
    handover.gates = [embargo.gate for embargo in embargoes if embargo.gate is not None]
    for embargo in embargoes:
        embargo.take_up(world.network.initial.bans.get(embargo.number))


class Workload:
    """What a port works in a day: a fixed figure, or what left by sea in a time up to now."""

    def __init__(self, world: World, plan: EmbargoPlan) -> None:
        self._world = world
        self._plan = plan
        self._window_s = plan.worked_over_s
        self._since_s = 0
        """When what is known begins; below zero: before the run."""
        self._left: deque[tuple[Seconds, int]] = deque()
        """``(when, units)``."""
        self._units = 0

    def note(self, units: int) -> None:
        """Count *units* that leave by sea now."""
        if self._window_s:
            self._left.append((self._world.env.now, units))
            self._units += units

    def per_day(self) -> float:
        """Return the units that are worked in a day."""
        now = self._world.env.now
        if not self._window_s or now - self._since_s < self._window_s:
            return self._plan.worked_per_day
        while self._left and self._left[0][0] <= now - self._window_s:
            self._units -= self._left.popleft()[1]
        return self._units * DAY / self._window_s

    def take_up(self, state: BanStatePlan) -> None:
        """Go on with what was worked before the run."""
        self._since_s = -state.known_for_s
        self._left = deque((-ago_s, units) for ago_s, units in state.worked)
        self._units = sum(units for _, units in self._left)

    @property
    def known_for_s(self) -> Seconds:
        """How long what is worked has been counted, at most the window."""
        return min(self._world.env.now - self._since_s, self._window_s)

    def recent(self) -> list[tuple[Seconds, int]]:
        """Return how long ago units left that still count, and how many."""
        now = self._world.env.now
        return [(now - at_s, units) for at_s, units in self._left if now - at_s < self._window_s]


class Embargo:
    """One loading ban; it begins, changes and ends by how much cargo waits, at the end of the
    second in which it does."""

    def __init__(self, world: World, journeys: Journeys, number: int, plan: EmbargoPlan) -> None:
        self.plan = plan
        self.number = number
        self.resource = world.network.names.resource.index(plan.id)
        self.stage = OFF
        """`OFF`, or the number of the stage that holds."""
        self.workload = Workload(world, plan)
        self.gate: Gate | None = None
        if plan.meters:
            self.gate = Gate(world, journeys, number, plan)
        self._lifted = world.env.event()
        """Happens when the ban that is on ends."""
        self._world = world
        self._journeys = journeys
        self._row = 0
        """Of the ban that is on, where it begins in its table."""
        self._units = frozenset(plan.units)
        self._stacks: list[Stack] = [
            stack
            for stack in world.stacks.values()
            if stack.place == plan.port and stack.activity is Activity.WAIT_VESSEL
        ]
        self._waiting = 0
        self._looks = False
        for stack in self._stacks:
            stack.on_change.append(self._note_change)
        if plan.worked_over_s:
            self._look_daily(None)

    @property
    def is_on(self) -> bool:
        """Whether it is imposed."""
        return self.stage != OFF

    def holds(self, trip: Trip, destination: int, place: int) -> simpy.Event | None:
        """Return the event for which a train to *destination* has to wait at *place*, or None."""
        if not self.is_on or destination != self.plan.port or place not in self.plan.holds_at:
            return None
        if self.gate is not None:
            return self.gate.holds(trip)
        is_banned = any(lot.consignment.flow.unit in self._units for lot in trip.lots)
        return self._lifted if is_banned else None

    def refuses(self, flow: FlowPlan, legs: Legs) -> bool:
        """Return whether a consignment that would come through the port by land is turned away."""
        if not self.is_on or flow.unit not in self._units:
            return False
        if self.gate is not None:
            return self.gate.refuses(flow, legs[:-1])
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

    def take_up(self, state: BanStatePlan | None) -> None:
        """Go on from where an earlier run ended."""
        if state is None:
            return
        self.workload.take_up(state)
        if state.stage == OFF:
            return
        self._impose(state.stage)
        if self.gate is None:
            return
        self.gate.mark_passed(state.passed_trains)
        for meter, open_in_s in zip(self.gate.meters, state.opens_in_s, strict=True):
            meter.owe(open_in_s)

    # -- the state at the end
    # -------------------------------------------------------------------------------------------

    def opens_in_s(self) -> list[Seconds]:
        """Return by meter how long nobody can pass; 0 where nobody ever can."""
        meters = [] if self.gate is None else self.gate.meters
        return [meter.open_in_s() or 0 for meter in meters]

    def has_passed(self, lot: Lot) -> bool:
        """Return whether a lot that waits for its next leg has passed the ban that is on."""
        leg = lot.legs[lot.leg]
        return self.gate is not None and self.gate.closes(lot.consignment.flow, leg)

    def has_passed_under_way(self, trip: Trip) -> bool:
        """Return whether the train of *trip* has passed the ban that is on."""
        return self.gate is not None and self.gate.has_passed(trip)

    @property
    def known_for_s(self) -> Seconds:
        """How long what is worked has been counted, at most over its window."""
        return self.workload.known_for_s

    def worked(self) -> list[tuple[Seconds, int]]:
        """Return how long ago units left by sea that still count, and how many."""
        return self.workload.recent()

    # -- how much waits
    # -------------------------------------------------------------------------------------------

    def _note_change(self) -> None:
        """Look at the end of the second, when all cargo of it has moved, if the ban may turn."""
        waiting = self.waiting()
        if waiting < self._waiting:
            self.workload.note(self._waiting - waiting)
        self._waiting = waiting
        self._look_soon()

    def _look_soon(self) -> None:
        if not self._looks and self._stage_by(self._waiting) != self.stage:
            self._looks = True
            timer = self._world.env.pause(0)
            timer.callbacks.append(self._look)

    def _look_daily(self, _timer: object) -> None:
        """Look once a day: less may have been worked, though nothing came or went."""
        self._look_soon()
        timer = self._world.env.pause(DAY)
        timer.callbacks.append(self._look_daily)

    def _stage_by(self, waiting: int) -> int:
        """Return the stage that holds with so much cargo."""
        stages = self.plan.stages
        if waiting and waiting >= self._units_of(stages[0].level):
            return 0
        if not self.is_on or waiting <= self._units_of(self.plan.lift):
            return OFF
        reached = self.stage
        for number, stage in enumerate(stages):
            if number > reached and waiting <= self._units_of(stage.level):
                reached = number
        return reached

    def _units_of(self, level: LevelPlan) -> float:
        """Return *level* in units."""
        if level.units is not None:
            return level.units
        return (level.days or 0.0) * self.workload.per_day()

    def _look(self, _timer: object) -> None:
        self._looks = False
        stage = self._stage_by(self._waiting)
        if stage == self.stage:
            return
        if stage == OFF:
            self._lift()
        elif self.is_on:
            self._go_to(stage)
        else:
            self._impose(stage)

    # -- what holds
    # -------------------------------------------------------------------------------------------

    def _impose(self, stage: int) -> None:
        self.stage = stage
        if self.gate is None:
            self._count_ban(1)
        book = self._world.tables["embargoes"]
        self._row = book.begin(self.number, self._world.env.now, OPEN)
        if self.gate is not None:
            self.gate.shut(self.plan.stages[stage].quotas)

    def _go_to(self, stage: int) -> None:
        self.stage = stage
        if self.gate is not None:
            self.gate.ease(self.plan.stages[stage].quotas)

    def _lift(self) -> None:
        world = self._world
        self.stage = OFF
        world.tables["embargoes"].set(self._row, "end_s", world.env.now)
        if self.gate is not None:
            self.gate.open()
            return
        self._count_ban(-1)
        lifted, self._lifted = self._lifted, world.env.event()
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
