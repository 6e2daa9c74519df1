"""Diversion: when a disruption begins, cargo that waits may choose its way anew."""

from __future__ import annotations

from functools import partial

from sim.engine.cargo.journeys import Journeys
from sim.engine.world.handover import Router
from sim.engine.world.world import World
from sim.network.parts import Crossing, Network, OutagePlan, SeaLine, TrainLine


def start(world: World, journeys: Journeys) -> None:
    """Divert cargo at the beginning of every outage that wants it."""
    if world.handover.router is not None:
        world.facilities.outages.on_begin.append(partial(_divert_around, world, journeys))


def _divert_around(world: World, journeys: Journeys, plan: OutagePlan) -> None:
    router = world.handover.router
    if plan.diverts and router is not None:
        for leg in _legs_over(world.network, plan):
            _divert(world, journeys, router, leg)


def _divert(world: World, journeys: Journeys, router: Router, leg: tuple[int, int]) -> None:
    """Let what waits for *leg* choose its way anew, where it has a choice.

    It leaves the stack only for one that shares its room, or where no room is limited.
    """
    stack = world.stacks.get(leg)
    if stack is None:
        return
    diverted = []
    for lot in sorted(stack.lots(), key=lambda lot: lot.sequence):
        if not lot.consignment.flow.by_time:
            continue
        before = lot.legs
        router.choose(lot, lot.leg)
        if lot.legs[lot.leg] == leg:
            continue
        if world.room_of(lot, lot.leg) is not world.room_on(leg, lot.consignment.flow.unit):
            # Room elsewhere is not at once to be had: it stays where it is.
            lot.legs = before
            continue
        diverted.append(lot)
    stack.withdraw(diverted, world.env.now)
    for lot in diverted:
        world.book_stay(lot, stack.activity, stack.place, stack.code)
        journeys.lay_down(lot)


def _legs_over(network: Network, plan: OutagePlan) -> list[tuple[int, int]]:
    """Return the legs that pass what is out."""
    legs = []
    for line in network.trains:
        legs += [
            (line.carrier, direction)
            for direction in (0, 1)
            if plan.code in _passed_by_train(line, direction, plan.kind)
        ]
    for service in network.services:
        if plan.code in _used_by_service(service, plan.kind):
            legs += [(service.carrier, 0), (service.carrier, 1)]
    return legs


def _passed_by_train(line: TrainLine, direction: int, kind: str) -> set[int]:
    """Return the codes of one kind of disruption that trains of *line* pass or use."""
    if kind == "port":
        return set(line.ends)
    codes = set()
    for link in line.links[direction]:
        if isinstance(link, Crossing):
            by_kind = {"border": link.resource}
        else:
            by_kind = {"section": link.section, "locomotives": link.pool}
        if kind in by_kind:
            codes.add(by_kind[kind])
    return codes


def _used_by_service(service: SeaLine, kind: str) -> set[int]:
    """Return the codes of one kind of disruption that vessels of *service* use."""
    match kind:
        case "service":
            return {service.carrier}
        case "port":
            return set(service.ends)
        case "berths":
            return set().union(*(part.berths for part in service.fleet))
    return set()
