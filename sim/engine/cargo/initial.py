"""Where things stand when the run begins: stocks, trains under way, cargo of vessels at sea."""

from __future__ import annotations

from collections.abc import Iterable

from sim.engine.cargo.journeys import Journeys
from sim.engine.world.lots import Legs, Lot
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import FlowPlan


def start(world: World, journeys: Journeys) -> None:
    """Lay down the stocks and let the trains go on; vessels go to sea with their own cargo."""
    dwelling = world.handover.dwelling
    for code, units, place, equipped, released, ready_in_s in world.network.initial.stocks:
        flow = world.network.flows[code]
        legs, leg = _way_from(world, flow, place)
        lot = journeys.new_consignment(flow, units, legs)
        world.there_at_start[code] += units
        lot.leg = leg
        if flow.equipment != NONE and not equipped:
            world.handover.pools[flow.equipment].equip(lot)
            continue
        _count_equipment(world, flow, units)
        if dwelling is not None:
            dwelling.preset(lot, ready_in_s)
        if released:
            for gate in world.handover.gates:
                gate.mark_consignment(lot)
        journeys.set_out(lot)
    for carrier, direction, link, arrives_in_s, cargo in world.network.initial.trains:
        lots = lots_aboard(world, journeys, cargo, (carrier, direction))
        world.handover.dispatchers[carrier, direction].resume(lots, link, arrives_in_s)


def lots_aboard(
    world: World, journeys: Journeys, cargo: Iterable[tuple[int, int]], leg: tuple[int, int]
) -> list[Lot]:
    """Return the lots that a vehicle carries on *leg* at the start; they are created then.

    Parameters
    ----------
    cargo
        ``(flow, units)``.
    """
    lots = []
    for code, units in cargo:
        flow = world.network.flows[code]
        legs = next(way.legs for way in flow.ways if leg in way.legs)
        lot = journeys.new_consignment(flow, units, legs)
        world.there_at_start[code] += units
        lot.leg = legs.index(leg)
        _count_equipment(world, flow, units)
        lots.append(lot)
    return lots


def _count_equipment(world: World, flow: FlowPlan, units: int) -> None:
    """Count the items under cargo that is there at the start: they come on top of the idle ones."""
    if flow.equipment != NONE:
        world.handover.pools[flow.equipment].of_initial_cargo += units


def _way_from(world: World, flow: FlowPlan, place: int) -> tuple[Legs, int]:
    """Return the first way of *flow* that passes *place*, and the leg that begins there.

    Raises
    ------
    ValueError
        No way does.
    """
    for way in flow.ways:
        for number, leg in enumerate(way.legs):
            if world.end_of(*leg) == place:
                return way.legs, number
    raise ValueError(place)
