"""What the engine counts by itself, against which the log is audited."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sim.engine.world.facilities import servers_of
from sim.engine.world.loading import Quota
from sim.engine.world.world import World
from sim.log import NONE
from sim.network.parts import Deck, Network
from sim.units import Seconds

Stages: TypeAlias = Sequence[tuple[Seconds, Network]]
"""How the network stood, from each second on."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What the engine counted by itself, at the end of the run."""

    created: tuple[int, ...]
    """Units by flow, like the next two."""
    delivered: tuple[int, ...]
    inside: tuple[int, ...]
    there_at_start: tuple[int, ...]
    """Units by flow, like the next."""
    refused: tuple[int, ...]
    drawn: Mapping[int, int]
    """Units due by the end, by flow whose demand is drawn before the run."""
    stack_unit_s: Mapping[int, int]
    busy_s: Mapping[int, int]
    servers: Mapping[int, Sequence[tuple[Seconds, int]]]
    """Of what has a limit: how many there should be by the network, from each second on."""
    paths_sold: Mapping[int, int]
    room: Mapping[tuple[int, str, int], int]
    """The most there ever was."""
    decks: Mapping[tuple[int, int], Sequence[tuple[Seconds, Deck]]]
    """By carrier and vessel class (`NONE` for trains), from each second on."""
    blocks_s: Mapping[int, int]
    """Time in use of each block of single track."""
    equipment: Sequence[tuple[int, int, int]]
    """Of each fleet: items, idle and being readied."""
    dwell_unit_s: Mapping[int, int]
    """By the resource on which it is booked."""
    passed: Mapping[tuple[int, int], int]
    """Units by embargo and meter."""
    quotas: Mapping[int, Quota]
    """Parts of the deck that the cargo of a trip must keep to, by trip."""


def count(world: World) -> Counters:
    """Read the counters of *world*."""
    now, facilities, dwelling = world.env.now, world.facilities, world.handover.dwelling
    stages = [stage for stage in facilities.stages if stage[0] <= now]
    blocks_s = {}
    for track in world.handover.tracks:
        for number, code in enumerate(track.codes):
            blocks_s[code] = track.busy_until(number, now)
    return Counters(
        created=tuple(world.created),
        delivered=tuple(world.delivered),
        inside=tuple(world.inside()),
        there_at_start=tuple(world.there_at_start),
        refused=tuple(world.refused),
        drawn={flow: _due(*drawn, now) for flow, drawn in world.drawn.items()},
        stack_unit_s={stack.code: stack.unit_s_until(now) for stack in world.stacks.values()},
        servers={code: _servers(stages, code) for code in facilities.tokens},
        busy_s={code: tokens.busy_until(now) for code, tokens in facilities.tokens.items()},
        paths_sold={code: paths.sold for code, paths in facilities.paths.items()},
        room=_room(stages),
        decks=_decks(stages),
        blocks_s=blocks_s,
        equipment=[
            (pool.fleet, sum(pool.idle.values()), sum(pool.dwelling.values()))
            for pool in world.handover.pools
        ],
        dwell_unit_s={} if dwelling is None else dwelling.unit_s_until(now),
        passed=_passed(world),
        quotas=world.quotas,
    )


def _due(at_s: list[int], units: list[int], now: Seconds) -> int:
    """Return the units of what was drawn to come before *now*; times are in order."""
    return sum(units[: bisect_left(at_s, now)])


def _passed(world: World) -> dict[tuple[int, int], int]:
    passed = {}
    for gate in world.handover.gates:
        for number, meter in enumerate(gate.meters):
            passed[gate.number, number] = meter.passed
    return passed


def _servers(stages: Stages, code: int) -> list[tuple[Seconds, int]]:
    return [(begins_s, servers_of(network.resources[code])) for begins_s, network in stages]


def _room(stages: Stages) -> dict[tuple[int, str, int], int]:
    most: dict[tuple[int, str, int], int] = {}
    for _, network in stages:
        for key, limit in network.room.items():
            most[key] = max(limit, most.get(key, 0))
    return most


def _decks(stages: Stages) -> dict[tuple[int, int], list[tuple[Seconds, Deck]]]:
    decks: dict[tuple[int, int], list[tuple[Seconds, Deck]]] = defaultdict(list)
    for begins_s, network in stages:
        for train in network.trains:
            decks[train.carrier, NONE].append((begins_s, train.deck))
        for service in network.services:
            for part in service.fleet:
                decks[service.carrier, part.vessel_class].append((begins_s, part.deck))
    return decks
