"""Closing the books: everything that is still open at the end of the run is booked, the log is
frozen."""

from __future__ import annotations

import numpy as np

from sim.engine.audit.end_state import end_state
from sim.engine.world.world import World
from sim.log import NONE, OPEN, Activity, Columns, RunFacts, RunLog, close
from sim.units import Seconds


def close_books(world: World, facts: RunFacts) -> RunLog:
    """Return the log of *world*, closed at the end of the run."""
    network, end_s = world.network, facts.end_s
    _book_open_stays(world)
    _book_closures(world)
    _book_totals(world)
    state = end_state(world)
    tables = {name: table.by_column() for name, table in world.tables.items()}
    for name in ("vehicle_log", "closures", "outages", "embargoes", "quotas", "duties"):
        tables[name] = close(tables[name], end_s)
    tables["resource_log"] = _close_holds(tables["resource_log"], end_s)
    return RunLog(
        facts=facts,
        names=network.names,
        flows=network.flow_facts,
        resources=network.resources,
        carriers=network.carriers,
        tables=tables,
        state=state,
        charges=network.charges,
    )


def _book_open_stays(world: World) -> None:
    """Book the stay of all cargo that is not on board: it goes on."""
    network = world.network
    for stack in world.stacks.values():
        for lot in stack.lots():
            world.book_stay(lot, stack.activity, stack.place, stack.code, OPEN)
    for lot in world.outside.values():
        stack = world.stacks[lot.legs[lot.leg]]
        world.book_stay(lot, Activity.WAIT_ROOM, stack.place, stack.code, OPEN)
    for lot in world.held.values():
        leg = lot.legs[lot.leg]
        code = network.names.resource.index(network.carriers[leg[0]].id)
        world.book_stay(lot, Activity.WAIT_EMBARGO, world.end_of(*leg), code, OPEN)
    for lot, activity, place, resource in world.aside.values():
        world.book_stay(lot, activity, place, resource, OPEN)
    for lot in world.unequipped.values():
        flow = lot.consignment.flow
        code = network.equipment[flow.equipment].resources[flow.origin]
        world.book_stay(lot, Activity.WAIT_EQUIPMENT, flow.origin, code, OPEN)


def _book_closures(world: World) -> None:
    """Book when ports were shut: by storms, and for a class of vessels by wind or wave."""
    table = world.tables["closures"]
    for place, closures in world.facilities.storms.items():
        for start_s, open_s in closures.intervals:
            table.add(table.row(place, NONE, start_s, open_s))
    for (place, vessel_class), spells in world.network.series.items():
        for start_s, open_s in spells:
            table.add(table.row(place, vessel_class, start_s, open_s))


def _book_totals(world: World) -> None:
    """Book the engine's own counts of units and of equipment."""
    totals, fleets = world.tables["flow_totals"], world.tables["fleets"]
    for code, inside in enumerate(world.inside()):
        totals.add(totals.row(code, world.created[code], world.delivered[code], inside))
    for code, pool in enumerate(world.handover.pools):
        fleets.add(fleets.row(code, pool.fleet))


def _close_holds(holds: Columns, end_s: Seconds) -> Columns:
    """Close the resource log.

    A hold that would begin after the end is still waited for, and one that would end then is open.
    """
    holds = holds.where(holds["asked_s"] < end_s)
    start = np.where(holds["start_s"] >= end_s, OPEN, holds["start_s"])
    end = np.where((holds["end_s"] > end_s) | (start == OPEN), OPEN, holds["end_s"])
    return holds.with_(start_s=start, end_s=end)
