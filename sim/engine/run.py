"""One replication: build a world, let it run, close the books, check them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from simpy.events import URGENT

from sim.engine.audit import books, gridlock, laws
from sim.engine.audit.counters import count
from sim.engine.cargo import demand, diversion, dwell, embargo, equipment, initial, routing
from sim.engine.cargo.cohort import Cohort
from sim.engine.cargo.journeys import Journeys
from sim.engine.kernel.process import Process
from sim.engine.land import road, trains
from sim.engine.sea import fleets
from sim.engine.sea.quay import open_quays
from sim.engine.world import disruption
from sim.engine.world.world import World
from sim.log import RunFacts, RunLog
from sim.network.parts import Network
from sim.streams import Streams


def simulate(network: Network, *, seed: int = 1, replication: int = 0) -> RunLog:
    """Run one replication of *network* and return its audited log.

    Raises
    ------
    InvariantError
        The books do not balance; a defect of the simulator.
    GridlockError
        Vehicles wait for each other in a circle.
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
    cohort = Cohort(world.env, world.network)
    _start(world, Journeys(world, cohort))
    world.env.run_to(cohort.end_of_run())
    if _can_lock(world.network):
        gridlock.look(world)
    facts = RunFacts(
        start_date=world.network.start_date,
        warmup_s=world.network.warmup_s,
        window_end_s=world.network.window_end_s,
        end_s=world.env.now,
        seed=world.streams.seed,
        replication=world.streams.replication,
        events=world.events(),
    )
    log = books.close_books(world, facts)
    residual = laws.check(log, count(world))
    return replace(log, facts=replace(facts, audit_residual=residual))


def _start(world: World, journeys: Journeys) -> None:
    """Set up everybody who acts.

    Whoever takes cargo comes before cargo, and cargo before the vessels that leave with what is
    there.
    """
    network = world.network
    quays = open_quays(world)
    routing.start(world)
    diversion.start(world, journeys)
    dwell.start(world, journeys)
    embargo.start(world, journeys)
    road.start(world, journeys)
    trains.start(world, journeys)
    equipment.start(world, journeys)
    initial.start(world, journeys)
    fleets.start(world, journeys, quays)
    disruption.start(world)
    if _can_lock(network):
        Process(world.env, gridlock.watch(world))
    for begins_s, era in network.eras:
        _adopt_at(world, begins_s, era)
    journeys.skip_what_is_off()
    demand.start(world, journeys)


def _can_lock(network: Network) -> bool:
    """Return whether vehicles may wait for room, equipment or tracks on which others stand, without
    which none waits for ever."""
    few_tracks = any(resource.kind == "holding" for resource in network.resources)
    return bool(network.room or network.equipment or few_tracks)


def _adopt_at(world: World, begins_s: int, era: Network) -> None:
    """Change the numbers to those of *era* on their date, before all else in that second."""
    begins = world.env.event()
    begins._ok, begins._value = True, None
    world.env.schedule(begins, URGENT, delay=begins_s)
    begins.callbacks.append(partial(_adopt, world, era))


def _adopt(world: World, era: Network, _begins: object) -> None:
    world.adopt(era)
