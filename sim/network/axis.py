"""The corridor laid out along one line: places at distances, for diagrams of time and space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, nan
from typing import NamedTuple

from sim.errors import UsageError
from sim.network.land import link_between
from sim.spec.formalities import Border
from sim.spec.itineraries import itineraries
from sim.spec.land import running_time
from sim.spec.load import Scenario
from sim.spec.scenario import ScenarioSpec
from sim.units import DAY

KM_PER_NM = 1.852
KM_PER_DAY = 600.0
"""Pace at which a running time stands for the length of a leg that has none: for drawing only."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Places in the order in which cargo meets them, with their distance from the first [km]."""

    km: Mapping[str, float]
    legs: Mapping[str, tuple[str, str]]
    """Ends of each section, border, service and road between neighbours."""
    sea: tuple[str, ...]
    """Services among the legs."""
    estimated: tuple[str, ...]
    """Legs without a length, whose running time stands for it."""


class _Step(NamedTuple):
    """One section, border, service or road, passed in one direction."""

    id: str
    origin: str
    destination: str
    km: float
    is_estimated: bool = False
    """Whether the length follows from a time."""

    def reversed(self) -> _Step:
        return self._replace(origin=self.destination, destination=self.origin)


def axis(scenario: Scenario, via: str | None = None) -> Axis:
    """Return the longest itinerary of a flow that passes *via* (or the longest of all) as one axis.

    Raises
    ------
    UsageError
        No itinerary passes *via*.
    """
    spec = scenario.spec
    ways = [way for way in _ways(spec) if via is None or _passes(way, via)]
    if not ways:
        raise UsageError(f"no flow passes {via}; places are {', '.join(spec.places)}")
    longest = max(ways, key=lambda way: sum(step.km for step in way))
    legs = {step.id: (step.origin, step.destination) for step in longest}
    return Axis(
        km=_distances_km(longest),
        legs=legs,
        sea=tuple(leg for leg in legs if leg in spec.services),
        estimated=tuple(step.id for step in longest if step.is_estimated),
    )


def _distances_km(way: list[_Step]) -> dict[str, float]:
    """Return the distance of each place of an itinerary from its origin [km]."""
    at, km = 0.0, {way[0].origin: 0.0}
    for step in way:
        at += step.km
        km.setdefault(step.destination, at)
    return km


def _ways(spec: ScenarioSpec) -> Iterator[list[_Step]]:
    """Yield every itinerary of every flow step by step."""
    for flow in spec.flows:
        for itinerary in itineraries(spec, flow):
            steps: list[_Step] = []
            for leg in itinerary.legs:
                along = _steps(spec, leg.carrier)
                if along[0].origin != leg.origin:
                    along = [step.reversed() for step in reversed(along)]
                steps += along
            yield steps


def _passes(way: list[_Step], via: str) -> bool:
    """Return whether *via* is one of the legs or places of an itinerary."""
    return any(via in (step.id, step.origin, step.destination) for step in way)


def _steps(spec: ScenarioSpec, carrier: str) -> list[_Step]:
    """Return what a carrier passes from its first end to its second."""
    if carrier in spec.trains:
        return [_link(spec, carrier, a, b) for a, b in pairwise(spec.trains[carrier].path)]
    if carrier in spec.services:
        return [_crossing(spec, carrier)]
    road = spec.roads[carrier]
    km = road.running.mean / DAY * KM_PER_DAY
    return [_Step(carrier, road.from_, road.to, km, is_estimated=True)]


def _link(spec: ScenarioSpec, train: str, origin: str, destination: str) -> _Step:
    """Return the section or border between two neighbours on the path of a train."""
    name, link = link_between(spec, origin, destination, spec.trains[train].over)
    if isinstance(link, Border):
        return _Step(name, origin, destination, 0.0)
    if link.length_km is not None:
        return _Step(name, origin, destination, link.length_km)
    km = running_time(link).mean / DAY * KM_PER_DAY
    return _Step(name, origin, destination, km, is_estimated=True)


def _crossing(spec: ScenarioSpec, name: str) -> _Step:
    service = spec.services[name]
    if service.distance_nm is not None:
        return _Step(name, service.from_, service.to, service.distance_nm * KM_PER_NM)
    mean_s = DAY if service.crossing is None else service.crossing.mean
    km = mean_s / DAY * KM_PER_DAY
    return _Step(name, service.from_, service.to, km, is_estimated=True)


def lengths_km(scenario: Scenario) -> dict[str, float]:
    """Return the length of each train line, service and road from end to end [km].

    NaN where a part has no length. A service without a distance has that of another between the
    same two places.
    """
    spec = scenario.spec
    lengths = {}
    for train in spec.trains:
        steps = _steps(spec, train)
        is_known = not any(step.is_estimated for step in steps)
        lengths[train] = fsum(step.km for step in steps) if is_known else nan
    for service in spec.services:
        lengths[service] = _distance_nm(spec, service) * KM_PER_NM
    for name, road in spec.roads.items():
        lengths[name] = nan if road.length_km is None else road.length_km
    return lengths


def _distance_nm(spec: ScenarioSpec, name: str) -> float:
    """Return the distance of a service, or of the last one between its places that has any."""
    service = spec.services[name]
    if service.distance_nm is not None:
        return service.distance_nm
    between = [other for other in spec.services.values() if set(other.ends) == set(service.ends)]
    distances = [other.distance_nm for other in between if other.distance_nm is not None]
    return distances[-1] if distances else nan
