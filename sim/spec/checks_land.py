"""Checks of rail, borders and roads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sim.distributions import Distribution
from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer
from sim.spec.land import Section, Train
from sim.spec.scenario import Scenario
from sim.spec.yaml_tree import Path
from sim.units import MINUTE

FASTEST_KM_PER_DAY = 2400.0
"""100 km/h day and night: no freight train here."""


def check_land(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is wrong with sections, borders, trains and roads."""
    for section, spec in scenario.sections.items():
        yield from _section(scenario, section, spec)
    for border, crossing in scenario.borders.items():
        path = ("borders", border)
        yield from ends(scenario, path, crossing.from_, crossing.to)
        for key, time in (("handover", crossing.handover), ("clearance", crossing.clearance)):
            yield from short((*path, key), time)
        if crossing.hours is not None and crossing.hours.open == crossing.hours.close:
            yield Finding((*path, "hours"), "opens and closes at the same time; leave hours out if it is always open")
    for train, line in scenario.trains.items():
        yield from _train(scenario, train, line)
    for road, way in scenario.roads.items():
        path = ("roads", road)
        yield from ends(scenario, path, way.from_, way.to)
        yield from short((*path, "running"), way.running)
        for place, gate in way.gates.items():
            yield from end_key((*path, "gates"), place, (way.from_, way.to), both=False)
            yield from short((*path, "gates", place, "time"), gate.time)


def ends(scenario: Scenario, path: Path, first: str, second: str) -> Iterator[Finding]:
    """Yield findings if the two ends of a line are not two known places."""
    yield from refer((*path, "from"), first, scenario.places, "place")
    yield from refer((*path, "to"), second, scenario.places, "place")
    if first == second:
        yield Finding((*path, "to"), f"begins and ends at {first}; give two places")


def end_key(path: Path, key: str, both_ends: tuple[str, str], *, both: bool = True) -> Iterator[Finding]:
    """Yield a finding if *key* is none of the two ends of its line."""
    if key not in both_ends and not (both and key == BOTH_ENDS):
        yield Finding((*path, key), f"{key!r} is no end of this line; its ends are {both_ends[0]} and {both_ends[1]}")


def short(path: Path, time: Distribution | None) -> Iterator[Finding]:
    """Yield a warning for a duration of less than a minute on average."""
    if time is not None and 0 < time.mean < MINUTE:
        yield Finding(
            path, f"takes {time.mean:g} s on average; below a minute, whole seconds round it", is_warning=True
        )


def _section(scenario: Scenario, section: str, spec: Section) -> Iterator[Finding]:
    path = ("sections", section)
    yield from ends(scenario, path, spec.from_, spec.to)
    yield from refer((*path, "locomotives"), spec.locomotives, scenario.locomotives, "locomotive pool")
    yield from short((*path, "running"), spec.running)
    if spec.running is None and (spec.length_km is None or spec.speed_km_per_day is None):
        yield Finding(path, "has no running time; give 'running', or 'length_km' and 'speed_km_per_day'")
    if spec.running is not None and spec.speed_km_per_day is not None:
        yield Finding((*path, "speed_km_per_day"), "stands beside 'running', which says the same; keep one")
    if spec.speed_km_per_day is not None and spec.speed_km_per_day > FASTEST_KM_PER_DAY:
        what = f"{spec.speed_km_per_day:g} km a day is {spec.speed_km_per_day / 24:.0f} km/h day and night"
        yield Finding((*path, "speed_km_per_day"), what, is_warning=True)
    if spec.paths_per_day is not None and spec.background_trains_per_day >= spec.paths_per_day:
        what = f"other trains use {spec.background_trains_per_day:g} of {spec.paths_per_day:g} paths: none is left"
        yield Finding((*path, "background_trains_per_day"), what)
    pool = scenario.locomotives.get(spec.locomotives or "")
    if pool is not None and int(pool.locomotives * pool.availability + 1e-9) < 1:
        what = f"has {pool.locomotives} x {pool.availability:g} locomotives, none in service, and section {section} needs one"
        yield Finding(("locomotives", str(spec.locomotives)), what)


def _train(scenario: Scenario, train: str, line: Train) -> Iterator[Finding]:
    path = ("trains", train)
    for number, place in enumerate(line.path):
        yield from refer((*path, "path", str(number)), place, scenario.places, "place")
    links = _links(scenario)
    for number, (a, b) in enumerate(pairwise(line.path), 1):
        joined = links.get(frozenset((a, b)), [])
        if not joined and a in scenario.places and b in scenario.places:
            yield Finding((*path, "path", str(number)), f"no section or border joins {a} and {b}")
        if len(joined) > 1:
            yield Finding((*path, "path", str(number)), f"{a} and {b} are joined by {' and '.join(joined)}; keep one")
    if not line.capacity:
        yield Finding((*path, "capacity"), "carries nothing; name the units that fill a train")
    for unit in line.capacity:
        if scenario.units:
            yield from refer((*path, "capacity", unit), unit, scenario.units, "unit")
    both_ends = (line.path[0], line.path[-1])
    if both_ends[0] == both_ends[1]:
        yield Finding((*path, "path"), f"begins and ends at {both_ends[0]}; give two places")
    for key in (*line.departure, *line.handling):
        at = "departure" if key in line.departure else "handling"
        yield from end_key((*path, at), key, both_ends)


def _links(scenario: Scenario) -> Mapping[frozenset[str], list[str]]:
    links: dict[frozenset[str], list[str]] = {}
    for name, spec in (*scenario.sections.items(), *scenario.borders.items()):
        links.setdefault(frozenset((spec.from_, spec.to)), []).append(name)
    return links
