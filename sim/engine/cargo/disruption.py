"""Disruptions as they happen: servers go out and come back, and cargo that waits may choose its way
anew."""

from __future__ import annotations

from sim.engine.cargo.routing import divert
from sim.engine.kernel.calendar import Interval
from sim.engine.kernel.process import Process, ProcessGenerator
from sim.engine.kernel.tokens import UNLIMITED
from sim.engine.world.world import World
from sim.log import NONE, OPEN
from sim.network.parts import Crossing, Network, OutagePlan, Stretch


def start(world: World) -> None:
    """Tell the story of every disruption."""
    for number, (plan, spells) in enumerate(world.facilities.outages.spells):
        Process(world.env, _happen(world, number, plan, spells))


def _happen(
    world: World, number: int, plan: OutagePlan, spells: list[Interval]
) -> ProcessGenerator:
    """Take out what is lost, and put it back."""
    tokens = (
        world.facilities.tokens_of(plan.code)
        if plan.kind in ("berths", "border", "locomotives")
        else None
    )
    for start_s, end_s in spells:
        if start_s > world.env.now:
            yield start_s - world.env.now
        lost = 0
        if tokens is not None and plan.lost:
            # All, also of those that a date brings meanwhile.
            lost = UNLIMITED if plan.lost == NONE else plan.lost
            tokens.lose(lost)
        if plan.diverts:
            for leg in _legs_over(world.network, plan):
                divert(world, leg)
        book = world.tables["outages"]
        book.add(book.row(number, start_s, OPEN))
        row = len(book.rows) - 3
        yield end_s - world.env.now
        book.rows[row + 2] = end_s
        if tokens is not None and lost:
            tokens.lose(-lost)


def _legs_over(network: Network, plan: OutagePlan) -> list[tuple[int, int]]:
    """Return the legs that pass what is out."""
    legs: list[tuple[int, int]] = []
    for line in network.trains:
        for direction, links in enumerate(line.links):
            passed = {
                link.section if isinstance(link, Stretch) else link.resource for link in links
            }
            pools = {link.pool for link in links if isinstance(link, Stretch)}
            borders = {link.resource for link in links if isinstance(link, Crossing)}
            out = {
                "section": passed,
                "border": borders,
                "locomotives": pools,
                "port": set(line.ends),
            }
            if plan.code in out.get(plan.kind, set()):
                legs.append((line.carrier, direction))
    for service in network.services:
        berths = {berth for part in service.fleet for berth in part.berths}
        at_sea = {"service": {service.carrier}, "port": set(service.ends), "berths": berths}
        if plan.code in at_sea.get(plan.kind, set()):
            legs += [(service.carrier, 0), (service.carrier, 1)]
    return legs
