"""Duties: what a vessel needs on one service, at both ends and between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar
from sim.engine.kernel.draws import Draw
from sim.engine.kernel.pools import Pool
from sim.engine.world.world import World
from sim.network.parts import Deck, FleetPart, Network, PoolUse, SeaLine
from sim.units import Seconds


def line_of(network: Network, carrier: int) -> SeaLine:
    """Return the service *carrier*."""
    return next(line for line in network.services if line.carrier == carrier)


def part_of(line: SeaLine, vessel_class: int) -> FleetPart:
    """Return the vessels of a class on *line*."""
    return next(part for part in line.fleet if part.vessel_class == vessel_class)


@dataclass(slots=True)
class Help:
    """A pool of a port that a vessel uses, and the times that it takes with it."""

    pool: Pool
    use: PoolUse
    time_s: tuple[Draw, Draw]
    """As it comes alongside, and as it leaves."""


class Duty:
    """One vessel on one service: what it needs at both ends."""

    def __init__(self, world: World, line: SeaLine, part: FleetPart, name: str) -> None:
        self.line = line
        self.part = part
        self._world = world
        self.berths = [world.facilities.tokens_of(resource) for resource in part.berths]
        self.weather = [
            world.facilities.weather_at(place, part.vessel_class) for place in line.ends
        ]
        self.crossing = world.facilities.crossing_at(line.ends, part.vessel_class)
        """When either end is shut."""
        self.alongside = [self._alongside(end) for end in (0, 1)]
        of_class = part.vessel_class
        self.pace = [
            world.facilities.pace_at(part.berths[end], line.ends[end], of_class) for end in (0, 1)
        ]
        streams = world.streams
        self.crossing_s = Draw(streams, part.crossing, f"crossing/{name}")
        """Drawn once a voyage, whatever the weather does to the attempts to sail."""
        self.handling_s = [
            Draw(streams, part.handling[end], f"handling/{name}/{end}") for end in (0, 1)
        ]
        self.helps = [self._helps(end, name) for end in (0, 1)]
        """Tugs, pilots and channels at each end, in the order in which they are asked for."""

    def _helps(self, end: int, name: str) -> list[Help]:
        world, place = self._world, self.line.ends[end]
        helps = []
        for use in self.part.pools[end]:
            pool = world.facilities.pool_of(use.resource, place)
            pool_id = world.network.resources[use.resource].id
            draws = [
                Draw(world.streams, time, f"{way}/{pool_id}/{name}/{end}")
                for way, time in zip(("in", "out"), use.times, strict=True)
            ]
            helps.append(Help(pool, use, (draws[0], draws[1])))
        return helps

    def _alongside(self, end: int) -> Calendar:
        """Return when no vessel may come alongside."""
        rules = self._world.network.ports.get(self.line.ends[end])
        if rules is not None and not rules.berthing_waits:
            return ALWAYS_OPEN
        return self.weather[end]

    def adopt(self, network: Network) -> None:
        """Go on by new numbers."""
        self.line = line_of(network, self.line.carrier)
        self.part = part_of(self.line, self.part.vessel_class)
        now = self._world.env.now
        self.crossing_s.renew(self.part.crossing, now)
        for handling_s, handling in zip(self.handling_s, self.part.handling, strict=True):
            handling_s.renew(handling, now)
        for helps, uses in zip(self.helps, self.part.pools, strict=True):
            for help_, use in zip(helps, uses, strict=True):
                help_.use = use
                for time_s, time in zip(help_.time_s, use.times, strict=True):
                    time_s.renew(time, now)

    def intake(self) -> Deck:
        """Return the deck as far as the depth of water at both ends lets it be loaded now."""
        part = self.part
        if part.draught_m is None:
            return part.deck
        water_m = self._depth_of_water_m()
        light_m, full_m = part.draught_m
        if water_m is None or water_m >= full_m:
            return part.deck
        share = 0.0
        if full_m > light_m:
            share = max((water_m - light_m) / (full_m - light_m), 0.0)
        # 1e-9 forgives the binary fraction.
        return replace(part.deck, size=int(share * part.deck.size + 1e-9))

    def get_away_s(self, end: int) -> Seconds:
        """Return what it takes to load a full deck at *end* and to cross, in the mean [s]."""
        return round(self.part.full_deck_s(end) + self.part.crossing.mean)

    def _depth_of_water_m(self) -> float | None:
        """Return the least depth at both ends less what must stay under the keel [m]; None: no
        limit."""
        depths = []
        for place in self.line.ends:
            rules = self._world.network.ports.get(place)
            if rules is not None and rules.depth_m is not None:
                depths.append(rules.depth_m)
        if not depths:
            return None
        facilities = self._world.facilities
        return min(depths) + facilities.sea_level_m() - facilities.under_keel_m
