"""Fleets: which vessel works for which service, when their numbers change, when one helps out, when
one is out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import simpy

from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import FleetPart, Network, ReassignmentPlan, SeaLine
from sim.units import Seconds

if TYPE_CHECKING:
    from sim.engine.sea.vessel import Vessel


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

    A vessel is asked for its order after each discharge. Numbers that grow take laid-up vessels of
    the class first, then those of a service that has too many, and else new ones.
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
            plan.id: world.streams.draws(plan.transfer, f"transfer/{plan.id}")
            for plan in world.network.reassignments
        }

    def sign_on(self, vessel: Vessel, part: FleetPart) -> str:
        """Register a new vessel and return its name."""
        number = self._signed_on[vessel.home]
        self._signed_on[vessel.home] += 1
        self._at_home[vessel.home] += 1
        return f"{part.name}/{number}"

    def adopt(self, network: Network) -> None:
        """Bring vessels in where a date asks for more; who is too many is told after its next
        discharge."""
        del network
        for vessel_class in dict.fromkeys(
            p.vessel_class for line in self._world.network.services for p in line.fleet
        ):
            too_many = sum(
                max(self._surplus(carrier, vessel_class), 0)
                for carrier in self._carriers(vessel_class)
            )
            for carrier in self._carriers(vessel_class):
                for _ in range(max(-self._surplus(carrier, vessel_class), 0)):
                    laid_up = self._laid_up.get(vessel_class)
                    if laid_up:
                        vessel, called = laid_up.popleft()
                        vessel.home = (carrier, vessel_class)
                        self._at_home[vessel.home] += 1
                        called.succeed()
                    elif too_many:
                        too_many -= 1
                    else:
                        self._launch_one(carrier, vessel_class)

    def lend(self, vessel: Vessel, borrower: int) -> None:
        """Have *vessel* help *borrower* from the beginning."""
        for plan in self._world.network.reassignments:
            if (plan.lender, plan.vessel_class, plan.borrower) == (*vessel.home, borrower):
                vessel.helps_by = plan
                self._away[plan.id] += 1
        vessel.take_duty(borrower)

    def order(self, vessel: Vessel) -> Order | None:
        """Return what *vessel*, which has just discharged, is to do; None: go on."""
        home, vessel_class = vessel.home
        if vessel.carrier == home and self._surplus(home, vessel_class) > 0:
            self._at_home[vessel.home] -= 1
            lacking = next(
                (c for c in self._carriers(vessel_class) if self._surplus(c, vessel_class) < 0),
                NONE,
            )
            if lacking != NONE:
                vessel.home = (lacking, vessel_class)
                self._at_home[vessel.home] += 1
                return Order(lacking)
            called = self._world.env.event()
            self._laid_up.setdefault(vessel_class, deque()).append((vessel, called))
            vessel.home = (NONE, vessel_class)
            return Order(called=called)
        if vessel.carrier != home and vessel.helps_by is None:
            return Order(home)
        return self._out_of_order(vessel) or self._help(vessel)

    def _help(self, vessel: Vessel) -> Order | None:
        for plan in self._world.network.reassignments:
            if (plan.lender, plan.vessel_class) != vessel.home:
                continue
            waiting = self._decks_waiting(plan)
            if (
                vessel.carrier == plan.lender
                and waiting >= plan.when
                and self._away[plan.id] < plan.most
            ):
                self._away[plan.id] += 1
                vessel.helps_by = plan
                return Order(plan.borrower, next(self._transfers[plan.id]))
            if vessel.helps_by is plan and waiting <= plan.back:
                self._away[plan.id] -= 1
                vessel.helps_by = None
                return Order(plan.lender, next(self._transfers[plan.id]))
        return None

    def _decks_waiting(self, plan: ReassignmentPlan) -> float:
        line = next(line for line in self._world.network.services if line.carrier == plan.borrower)
        part = next(part for part in line.fleet if part.vessel_class == plan.vessel_class)
        stacks = (self._world.stacks[plan.borrower, end] for end in (0, 1))
        return max(stack.waiting(part.deck) for stack in stacks) / part.deck.size

    def _out_of_order(self, vessel: Vessel) -> Order | None:
        """Return the order to lie still if the service of *vessel* has an outage that wants one
        more."""
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
        return [
            line.carrier
            for line in lines
            for part in line.fleet
            if part.vessel_class == vessel_class
        ]

    def _wanted(self, carrier: int, vessel_class: int) -> int:
        for line in self._world.network.services:
            for part in line.fleet:
                if (line.carrier, part.vessel_class) == (carrier, vessel_class):
                    return part.vessels
        return 0

    def _surplus(self, carrier: int, vessel_class: int) -> int:
        """Return how many vessels a service has beyond what it should have; below zero, how many it
        lacks."""
        return self._at_home[carrier, vessel_class] - self._wanted(carrier, vessel_class)

    def _launch_one(self, carrier: int, vessel_class: int) -> None:
        line = next(line for line in self._world.network.services if line.carrier == carrier)
        self._launch(line, next(part for part in line.fleet if part.vessel_class == vessel_class))
