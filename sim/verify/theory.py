"""What theory says about queues, vessels and closures: formulas and exactly solved Markov chains,
no printed tables.

Times are in hours, rates per hour, loads in erlang. Every wait is the mean in the steady state;
where there is none, a `ValueError` says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Matrix = NDArray[np.floating[Any]]
Blocks = tuple[Matrix, Matrix, Matrix]
"""Rates one level down, within the level (diagonal: minus the row sum of all three), one level
up."""

MOST_LOAD_OF_SERIES = 0.9
"""Share of capacity up to which Spitzer's series is short; above it the roots lose no digits."""


def mmc_wait_h(arrivals_per_h: float, servers: int, service_h: float) -> float:
    """Return the mean wait in the queue of M/M/c by Erlang C, from Erlang's loss recursion."""
    load = arrivals_per_h * service_h
    _check_steady(load, servers)
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    waits = lost / (1 - load / servers * (1 - lost))
    return waits * service_h / (servers - load)


def mg1_wait_h(arrivals_per_h: float, service_h: float, cv: float) -> float:
    """Return the mean wait in the queue of M/G/1 by Pollaczek and Khinchine.

    Parameters
    ----------
    cv
        Coefficient of variation of the service time, without unit.
    """
    load = arrivals_per_h * service_h
    _check_steady(load, 1)
    return load * service_h * (1 + cv**2) / (2 * (1 - load))


def mdc_wait_h(arrivals_per_h: float, servers: int, service_h: float) -> float:
    """Return the mean wait in the queue of M/D/c: Crommelin's chain one service time apart, then
    Little."""
    return _mean_left_behind(arrivals_per_h * service_h, servers) / arrivals_per_h


def merlang_wait_h(arrivals_per_h: float, servers: int, service_h: float, k: int) -> float:
    """Return the mean wait in the queue of M/E_k/c, from the Markov chain on the phases in service,
    then Little.

    The level is the number in the system; within a level the state is the phase of every busy
    server, in order.

    Parameters
    ----------
    k
        Phases of a service, each exponential of mean ``service_h / k``. A level has (c + k - 1
        choose c) states: 500 of them take a second.
    """
    _check_steady(arrivals_per_h * service_h, servers)
    states = [list(combinations_with_replacement(range(k), busy)) for busy in range(servers + 1)]
    index = [{state: i for i, state in enumerate(level)} for level in states]

    def blocks(level: int) -> Blocks:
        busy, less, more = (
            min(level, servers),
            min(max(level - 1, 0), servers),
            min(level + 1, servers),
        )
        down, local, up = _zeros(len(states[busy]), len(states[less]), len(states[more]))
        for i, state in enumerate(states[busy]):
            up[i, index[more][(0, *state)] if more > busy else i] += arrivals_per_h
            for at, phase in enumerate(state):
                rest = state[:at] + state[at + 1 :]
                if phase + 1 < k:
                    local[i, index[busy][tuple(sorted((*rest, phase + 1)))]] += k / service_h
                else:
                    down[i, index[less][(0, *rest) if less == busy else rest]] += k / service_h
        return down, local, up

    return _mean_level(blocks, servers, servers) / arrivals_per_h


def priority_waits_h(arrivals_per_h: Sequence[float], service_h: float) -> tuple[float, ...]:
    """Return the mean waits in the queue of non-preemptive M/M/1 by class, by Cobham.

    Parameters
    ----------
    arrivals_per_h
        Rate of each class, highest first; all have the same exponential service.
    """
    load = math.fsum(arrivals_per_h) * service_h
    _check_steady(load, 1)
    above = [math.fsum(arrivals_per_h[:n]) * service_h for n in range(len(arrivals_per_h) + 1)]
    return tuple(
        load * service_h / ((1 - above[n]) * (1 - above[n + 1])) for n in range(len(arrivals_per_h))
    )


def jackson_sojourn_h(stations: Sequence[tuple[float, int, float]]) -> float:
    """Return the mean time through an open Jackson network: by his theorem each station is an M/M/c
    of its own.

    Parameters
    ----------
    stations
        Of each station visited, in order: all its arrivals per hour, its servers, its mean service
        in hours.
    """
    return math.fsum(mmc_wait_h(*station) + station[2] for station in stations)


def blocked_tandem_sojourn_h(
    arrivals_per_h: float, first_service_h: float, room: int, second_service_h: float
) -> float:
    """Return the mean time from arrival until the second service begins, where a place is held
    until then.

    Poisson customers wait outside for one of *room* places, in order of arrival; then for the first
    server and through its exponential service; then in a buffer, still in their place, until the
    second server, exponential too, begins. Markov chain: the level is the number that the second
    service has not begun with, the state within a level the number in the buffer and in second
    service; then Little. Three hundred places take a second.
    """
    first, second = 1 / first_service_h, 1 / second_service_h
    slow, fast = sorted((first, second))
    most = fast * (1 - 1 / math.fsum((slow / fast) ** n for n in range(room + 2)))
    _check_steady(arrivals_per_h, most)

    def blocks(level: int) -> Blocks:
        inside = min(level, room)
        down, local, up = _zeros(
            inside + 2, min(max(level - 1, 0), room) + 2, min(level + 1, room) + 2
        )
        for beyond in range(inside + 2):
            buffered = max(beyond - 1, 0)
            up[beyond, beyond] = arrivals_per_h
            if buffered < inside:
                (local if beyond else down)[beyond, beyond + 1] = first
            if beyond:
                (down if buffered else local)[beyond, beyond - 1] = second
        return down, local, up

    return _mean_level(blocks, room, 0) / arrivals_per_h


def full_deck_wait_h(arrivals_per_h: float, deck: int) -> float:
    """Return the mean wait for a full deck with vessels unlimited: 0 to ``deck - 1`` are there, all
    as likely."""
    return (deck - 1) / (2 * arrivals_per_h)


def timetable_wait_h(arrivals_per_h: float, headway_h: float, deck: int) -> float:
    """Return the mean wait for a sailing every *headway_h* with room for *deck* units, the rest
    left behind.

    What is left behind just after a sailing is Crommelin's chain with the deck for servers and the
    headway for service; over a cycle the queue is that and, on average, half a headway's Poisson
    arrivals; then Little.
    """
    return _mean_left_behind(arrivals_per_h * headway_h, deck) / arrivals_per_h + headway_h / 2


def bulk_wait_h(
    arrivals_per_h: float, round_trip_h: float, least: int, most: int, vessels: int
) -> float:
    """Return the mean wait of a unit until its vessel leaves, Poisson units and a fleet of
    identical vessels.

    A vessel that is there leaves as soon as *least* units wait, takes at most *most* and is away
    for an exponential time of mean *round_trip_h*. Markov chain on the vessels away and the units
    waiting: while a vessel is there fewer than *least* wait; with all away the queue beyond that is
    geometric, so that the chain watched only below *least* is finite and exact; then Little.
    """
    if not 1 <= least <= most:
        raise ValueError(f"a vessel leaves with {least} to {most} units: want 1 <= least <= most")
    back = vessels / round_trip_h
    _check_steady(arrivals_per_h, back * most)

    def surplus(z: float) -> float:
        return back * math.fsum(z**n for n in range(1, most + 1)) - arrivals_per_h

    z = float(optimize.brentq(surplus, 0.0, 1.0, xtol=1e-300, rtol=4 * float(np.finfo(float).eps)))
    rates = np.zeros(((vessels + 1) * least, (vessels + 1) * least))
    for away in range(vessels + 1):
        for units in range(least):
            here = away * least + units
            if away:
                rates[here, here - least] = away / round_trip_h
            if units + 1 < least:
                rates[here, here + 1] += arrivals_per_h
            elif away < vessels:
                rates[here, (away + 1) * least] += arrivals_per_h
    top = vessels * least
    rates[-1, top] += back * math.fsum(z**n for n in range(1, most - least + 2))
    rates[-1, top + 1 :] += back * z ** (most - least + 1 + np.arange(1, least))
    share = _stationary(rates)
    tail = float(share[-1]) * z / (1 - z)
    waiting = float(share @ np.tile(np.arange(least), vessels + 1)) + tail * (
        least - 1 + 1 / (1 - z)
    )
    return waiting / (1 + tail) / arrivals_per_h


def ferry_round_trips_per_h(
    vessels: int, crossing_h: float, handling_h: tuple[float, float]
) -> float:
    """Return round trips per vessel and hour of a closed fleet, by exact mean value analysis
    (Reiser and Lavenberg).

    Parameters
    ----------
    crossing_h
        One way, of any distribution (a delay: nobody queues at sea).
    handling_h
        Mean of the exponential handling at the one berth of each end.
    """
    queue = [0.0, 0.0]
    trips_per_h = 0.0
    for fleet in range(1, vessels + 1):
        at_port_h = [time * (1 + length) for time, length in zip(handling_h, queue, strict=True)]
        trips_per_h = fleet / (2 * crossing_h + math.fsum(at_port_h))
        queue = [trips_per_h * time for time in at_port_h]
    return trips_per_h / vessels


def machines_up(machines: int, crews: int, up_h: float, down_h: float) -> float:
    """Return the mean number of machines up: machine repair as a birth and death chain on the
    number down.

    Parameters
    ----------
    up_h, down_h
        Means of the exponential time to failure and of the exponential repair by one crew.
    """
    logs = [0.0]
    for down in range(machines):
        logs.append(logs[-1] + math.log((machines - down) * down_h / (min(down + 1, crews) * up_h)))
    weights = [math.exp(value - max(logs)) for value in logs]
    return math.fsum((machines - down) * w for down, w in enumerate(weights)) / math.fsum(weights)


def closure_wait_h(open_h: float, closed_h: float, closed_cv: float = 1.0) -> float:
    """Return the mean wait, from a random time, until a port is open: share closed times what is
    left of a closure.

    What is left of a closure that is met at a random time is D (1 + cv^2) / 2 on average
    (inspection paradox); of an exponential one, as long as a whole one.
    """
    return storm_share(open_h, closed_h) * closed_h * (1 + closed_cv**2) / 2


def window_wait_h(open_h: float, closed_h: float, window_h: float, closed_cv: float = 1.0) -> float:
    """Return the mean wait, from a random time, for the next moment from which a port stays open
    for *window_h*.

    Renewal argument: in an open spell one leaves at once if what is left of it is long enough,
    which is as likely as for a whole one, open spells being exponential; if not, it and the closure
    after it are lost and all begins again.
    """
    lost_h = (open_h + closed_h) * math.expm1(window_h / open_h) - window_h
    return lost_h + closure_wait_h(open_h, closed_h, closed_cv)


def paused_work_h(work_h: float, open_h: float, closed_h: float) -> float:
    """Return the mean duration of work that begins in an open spell and pauses while closed.

    Closures come at rate ``1 / open_h`` of work done, as open spells are exponential (Wald).
    """
    return work_h * (1 + closed_h / open_h)


def storm_share(open_h: float, closed_h: float) -> float:
    """Return the share of time closed, by renewal and reward: spells of any distribution with these
    means."""
    return closed_h / (open_h + closed_h)


def _check_steady(load: float, capacity: float) -> None:
    if not 0 < load < capacity:
        raise ValueError(
            f"no steady state: load {load:g} must be above zero and below capacity {capacity:g}"
        )


def _mean_left_behind(load: float, places: int) -> float:
    """Return the mean of X in X' = max(X + A - places, 0), A Poisson of mean *load*."""
    _check_steady(load, places)
    return (
        _by_series(load, places)
        if load <= MOST_LOAD_OF_SERIES * places
        else _by_roots(load, places)
    )


def _by_series(load: float, places: int) -> float:
    """Sum Spitzer's series, E X = sum over n of E max(A_n - n places, 0) / n with A_n Poisson of
    mean n load.

    Terms fall at least as fast as exp(-n rate), Chernoff's bound; those left out are below 1e-17 of
    the first.
    """
    rate = load - places + places * math.log(places / load)
    n = np.arange(1, 2 + math.ceil(40 / rate), dtype=np.float64)
    mean, room = n * load, n * places
    # E max(A - r, 0) = m P(A >= r) - r P(A > r), and P(A >= r) is the regularised incomplete gamma
    # function of r at m.
    excess = mean * special.gammainc(room, mean) - room * special.gammainc(room + 1, mean)
    return math.fsum(np.maximum(excess, 0) / n)


def _by_roots(load: float, places: int) -> float:
    """Take the mean from the roots of z**places = exp(load (z - 1)) in the unit disc, each by
    Lambert's function."""
    share = load / places
    turns = np.exp(2j * np.pi * np.arange(1, places) / places)
    roots = -special.lambertw(-share * turns * math.exp(-share)) / share
    pairs = math.fsum((1 / (1 - roots)).real)
    return load / (2 * (places - load)) - load / 2 - (places - 1) / 2 + pairs


def _zeros(here: int, below: int, above: int) -> Blocks:
    return np.zeros((here, below)), np.zeros((here, here)), np.zeros((here, above))


def _stationary(rates: Matrix) -> Matrix:
    """Return the stationary shares of a finite chain by the elimination of Grassmann, Taksar and
    Heyman.

    Parameters
    ----------
    rates
        Square; the diagonal is not looked at. Nothing is subtracted: small shares are as exact as
        large ones.
    """
    left = rates.copy()
    size = len(left)
    for n in range(size - 1, 0, -1):
        to, of = np.flatnonzero(left[n, :n]), np.flatnonzero(left[:n, n])
        left[of, n] /= left[n, to].sum()
        left[np.ix_(of, to)] += np.outer(left[of, n], left[n, to])
    shares = np.zeros(size)
    shares[0] = 1
    for n in range(1, size):
        shares[n] = shares[:n] @ left[:n, n]
    return shares / shares.sum()


def _mean_level(blocks: Callable[[int], Blocks], last: int, floor: int) -> float:
    """Return the mean of max(level - floor, 0) of a chain that moves by one level at most.

    Below *last* by linear level reduction, beyond it by Neuts' matrix-geometric tail: nothing is
    cut off.

    Parameters
    ----------
    blocks
        Rates of a level, diagonal left at zero.
    last
        From here up the rates do not depend on the level, nor those down to here.
    floor
        At most *last*.
    """
    levels = [_with_diagonal(blocks(level)) for level in range(last + 2)]
    ratio = _tail_ratio(*levels[-1])
    rest = np.eye(len(ratio)) - ratio
    ratios = [ratio]
    for level in range(last, 0, -1):
        within = levels[level][1] + ratios[-1] @ levels[level + 1][0]
        ratios.append(np.linalg.solve(-within.T, levels[level - 1][2].T).T)
    shares = [_stationary(levels[0][1] + ratios[-1] @ levels[1][0])]
    for step in ratios[:0:-1]:
        shares.append(shares[-1] @ step)
    beyond = np.linalg.solve(rest.T, ratio.T @ shares[-1])
    above = float(np.linalg.solve(rest.T, beyond).sum()) + (last - floor) * float(beyond.sum())
    below = math.fsum(
        max(level - floor, 0) * float(share.sum()) for level, share in enumerate(shares)
    )
    return (below + above) / math.fsum(
        [*(float(share.sum()) for share in shares), float(beyond.sum())]
    )


def _with_diagonal(blocks: Blocks) -> Blocks:
    down, local, up = blocks
    return down, local - np.diag(down.sum(axis=1) + local.sum(axis=1) + up.sum(axis=1)), up


def _tail_ratio(down: Matrix, local: Matrix, up: Matrix) -> Matrix:
    """Return Neuts' rate matrix by the logarithmic reduction of Latouche and Ramaswami."""
    unit = np.eye(len(local))
    lower, upper = np.linalg.solve(-local, down), np.linalg.solve(-local, up)
    first_passage, reach = lower.copy(), upper.copy()
    while reach.max() > 1e-18:
        again = unit - upper @ lower - lower @ upper
        lower, upper = np.linalg.solve(again, lower @ lower), np.linalg.solve(again, upper @ upper)
        first_passage += reach @ lower
        reach = reach @ upper
    return np.linalg.solve(-(local + up @ first_passage).T, up.T).T
