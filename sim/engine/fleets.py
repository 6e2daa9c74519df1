"""Fleets: which vessel works for which service, when their numbers change, when one helps out, when one is out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import simpy

from sim.engine.world import World
from sim.log import NONE
from sim.network.parts import FleetPart, Network, ReassignmentPlan, SeaLine
from sim.units import Seconds

if TYPE_CHECKING:
    from sim.engine.sea import Vessel


@dataclass(frozen=True, slots=True)
class Order:
    """What a vessel does next, other than go on."""

    carrier: int = NONE
    """Service to work for; `NONE`: lie up."""
    transfer_s: Seconds = 0
    until_s: Seconds = 0
    """Of lying up: until when, unless there is an event to wait for."""
    called: simpy.Event | None = None


class Fleets:
    """Knows every vessel and the numbers that each service should have.

    A vessel is asked for its order after each discharge. Numbers that grow take laid-up vessels of the class first,
    then those of a service that has too many, and else new ones.
    """

    def __init__(self, world: World, launch: Callable[[SeaLine, FleetPart], object]) -> None:
        self._world = world
        self._launch = launch
        self._signed_on: Counter[tuple[int, int]] = Counter()
        self._at_home: Counter[tuple[int, int]] = Counter()
        """Vessels that belong to each service, by class."""
        self._laid_up: dict[int, deque[tuple[Vessel, simpy.Event]]] = {}
        """By class."""
        self._away: Counter[str] = Counter()
        """Vessels that help out, by rule."""
        self._out: Counter[str] = Counter()
        """Vessels that lie still, by outage."""
        self._transfers = {
            plan.id: world.streams.draws(plan.transfer, f"transfer/{plan.id}") for plan in world.network.reassignments
        }

    def sign_on(self, vessel: Vessel, part: FleetPart) -> str:
        """Register a new vessel and return its name."""
        number = self._signed_on[vessel.home]
        self._signed_on[vessel.home] += 1
        self._at_home[vessel.home] += 1
        return f"{part.name}/{number}"

    def adopt(self, network: Network) -> None:
        """Bring vessels in where a date asks for more; who is too many is told after its next discharge."""
        for line in network.services:
            for part in line.fleet:
                while self._lacks(line.carrier, part.vessel_class):
                    if self._laid_up.get(part.vessel_class):
                        vessel, called = self._laid_up[part.vessel_class].popleft()
                        self._move_home(vessel, line.carrier)
                        called.succeed()
                    elif self._too_many(part.vessel_class):
                        break
                    else:
                        self._launch(line, part)

    def order(self, vessel: Vessel) -> Order | None:
        """Return what *vessel*, which has just discharged, is to do; None: go on."""
        home, vessel_class = vessel.home
        if vessel.carrier == home and self._at_home[vessel.home] > self._wanted(home, vessel_class):
            self._at_home[vessel.home] -= 1
            lacking = next((c for c in self._carriers(vessel_class) if self._lacks(c, vessel_class)), NONE)
            if lacking != NONE:
                vessel.home = (lacking, vessel_class)
                self._at_home[vessel.home] += 1
                return Order(lacking)
            called = self._world.env.event()
            self._laid_up.setdefault(vessel_class, deque()).append((vessel, called))
            vessel.home = (NONE, vessel_class)
            return Order(called=called)
        if vessel.carrier != home and self._helps(vessel) is None:
            return Order(home)
        return self._out_of_order(vessel) or self._help(vessel)

    def _move_home(self, vessel: Vessel, carrier: int) -> None:
        vessel.home = (carrier, vessel.home[1])
        self._at_home[vessel.home] += 1

    def _helps(self, vessel: Vessel) -> ReassignmentPlan | None:
        """Return the rule by which *vessel* works away from home."""
        for plan in self._world.network.reassignments:
            if (plan.lender, plan.vessel_class) == vessel.home and plan.borrower == vessel.carrier:
                return plan
        return None

    def _help(self, vessel: Vessel) -> Order | None:
        for plan in self._world.network.reassignments:
            if (plan.lender, plan.vessel_class) != vessel.home:
                continue
            waiting = self._decks_waiting(plan)
            if vessel.carrier == plan.lender and waiting >= plan.when and self._away[plan.id] < plan.most:
                self._away[plan.id] += 1
                return Order(plan.borrower, next(self._transfers[plan.id]))
            if vessel.carrier == plan.borrower and waiting <= plan.back:
                self._away[plan.id] -= 1
                return Order(plan.lender, next(self._transfers[plan.id]))
        return None

    def _decks_waiting(self, plan: ReassignmentPlan) -> float:
        line = next(line for line in self._world.network.services if line.carrier == plan.borrower)
        part = next(part for part in line.fleet if part.vessel_class == plan.vessel_class)
        stacks = (self._world.stacks[plan.borrower, end] for end in (0, 1))
        return max(stack.waiting(part.deck) for stack in stacks) / part.deck.size

    def _out_of_order(self, vessel: Vessel) -> Order | None:
        """Return the order to lie still if the service of *vessel* has an outage that wants one more."""
        now = self._world.env.now
        for plan, spells in self._world.facilities.outages.spells:
            if (plan.kind, plan.code) != ("service", vessel.carrier):
                continue
            for start_s, end_s in spells:
                out = f"{plan.id}/{start_s}"
                if start_s <= now < end_s and (plan.lost == NONE or self._out[out] < plan.lost):
                    self._out[out] += 1
                    return Order(until_s=end_s)
        return None

    def _carriers(self, vessel_class: int) -> list[int]:
        lines = self._world.network.services
        return [line.carrier for line in lines for part in line.fleet if part.vessel_class == vessel_class]

    def _wanted(self, carrier: int, vessel_class: int) -> int:
        for line in self._world.network.services:
            for part in line.fleet:
                if (line.carrier, part.vessel_class) == (carrier, vessel_class):
                    return part.vessels
        return 0

    def _lacks(self, carrier: int, vessel_class: int) -> bool:
        return self._at_home[carrier, vessel_class] < self._wanted(carrier, vessel_class)

    def _too_many(self, vessel_class: int) -> bool:
        carriers = self._carriers(vessel_class)
        return any(self._at_home[carrier, vessel_class] > self._wanted(carrier, vessel_class) for carrier in carriers)
