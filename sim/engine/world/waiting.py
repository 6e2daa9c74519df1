"""Waits whose end nobody knows beforehand; the row in the log is closed when they end."""

from __future__ import annotations

import simpy

from sim.engine.kernel.process import ProcessGenerator
from sim.engine.world.lots import Trip
from sim.engine.world.world import World
from sim.log import NONE, OPEN, Activity


def wait_for(world: World, granted: simpy.Event | None, *what: int) -> ProcessGenerator:
    """Wait until *granted*, if there is anything to wait for.

    Parameters
    ----------
    what
        ``vehicle, trip, activity, place, resource`` of the row in the vehicle log.
    """
    if granted is None:
        return
    log, env = world.tables["vehicle_log"], world.env
    row = len(log.rows)
    log.add(log.row(*what, env.now, OPEN))
    yield granted
    log.rows[row + log.offset["end_s"]] = env.now


def wait_for_room(world: World, trip: Trip, place: int, resource: int = NONE) -> ProcessGenerator:
    """Wait until the stacks have room for all that is aboard: a full stack stops unloading.

    The wait is booked on *resource* (the berth that is held meanwhile), or else on the stack that
    is full.
    """
    for room, units, stack in world.rooms_for(trip.lots):
        free = world.env.event()
        if not room.take(units, free.succeed):
            at = stack if resource == NONE else resource
            yield from wait_for(world, free, trip.vehicle, trip.id, Activity.WAIT_ROOM, place, at)
