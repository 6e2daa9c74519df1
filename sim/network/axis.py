"""The corridor laid out along one line: places at distances, for diagrams of time and space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, nan

from sim.errors import UsageError
from sim.network.build import build
from sim.spec.land import running_time
from sim.spec.load import Scenario
from sim.units import DAY

KM_PER_NM = 1.852
KM_PER_DAY = 600.0
"""Where a leg has no length, its running time stands for it at this pace: for drawing only."""


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


def axis(loaded: Scenario, via: str | None = None) -> Axis:
    """Return the longest itinerary of a flow that passes *via* (or the longest of all) as one axis.

    Raises
    ------
    UsageError
        No itinerary passes *via*.
    """
    network = build(loaded)
    best: tuple[float, list[tuple[str, str, str, float, bool]]] | None = None
    for flow in network.flows:
        for way in flow.ways:
            steps = [
                step
                for leg in way.legs
                for step in _steps(loaded, network.carriers[leg[0]].id, leg[1])
            ]
            length = sum(step[3] for step in steps)
            passes = via is None or any(via in step[:3] for step in steps)
            if passes and (best is None or length > best[0]):
                best = (length, steps)
    if best is None:
        raise UsageError(f"no flow passes {via}; places are {', '.join(loaded.spec.places)}")
    at, km = 0.0, {best[1][0][1]: 0.0}
    for _, _, there, length, _ in best[1]:
        at += length
        km.setdefault(there, at)
    legs = {leg: (a, b) for leg, a, b, _, _ in best[1]}
    sea = tuple(leg for leg in legs if leg in loaded.spec.services)
    return Axis(km, legs, sea, tuple(leg for leg, _, _, _, guessed in best[1] if guessed))


def _steps(
    loaded: Scenario, carrier: str, direction: int
) -> list[tuple[str, str, str, float, bool]]:
    """Return ``leg, from, to, km, estimated`` of every link of a carrier, in its *direction*."""
    spec, steps = loaded.spec, []
    if carrier in spec.trains:
        for a, b in pairwise(spec.trains[carrier].path):
            found = [(name, s) for name, s in spec.sections.items() if {s.from_, s.to} == {a, b}]
            if found:
                name, section = found[0]
                guess = running_time(section).mean / DAY * KM_PER_DAY
                steps.append((name, a, b, section.length_km or guess, section.length_km is None))
            else:
                border = next(n for n, s in spec.borders.items() if {s.from_, s.to} == {a, b})
                steps.append((border, a, b, 0.0, False))
    elif carrier in spec.services:
        service = spec.services[carrier]
        known = service.distance_nm * KM_PER_NM if service.distance_nm else None
        mean = service.crossing.mean if service.crossing is not None else DAY
        steps.append(
            (carrier, service.from_, service.to, known or mean / DAY * KM_PER_DAY, known is None)
        )
    else:
        road = spec.roads[carrier]
        steps.append((carrier, road.from_, road.to, road.running.mean / DAY * KM_PER_DAY, True))
    return (
        steps
        if direction == 0
        else [(n, b, a, km, guessed) for n, a, b, km, guessed in reversed(steps)]
    )


def lengths_km(loaded: Scenario) -> dict[str, float]:
    """Return the length of each train line, service and road from end to end [km]; NaN where a part
    has none.

    A service without a distance has that of another between the same two places.
    """
    spec, found = loaded.spec, {}
    for line in spec.trains:
        steps = _steps(loaded, line, 0)
        found[line] = (
            nan if any(guessed for *_, guessed in steps) else fsum(step[3] for step in steps)
        )
    between = {
        frozenset((s.from_, s.to)): s.distance_nm for s in spec.services.values() if s.distance_nm
    }
    for line, service in spec.services.items():
        miles = service.distance_nm or between.get(frozenset((service.from_, service.to)))
        found[line] = nan if miles is None else miles * KM_PER_NM
    return found | {
        name: nan if road.length_km is None else road.length_km for name, road in spec.roads.items()
    }
