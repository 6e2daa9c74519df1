"""Loads of services, their departures, and berths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import floor, fsum, inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.errors import InvariantError
from sim.log import NONE, names
from sim.network.parts import FleetPart, Network, SeaLine
from sim.network.preview._demand import Traffic
from sim.network.preview._departures import closed_share, departure_loads
from sim.network.preview._load import Load
from sim.units import HOUR, WEEK, YEAR

Units: TypeAlias = Mapping[int, float]
"""Units per year by unit code."""


def sea_loads(network: Network, traffic: Traffic) -> Iterator[Load]:
    """Yield the loads of services, of their departures by the clock, and of berths."""
    berths = _Berths(network)
    for line in network.services:
        both_ways = (traffic.units[line.carrier, 0], traffic.units[line.carrier, 1])
        yield from _service(network, line, both_ways, berths)
    yield from berths.loads()


def _service(
    network: Network, line: SeaLine, both_ways: tuple[Units, Units], berths: _Berths
) -> Iterator[Load]:
    """Yield the loads of one service, and add its calls and lifts to *berths*."""
    there, back = both_ways
    units = sorted({*there, *back})
    busier = {unit: max(there.get(unit, 0.0), back.get(unit, 0.0)) for unit in units}
    trips = [_round_trips(network, line, part, both_ways) for part in line.fleet]
    multiple, calls = _assign(line, trips, busier)
    if not multiple:
        wanted = fsum(busier.values())
        if wanted:
            yield Load(line.id, "service", "units", wanted, 0.0)
        return
    yield Load(line.id, "service", "round trips", fsum(trips) / multiple, fsum(trips))
    yield from _deck_parts(network, line, trips, busier)
    for end in (0, 1):
        servers = _servers(network, line, end)
        yield from departure_loads(network, line, end, fsum(calls), servers)
        yield from _filled(network, line, end, both_ways, fsum(calls))
    berths.add_calls(line, calls)
    for unit in units:
        berths.add_lifts(line, unit, there.get(unit, 0.0) + back.get(unit, 0.0))


def _deck_parts(
    network: Network, line: SeaLine, trips: list[float], units: Units
) -> Iterator[Load]:
    """Yield what comes of each kind against its parts of all decks, where none may borrow."""
    if not any(_keeps_to_parts(part) for part in line.fleet):
        return
    for unit, wanted in units.items():
        most = [
            count * floor(_share_for(part, unit) * _units_per_deck(part, unit) + 1e-9)
            for part, count in zip(line.fleet, trips, strict=True)
        ]
        yield Load(line.id, "deck part", network.names.unit[unit], wanted, fsum(most))


def _keeps_to_parts(part: FleetPart) -> bool:
    return part.loading is not None and bool(part.loading.shares) and not part.loading.borrowing


def _share_for(part: FleetPart, unit: int) -> float:
    """Return the share of a deck that a kind of unit may fill."""
    if part.loading is None or not _keeps_to_parts(part):
        return 1.0
    number = part.loading.part_of[unit]
    return 0.0 if number == NONE else part.loading.shares[number]


def _filled(
    network: Network, line: SeaLine, end: int, both_ways: tuple[Units, Units], needed: float
) -> Iterator[Load]:
    """Yield the departures that a year's cargo needs against those that the cargo of one end fills.

    Where nothing but cargo lets vessels leave, the emptier end sets the pace of both.
    """
    rule = line.departure[end]
    if not rule.needs_more_cargo or rule.full is None or rule.far_cargo is not None:
        return
    here, there = (_room(line.fleet[0], units) for units in (both_ways[end], both_ways[1 - end]))
    if 0 < here < rule.full * there:
        place = network.names.place[line.ends[end]]
        filled = needed * here / (rule.full * there)
        yield Load(names.departures(line.id, place), "departures", "departures", needed, filled)


def _servers(network: Network, line: SeaLine, end: int) -> float:
    """Return the number of berths that a service may use at one end; infinite without limit."""
    groups = sorted({part.berths[end] for part in line.fleet})
    servers = [network.resources[group].servers for group in groups]
    if not all(servers):
        return inf
    return fsum(servers)


class _Berths:
    """Seconds in a year in which berths are used, and units lifted at them."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._busy_s: dict[int, float] = defaultdict(float)
        self._lifts: dict[tuple[int, int], float] = defaultdict(float)
        """Units by berth group and unit."""
        self._with_pools_s: dict[int, float] = defaultdict(float)
        """Seconds in a year in which servers of a pool are used, by its resource."""
        self._s_per_unit: dict[tuple[int, int], float] = {}

    def add_calls(self, line: SeaLine, calls: Sequence[float]) -> None:
        """Add the handling of *calls* per year, by class, at each end."""
        for part, count in zip(line.fleet, calls, strict=True):
            for end in (0, 1):
                at_berth_s = part.handling[end].mean + _manoeuvres_s(part, end)
                self._busy_s[part.berths[end]] += count * at_berth_s
                self._add_pools(part, end, count)

    def _add_pools(self, part: FleetPart, end: int, calls: float) -> None:
        """Add the use of pools by *calls* of a class: each is kept while those after it are used."""
        for way in (0, 1):
            kept_s = 0.0
            for use in reversed(part.pools[end]):
                if use.servers[way]:
                    kept_s += use.times[way].mean
                    self._with_pools_s[use.resource] += calls * use.servers[way] * kept_s

    def add_lifts(self, line: SeaLine, unit: int, moved: float) -> None:
        """Add the work by rate on *moved* units per year; the first class stands for all."""
        part = line.fleet[0]
        for end in (0, 1):
            group, work_s = part.berths[end], part.s_per_unit[end][unit]
            if work_s:
                self._busy_s[group] += moved * work_s
                self._lifts[group, unit] += moved
                self._s_per_unit[group, unit] = work_s

    def loads(self) -> Iterator[Load]:
        """Yield the loads of berth groups with a limit, in berth hours and in lifts by unit, and of
        pools."""
        open_s: dict[int, float] = {}
        for group, busy_s in self._busy_s.items():
            facts = self._network.resources[group]
            if facts.servers:
                open_share = 1 - closed_share(self._network, facts.place)
                open_s[group] = facts.servers * YEAR * open_share
                yield Load(facts.id, "berth", "berth hours", busy_s / HOUR, open_s[group] / HOUR)
        for pool, used_s in self._with_pools_s.items():
            facts = self._network.resources[pool]
            there_s = facts.servers * YEAR * (1 - closed_share(self._network, facts.place))
            yield Load(facts.id, "pool", "hours of use", used_s / HOUR, there_s / HOUR)
        for (group, unit), moved in self._lifts.items():
            if group in open_s:
                name, unit_name = self._network.resources[group].id, self._network.names.unit[unit]
                most = open_s[group] / self._s_per_unit[group, unit]
                yield Load(name, "lifts", unit_name, moved, most)


def _manoeuvres_s(part: FleetPart, end: int) -> float:
    """Return the mean time of both manoeuvres of a call, waits left out [s]."""
    times = []
    for use in part.pools[end]:
        for servers, time in zip(use.servers, use.times, strict=True):
            times.append(time.mean if servers else 0.0)
    return fsum(times)


def _round_trips(
    network: Network, line: SeaLine, part: FleetPart, both_ways: tuple[Units, Units]
) -> float:
    """Return round trips per year of one class, less weather, repair and the wait at the emptier end,
    its deck full one way."""
    decks = max(_room(part, units) for units in both_ways) / part.deck.size
    work_s = 0.0
    for end in (0, 1):
        # What is loaded for one way and discharged from the other is worked at the same berth.
        moved_s = _lifting_s(part, end, both_ways)
        work_s += part.handling[end].mean + (moved_s / decks if decks else 0.0)
        work_s += _manoeuvres_s(part, end)
    cycle_s = 2 * part.crossing.mean + work_s + _wait_s(line, part, both_ways)
    if not cycle_s:
        return 0.0
    share = 1.0 - max(closed_share(network, network.names.place[end]) for end in line.ends)
    if part.repair_every is not None and part.repair_lasting is not None:
        in_service_s = part.repair_every.mean + _wait_for_yard_s(network, part)
        share *= in_service_s / (in_service_s + part.repair_lasting.mean)
    return part.vessels * YEAR * share / cycle_s


def _wait_s(line: SeaLine, part: FleetPart, both_ways: tuple[Units, Units]) -> float:
    """Return how long a vessel waits for cargo on a round trip at the limit of the service [s].

    A full deck always waits at the busier end then. Where the other has less for each trip than its
    rule asks for, more trips bring no more, and vessels wait there until something else lets them
    go: the longest wait, the clock, or what waits at the busier end. Storms and the need for a
    berth, which shorten the wait, are left out.
    """
    decks = [_room(part, units) / part.deck.size for units in both_ways]
    rule = line.departure[decks.index(min(decks))]
    if rule.full is None or rule.far_cargo is not None or rule.leaves_for_others:
        return 0.0
    if min(decks) >= rule.full * max(decks):
        return 0.0
    limits = [rule.longest_wait_s, rule.headway_s]
    if rule.times_of_week:
        limits.append(WEEK // len(rule.times_of_week))
    return min((limit_s for limit_s in limits if limit_s is not None), default=0.0)


def _wait_for_yard_s(network: Network, part: FleetPart) -> float:
    """Return how long a stay that falls due at any time waits for the months of the yard, in the mean [s]."""
    run_s = network.window_end_s + network.followup_s
    waits = [(end_s - begin_s) ** 2 / 2 for begin_s, end_s in part.no_repair]
    return fsum(waits) / run_s


def _room(part: FleetPart, units: Units) -> float:
    """Return the room on deck that *units* take, in the numbers of the deck."""
    return fsum(count * part.deck.per_unit[unit] for unit, count in units.items())


def _lifting_s(part: FleetPart, end: int, both_ways: tuple[Units, Units]) -> float:
    """Return the seconds of work by rate at one end on all units that the class can carry."""
    work = []
    for units in both_ways:
        for unit, count in units.items():
            if part.deck.per_unit[unit]:
                work.append(count * part.s_per_unit[end][unit])
    return fsum(work)


def _assign(line: SeaLine, trips: list[float], units: Units) -> tuple[float, list[float]]:
    """Return how many times the demand a fleet can carry, and the calls of each class at scale 1.

    A linear programme: trips of class c for unit u carry at most one deck of it, and sum to at most
    the trips of c. Where kinds keep to parts of the deck, those of one part sum to at most its share
    of the trips.

    Parameters
    ----------
    trips
        Round trips per year that each class can make.
    units
        Demand the busier way.

    Raises
    ------
    InvariantError
        The programme has no solution.
    """
    wanted = [unit for unit, count in units.items() if count > 0]
    if not wanted or not line.fleet:
        return 0.0, []
    classes, kinds = len(line.fleet), len(wanted)
    # Variables: trips by class and unit, then the multiple of the demand, which is maximised.
    variables = classes * kinds + 1
    carried = np.zeros((kinds, variables))
    limits, most = [], []
    for row, part in enumerate(line.fleet):
        for units_of_part, share in _shared_room(part, wanted):
            limit = np.zeros(variables)
            limit[[row * kinds + wanted.index(unit) for unit in units_of_part]] = 1.0
            limits.append(limit)
            most.append(share * trips[row])
        for column, unit in enumerate(wanted):
            carried[column, row * kinds + column] = _units_per_deck(part, unit)
    carried[:, -1] = [-units[unit] for unit in wanted]
    objective = np.zeros(variables)
    objective[-1] = -1.0
    solution = linprog(objective, A_ub=limits, b_ub=most, A_eq=carried, b_eq=np.zeros(kinds))
    if solution.x is None:
        raise InvariantError(f"the preview of {line.id} has no solution: {solution.message}")
    multiple = float(solution.x[-1])
    if not multiple:
        return multiple, [0.0] * classes
    decks = solution.x[:-1].reshape(classes, kinds) / multiple
    calls = [
        _calls(part, of_class, wanted) for part, of_class in zip(line.fleet, decks, strict=True)
    ]
    return multiple, calls


def _shared_room(part: FleetPart, units: list[int]) -> list[tuple[list[int], float]]:
    """Return the kinds of unit that share room on deck, with the share of it that is theirs."""
    if not _keeps_to_parts(part):
        return [(units, 1.0)]
    by_part: dict[int, list[int]] = {}
    for unit in units:
        by_part.setdefault(part.loading.part_of[unit] if part.loading else NONE, []).append(unit)
    return [(sharing, _share_for(part, sharing[0])) for sharing in by_part.values()]


def _calls(part: FleetPart, decks: NDArray[np.float64], units: list[int]) -> float:
    """Return the calls that carry *decks* of each kind: their sum, or what the fullest part needs."""
    if not _keeps_to_parts(part):
        return float(decks.sum())
    needed = [0.0]
    for sharing, share in _shared_room(part, units):
        if share:
            needed.append(fsum(decks[units.index(unit)] for unit in sharing) / share)
    return max(needed)


def _units_per_deck(part: FleetPart, unit: int) -> float:
    room = part.deck.per_unit[unit]
    return part.deck.size / room if room else 0.0
