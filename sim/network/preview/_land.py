"""Loads of track, loading tracks and locomotives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sim.log import NONE
from sim.network.parts import Crossing, Network, Stretch
from sim.network.preview._demand import Traffic
from sim.network.preview._departures import departure_loads
from sim.network.preview._formalities import BorderLoads
from sim.network.preview._load import Load
from sim.units import HOUR, YEAR


def rail_loads(network: Network, traffic: Traffic) -> Iterator[Load]:
    """Yield the loads of departures of trains, links, blocks, loading tracks and locomotives."""
    for line in network.trains:
        for direction in (0, 1):
            filled = traffic.filled_trains(line, direction)
            yield from departure_loads(network, line, direction, filled)
    links: dict[int, Stretch | Crossing] = {}
    trains: dict[int, float] = defaultdict(float)
    borders = BorderLoads(network, traffic)
    for line in network.trains:
        for direction in (0, 1):
            count = traffic.trains(line, direction)
            for link in line.links[direction]:
                links[link.resource] = link
                trains[link.resource] += count
                if isinstance(link, Crossing):
                    borders.add(link, line, direction)
    for resource, link in links.items():
        if isinstance(link, Crossing):
            yield from borders.loads(link)
        elif link.headway_s:
            name = network.names.resource[resource]
            yield Load(name, "path", "train paths", trains[resource], YEAR / link.headway_s)
    yield from _blocks(network, links.values(), trains)
    for resource, used_s in _busy_s(network, traffic).items():
        facts = network.resources[resource]
        unit = "locomotive hours" if facts.kind == "locomotive" else "track hours"
        yield Load(facts.id, facts.kind, unit, used_s / HOUR, facts.servers * YEAR / HOUR)


def _blocks(
    network: Network, links: Iterable[Stretch | Crossing], trains: Mapping[int, float]
) -> Iterator[Load]:
    """Yield the trains of both directions through the blocks of single tracks.

    A block takes one train at a time.
    """
    demand: dict[int, float] = defaultdict(float)
    block_s: dict[int, float] = {}
    for link in links:
        if isinstance(link, Stretch) and link.blocks:
            others = YEAR / link.background_s if link.background_s else 0.0
            demand[link.section] += trains[link.resource] + others
            own_s = link.running.mean / len(link.blocks) + link.clearing_s
            block_s[link.section] = max(block_s.get(link.section, 0.0), own_s)
    for section, count in demand.items():
        name = network.names.resource[section]
        yield Load(name, "block", "trains both ways", count, YEAR / block_s[section])


def _busy_s(network: Network, traffic: Traffic) -> Mapping[int, float]:
    """Return the seconds in a year that loading tracks and locomotives are used, by resource."""
    busy_s: dict[int, float] = defaultdict(float)
    for line in network.trains:
        for direction in (0, 1):
            trains = traffic.trains(line, direction)
            for tracks, handling in zip(line.tracks, line.handling, strict=True):
                busy_s[tracks] += trains * handling.mean
            for pool, hauled_s in _haulage_s(network, line.links[direction]):
                busy_s[pool] += trains * hauled_s
    busy_s.pop(NONE, None)
    return busy_s


def _haulage_s(
    network: Network, links: tuple[Stretch | Crossing, ...]
) -> Iterator[tuple[int, float]]:
    """Yield pool and time, its turn included, of each run of sections that one locomotive hauls."""
    pool, busy_s = NONE, 0.0
    for link in (*links, None):
        here = link.pool if isinstance(link, Stretch) else NONE
        if here != pool:
            if pool != NONE:
                yield pool, busy_s + network.locomotive_turn[pool].mean
            pool, busy_s = here, 0.0
        if isinstance(link, Stretch):
            busy_s += link.running.mean
