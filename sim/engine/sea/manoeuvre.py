"""Manoeuvres: a vessel comes alongside, or leaves its berth, with tugs, pilots and channels."""

from __future__ import annotations

from sim.engine.kernel.process import ProcessGenerator
from sim.engine.sea.duty import Duty, Help
from sim.engine.world.waiting import wait_for
from sim.engine.world.world import World
from sim.log import Activity

IN, OUT = 0, 1
"""Which way a vessel moves: to its berth, or from it."""


def manoeuvre(
    world: World, duty: Duty, vessel: int, trip: int, where: tuple[int, int]
) -> ProcessGenerator:
    """Wait for each pool of a port in turn, then let the times with them pass in reverse order.

    The first is so kept longest: while the others are waited for and used. Each is given back when
    its own time is over.

    Parameters
    ----------
    where
        The end of the service, and `IN` or `OUT`.
    """
    end, way = where
    place, log = duty.line.ends[end], world.tables["vehicle_log"]
    held: list[tuple[Help, int, int]] = []
    for help_ in duty.helps[end]:
        use = help_.use
        servers = use.servers[way]
        if not servers:
            continue
        priority = 2 * duty.line.priority + use.ranks[way]
        hold, granted = help_.pool.take_several(vessel, servers, priority)
        # A date may change how many are needed before they are given back.
        held.append((help_, hold, servers))
        yield from wait_for(world, granted, vessel, trip, Activity.WAIT_POOL, place, use.resource)
    for help_, hold, servers in reversed(held):
        time_s = help_.time_s[way].next()
        if time_s:
            now = world.env.now
            resource = help_.use.resource
            log.add(log.row(vessel, trip, Activity.MANOEUVRE, place, resource, now, now + time_s))
            yield time_s
        help_.pool.give_several(hold, servers)
