"""One replication: build a world, let it run, close the books, check them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
from simpy.events import URGENT

from sim.engine.audit import gridlock, laws
from sim.engine.audit.end_state import end_state
from sim.engine.cargo import disruption, embargo, equipment, initial, routing
from sim.engine.cargo.demand import Births, draw_births
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.land import road, trains
from sim.engine.sea import vessel
from sim.engine.world.world import World
from sim.log import NONE, OPEN, Activity, Columns, RunFacts, RunLog, close
from sim.network.parts import Network
from sim.streams import Streams
from sim.units import Seconds


def simulate(network: Network, *, seed: int = 1, replication: int = 0) -> RunLog:
    """Run one replication of *network* and return its audited log.

    Raises
    ------
    InvariantError
        The books do not balance; a defect of the simulator.
    """
    with _without_collector():
        return _simulate(World(network, Streams(seed, replication)))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from looking for circles of garbage: what a run drops is freed by count, and a
    year has millions."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _simulate(world: World) -> RunLog:
    network = world.network
    # Who takes cargo comes before cargo, and cargo before the vessels that leave with what is
    # there.
    vessel.open_quays(world)
    for part in (routing, embargo, road, trains, equipment, initial, vessel, disruption):
        part.start(world)
    if network.room or network.equipment:
        Process(world.env, gridlock.watch(world))
    for begins_s, era in network.eras:
        # Before everything else of that second.
        dawn = world.env.event()
        dawn._ok, dawn._value = True, None
        world.env.schedule(dawn, URGENT, delay=begins_s)
        dawn.callbacks.append(partial(_begin_era, world, era))
    start_day = date.fromisoformat(network.start_date)
    for flow in network.flows:
        births = draw_births(network, flow.code, world.streams, (start_day, world.latest_end_s))
        Process(world.env, _bear_all(world, flow.code, births))
    world.env.run(until=world.stop_event())
    facts = RunFacts(
        start_date=network.start_date,
        warmup_s=network.warmup_s,
        window_end_s=network.window_end_s,
        end_s=world.env.now,
        seed=world.streams.seed,
        replication=world.streams.replication,
        events=world.events(),
    )
    log = _close_books(world, facts)
    residual = laws.check(log, laws.count(world))
    return replace(log, facts=replace(facts, audit_residual=residual))


def _begin_era(world: World, era: Network, _dawn: object) -> None:
    """Change the numbers on their date."""
    world.adopt(era)


def _bear_all(world: World, flow: int, births: Births) -> ProcessGenerator:
    """Bring the consignments of a flow into the world at their times."""
    env = world.env
    for at_s, units, way in zip(births.at_s, births.units, births.way, strict=True):
        if at_s > env.now:
            yield at_s - env.now
        world.bear(flow, units, way)


def _close_books(world: World, facts: RunFacts) -> RunLog:
    """Freeze the log at the end of the run; what still waits in a stack gets an open stay."""
    network, end_s = world.network, facts.end_s
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
    for lot in world.unequipped.values():
        flow = lot.consignment.flow
        code = network.equipment[flow.equipment].resources[flow.origin]
        world.book_stay(lot, Activity.WAIT_EQUIPMENT, flow.origin, code, OPEN)
    shut, totals, fleets = (world.tables[name] for name in ("closures", "flow_totals", "fleets"))
    for place, closures in world.facilities.storms.items():
        for start_s, open_s in closures.intervals:
            shut.add(shut.row(place, NONE, start_s, open_s))
    for (place, vessel_class), spells in network.series.items():
        for start_s, open_s in spells:
            shut.add(shut.row(place, vessel_class, start_s, open_s))
    for code, inside in enumerate(world.inside()):
        totals.add(totals.row(code, world.born[code], world.delivered[code], inside))
    for code, pool in enumerate(world.rules.pools):
        fleets.add(fleets.row(code, pool.fleet))
    state = end_state(world)
    tables = {name: table.by_column() for name, table in world.tables.items()}
    tables["vehicle_log"] = close(tables["vehicle_log"], end_s)
    for name in ("closures", "outages", "embargoes", "duties"):
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


def _close_holds(holds: Columns, end_s: Seconds) -> Columns:
    """Close the resource log: a hold that would begin later is still waited for, one that ends
    later is open."""
    holds = holds.where(holds["asked_s"] < end_s)
    start = np.where(holds["start_s"] >= end_s, OPEN, holds["start_s"])
    end = np.where((holds["end_s"] > end_s) | (start == OPEN), OPEN, holds["end_s"])
    return holds.with_(start_s=start, end_s=end)
