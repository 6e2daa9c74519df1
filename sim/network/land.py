"""Trains, track, borders, locomotives and roads of a scenario as parts of its network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sim.distributions import Distribution
from sim.log import NONE, names
from sim.network.codes import Codes
from sim.network.departure import departure_plan
from sim.network.formalities import crossing, gateway
from sim.network.parts import (
    BreakdownPlan,
    Crossing,
    RoadLine,
    Stretch,
    TrainLine,
)
from sim.spec.departure import FULL_OR_THREE_DAYS
from sim.spec.fields import NO_TIME, at_end
from sim.spec.formalities import Border
from sim.spec.itineraries import chosen_link, links, train_share
from sim.spec.land import Section, running_time
from sim.spec.scenario import ScenarioSpec
from sim.units import DAY

# -- trains
# --------------------------------------------------------------------------------------------------


def train_line(codes: Codes, train: str) -> TrainLine:
    """Return the line of block trains *train*, with what it passes in each direction."""
    line = codes.spec.trains[train]
    there = [_link(codes, (a, b), line.over) for a, b in pairwise(line.path)]
    back = [_link(codes, (b, a), line.over) for a, b in pairwise(line.path)]
    first, second = codes.end_names[train]
    is_tight = (_is_tight(codes, first), _is_tight(codes, second))
    return TrainLine(
        id=train,
        carrier=codes.carriers[train],
        ends=codes.ends(train),
        deck=codes.deck({unit: train_share(codes.spec, train, unit) for unit in codes.units}),
        links=(tuple(there), tuple(reversed(back))),
        departure=(
            departure_plan(line.departure, first, FULL_OR_THREE_DAYS),
            departure_plan(line.departure, second, FULL_OR_THREE_DAYS),
        ),
        handling=(at_end(line.handling, first, NO_TIME), at_end(line.handling, second, NO_TIME)),
        tracks=(_loading_tracks(codes, first), _loading_tracks(codes, second)),
        priority=line.priority,
        is_tight=is_tight,
    )


def _is_tight(codes: Codes, place: str) -> bool:
    return codes.spec.places[place].holding_tracks is not None


def _loading_tracks(codes: Codes, place: str) -> int:
    port = codes.spec.ports.get(place)
    if port is None or port.train_tracks is None:
        return NONE
    return codes.resources.code(names.tracks(place), "track", place, port.train_tracks)


def _link(codes: Codes, ends: tuple[str, str], over: tuple[str, ...]) -> Stretch | Crossing:
    """Return the section or border between two neighbours on a path, in the direction travelled."""
    name, link = link_between(codes.spec, *ends, over)
    if isinstance(link, Section):
        return _stretch(codes, name, link, ends)
    return crossing(codes, name, link, ends)


def link_between(
    spec: ScenarioSpec, first: str, second: str, over: tuple[str, ...] = ()
) -> tuple[str, Section | Border]:
    """Return the section or border, with its id, by which a line goes between two neighbours.

    Parameters
    ----------
    over
        What the line says it takes, where more than one joins them.
    """
    joined = links(spec).get(frozenset((first, second)), [])
    chosen = chosen_link(joined, over)
    if chosen is None:
        raise KeyError((first, second))
    kind, name = chosen
    return name, spec.sections[name] if kind == "sections" else spec.borders[name]


def _stretch(codes: Codes, name: str, section: Section, ends: tuple[str, str]) -> Stretch:
    origin, destination = ends
    blocks = _blocks(codes, name, section)
    if origin != section.from_:
        blocks = blocks[::-1]
    headway_s, paths = 0, 0
    if section.paths_per_day is not None:
        headway_s = round(DAY / (section.paths_per_day - section.background_trains_per_day))
        paths = 1
    background_s = 0
    if blocks and section.background_trains_per_day:
        background_s = round(DAY / section.background_trains_per_day)
    return Stretch(
        id=name,
        place=codes.places[origin],
        resource=codes.resources.code(names.path(name, origin, destination), "path", origin, paths),
        running=running_time(section),
        headway_s=headway_s,
        pool=NONE if section.locomotives is None else codes.pool(section.locomotives),
        section=codes.resources.code(name, "section", section.from_, 0),
        blocks=blocks,
        clearing_s=section.clearing,
        possessions=tuple((shut.from_, shut.lasting) for shut in section.possessions),
        holding=codes.holding(destination, name),
        end=codes.places[destination],
        background_s=background_s,
    )


def _blocks(codes: Codes, name: str, section: Section) -> tuple[int, ...]:
    """Return the resource codes of the blocks, as a train from ``from`` meets them."""
    if section.loops is None:
        return ()
    return tuple(
        codes.resources.code(names.block(name, number), "block", section.from_, 1)
        for number in range(1, section.loops + 2)
    )


# -- locomotives
# --------------------------------------------------------------------------------------------------


def locomotive_turns(codes: Codes) -> dict[int, Distribution]:
    """Return the time between two trains of one locomotive, by resource code of its pool."""
    return {codes.pool(name): pool.turn for name, pool in codes.spec.locomotives.items()}


def breakdowns(codes: Codes) -> Iterator[tuple[int, BreakdownPlan]]:
    """Yield each pool whose locomotives break down, by resource code, with its plan."""
    for name, pool in codes.spec.locomotives.items():
        failures = pool.breakdowns
        if failures is None:
            continue
        workshop = NONE
        if failures.crews is not None:
            workshop = codes.resources.code(names.workshop(name), "workshop", "", failures.crews)
        yield codes.pool(name), BreakdownPlan(failures.every, failures.lasting, workshop)


# -- roads
# --------------------------------------------------------------------------------------------------


def road_line(codes: Codes, road: str) -> RoadLine:
    """Return the road *road* with the gates that trucks meet at its ends."""
    way = codes.spec.roads[road]
    gates = (gateway(codes, road, way.from_), gateway(codes, road, way.to))
    return RoadLine(
        id=road,
        carrier=codes.carriers[road],
        ends=codes.ends(road),
        resource=codes.resources.code(road, "line", way.from_, 0),
        running=way.running,
        gates=gates,
    )
