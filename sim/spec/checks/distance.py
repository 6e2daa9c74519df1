"""Checks of lengths and times against where places lie: nothing gets far in no time."""

from __future__ import annotations

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt

from sim.distributions import Distribution
from sim.spec.checks.sea import FAST_KN
from sim.spec.fields import NO_TIME, at_end
from sim.spec.findings import Finding
from sim.spec.formalities import Border
from sim.spec.itineraries import fleet
from sim.spec.land import Road, Section, running_time
from sim.spec.messages import Path
from sim.spec.scenario import Place, ScenarioSpec
from sim.spec.sea import Service, crossing_time
from sim.units import HOUR

EARTH_KM = 6371.0
KM_PER_NM = 1.852

NEAR_KM = 10.0
"""Coordinates point at a town; its port or yard may lie 5 km beside them, at either end."""
PRECISION = 0.05
"""Share by which a length may fall short of the straight line: it is rounded, the earth no sphere."""

FASTEST_LAND_KM_H = 300.0
"""No freight goes faster on land, whatever the track."""
FAST_LAND_KM_H = 100.0

SLOW_KM_H = 1.0
SLOW_KN = 1.0
"""Below these, day and night, something is wrong."""

LONGEST_DETOUR = 4.0
"""So many times the straight line is the longest way round that is not doubted."""

LEAST_S = 0.5
"""Durations of less are drawn as 0 s."""


def check_distances(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield legs that take no time or are too fast or too short, and round trips of no time."""
    for section, track in scenario.sections.items():
        yield from _section(scenario, ("sections", section), track)
    for border, crossing in scenario.borders.items():
        yield from _border(scenario, ("borders", border), crossing)
    for road, way in scenario.roads.items():
        yield from _road(scenario, ("roads", road), way)
    for service, line in scenario.services.items():
        yield from _service(scenario, ("services", service), line)


# -- land
# ------------------------------------------------------------------------------------------------


def _section(scenario: ScenarioSpec, path: Path, spec: Section) -> Iterator[Finding]:
    straight_km = _straight_km(scenario, spec.ends)
    yield from _beside_coordinates((*path, "length_km"), spec.length_km, straight_km, spec.ends)
    if spec.running is not None or spec.length_km is not None:
        yield from _on_land(path, running_time(spec), spec.length_km, straight_km)


def _road(scenario: ScenarioSpec, path: Path, spec: Road) -> Iterator[Finding]:
    straight_km = _straight_km(scenario, spec.ends)
    yield from _beside_coordinates((*path, "length_km"), spec.length_km, straight_km, spec.ends)
    yield from _on_land(path, spec.running, spec.length_km, straight_km)


def _border(scenario: ScenarioSpec, path: Path, spec: Border) -> Iterator[Finding]:
    """Yield a border whose stations lie apart and that takes no time at all."""
    far_km = _surely_km(None, _straight_km(scenario, spec.ends))
    if not far_km:
        return
    idle = [end for end in spec.ends if not any(map(_takes_time, spec.works(end).values()))]
    if idle:
        way = "" if len(idle) == 2 else f" to {idle[0]}"
        what = f"takes no time{way}, and its stations lie {far_km:.0f} km apart or more"
        yield Finding(path, f"{what}; give 'handover' or another time")


def _on_land(
    path: Path, time: Distribution, length_km: float | None, straight_km: float | None
) -> Iterator[Finding]:
    """Yield a leg on land that is covered in no time, or faster than freight goes."""
    far_km = _surely_km(length_km, straight_km)
    if not far_km:
        return
    here = (*path, "running")
    if not _takes_time(time):
        yield Finding(here, f"covers {far_km:.4g} km in no time; give the time it takes")
        return
    km_h = far_km / (time.mean / HOUR)
    if length_km is None:
        if km_h > FAST_LAND_KM_H:
            what = f"{km_h:,.0f} km/h day and night along a straight line of {far_km:.4g} km"
            yield Finding(here, f"{what} between the coordinates", is_warning=True)
    elif km_h < SLOW_KM_H:
        what = f"covers {far_km:.4g} km at {24 * km_h:.3g} km a day, slower than a walk"
        yield Finding(here, what, is_warning=True)
    elif km_h > FASTEST_LAND_KM_H:
        what = f"covers {far_km:.4g} km at {km_h:,.0f} km/h"
        yield Finding(here, f"{what}; no freight makes {FASTEST_LAND_KM_H:.0f}")


# -- sea
# ------------------------------------------------------------------------------------------------


def _service(scenario: ScenarioSpec, path: Path, spec: Service) -> Iterator[Finding]:
    straight_km = _straight_km(scenario, spec.ends)
    length_km = None if spec.distance_nm is None else spec.distance_nm * KM_PER_NM
    yield from _beside_coordinates((*path, "distance_nm"), length_km, straight_km, spec.ends)
    for vessel in fleet(scenario, path[1]):
        if spec.crossing is None and None in (spec.distance_nm, scenario.vessels[vessel].speed_kn):
            continue
        if _round_trip_is_empty(scenario, spec, vessel):
            what = (
                f"a round trip of a {vessel} takes no time: it would call without end at one moment"
            )
            yield Finding(path, f"{what}; give 'crossing' or 'handling' a time")
            return
    if spec.crossing is not None:
        here = (*path, "crossing")
        yield from _crossing(here, spec.crossing, spec.distance_nm, straight_km)


def _crossing(
    path: Path, time: Distribution, distance_nm: float | None, straight_km: float | None
) -> Iterator[Finding]:
    """Yield a crossing in no time, or one that is too fast for what lies between the ports."""
    far_km = _surely_km(distance_nm and distance_nm * KM_PER_NM, straight_km)
    if not far_km:
        return
    nautical_miles = far_km / KM_PER_NM
    if not _takes_time(time):
        what = f"covers {nautical_miles:.4g} nautical miles in no time; give the time it takes"
        yield Finding(path, what)
    elif distance_nm is None:
        knots = nautical_miles / (time.mean / HOUR)
        if knots < SLOW_KN:
            what = f"makes {knots:.2g} kn between the coordinates, slower than anything drifts"
            yield Finding(path, what, is_warning=True)
        elif knots > FAST_KN:
            what = f"makes {knots:.0f} kn on a straight line between the coordinates"
            yield Finding(path, f"{what}, fast for a cargo vessel", is_warning=True)


def _round_trip_is_empty(scenario: ScenarioSpec, spec: Service, vessel: str) -> bool:
    """Return whether a vessel that finds nothing to do is back at the moment at which it left."""
    ship = scenario.vessels[vessel]
    if _takes_time(crossing_time(spec, ship)):
        return False
    default = ship.handling or NO_TIME
    return not any(_takes_time(at_end(spec.handling, end, default)) for end in spec.ends)


# -- lengths
# ------------------------------------------------------------------------------------------------


def _takes_time(time: Distribution) -> bool:
    return time.mean > LEAST_S


def _beside_coordinates(
    path: Path, length_km: float | None, straight_km: float | None, ends: tuple[str, str]
) -> Iterator[Finding]:
    """Yield a warning about a length below the straight line between the places, or far above."""
    if length_km is None or straight_km is None:
        return
    most_km = LONGEST_DETOUR * straight_km + NEAR_KM
    if _least_km(straight_km) <= length_km <= most_km:
        return
    what = f"is {length_km:.4g} km, and {' and '.join(ends)} lie {straight_km:,.0f} km apart"
    yield Finding(path, f"{what} by their coordinates; one of them is wrong", is_warning=True)


def _surely_km(length_km: float | None, straight_km: float | None) -> float:
    """Return how long a leg is at the very least: as written, or between its places."""
    return _least_km(straight_km) if length_km is None else length_km


def _least_km(straight_km: float | None) -> float:
    """Return the least length between places whose coordinates lie *straight_km* apart."""
    return max((straight_km or 0.0) * (1 - PRECISION) - NEAR_KM, 0.0)


def _straight_km(scenario: ScenarioSpec, ends: tuple[str, str]) -> float | None:
    """Return the great circle between two places; None where one has no coordinates."""
    first, second = (scenario.places.get(end, Place()) for end in ends)
    if first.lat is None or first.lon is None or second.lat is None or second.lon is None:
        return None
    north, other_north = radians(first.lat), radians(second.lat)
    half_north = sin((other_north - north) / 2)
    half_east = sin(radians(second.lon - first.lon) / 2)
    chord = half_north**2 + cos(north) * cos(other_north) * half_east**2
    return 2 * EARTH_KM * asin(sqrt(min(chord, 1.0)))
