"""Facilities: berths, tracks, locomotives and paths; when they are shut, and how fast work goes
on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain

import numpy as np

from sim.engine.kernel.calendar import ALWAYS_OPEN, Calendar, Pace, weekly
from sim.engine.kernel.clock import Clock
from sim.engine.kernel.pools import Pool
from sim.engine.kernel.tokens import UNLIMITED, Paths, Tokens
from sim.engine.kernel.watched import WatchedTokens
from sim.engine.world.outages import Outages
from sim.engine.world.weather import draw_closures
from sim.log import NONE, ResourceFacts, Table, names
from sim.network.parts import Network, Stretch
from sim.streams import Streams


class Facilities:
    """What vehicles use, and what is known of it in advance."""

    def __init__(
        self, env: Clock, tables: Mapping[str, Table], network: Network, streams: Streams
    ) -> None:
        self._env = env
        self._tables = tables
        self._network = network
        self._until_s = network.window_end_s + network.followup_s
        self._sea_level = network.sea_level
        self.stages = [(0, network), *network.eras]
        """How the network stands, from each second on."""
        self.storms = draw_closures(
            network.climate, streams, date.fromisoformat(network.start_date), self._until_s
        )
        """When storms shut the port of a place."""
        self.outages = Outages(network, streams, self._until_s)
        self._weather: dict[tuple[int, int], Calendar] = {}
        self._crossings: dict[tuple[int, int, int], Calendar] = {}
        self._paces: dict[tuple[int, int, int], Pace] = {}
        self.are_watched = any(flow.by_time and len(flow.ways) > 1 for flow in network.flows)
        """Whether any flow chooses its way by what it sees."""
        self.tokens: dict[int, Tokens] = {}
        self.paths: dict[int, Paths] = {}

    def adopt(self, network: Network) -> None:
        """Go on by *network* from now on."""
        self._network = network
        for code, tokens in self.tokens.items():
            tokens.renew(servers_of(network.resources[code]))

    def tokens_of(self, resource: int) -> Tokens | None:
        """Return the tokens of *resource*, or None where there never is a limit."""
        if resource == NONE:
            return None
        if resource not in self.tokens:
            most = [servers_of(era.resources[resource]) for _, era in self.stages]
            if all(servers == UNLIMITED for servers in most):
                return None
            now = servers_of(self._network.resources[resource])
            books = (self._tables["resource_log"], self._tables["capacities"])
            if self.are_watched:
                watched = WatchedTokens(self._env, *books, resource, now, kind_of=self._carrier_of)
                self.tokens[resource] = watched
            else:
                self.tokens[resource] = Tokens(self._env, *books, resource, now)
        return self.tokens[resource]

    def watched(self, resource: int) -> WatchedTokens | None:
        """Return the tokens of *resource* that say how long who comes now would wait; None where
        there never is a limit, or nobody asks."""
        tokens = self.tokens_of(resource)
        return tokens if isinstance(tokens, WatchedTokens) else None

    def _carrier_of(self, vehicle: int) -> int:
        """Return for which line or service a vehicle was registered; `NONE`: for none."""
        if vehicle == NONE:
            return NONE
        vehicles = self._tables["vehicles"]
        return vehicles.get(vehicle * len(vehicles.columns), "carrier")

    def pool_of(self, resource: int, place: int) -> Pool:
        """Return the tugs, pilots or channels *resource* of the port of *place*."""
        pool = self.tokens.get(resource)
        if not isinstance(pool, Pool):
            now = servers_of(self._network.resources[resource])
            books = (self._tables["resource_log"], self._tables["capacities"])
            shut = ALWAYS_OPEN
            if not self._network.ports[place].pools_in_storm[resource]:
                shut = self._shut_by_storms(place)
            pool = self.tokens[resource] = Pool(self._env, books, resource, now, shut)
        return pool

    def _shut_by_storms(self, place: int) -> Calendar:
        """Return when storms or outages shut the port of *place* for all."""
        storms = self.storms.get(place, ALWAYS_OPEN).intervals
        return Calendar(storms, self.outages.shut("port", place))

    def paths_of(self, stretch: Stretch) -> Paths | None:
        """Return the train paths into *stretch*, or None where anyone may enter at any time."""
        if stretch.resource not in self.paths:
            headways = [
                (begins_s, _stretch_of(era, stretch.resource).headway_s)
                for begins_s, era in self.stages
            ]
            shut = self.entry_of(stretch)
            if not shut and not any(headway_s for _, headway_s in headways):
                return None
            self.paths[stretch.resource] = Paths(
                self._tables["resource_log"], stretch.resource, headways, shut
            )
        return self.paths[stretch.resource]

    def entry_of(self, stretch: Stretch) -> Calendar:
        """Return when no train may enter *stretch*: possessions and outages."""
        monday_s, until_s = self._network.start_weekday_s, self._until_s
        return Calendar(
            weekly(stretch.possessions, monday_s, until_s),
            self.outages.shut("section", stretch.section),
        )

    def weather_at(self, place: int, vessel_class: int) -> Calendar:
        """Return when the port of *place* is shut for a class of vessels, by weather or outage."""
        key = (place, vessel_class)
        if key not in self._weather:
            storms = self.storms.get(place, ALWAYS_OPEN).intervals
            series = self._network.series.get(key, ())
            self._weather[key] = Calendar(storms, series, self.outages.shut("port", place))
        return self._weather[key]

    def crossing_at(self, ends: tuple[int, int], vessel_class: int) -> Calendar:
        """Return when either port of a crossing is shut for a class of vessels."""
        key = (*ends, vessel_class)
        if key not in self._crossings:
            there, here = (self.weather_at(place, vessel_class) for place in ends)
            self._crossings[key] = Calendar(there.intervals, here.intervals)
        return self._crossings[key]

    def pace_at(self, resource: int, place: int, vessel_class: int) -> Pace:
        """Return the pace of work at berths of *place* on a class of vessels.

        Weather can stop it, and outages slow it down.
        """
        key = (resource, place, vessel_class)
        if key not in self._paces:
            slow = self.outages.slow("berths", resource) + self.outages.slow("port", place)
            rules = self._network.ports.get(place)
            if rules is not None and rules.work_pauses:
                shut = self.weather_at(place, vessel_class).intervals
                slow += [(start_s, end_s, 0.0) for start_s, end_s in shut]
            self._paces[key] = Pace(slow)
        return self._paces[key]

    def sea_level_m(self) -> float:
        """Return the level of the sea above the datum now [m]."""
        plan = self._sea_level
        if plan is None:
            return 0.0
        return float(np.interp(self._env.now, plan.at_s, plan.level_m))

    @property
    def under_keel_m(self) -> float:
        """Water that must stay under the keel [m]."""
        return 0.0 if self._sea_level is None else self._sea_level.under_keel_m


def servers_of(facts: ResourceFacts) -> int:
    """Return how many servers there are.

    Without any, most resources have no limit; a pool, block, workshop or berth group has none to
    give.
    """
    if facts.servers or facts.kind in ("locomotive", "block", "workshop"):
        return facts.servers
    if facts.kind == "berth" and names.parse(facts.id, "berth").group != names.ROADS:
        return facts.servers
    return UNLIMITED


def _stretch_of(network: Network, resource: int) -> Stretch:
    """Return the section in the direction whose train paths are *resource*."""
    for line in network.trains:
        for link in chain(*line.links):
            if isinstance(link, Stretch) and link.resource == resource:
                return link
    raise KeyError(resource)
