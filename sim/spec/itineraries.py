"""The ways of cargo: legs by train, vessel and road, and the share of a vehicle that a unit takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sim.spec.dwell import BY_LAND, BY_SEA
from sim.spec.messages import known_names, near
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import berth_groups

LONGEST = 12
"""Legs of an itinerary at most."""
MOST_WAYS = 20
"""Ways to one place that are kept while the shortest is looked for."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One movement by one carrier."""

    carrier: str
    kind: str
    """``train``, ``service`` or ``road``."""
    origin: str
    destination: str


@dataclass(frozen=True, slots=True)
class Itinerary:
    """One way of a flow and the share of its consignments that takes it."""

    id: str
    share: float
    legs: tuple[Leg, ...]


def carriers(scenario: ScenarioSpec) -> Iterator[tuple[str, str, str, str]]:
    """Yield ``(carrier, kind, first end, second end)`` of everything that moves cargo."""
    for train, line in scenario.trains.items():
        yield train, "train", *line.ends
    for service, sea in scenario.services.items():
        yield service, "service", *sea.ends
    for road, way in scenario.roads.items():
        yield road, "road", *way.ends


def ends_of(scenario: ScenarioSpec, carrier: str) -> tuple[str, str]:
    """Return the two ends of a train, service or road."""
    if carrier in scenario.trains:
        return scenario.trains[carrier].ends
    if carrier in scenario.services:
        return scenario.services[carrier].ends
    return scenario.roads[carrier].ends


def dwells_before(scenario: ScenarioSpec, unit: str, carrier: str, place: str) -> list[str]:
    """Return what dwells a *unit* at *place* needs before it goes on by *carrier*."""
    side = BY_SEA if carrier in scenario.services else BY_LAND
    return [
        name
        for name, dwell in scenario.dwell.items()
        if dwell.at == place
        and (not dwell.units or unit in dwell.units)
        and (not dwell.before or side in dwell.before or carrier in dwell.before)
    ]


def links(scenario: ScenarioSpec) -> dict[frozenset[str], list[tuple[str, str]]]:
    """Return ``("sections", id)`` and ``("borders", id)`` by the two places that they join."""
    joined: dict[frozenset[str], list[tuple[str, str]]] = {}
    for section, track in scenario.sections.items():
        joined.setdefault(frozenset(track.ends), []).append(("sections", section))
    for border, crossing in scenario.borders.items():
        joined.setdefault(frozenset(crossing.ends), []).append(("borders", border))
    return joined


def links_of(scenario: ScenarioSpec, train: str) -> list[tuple[str, str]]:
    """Return the sections and borders on the path of *train*, as in `links`; nothing where two
    neighbours are not joined, or by several of which none is chosen."""
    joined, line = links(scenario), scenario.trains[train]
    path: list[tuple[str, str]] = []
    for pair in pairwise(line.path):
        chosen = chosen_link(joined.get(frozenset(pair), []), line.over)
        if chosen is not None:
            path.append(chosen)
    return path


def chosen_link(joined: list[tuple[str, str]], over: tuple[str, ...]) -> tuple[str, str] | None:
    """Return which of those that join two places a line takes: the only one, or the one named in
    its ``over``; None where that says none, or several."""
    if len(joined) == 1:
        return joined[0]
    named = [link for link in joined if link[1] in over]
    return named[0] if len(named) == 1 else None


def itineraries(scenario: ScenarioSpec, flow: str) -> tuple[Itinerary, ...]:
    """Return the ways of *flow* with their shares.

    Raises
    ------
    ValueError
        A route that does not lead to the destination, or no route, or several equally short ones
        and none chosen.
    """
    spec = scenario.flows[flow]
    if spec.origin == spec.destination:
        raise ValueError(f"origin and destination are the same place, {spec.origin}")
    if spec.routes:
        return tuple(
            Itinerary(route, way.share, _follow(scenario, spec.origin, spec.destination, way.legs))
            for route, way in spec.routes.items()
        )
    return (Itinerary("direct", 1.0, _shortest(scenario, flow)),)


def itineraries_if_any(scenario: ScenarioSpec, flow: str) -> tuple[Itinerary, ...]:
    """Return the ways of *flow*; none where `itineraries` refuses them."""
    try:
        return itineraries(scenario, flow)
    except ValueError:
        return ()


def _follow(
    scenario: ScenarioSpec, origin: str, destination: str, legs: tuple[str, ...]
) -> tuple[Leg, ...]:
    lines = {carrier: (kind, first, second) for carrier, kind, first, second in carriers(scenario)}
    at, taken = origin, []
    for carrier in legs:
        if carrier not in lines:
            what = f"leg {carrier!r} is no train, service or road{near(carrier, lines)}"
            raise ValueError(f"{what} {known_names(carrier, lines)}")
        kind, first, second = lines[carrier]
        if at not in (first, second):
            raise ValueError(
                f"leg {carrier!r} joins {first} and {second}, but the cargo is at {at}"
            )
        to = second if at == first else first
        taken.append(Leg(carrier, kind, at, to))
        at = to
    if at != destination:
        raise ValueError(f"the legs end at {at}, not at the destination {destination}")
    return tuple(taken)


def _shortest(scenario: ScenarioSpec, flow: str) -> tuple[Leg, ...]:
    """Return the way of *flow* with the fewest legs, of which there must be one."""
    spec = scenario.flows[flow]
    usable = [c for c in carriers(scenario) if can_carry(scenario, c[0], c[1], spec.unit)]
    visited = {spec.origin}
    reached: dict[str, list[tuple[Leg, ...]]] = {spec.origin: [()]}
    for _ in range(LONGEST):
        reached = _one_leg_more(reached, usable, visited)
        if spec.destination in reached:
            ways = reached[spec.destination]
            if len(ways) > 1:
                names = "; ".join(", ".join(leg.carrier for leg in way) for way in ways[:4])
                raise ValueError(f"several ways are equally short ({names}); choose with 'routes'")
            return ways[0]
        visited |= set(reached)
    raise ValueError(
        f"no way leads a {spec.unit} from {spec.origin} to {spec.destination}; "
        "add a train, service or road that carries it"
    )


def _one_leg_more(
    reached: Mapping[str, list[tuple[Leg, ...]]],
    usable: list[tuple[str, str, str, str]],
    visited: set[str],
) -> dict[str, list[tuple[Leg, ...]]]:
    """Return the ways to places that are one leg further than those *reached*, some of each."""
    further: dict[str, list[tuple[Leg, ...]]] = {}
    for place, ways in reached.items():
        for carrier, kind, first, second in usable:
            if place not in (first, second):
                continue
            to = second if place == first else first
            if to not in visited:
                longer = [(*way, Leg(carrier, kind, place, to)) for way in ways]
                further.setdefault(to, []).extend(longer)
    return {place: ways[:MOST_WAYS] for place, ways in further.items()}


def can_carry(scenario: ScenarioSpec, carrier: str, kind: str, unit: str) -> bool:
    """Return whether a carrier takes a unit: a road any, a service what one of its vessels takes."""
    if kind == "road":
        return True
    if kind == "train":
        return train_share(scenario, carrier, unit) is not None
    return any(
        sailing_share(scenario, carrier, vessel, unit) is not None
        for vessel in fleet(scenario, carrier)
    )


def fleet(scenario: ScenarioSpec, service: str) -> dict[str, int]:
    """Return the vessels of a service by class, of those classes that the scenario has."""
    vessels = scenario.services[service].fleet.items()
    return {vessel: count for vessel, count in vessels if vessel in scenario.vessels}


def load_sizes(scenario: ScenarioSpec, leg: Leg, unit: str) -> list[int]:
    """Return how many of *unit* fill each vehicle that serves a leg; none for a road."""
    if leg.kind == "train":
        shares = [train_share(scenario, leg.carrier, unit)]
    elif leg.kind == "service":
        vessels = fleet(scenario, leg.carrier)
        shares = [sailing_share(scenario, leg.carrier, vessel, unit) for vessel in vessels]
    else:
        shares = []
    return [int(1 / share) for share in shares if share is not None]


def train_share(scenario: ScenarioSpec, train: str, unit: str) -> Fraction | None:
    """Return the share of a train that one unit takes, or None if it cannot be carried."""
    capacity = scenario.trains[train].capacity.get(unit)
    return Fraction(1, capacity) if capacity else None


def sailing_share(scenario: ScenarioSpec, service: str, vessel: str, unit: str) -> Fraction | None:
    """Return the share of a deck that one unit takes on *service*, or None where the class cannot
    carry it, or the berths of either end cannot work it."""
    line = scenario.services[service]
    for place in line.ends:
        port = scenario.ports.get(place)
        # Several groups are refused elsewhere; until then the first stands for all.
        for group in berth_groups(port, line, vessel, place)[:1]:
            worked = port.berths[group].units if port and group in port.berths else ()
            if worked and unit not in worked:
                return None
    return deck_share(scenario, vessel, unit)


def deck_share(scenario: ScenarioSpec, vessel: str, unit: str) -> Fraction | None:
    """Return the share of a deck that one unit takes, or None if it cannot be carried."""
    ship = scenario.vessels[vessel]
    capacity = ship.capacity.get(unit)
    if capacity:
        return Fraction(1, capacity)
    spec = scenario.units.get(unit)
    if ship.lane_m is None or spec is None or spec.lane_m is None:
        return None
    if ship.carries and unit not in ship.carries:
        return None
    # In whole millimetres, so that shares are exact.
    share = Fraction(round(spec.lane_m * 1000), round(ship.lane_m * 1000))
    return share if 0 < share <= 1 else None
