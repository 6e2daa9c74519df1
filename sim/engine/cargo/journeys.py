"""Journeys of cargo: created, set out, handed over from carrier to carrier, delivered.

Trains, vessels and trucks carry; between them cargo moves on through `Journeys` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

from sim.engine.cargo.cohort import Cohort
from sim.engine.world.lots import Consignment, Legs, Lot, Room, Trip
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import FlowPlan, Network, ReturnsPlan, SurplusPlan


class Journeys:
    """What happens to cargo from its creation to its delivery."""

    receive: Callable[[Lot], object]
    """Takes a lot which has come to where its next leg begins: it dwells there, or is ready."""

    def __init__(self, world: World, cohort: Cohort) -> None:
        self._world = world
        self._env = world.env
        self._handover = world.handover
        self._admit, self._remove = cohort.admit, cohort.remove
        network, streams = world.network, world.streams
        self._followers = _followers(network)
        self._carried_over = [0.0] * len(network.flows)
        """By flow, the fraction of a unit that is still to return."""
        self._return_after = {}
        self._ways: dict[int, Iterator[float]] = {}
        """By flow that returns or takes surplus back, the random numbers that choose its ways."""
        for flow in network.flows:
            if isinstance(flow.arrivals, ReturnsPlan):
                after = streams.draws(flow.arrivals.after, f"returns/{flow.id}")
                self._return_after[flow.code] = after
                self._ways[flow.code] = streams.uniforms(f"way/{flow.id}")
        self._number_consignment = count().__next__
        # Bound once: a year has millions of these.
        self._stacks = world.stacks
        self._rooms = world.rooms
        self._part = world.part
        self._room_of = world.room_of
        consignments, deliveries = world.tables["consignments"], world.tables["deliveries"]
        self._add_consignment, self._consignment = consignments.add, consignments.row
        self._add_delivery, self._delivery = deliveries.add, deliveries.row
        self.receive = self._receive

    def skip_what_is_off(self) -> None:
        """Leave out, from now on, the steps of rules that nobody has registered before the run
        begins: millions of lots pass them."""
        if self._handover.dwelling is None:
            self.receive = self.lay_down if self._handover.gates else self._put_down

    # -- creation
    # -------------------------------------------------------------------------------------------

    def create(self, code: int, units: int, way: float) -> None:
        """Create a consignment of a flow, unless an embargo turns it away.

        Parameters
        ----------
        way
            Chooses its itinerary, in [0, 1).
        """
        flow = self._world.network.flows[code]
        legs = _choose(flow, way) if len(flow.ways) > 1 else flow.ways[0].legs
        if self._handover.refusals and self._is_refused(flow, legs):
            refusals = self._world.tables["refusals"]
            refusals.add(refusals.row(code, units, self._env.now))
            self._world.refused[code] += units
            return
        lot = self.new_consignment(flow, units, legs, way)
        for gate in self._handover.gates:
            gate.admit(lot)
        if flow.equipment == NONE:
            self.set_out(lot)
        else:
            self._handover.pools[flow.equipment].equip(lot)

    def new_consignment(
        self, flow: FlowPlan, units: int, legs: Legs, mark: float | None = None
    ) -> Lot:
        """Book a consignment that is created now, and return it as one lot.

        Parameters
        ----------
        mark
            What names the streams of what is drawn for it later; default: its number.
        """
        now, world = self._env.now, self._world
        number = self._number_consignment()
        if mark is None:
            mark = float(number)
        consignment = Consignment(number, flow, now, mark)
        consignment.in_cohort = self._admit(units, now)
        self._add_consignment(self._consignment(number, flow.code, units, now))
        world.created[flow.code] += units
        return world.new_lot(consignment, units, legs)

    def _is_refused(self, flow: FlowPlan, legs: Legs) -> bool:
        """Return whether an embargo turns a consignment away: on its way, or on every way if it may
        choose."""
        if isinstance(flow.arrivals, SurplusPlan):
            # Equipment that goes back would be lost; it waits.
            return False
        ways = [way.legs for way in flow.ways] if flow.by_time else [legs]
        refusals = self._handover.refusals
        return all(any(refuses(flow, way) for refuses in refusals) for way in ways)

    # -- setting out
    # -------------------------------------------------------------------------------------------

    def set_out(self, lot: Lot) -> None:
        """Put *lot* where its journey begins, as far as there is room."""
        lot.since_s = self._env.now
        if self._handover.router is not None:
            self.choose_way(lot, lot.leg)
        room = self._room_of(lot, lot.leg) if self._rooms else None
        if room is None:
            self.receive(lot)
            return
        while lot.units > room.limit:
            self._enter(self._part(lot, room.limit), room)
        self._enter(lot, room)

    def _enter(self, lot: Lot, room: Room) -> None:
        """Let *lot* into its first stack, or have it wait outside until there is room."""
        world = self._world

        def come_in() -> None:
            del world.outside[lot.id]
            stack = self._stacks[lot.legs[lot.leg]]
            world.book_stay(lot, Activity.WAIT_ROOM, stack.place, stack.code)
            self.receive(lot)

        if room.take(lot.units, come_in):
            self.receive(lot)
        else:
            world.outside[lot.id] = lot

    def choose_way(self, lot: Lot, leg: int) -> None:
        """Let *lot*, if it goes by the queues it sees, choose its way from *leg* on."""
        router = self._handover.router
        if router is not None and lot.consignment.flow.by_time:
            router.choose(lot, leg)

    # -- on the way
    # -------------------------------------------------------------------------------------------

    def _receive(self, lot: Lot) -> None:
        """Take *lot* as `receive` says, with the rules of all scenarios."""
        dwelling = self._handover.dwelling
        if dwelling is None or not dwelling.takes(lot):
            self.lay_down(lot)

    def lay_down(self, lot: Lot, after: int = NONE) -> None:
        """Put *lot*, which is ready, into the stack of its next leg or on the road, unless a ban
        stops it.

        Parameters
        ----------
        after
            Number of the last ban that it has passed.
        """
        leg = lot.legs[lot.leg]
        for gate in self._handover.gates:
            if gate.number > after and gate.stops(lot, leg):
                return
        self._put_down(lot)

    def _put_down(self, lot: Lot) -> None:
        """Put *lot*, which no ban with a gate stops, into the stack of its next leg or on the
        road."""
        leg = lot.legs[lot.leg]
        stack = self._stacks.get(leg)
        if stack is not None:
            stack.put(lot, self._env.now)
            return
        lot.since_s = self._env.now
        if self._handover.banned and self._world.is_banned(lot.consignment.flow.unit, *leg):
            self._world.held[lot.id] = lot
        else:
            self._drive(lot, leg)

    def _drive(self, lot: Lot, leg: tuple[int, int]) -> None:
        """Send *lot* over a road; each unit has a truck, and goes on by itself from then on."""
        drive = self._handover.roads[leg[0]]
        while lot.units > 1:
            drive(self._part(lot, 1), leg[1])
        drive(lot, leg[1])

    def depart(
        self, vehicle: int, leg: tuple[int, int], lots: list[Lot], fill: tuple[int, int, int]
    ) -> Trip:
        """Commit *lots* to a train or vessel on *leg*; `World.begin_trip` explains *fill*."""
        if self._handover.router is not None:
            self._handover.router.note_departure(leg)
        return self._world.begin_trip(vehicle, leg, lots, fill)

    def arrive(self, lots: list[Lot]) -> None:
        """Let *lots*, whose leg is done, choose where to go next, before room for them is
        sought."""
        if self._handover.router is not None:
            for lot in lots:
                self.choose_way(lot, lot.leg + 1)

    def unload(self, trip: Trip) -> None:
        """End *trip*; its cargo, for which there is room, moves on.

        Each lot goes to the next stack, on the road or to the consignee.
        """
        self._world.end_trip(trip)
        for lot in trip.lots:
            lot.leg += 1
            if lot.leg == len(lot.legs):
                self._deliver(lot)
            else:
                self.receive(lot)

    def release_held(self) -> None:
        """Send off what an embargo kept from the road and does no more."""
        world = self._world
        for lot in list(world.held.values()):
            leg = lot.legs[lot.leg]
            if not world.is_banned(lot.consignment.flow.unit, *leg):
                del world.held[lot.id]
                road = world.network.carriers[leg[0]].id
                code = world.network.names.resource.index(road)
                world.book_stay(lot, Activity.WAIT_EMBARGO, world.end_of(*leg), code)
                lot.since_s = self._env.now
                self._drive(lot, leg)

    # -- delivery and the way back
    # -------------------------------------------------------------------------------------------

    def _deliver(self, lot: Lot) -> None:
        now, consignment = self._env.now, lot.consignment
        flow = consignment.flow
        self._add_delivery(
            self._delivery(lot.id, consignment.id, flow.code, lot.units, consignment.created_s, now)
        )
        self._world.delivered[flow.code] += lot.units
        if flow.equipment != NONE:
            self._handover.pools[flow.equipment].release(flow, lot.units)
        for follower in self._followers[flow.code]:
            self._return(follower, lot.units)
        if consignment.in_cohort:
            self._remove(lot.units)

    def _return(self, code: int, units: int) -> None:
        """Send a share of delivered units back as flow *code*.

        Fractions are carried over, so the share is exact in the long run.
        """
        arrivals = self._world.network.flows[code].arrivals
        if not isinstance(arrivals, ReturnsPlan):
            raise TypeError(code)
        due = self._carried_over[code] + units * arrivals.share
        # 1e-9 forgives the sum of fractions.
        whole = int(due + 1e-9)
        self._carried_over[code] = due - whole
        if whole:
            timer = self._env.pause(next(self._return_after[code]))
            way = next(self._ways[code])
            timer.callbacks.append(lambda _: self.create(code, whole, way))

    def return_surplus(self, flow: FlowPlan, items: int) -> None:
        """Send idle equipment back as *flow*."""
        if flow.code not in self._ways:
            self._ways[flow.code] = self._world.streams.uniforms(f"way/{flow.id}")
        self.create(flow.code, items, next(self._ways[flow.code]))


def _followers(network: Network) -> list[list[int]]:
    """Return, by flow code, the codes of the flows that return from it."""
    followers: list[list[int]] = [[] for _ in network.flows]
    for flow in network.flows:
        if isinstance(flow.arrivals, ReturnsPlan):
            followers[flow.arrivals.flow].append(flow.code)
    return followers


def _choose(flow: FlowPlan, way: float) -> Legs:
    """Return the legs of the way in whose share of [0, 1) *way* falls."""
    for option in flow.ways:
        way -= option.share
        if way < 0:
            return option.legs
    return flow.ways[-1].legs
