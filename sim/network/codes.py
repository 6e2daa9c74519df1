"""Codes of names: places, units, vessel classes, carriers, flows, and resources as they are met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from sim.log import NONE, ResourceFacts, names
from sim.network.parts import Deck
from sim.spec.itineraries import carriers
from sim.spec.load import Scenario


class Registry:
    """Hands out one code per name of a resource, in the order in which names are first met."""

    def __init__(self) -> None:
        self.facts: list[ResourceFacts] = []
        self._codes: dict[str, int] = {}

    def code(self, resource: str, kind: str, place: str, servers: int) -> int:
        """Return the code of *resource*; its first use decides kind, place and servers."""
        if resource not in self._codes:
            self._codes[resource] = len(self.facts)
            self.facts.append(ResourceFacts(resource, kind, place, servers))
        return self._codes[resource]

    def find(self, resource: str) -> int | None:
        """Return the code of *resource*, or None where nothing in the network uses it."""
        return self._codes.get(resource)


class Codes:
    """The code of every name of a scenario, while the parts of its network are put together."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.spec = spec = scenario.spec
        ends = {carrier: (kind, (first, second)) for carrier, kind, first, second in carriers(spec)}
        self.places = _numbered(spec.places)
        self.units = _numbered(flow.unit for flow in spec.flows.values())
        self.classes = _numbered(spec.vessels)
        self.flows = _numbered(spec.flows)
        self.fleets = _numbered(spec.equipment)
        self.segregations = _numbered(
            flow.segregation for flow in spec.flows.values() if flow.segregation
        )
        self.carriers = _numbered(ends)
        self.kinds = {carrier: kind for carrier, (kind, _) in ends.items()}
        """``train``, ``service`` or ``road``, by carrier."""
        self.end_names = {carrier: places for carrier, (_, places) in ends.items()}
        """The two places that each carrier joins."""
        self.resources = Registry()

    def ends(self, carrier: str) -> tuple[int, int]:
        """Return the codes of the two places that *carrier* joins."""
        first, second = self.end_names[carrier]
        return self.places[first], self.places[second]

    def leg(self, carrier: str, origin: str) -> tuple[int, int]:
        """Return ``(carrier, direction)`` in codes for *carrier* as it leaves *origin*."""
        return self.carriers[carrier], self.end_names[carrier].index(origin)

    def pool(self, pool: str) -> int:
        """Return the resource code of a locomotive pool."""
        in_service = self.spec.locomotives[pool].in_service
        return self.resources.code(pool, "locomotive", "", in_service)

    def holding(self, place: str, link: str) -> int:
        """Return the resource code of the tracks at *place* on which trains that come over *link*
        stand, or `sim.log.NONE`."""
        tracks = self.spec.places[place].holding_tracks
        if tracks is None:
            return NONE
        return self.resources.code(names.holding(place, link), "holding", place, tracks)

    def deck(self, shares: Mapping[str, Fraction | None]) -> Deck:
        """Return the deck in the coarsest whole numbers in which each unit's share is whole.

        Parameters
        ----------
        shares
            By unit, the share of the deck that one takes; None: it cannot be carried.
        """
        carried = {unit: share for unit, share in shares.items() if share is not None}
        size = lcm(*(share.denominator for share in carried.values()))
        return Deck(size, tuple(int(carried.get(unit, 0) * size) for unit in self.units))


def _numbered(names: Iterable[str]) -> dict[str, int]:
    """Return each name with its number, in the order in which names are first met."""
    return {name: code for code, name in enumerate(dict.fromkeys(names))}
