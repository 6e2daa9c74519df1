"""What of a scenario is in use: the lines that cargo goes by, and what these lines touch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from sim.spec.itineraries import Leg, fleet, itineraries_if_any, links_of
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service, berth_groups
from sim.spec.weather import WeatherSeries


@dataclass(frozen=True)
class Uses:
    """What a scenario whose references hold makes use of.

    Sets are asked and never walked through.
    """

    spec: ScenarioSpec

    @cached_property
    def legs(self) -> Mapping[str, tuple[Leg, ...]]:
        """Legs of all ways of each flow."""
        legs: dict[str, tuple[Leg, ...]] = {}
        for flow in self.spec.flows:
            ways = itineraries_if_any(self.spec, flow)
            legs[flow] = tuple(chain.from_iterable(way.legs for way in ways))
        return legs

    @cached_property
    def units(self) -> frozenset[str]:
        """Kinds of unit that some flow is of."""
        return frozenset(flow.unit for flow in self.spec.flows.values())

    @cached_property
    def _moved(self) -> frozenset[tuple[str, str]]:
        """``(carrier, unit)`` of every flow."""
        return frozenset((leg.carrier, unit) for leg, unit in self._every_leg())

    @cached_property
    def _from(self) -> frozenset[tuple[str, str]]:
        """``(carrier, place)`` where cargo begins a leg."""
        return frozenset((leg.carrier, leg.origin) for leg, _ in self._every_leg())

    @cached_property
    def _to(self) -> frozenset[tuple[str, str]]:
        """``(carrier, place)`` where cargo ends a leg."""
        return frozenset((leg.carrier, leg.destination) for leg, _ in self._every_leg())

    @cached_property
    def _waits(self) -> frozenset[tuple[str, str, str]]:
        """``(place, side, unit)`` of cargo that waits for a vessel, or for a train or road."""
        return frozenset(
            (leg.origin, "sea" if leg.kind == "service" else "land", unit)
            for leg, unit in self._every_leg()
        )

    @cached_property
    def carriers(self) -> frozenset[str]:
        """Trains, services and roads by which some flow goes."""
        return frozenset(carrier for carrier, _ in self._moved)

    @cached_property
    def links(self) -> frozenset[tuple[str, str]]:
        """``("sections", id)`` and ``("borders", id)`` on the path of a train."""
        links: set[tuple[str, str]] = set()
        for train in self.spec.trains:
            links |= set(links_of(self.spec, train))
        return frozenset(links)

    @cached_property
    def classes(self) -> Mapping[str, tuple[str, ...]]:
        """Services of each class of vessels that a service has, with 0 vessels or more."""
        classes: dict[str, tuple[str, ...]] = {}
        for service in self.spec.services:
            for vessel in fleet(self.spec, service):
                classes[vessel] = (*classes.get(vessel, ()), service)
        return classes

    @cached_property
    def callers(self) -> Mapping[str, tuple[str, ...]]:
        """Services that call at each place."""
        callers: dict[str, tuple[str, ...]] = {}
        for service, line in self.spec.services.items():
            for place in line.ends:
                callers[place] = (*callers.get(place, ()), service)
        return callers

    @cached_property
    def train_ends(self) -> frozenset[str]:
        """Places where trains are loaded and unloaded."""
        return frozenset(chain.from_iterable(train.ends for train in self.spec.trains.values()))

    @cached_property
    def named(self) -> frozenset[str]:
        """Places that a line, a port or a flow names."""
        spec = self.spec
        named = set(spec.ports)
        for track in spec.sections.values():
            named |= set(track.ends)
        for border in spec.borders.values():
            named |= set(border.ends)
        for road in spec.roads.values():
            named |= set(road.ends)
        for train in spec.trains.values():
            named |= set(train.path)
        for flow in spec.flows.values():
            named |= {flow.origin, flow.destination}
        return frozenset(named).union(self.callers)

    @cached_property
    def storms(self) -> frozenset[str]:
        """Places that storms close at some time of the year."""
        weather = self.spec.weather
        if weather is None or not any(weather.closed_share):
            return frozenset()
        return frozenset(place for place, exposure in weather.exposure.items() if exposure)

    @cached_property
    def struck(self) -> frozenset[str]:
        """Places that an outage closes as a storm does."""
        closed = (outage.port for outage in self.spec.disruptions.values())
        return frozenset(place for place in closed if place is not None)

    @property
    def series(self) -> Mapping[str, WeatherSeries]:
        """Series of wind and wave."""
        weather = self.spec.weather
        return {} if weather is None else weather.series

    @cached_property
    def watched(self) -> frozenset[str]:
        """Places for which a series gives wind and wave."""
        return frozenset(chain.from_iterable(one.ports for one in self.series.values()))

    def goes_by(self, carrier: str, unit: str) -> bool:
        """Return whether some flow sends *unit* by *carrier*."""
        return (carrier, unit) in self._moved

    def goes_from(self, carrier: str, place: str) -> bool:
        """Return whether some flow leaves *place* by *carrier*."""
        return (carrier, place) in self._from

    def comes_to(self, carrier: str, place: str) -> bool:
        """Return whether some flow comes to *place* by *carrier*."""
        return (carrier, place) in self._to

    def waits_at(self, place: str, side: str, unit: str) -> bool:
        """Return whether *unit* waits at *place* for a vessel (``sea``), or else (``land``)."""
        return (place, side, unit) in self._waits

    def services_of(self, vessel: str) -> list[Service]:
        """Return the services on which a class sails."""
        return [self.spec.services[service] for service in self.classes.get(vessel, ())]

    def carries(self, vessel: str, unit: str) -> bool:
        """Return whether some flow sends *unit* by a service of the class."""
        return any(self.goes_by(service, unit) for service in self.classes.get(vessel, ()))

    def calls_at(self, vessel: str) -> Iterator[str]:
        """Yield the ports at which a class calls, each as often as a service does."""
        for service in self.services_of(vessel):
            yield from service.ends

    def vessels_at(self, place: str) -> Iterator[tuple[str, str]]:
        """Yield ``(service, class)`` of every vessel that calls at *place*."""
        for service in self.callers.get(place, ()):
            for vessel in fleet(self.spec, service):
                yield service, vessel

    def berthed(self, port: str, group: str) -> Iterator[tuple[str, str]]:
        """Yield ``(service, class)`` of every vessel that uses a berth group."""
        terminal = self.spec.ports[port]
        for service, vessel in self.vessels_at(port):
            if group in berth_groups(terminal, self.spec.services[service], vessel, port):
                yield service, vessel

    def _every_leg(self) -> Iterator[tuple[Leg, str]]:
        for flow, legs in self.legs.items():
            unit = self.spec.flows[flow].unit
            for leg in legs:
                yield leg, unit
