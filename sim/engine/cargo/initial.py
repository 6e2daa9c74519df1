"""Where things stand when the run begins: stocks, trains under way, cargo of vessels at sea."""

from __future__ import annotations

from collections.abc import Iterable

from sim.engine.world.lots import Legs, Lot
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import FlowPlan


def start(world: World) -> None:
    """Lay down the stocks and let the trains go on; vessels are set to sea with theirs."""
    for code, units, place, equipped in world.network.initial.stocks:
        flow = world.network.flows[code]
        legs, leg = _at(world, flow, place)
        lot = world.new_consignment(flow, units, legs)
        lot.leg = leg
        if flow.equipment != NONE and not equipped:
            world.rules.pools[flow.equipment].equip(lot)
            continue
        _equip(world, flow, units)
        world.set_out(lot)
    for carrier, direction, link, arrives_in_s, cargo in world.network.initial.trains:
        lots = lots_aboard(world, cargo, (carrier, direction))
        world.rules.dispatchers[carrier, direction].go_on(lots, link, arrives_in_s)


def lots_aboard(world: World, cargo: Iterable[tuple[int, int]], leg: tuple[int, int]) -> list[Lot]:
    """Return the lots that a vehicle carries on *leg* at the start, born then."""
    lots = []
    for code, units in cargo:
        flow = world.network.flows[code]
        legs = next(way.legs for way in flow.ways if leg in way.legs)
        lot = world.new_consignment(flow, units, legs)
        lot.leg = legs.index(leg)
        _equip(world, flow, units)
        lots.append(lot)
    return lots


def _equip(world: World, flow: FlowPlan, units: int) -> None:
    """Count the items under cargo that is there at the start: they come on top of the idle ones."""
    if flow.equipment != NONE:
        world.rules.pools[flow.equipment].of_initial_cargo += units


def _at(world: World, flow: FlowPlan, place: int) -> tuple[Legs, int]:
    """Return the first way of *flow* that passes *place*, and the leg that begins there."""
    for way in flow.ways:
        for number, leg in enumerate(way.legs):
            if world.end_of(*leg) == place:
                return way.legs, number
    raise ValueError(place)
