"""Disruptions as they happen: servers go out and come back, and each outage is booked."""

from __future__ import annotations

from sim.engine.kernel.calendar import Interval
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.kernel.tokens import UNLIMITED, Tokens
from sim.engine.world.world import World
from sim.log import NONE, OPEN
from sim.network.parts import OutagePlan
from sim.units import Seconds

_WITH_SERVERS = frozenset({"berths", "border", "locomotives"})
"""Kinds of disruption that take servers out of service."""


def start(world: World) -> None:
    """Begin the process of every disruption."""
    for number, (plan, spells) in enumerate(world.facilities.outages.spells):
        Process(world.env, _happen(world, number, plan, spells))


def _happen(
    world: World, number: int, plan: OutagePlan, spells: list[Interval]
) -> ProcessGenerator:
    """Begin and end each outage of a disruption."""
    tokens = None
    if plan.kind in _WITH_SERVERS:
        tokens = world.facilities.tokens_of(plan.code)
    for start_s, end_s in spells:
        if start_s > world.env.now:
            yield start_s - world.env.now
        yield from _break(world, number, plan, tokens, end_s)


def _break(
    world: World, number: int, plan: OutagePlan, tokens: Tokens | None, end_s: Seconds
) -> ProcessGenerator:
    """Take out what is lost until *end_s*, and put it back."""
    lost = 0
    if tokens is not None and plan.lost:
        # All: also those that a date brings meanwhile.
        lost = UNLIMITED if plan.lost == NONE else plan.lost
        tokens.lose(lost)
    for listener in world.facilities.outages.on_begin:
        listener(plan)
    book = world.tables["outages"]
    row = book.begin(number, world.env.now, OPEN)
    yield end_s - world.env.now
    book.set(row, "end_s", end_s)
    if tokens is not None and lost:
        tokens.lose(-lost)
