"""Checks of sections, borders, trains, locomotives and roads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sim.spec.checks.departure import check_no_vessel_rules
from sim.spec.checks.formalities import check_border, check_gates
from sim.spec.checks.lines import check_end_keys, check_ends, check_units
from sim.spec.checks.outages import check_interval
from sim.spec.findings import Finding, refer
from sim.spec.itineraries import chosen_link, links, links_of
from sim.spec.land import (
    Possession,
    Road,
    Section,
    Train,
    moving_share,
    running_time,
)
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.units import DAY, WEEK, Seconds

FASTEST_KM_PER_DAY = 2400.0
"""100 km/h day and night: no freight train here."""


def check_land(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with rail and road."""
    for section, track in scenario.sections.items():
        yield from _section(scenario, ("sections", section), track)
    for border, crossing in scenario.borders.items():
        yield from check_border(scenario, ("borders", border), crossing)
    for train, line in scenario.trains.items():
        yield from _train(scenario, ("trains", train), line)
    yield from _holding_tracks(scenario)
    yield from _pools(scenario)
    for road, way in scenario.roads.items():
        yield from _road(scenario, ("roads", road), way)


def _holding_tracks(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield tracks on which no train stands: none comes there."""
    passed: set[str] = set()
    for line in scenario.trains.values():
        passed |= set(line.path)
    for place, spec in scenario.places.items():
        if spec.holding_tracks is not None and place not in passed:
            what = "no train comes here; give it to a place on the path of one, or remove it"
            yield Finding(("places", place, "holding_tracks"), what)


# -- sections and borders
# ------------------------------------------------------------------------------------------------


def _section(scenario: ScenarioSpec, path: Path, spec: Section) -> Iterator[Finding]:
    yield from check_ends(scenario, path, spec.ends)
    pools = scenario.locomotives
    yield from refer((*path, "locomotives"), spec.locomotives, pools, "locomotive pool")
    yield from _running(path, spec)
    if spec.running is not None or spec.speed_km_per_day is not None:
        yield from _moving(path, spec)
    yield from _paths(path, spec)
    yield from _loops(path, spec)
    if _covers_week(spec.possessions):
        what = "leave no hour of the week in which a train may enter"
        yield Finding((*path, "possessions"), what)


def _running(path: Path, spec: Section) -> Iterator[Finding]:
    """Yield what is wrong with the running time, and a speed that no freight train keeps up."""
    if spec.running is None:
        if spec.length_km is None or spec.speed_km_per_day is None:
            what = "has no running time; give 'running', or 'length_km' and 'speed_km_per_day'"
            yield Finding(path, what)
        key, km_per_day = "speed_km_per_day", spec.speed_km_per_day or 0.0
    else:
        if spec.speed_km_per_day is not None:
            what = "stands beside 'running', which says the same; keep one"
            yield Finding((*path, "speed_km_per_day"), what)
        key = "running"
        km_per_day = (spec.length_km or 0.0) * DAY / max(spec.running.mean, 1.0)
    if km_per_day > FASTEST_KM_PER_DAY:
        what = f"{km_per_day:g} km a day is {km_per_day / 24:.0f} km/h day and night"
        yield Finding((*path, key), what, is_warning=True)


def _moving(path: Path, spec: Section) -> Iterator[Finding]:
    """Yield a speed while moving that says nothing, or at which a train is never there in time."""
    if spec.moving_km_per_h is None:
        return
    here = (*path, "moving_km_per_h")
    if spec.length_km is None:
        yield Finding(here, "needs 'length_km', over which it is taken")
        return
    share = moving_share(spec)
    if share > 1:
        mean_km_h = share * spec.moving_km_per_h
        what = f"is below the {mean_km_h:.3g} km/h that the running time makes, stops included"
        yield Finding(here, f"{what}; trains are taken to move all the time", is_warning=True)


def _paths(path: Path, spec: Section) -> Iterator[Finding]:
    others = spec.background_trains_per_day
    if spec.paths_per_day is not None and others >= spec.paths_per_day:
        what = f"other trains use {others:g} of {spec.paths_per_day:g} paths: none is left"
        yield Finding((*path, "background_trains_per_day"), what)


def _loops(path: Path, spec: Section) -> Iterator[Finding]:
    """Yield what is wrong with a single track by layout."""
    if spec.loops is None:
        if spec.clearing:
            what = "is for single track by layout; add 'loops', or leave it out"
            yield Finding((*path, "clearing"), what)
        return
    here = (*path, "loops")
    if spec.paths_per_day is not None:
        yield Finding(here, "stands beside 'paths_per_day', which says the same; keep one")
    if spec.tracks > 1:
        yield Finding(here, f"are where trains meet on one track, and there are {spec.tracks}")
    block_s = running_time(spec).mean / (spec.loops + 1) + spec.clearing
    others = spec.background_trains_per_day
    if 2 * others * block_s >= DAY:
        most = DAY / block_s / 2
        what = f"other trains want {others:g} a day each way; the blocks take {most:.1f}"
        yield Finding((*path, "background_trains_per_day"), f"{what}, so none is left")


def _covers_week(possessions: tuple[Possession, ...]) -> bool:
    """Return whether possessions follow each other without a gap all week."""
    shut: list[tuple[Seconds, Seconds]] = []
    for possession in possessions:
        every = DAY if possession.from_ < 0 else WEEK
        first = possession.from_ % every
        shut += [(at, at + possession.lasting) for at in range(first - WEEK, 2 * WEEK, every)]
    open_from = 0
    for start_s, end_s in sorted(shut):
        if start_s > open_from:
            return False
        open_from = max(open_from, end_s)
    return open_from >= WEEK


# -- trains and locomotives
# ------------------------------------------------------------------------------------------------


def _train(scenario: ScenarioSpec, path: Path, line: Train) -> Iterator[Finding]:
    yield from _train_path(scenario, (*path, "path"), line)
    yield from _over(scenario, (*path, "over"), line)
    if not line.capacity:
        yield Finding((*path, "capacity"), "carries nothing; name the units that fill a train")
    yield from check_units(scenario, (*path, "capacity"), line.capacity)
    yield from check_end_keys((*path, "departure"), line.departure, line.ends)
    yield from check_no_vessel_rules((*path, "departure"), line.departure)
    yield from check_end_keys((*path, "handling"), line.handling, line.ends)


def _train_path(scenario: ScenarioSpec, path: Path, line: Train) -> Iterator[Finding]:
    joined = links(scenario)
    for number, place in enumerate(line.path):
        yield from refer((*path, str(number)), place, scenario.places, "place")
    for number, (a, b) in enumerate(pairwise(line.path), 1):
        if a in scenario.places and b in scenario.places:
            here = joined.get(frozenset((a, b)), [])
            yield from _step((*path, str(number)), line.over, (a, b), here)
    first, last = line.ends
    if first == last:
        yield Finding(path, f"begins and ends at {first}; give two places")


def _step(
    path: Path, over: tuple[str, ...], ends: tuple[str, str], joined: list[tuple[str, str]]
) -> Iterator[Finding]:
    """Yield what is wrong with two neighbours on a path that *joined* join."""
    pair = f"{ends[0]} and {ends[1]}"
    if not joined:
        yield Finding(path, f"no section or border joins {pair}")
    elif chosen_link(joined, over) is None:
        names = ", ".join(".".join(link) for link in joined)
        what = f"{pair} are joined more than once ({names}); name the one it takes in 'over'"
        yield Finding(path, what)


def _over(scenario: ScenarioSpec, path: Path, line: Train) -> Iterator[Finding]:
    """Yield what a line says it takes and does not, or could not but take."""
    joined = links(scenario)
    passed = [joined.get(frozenset(pair), []) for pair in pairwise(line.path)]
    everything = {**scenario.sections, **scenario.borders}
    for number, name in enumerate(line.over):
        here = (*path, str(number))
        yield from refer(here, name, everything, "section or border")
        choices = [links for links in passed if name in (link for _, link in links)]
        if name in everything and not choices:
            yield Finding(here, f"{name} joins no two neighbours of its path; leave it out")
        elif choices and all(len(links) == 1 for links in choices):
            what = f"{name} is all there is between its ends, and needs no naming; leave it out"
            yield Finding(here, what, is_warning=True)


def _pools(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield pools that have no locomotive for a section of a train, or fail too often."""
    needed_for: dict[str, str] = {}
    for train in scenario.trains:
        for kind, link in links_of(scenario, train):
            pool = scenario.sections[link].locomotives if kind == "sections" else None
            needed_for.setdefault(pool or "", f"train {train} needs one on section {link}")
    for pool, spec in scenario.locomotives.items():
        path = ("locomotives", pool)
        if pool in needed_for and spec.in_service < 1:
            what = f"{spec.locomotives} locomotives, available {spec.availability:.0%}, leave none in service"
            # For a while it is legal: another date may bring one.
            is_warning = bool(scenario.changes)
            yield Finding(path, f"{what}, but {needed_for[pool]}", is_warning=is_warning)
        if spec.breakdowns is not None:
            here = (*path, "breakdowns", "every")
            every_s = spec.breakdowns.every.mean
            yield from check_interval(scenario, here, every_s, spec.locomotives)


# -- roads
# ------------------------------------------------------------------------------------------------


def _road(scenario: ScenarioSpec, path: Path, spec: Road) -> Iterator[Finding]:
    yield from check_ends(scenario, path, spec.ends)
    yield from check_end_keys((*path, "gates"), spec.gates, spec.ends, both=False)
    yield from check_gates(scenario, path, spec)
