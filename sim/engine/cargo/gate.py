"""Gates: what passes a loading ban while it is on, and where the rest stands.

A gate stands before every carrier that leads to the port by land, and before trains under way at
the places that hold them. Exempt cargo passes; what has a quota passes its meter, trains first; all
else stands until the ban is lifted.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import simpy

from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.meter import Meter
from sim.engine.world.lots import Legs, Lot, Stack, Trip
from sim.engine.world.world import World
from sim.log import OPEN, Activity
from sim.network.parts import NO_METER, NOT_HELD, EmbargoPlan, FlowPlan


class Gate:
    """The gate of one ban; it is open until the ban comes."""

    def __init__(self, world: World, journeys: Journeys, number: int, plan: EmbargoPlan) -> None:
        self.number = number
        self.meters = [Meter(world.env) for _ in plan.stages[0].quotas]
        self._world = world
        self._journeys = journeys
        self._plan = plan
        self._is_shut = False
        self._by_sea = {line.carrier for line in world.network.services}
        self._standing: dict[int, Lot] = {}
        """Lots before it, in the order of their coming."""
        self._held: dict[int, simpy.Event] = {}
        """By trip, the event for which a train waits."""
        self._first_trip = 0
        """Trips from this one on began after the ban; what they carry has passed."""
        self._passed_trips: set[int] = set()
        self._passed_consignments: set[int] = set()
        """Accepted by the quota when they were created."""
        self._rows: list[int] = []
        """Where the quotas that hold begin in their table."""

    # -- the ban comes, changes and goes
    # -------------------------------------------------------------------------------------------

    def shut(self, quotas: tuple[int, ...]) -> None:
        """Hold what may not pass from now on: cargo that waits for a train, and trains under way
        when they come to a place that holds them."""
        trips = self._world.tables["trips"]
        self._is_shut = True
        self._first_trip = len(trips.rows) // len(trips.columns)
        self._passed_trips.clear()
        self._passed_consignments.clear()
        self.ease(quotas)
        for leg, stack in self._world.stacks.items():
            if self._leads_to_port(leg):
                self._empty(stack, leg)

    def ease(self, quotas: tuple[int, ...]) -> None:
        """Go on with other quotas."""
        self._close_rows()
        log, now = self._world.tables["quotas"], self._world.env.now
        for number, (meter, quota) in enumerate(zip(self.meters, quotas, strict=True)):
            self._rows.append(log.begin(self.number, number, quota, now, OPEN))
            meter.renew(quota)

    def open(self) -> None:
        """Let everything pass: the ban is lifted."""
        self._is_shut = False
        self._close_rows()
        for meter in self.meters:
            meter.clear()
        held, self._held = self._held, {}
        for passes in held.values():
            passes.succeed()
        for number in list(self._standing):
            self._let_in(number)

    def mark_passed(self, trips: frozenset[int]) -> None:
        """Take up a state: of the trains under way, whose trips come first, these have passed."""
        self._first_trip = len(self._world.network.initial.trains)
        self._passed_trips |= trips

    def mark_consignment(self, lot: Lot) -> None:
        """Take up a state: *lot* has passed."""
        self._passed_consignments.add(lot.consignment.id)

    def _close_rows(self) -> None:
        log = self._world.tables["quotas"]
        for row in self._rows:
            log.set(row, "end_s", self._world.env.now)
        self._rows = []

    # -- cargo on land
    # -------------------------------------------------------------------------------------------

    def closes(self, flow: FlowPlan, leg: tuple[int, int]) -> bool:
        """Return whether cargo of *flow* for *leg* may have to wait for the ban."""
        held = self._plan.meter_of[flow.code] != NOT_HELD
        return held and self._is_shut and self._leads_to_port(leg)

    def stops(self, lot: Lot, leg: tuple[int, int]) -> bool:
        """Have *lot* stand, unless it may pass; return whether it stands."""
        consignment = lot.consignment
        if not self.closes(consignment.flow, leg) or consignment.id in self._passed_consignments:
            return False
        meter = self._plan.meter_of[consignment.flow.code]
        if meter != NO_METER and self.meters[meter].passes(lot.units):
            self._note(meter, lot.units)
            return False
        self._stop(lot, leg, meter)
        return True

    def refuses(self, flow: FlowPlan, legs: Legs) -> bool:
        """Return whether new cargo would have to wait."""
        if not any(self.closes(flow, leg) for leg in legs):
            return False
        meter = self._plan.meter_of[flow.code]
        return meter == NO_METER or not self.meters[meter].is_open

    def admit(self, lot: Lot) -> None:
        """Count *lot*, which was created now and was not refused."""
        flow = lot.consignment.flow
        if not self._plan.refuses or not any(self.closes(flow, leg) for leg in lot.legs):
            return
        meter = self._plan.meter_of[flow.code]
        if meter != NO_METER and self.meters[meter].passes(lot.units):
            self._note(meter, lot.units)
            self._passed_consignments.add(lot.consignment.id)

    def _leads_to_port(self, leg: tuple[int, int]) -> bool:
        carrier, direction = leg
        leads = self._world.end_of(carrier, 1 - direction) == self._plan.port
        return leads and carrier not in self._by_sea

    def _empty(self, stack: Stack, leg: tuple[int, int]) -> None:
        """Have what lies in *stack* stand before the gate, where it may not pass."""
        lots = sorted(stack.lots(), key=lambda lot: lot.sequence)
        lots = [lot for lot in lots if self.closes(lot.consignment.flow, leg)]
        stack.withdraw(lots, self._world.env.now)
        for lot in lots:
            self._world.book_stay(lot, stack.activity, stack.place, stack.code)
            if not self.stops(lot, leg):
                stack.put(lot, self._world.env.now)

    def _stop(self, lot: Lot, leg: tuple[int, int], meter: int) -> None:
        world = self._world
        self._standing[lot.id] = lot
        resource = world.resource_before(leg)
        world.set_aside(lot, Activity.WAIT_EMBARGO, world.end_of(*leg), resource)
        if meter != NO_METER:
            self.meters[meter].ask(lot.units, partial(self._pass, lot.id, meter))

    def _pass(self, number: int, meter: int) -> None:
        self._note(meter, self._standing[number].units)
        self._let_in(number)

    def _let_in(self, number: int) -> None:
        lot = self._standing.pop(number)
        self._world.take_back(lot)
        self._journeys.lay_down(lot, after=self.number)

    # -- trains under way
    # -------------------------------------------------------------------------------------------

    def holds(self, trip: Trip) -> simpy.Event | None:
        """Return the event for which the train of *trip* has to wait; None: it may pass."""
        if not self._is_shut or trip.id >= self._first_trip or trip.id in self._passed_trips:
            return None
        needed: Counter[int] = Counter()
        for lot in trip.lots:
            meter = self._plan.meter_of[lot.consignment.flow.code]
            if meter != NOT_HELD:
                needed[meter] += lot.units
        if not needed:
            return None
        passes = self._world.env.event()
        self._held[trip.id] = passes
        # What passes no meter comes first: it waits, and uses up no quota of the rest.
        self._ask(trip.id, sorted(needed.items()))
        return None if passes.triggered else passes

    def has_passed(self, trip: Trip) -> bool:
        """Return whether the train of *trip* has passed the ban that is on, or began after it."""
        return self._is_shut and (trip.id >= self._first_trip or trip.id in self._passed_trips)

    def _ask(self, trip: int, needed: list[tuple[int, int]]) -> None:
        """Ask for the quotas that a train needs, one after the other."""
        if not needed:
            self._passed_trips.add(trip)
            self._held.pop(trip).succeed()
            return
        (meter, units), *rest = needed
        if meter == NO_METER:
            return

        def passed() -> None:
            self._note(meter, units)
            self._ask(trip, rest)

        self.meters[meter].ask(units, passed, first=True)

    def _note(self, meter: int, units: int) -> None:
        log = self._world.tables["passes"]
        log.add(log.row(self.number, meter, units, self._world.env.now))
