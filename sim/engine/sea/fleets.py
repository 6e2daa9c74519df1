"""Fleets: which vessel works for which service, when their numbers change, when one helps out, when
one is out of order."""

from __future__ import annotations

from collections import Counter, deque
from itertools import chain, zip_longest

import simpy

from sim.engine.cargo.initial import lots_aboard
from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.calendar import Calendar
from sim.engine.kernel.process import Process
from sim.engine.sea.duty import line_of, part_of
from sim.engine.sea.quay import Quays
from sim.engine.sea.vessel import Order, Vessel
from sim.engine.world.lots import Trip
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import FleetPart, InitialVesselPlan, Network, ReassignmentPlan, SeaLine


def start(world: World, journeys: Journeys, quays: Quays) -> None:
    """Put every fleet to sea: where the scenario says, or else alternately at the two ends, empty,
    at the roads."""
    fleets = Fleets(world, journeys, quays)
    for line in world.network.services:
        number = 0
        for part in line.fleet:
            home = (line.carrier, part.vessel_class)
            placed = [
                plan
                for plan in world.network.initial.vessels
                if (plan.home, plan.vessel_class) == home
            ]
            for plan, _ in zip_longest(placed, range(part.vessels)):
                at_end = InitialVesselPlan(*home, line.carrier, number % 2, 0, ())
                fleets.launch(line, part, plan or at_end)
                number += 1
    world.on_change.append(fleets.adopt)


class Fleets:
    """Knows every vessel and the numbers that each service should have.

    A vessel is asked for its order after each discharge. Numbers that grow take laid-up vessels of
    the class first, then those of a service that has too many, and else new ones.
    """

    def __init__(self, world: World, journeys: Journeys, quays: Quays) -> None:
        self._world = world
        self._journeys = journeys
        self.quays = quays
        self._vessels = _vessels_of(world.network)
        """How many vessels each service should have now, by class."""
        self._can_lie_still = any(
            plan.kind == "service" for plan, _ in world.facilities.outages.spells
        )
        """Whether an outage ever takes vessels out of a service."""
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
        self._off_season = {
            plan.id: Calendar(plan.off_season) for plan in world.network.reassignments
        }

    def sign_on(self, vessel: Vessel, part: FleetPart) -> str:
        """Register a new vessel and return its name."""
        number = self._signed_on[vessel.home]
        self._signed_on[vessel.home] += 1
        self._at_home[vessel.home] += 1
        return f"{part.name}/{number}"

    def launch(self, line: SeaLine, part: FleetPart, plan: InitialVesselPlan) -> None:
        """Put a vessel of *line* to sea where *plan* says."""
        world = self._world
        vessel = Vessel(world, self._journeys, self, line, part)
        if plan.carrier != line.carrier:
            self.lend(vessel, plan.carrier)
        trip: Trip | None = None
        if plan.cargo:
            leg, deck = (vessel.carrier, 1 - plan.end), vessel.part.deck
            lots = lots_aboard(world, self._journeys, plan.cargo, leg)
            used = sum(lot.units * deck.per_unit[lot.consignment.flow.unit] for lot in lots)
            trip = self._journeys.depart(vessel.id, leg, lots, (used, deck.size, deck.size))
        Process(world.env, vessel.work(plan.end, plan.arrives_in_s, trip))

    def adopt(self, network: Network) -> None:
        """Bring vessels in where a date asks for more; a surplus vessel gets its order after its
        next discharge."""
        self._vessels = _vessels_of(network)
        parts = chain.from_iterable(line.fleet for line in network.services)
        for vessel_class in dict.fromkeys(part.vessel_class for part in parts):
            carriers = self._carriers(vessel_class)
            too_many = sum(max(self._surplus(carrier, vessel_class), 0) for carrier in carriers)
            for carrier in carriers:
                for _ in range(-self._surplus(carrier, vessel_class)):
                    if self._laid_up.get(vessel_class):
                        self._call(carrier, vessel_class)
                    elif too_many:
                        too_many -= 1
                    else:
                        self._launch_new(carrier, vessel_class)

    def _call(self, carrier: int, vessel_class: int) -> None:
        """Have the vessel that has been laid up longest work for *carrier*."""
        vessel, called = self._laid_up[vessel_class].popleft()
        vessel.home = (carrier, vessel_class)
        self._at_home[vessel.home] += 1
        called.succeed()

    def _launch_new(self, carrier: int, vessel_class: int) -> None:
        """Put a new vessel to sea, empty, at the roads of the first end of *carrier*."""
        line = line_of(self._world.network, carrier)
        plan = InitialVesselPlan(carrier, vessel_class, carrier, 0, 0, ())
        self.launch(line, part_of(line, vessel_class), plan)

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
            return self._move_surplus(vessel)
        if vessel.carrier != home and vessel.helps_by is None:
            return Order(home)
        order = self._out_of_order(vessel) if self._can_lie_still else None
        if order is None and self._world.network.reassignments:
            order = self._help(vessel)
        return order

    def _move_surplus(self, vessel: Vessel) -> Order:
        """Give a vessel that its service has too many of to one that lacks it, or lay it up."""
        _, vessel_class = vessel.home
        self._at_home[vessel.home] -= 1
        for carrier in self._carriers(vessel_class):
            if self._surplus(carrier, vessel_class) < 0:
                vessel.home = (carrier, vessel_class)
                self._at_home[vessel.home] += 1
                return Order(carrier)
        called = self._world.env.event()
        self._laid_up.setdefault(vessel_class, deque()).append((vessel, called))
        vessel.home = (NONE, vessel_class)
        return Order(called=called)

    def _help(self, vessel: Vessel) -> Order | None:
        """Return the order to go and help another service, or to come back from it."""
        for plan in self._world.network.reassignments:
            if (plan.lender, plan.vessel_class) != vessel.home:
                continue
            if vessel.carrier == plan.lender and self._calls_for_help(plan):
                self._away[plan.id] += 1
                vessel.helps_by = plan
                return Order(plan.borrower, next(self._transfers[plan.id]))
            if vessel.helps_by is plan and self._lets_go(plan):
                self._away[plan.id] -= 1
                vessel.helps_by = None
                return Order(plan.lender, next(self._transfers[plan.id]))
        return None

    def _calls_for_help(self, plan: ReassignmentPlan) -> bool:
        """Return whether one more vessel is to change over by *plan* now."""
        if self._away[plan.id] >= plan.most or self._is_off_season(plan):
            return False
        return plan.when is None or self._decks_waiting(plan) >= plan.when

    def _lets_go(self, plan: ReassignmentPlan) -> bool:
        """Return whether vessels that help by *plan* are to come back now."""
        if self._is_off_season(plan):
            return True
        return plan.when is not None and self._decks_waiting(plan) <= plan.back

    def _is_off_season(self, plan: ReassignmentPlan) -> bool:
        now = self._world.env.now
        return self._off_season[plan.id].next_open_s(now) > now

    def _decks_waiting(self, plan: ReassignmentPlan) -> float:
        """Return how many decks the cargo that waits for the borrower would fill, at the fuller
        end."""
        line = line_of(self._world.network, plan.borrower)
        deck = part_of(line, plan.vessel_class).deck
        stacks = (self._world.stacks[plan.borrower, end] for end in (0, 1))
        return max(stack.waiting(deck) for stack in stacks) / deck.size

    def _out_of_order(self, vessel: Vessel) -> Order | None:
        """Return the order to lie still if the service of *vessel* has an outage that wants one
        more."""
        now = self._world.env.now
        outages = self._world.facilities.outages.intervals("service", vessel.carrier)
        for plan, (start_s, end_s) in outages:
            outage = f"{plan.id}/{start_s}"
            wants_more = plan.lost == NONE or self._out[outage] < plan.lost
            if start_s <= now < end_s and wants_more:
                self._out[outage] += 1
                return Order(until_s=end_s)
        return None

    def _carriers(self, vessel_class: int) -> list[int]:
        """Return the services that have vessels of a class."""
        carriers = []
        for line in self._world.network.services:
            carriers += [line.carrier for part in line.fleet if part.vessel_class == vessel_class]
        return carriers

    def _surplus(self, carrier: int, vessel_class: int) -> int:
        """Return how many vessels a service has beyond what it should have; below zero: lacks."""
        home = (carrier, vessel_class)
        return self._at_home[home] - self._vessels.get(home, 0)


def _vessels_of(network: Network) -> dict[tuple[int, int], int]:
    """Return how many vessels each service of *network* should have, by class."""
    vessels: dict[tuple[int, int], int] = {}
    for line in network.services:
        for part in line.fleet:
            vessels[line.carrier, part.vessel_class] = part.vessels
    return vessels
