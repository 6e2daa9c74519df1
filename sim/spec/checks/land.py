"""Checks of rail, borders and roads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding, refer
from sim.spec.land import Border, Road, Section, Train
from sim.spec.scenario import ScenarioSpec
from sim.spec.yaml_tree import Path

FASTEST_KM_PER_DAY = 2400.0
"""100 km/h day and night: no freight train here."""


def check_land(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with sections, borders, trains and roads."""
    for section, spec in scenario.sections.items():
        yield from _section(scenario, section, spec)
    for border, crossing in scenario.borders.items():
        yield from _border(scenario, border, crossing)
    yield from _doubles(scenario)
    for train, line in scenario.trains.items():
        yield from _train(scenario, train, line)
    yield from _pools(scenario)
    for road, way in scenario.roads.items():
        yield from _road(scenario, road, way)


def ends(scenario: ScenarioSpec, path: Path, first: str, second: str) -> Iterator[Finding]:
    """Yield findings if the two ends of a line are not two known places."""
    yield from refer((*path, "from"), first, scenario.places, "place")
    yield from refer((*path, "to"), second, scenario.places, "place")
    if first == second:
        yield Finding((*path, "to"), f"begins and ends at {first}; give two places")


def end_key(
    path: Path, key: str, both_ends: tuple[str, str], *, both: bool = True
) -> Iterator[Finding]:
    """Yield a finding if *key* is none of the two ends of its line."""
    if key not in both_ends and not (both and key == BOTH_ENDS):
        yield Finding(
            (*path, key),
            f"{key!r} is no end of this line; its ends are {both_ends[0]} and {both_ends[1]}",
        )


def _section(scenario: ScenarioSpec, section: str, spec: Section) -> Iterator[Finding]:
    path = ("sections", section)
    yield from ends(scenario, path, *spec.ends)
    yield from refer(
        (*path, "locomotives"), spec.locomotives, scenario.locomotives, "locomotive pool"
    )
    if spec.running is None and (spec.length_km is None or spec.speed_km_per_day is None):
        yield Finding(
            path, "has no running time; give 'running', or 'length_km' and 'speed_km_per_day'"
        )
    if spec.running is not None and spec.speed_km_per_day is not None:
        yield Finding(
            (*path, "speed_km_per_day"), "stands beside 'running', which says the same; keep one"
        )
    yield from _pace(path, spec)
    if spec.paths_per_day is not None and spec.background_trains_per_day >= spec.paths_per_day:
        what = f"other trains use {spec.background_trains_per_day:g} of {spec.paths_per_day:g} paths: none is left"
        yield Finding((*path, "background_trains_per_day"), what)


def _pace(path: Path, spec: Section) -> Iterator[Finding]:
    """Yield a warning for a speed that no freight train keeps up, written or implied."""
    if spec.running is None:
        key, pace = "speed_km_per_day", spec.speed_km_per_day or 0.0
    else:
        key, pace = "running", (spec.length_km or 0.0) * 86_400 / max(spec.running.mean, 1.0)
    if pace > FASTEST_KM_PER_DAY:
        yield Finding(
            (*path, key),
            f"{pace:g} km a day is {pace / 24:.0f} km/h day and night",
            is_warning=True,
        )


def _border(scenario: ScenarioSpec, border: str, spec: Border) -> Iterator[Finding]:
    path = ("borders", border)
    yield from ends(scenario, path, *spec.ends)
    if spec.hours is not None and spec.hours.open == spec.hours.close:
        yield Finding(
            (*path, "hours"),
            "opens and closes at the same time; leave hours out if it is always open",
        )


def _road(scenario: ScenarioSpec, road: str, spec: Road) -> Iterator[Finding]:
    path = ("roads", road)
    yield from ends(scenario, path, *spec.ends)
    for place, gate in spec.gates.items():
        here = (*path, "gates")
        yield from end_key(here, place, spec.ends, both=False)
        if gate.hours is not None and gate.hours.open == gate.hours.close:
            what = "opens and closes at the same time; leave hours out if it is always open"
            yield Finding((*here, place, "hours"), what)


def _links(scenario: ScenarioSpec) -> Mapping[frozenset[str], list[Path]]:
    """Return sections and borders by the two places they join."""
    links: dict[frozenset[str], list[Path]] = {}
    for section, track in scenario.sections.items():
        links.setdefault(frozenset(track.ends), []).append(("sections", section))
    for border, crossing in scenario.borders.items():
        links.setdefault(frozenset(crossing.ends), []).append(("borders", border))
    return links


def _doubles(scenario: ScenarioSpec) -> Iterator[Finding]:
    for places, joined in _links(scenario).items():
        if len(joined) > 1:
            names = ", ".join(".".join(path) for path in joined)
            what = f"{' and '.join(sorted(places))} are joined more than once ({names}); keep one, or add a place"
            yield Finding(joined[-1], what)


def _train(scenario: ScenarioSpec, train: str, line: Train) -> Iterator[Finding]:
    path = ("trains", train)
    for number, place in enumerate(line.path):
        yield from refer((*path, "path", str(number)), place, scenario.places, "place")
    links = _links(scenario)
    for number, (a, b) in enumerate(pairwise(line.path), 1):
        if a in scenario.places and b in scenario.places and frozenset((a, b)) not in links:
            yield Finding((*path, "path", str(number)), f"no section or border joins {a} and {b}")
    if not line.capacity:
        yield Finding((*path, "capacity"), "carries nothing; name the units that fill a train")
    for unit in line.capacity:
        if scenario.units:
            yield from refer((*path, "capacity", unit), unit, scenario.units, "unit")
    both_ends = line.ends
    if both_ends[0] == both_ends[1]:
        yield Finding((*path, "path"), f"begins and ends at {both_ends[0]}; give two places")
    for key in line.departure:
        yield from end_key((*path, "departure"), key, both_ends)
    for key in line.handling:
        yield from end_key((*path, "handling"), key, both_ends)


def _pools(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield the pools that have no locomotive for a section on the way of a train."""
    links = _links(scenario)
    used: dict[str, str] = {}
    for train, line in scenario.trains.items():
        for pair in pairwise(line.path):
            for kind, link in links.get(frozenset(pair), []):
                pool = scenario.sections[link].locomotives if kind == "sections" else None
                used.setdefault(pool or "", f"train {train} needs one on section {link}")
    for pool, spec in scenario.locomotives.items():
        if pool in used and spec.in_service < 1:
            what = f"{spec.locomotives} locomotives, available {spec.availability:.0%}, leave none in service"
            yield Finding(
                ("locomotives", pool),
                f"{what}, but {used[pool]}",
                is_warning=bool(scenario.changes),
            )
