"""Equipment: wagons, platforms and containers that are idle somewhere, under cargo, or being
readied for the next."""

from __future__ import annotations

from collections import deque

from sim.engine.cargo.journeys import Journeys
from sim.engine.world.lots import Lot
from sim.engine.world.world import World
from sim.log import NONE, Activity
from sim.network.parts import EquipmentPlan, FlowPlan, Network, SurplusPlan


def start(world: World, journeys: Journeys) -> None:
    """Lay out every fleet."""
    pools = [
        EquipmentPool(world, journeys, number, plan)
        for number, plan in enumerate(world.network.equipment)
    ]
    world.handover.pools = pools
    for pool in pools:
        pool.send_surplus()
    for pool in pools:
        world.on_change.append(pool.adopt)


class EquipmentPool:
    """One fleet of equipment. What waits for it goes by (priority, arrival) and takes what there
    is."""

    def __init__(self, world: World, journeys: Journeys, number: int, plan: EquipmentPlan) -> None:
        self._world = world
        self._journeys = journeys
        self._number = number
        self._plan = plan
        self._dwell_s = world.streams.draws(plan.dwell, f"dwell/{plan.id}")
        self._waiting: dict[int, dict[int, deque[Lot]]] = {place: {} for place in plan.idle}
        """By place and priority."""
        self.idle = dict.fromkeys(plan.idle, 0)
        """Items by place."""
        self.dwelling = dict.fromkeys(plan.idle, 0)
        """Items that are being readied, by place."""
        self.of_initial_cargo = 0
        """Items under the cargo that was there at the start."""
        self._takers: dict[int, int] = {}
        """By place, the flow that takes surplus items away."""
        for flow in world.network.flows:
            if flow.equipment == number and isinstance(flow.arrivals, SurplusPlan):
                self._takers[flow.origin] = flow.code
        for place, items in plan.idle.items():
            self._change_idle(place, items)

    @property
    def fleet(self) -> int:
        """Items there are."""
        return sum(self._plan.idle.values()) + self.of_initial_cargo

    def equip(self, lot: Lot) -> None:
        """Let *lot* set out with as many items as there are; the rest waits."""
        self._world.unequipped[lot.id] = lot
        self._stand_in_line(lot)
        self._serve(lot.consignment.flow.origin)

    def release(self, flow: FlowPlan, units: int) -> None:
        """Take the items of delivered units back: idle at the destination after their dwell."""
        place = self._world.place_of_destination(flow)
        self.dwelling[place] += units
        dwell_s = next(self._dwell_s)
        if dwell_s:
            timer = self._world.env.pause(dwell_s)
            timer.callbacks.append(lambda _: self._become_idle(place, units))
        else:
            self._become_idle(place, units)

    def adopt(self, network: Network) -> None:
        """Go on by new numbers: cargo waits by the new priorities, and less may have to stay."""
        del network
        self._waiting = {place: {} for place in self._plan.idle}
        for lot in self._world.unequipped.values():
            if lot.consignment.flow.equipment == self._number:
                self._stand_in_line(lot)
        self.send_surplus()

    def send_surplus(self) -> None:
        """Send off what is idle beyond what is to be kept, everywhere."""
        for place in self.idle:
            self._send_surplus_of(place)

    def _become_idle(self, place: int, items: int) -> None:
        self.dwelling[place] -= items
        self._change_idle(place, items)
        self._serve(place)
        self._send_surplus_of(place)

    def _change_idle(self, place: int, items: int, flow: int = NONE) -> None:
        self.idle[place] += items
        if items:
            book = self._world.tables["equipment"]
            book.add(book.row(self._number, place, flow, self._world.env.now, items))

    def _stand_in_line(self, lot: Lot) -> None:
        """Put *lot* behind what waits with the priority that its flow has now."""
        flow = self._world.network.flows[lot.consignment.flow.code]
        self._waiting[flow.origin].setdefault(flow.priority, deque()).append(lot)

    def _serve(self, place: int) -> None:
        """Give idle items to what waits."""
        waiting = self._waiting[place]
        for priority in sorted(waiting):
            queue = waiting[priority]
            while queue and self.idle[place]:
                lot = queue[0]
                if lot.units <= self.idle[place]:
                    queue.popleft()
                    del self._world.unequipped[lot.id]
                else:
                    lot = self._world.part(lot, self.idle[place])
                self._change_idle(place, -lot.units, lot.consignment.flow.code)
                self._world.book_stay(
                    lot, Activity.WAIT_EQUIPMENT, place, self._plan.resources[place]
                )
                self._journeys.set_out(lot)

    def _send_surplus_of(self, place: int) -> None:
        if place not in self._takers:
            return
        flow = self._world.network.flows[self._takers[place]]
        if not isinstance(flow.arrivals, SurplusPlan):
            raise TypeError(flow.id)
        surplus = self.idle[place] - flow.arrivals.above
        if surplus > 0:
            self._journeys.return_surplus(flow, surplus)
