"""Exact means of queues, vessels and closures, from formulas and solved Markov chains.

Times are in hours, rates per hour, loads in erlang. Every wait is the mean in the steady state;
where there is none, a `ValueError` says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

import numpy as np
from scipy import optimize

from sim.verify.chains import (
    Blocks,
    check_steady,
    mean_left_behind,
    mean_left_behind_of_two,
    mean_level,
    stationary,
    zero_blocks,
)

_NEGLIGIBLE = 1e-18
"""Share of a state, of all states, below which those above it are left out."""


class SharedDeck(NamedTuple):
    """How a deck is shared by two kinds of unit; by priority of the first if nothing is said."""

    parts: tuple[int, int] | None = None
    """Units of each kind that have their place on deck."""
    borrowing: bool = False
    is_by_age: bool = False


def mmc_wait_h(arrivals_per_h: float, servers: int, service_h: float) -> float:
    """Return the mean wait in the queue of M/M/c by Erlang C, from Erlang's loss recursion."""
    load = arrivals_per_h * service_h
    check_steady(load, servers)
    lost = 1.0
    for busy in range(1, servers + 1):
        lost = load * lost / (busy + load * lost)
    waits = lost / (1 - load / servers * (1 - lost))
    return waits * service_h / (servers - load)


def batch_wait_h(arrivals_per_h: float, batch: int, servers: int, service_h: float) -> float:
    """Return the mean wait in the queue of M^[X]/M/c with batches of one size.

    As many go up over each level a second as go down: the probabilities follow one from another, and
    from them the mean number in the system; then Little.

    Parameters
    ----------
    arrivals_per_h
        Batches, not units.
    """
    load = arrivals_per_h * batch * service_h
    check_steady(load, servers)
    shares = [1.0]
    total, inside = 1.0, 0.0
    while shares[-1] > _NEGLIGIBLE * total or len(shares) <= max(servers, batch):
        level = len(shares)
        up = arrivals_per_h * math.fsum(shares[-batch:])
        shares.append(up * service_h / min(level, servers))
        total += shares[-1]
        inside += level * shares[-1]
    return inside / total / (arrivals_per_h * batch) - service_h


def mg1_wait_h(arrivals_per_h: float, service_h: float, cv: float) -> float:
    """Return the mean wait in the queue of M/G/1 by Pollaczek and Khinchine.

    Parameters
    ----------
    cv
        Coefficient of variation of the service time, without unit.
    """
    load = arrivals_per_h * service_h
    check_steady(load, 1)
    return load * service_h * (1 + cv**2) / (2 * (1 - load))


def mdc_wait_h(arrivals_per_h: float, servers: int, service_h: float) -> float:
    """Return the mean wait in the queue of M/D/c.

    Crommelin's chain, looked at one service time apart, gives the mean queue; then Little.
    """
    return mean_left_behind(arrivals_per_h * service_h, servers) / arrivals_per_h


def merlang_wait_h(arrivals_per_h: float, servers: int, service_h: float, k: int) -> float:
    """Return the mean wait in the queue of M/E_k/c.

    The Markov chain on the phases in service gives the mean queue; then Little. The level is the
    number in the system; within a level the state is the phase of every busy server, in order.

    Parameters
    ----------
    k
        Phases of a service, each exponential of mean ``service_h / k``. A level has (c + k - 1
        choose c) states: 500 of them take a second.
    """
    check_steady(arrivals_per_h * service_h, servers)
    states = [list(combinations_with_replacement(range(k), busy)) for busy in range(servers + 1)]
    index = [{state: i for i, state in enumerate(level)} for level in states]

    def blocks(level: int) -> Blocks:
        busy = min(level, servers)
        less = min(max(level - 1, 0), servers)
        more = min(level + 1, servers)
        down, local, up = zero_blocks(len(states[busy]), len(states[less]), len(states[more]))
        for i, state in enumerate(states[busy]):
            # An arrival begins its service if a server is idle, and else makes the queue longer.
            after = index[more][0, *state] if more > busy else i
            up[i, after] += arrivals_per_h
            for at, phase in enumerate(state):
                rest = state[:at] + state[at + 1 :]
                if phase + 1 < k:
                    following = tuple(sorted((*rest, phase + 1)))
                    local[i, index[busy][following]] += k / service_h
                else:
                    # The first in the queue, if there is one, takes the server that is done.
                    following = (0, *rest) if less == busy else rest
                    down[i, index[less][following]] += k / service_h
        return down, local, up

    return mean_level(blocks, servers, servers) / arrivals_per_h


def mhyper_wait_h(
    arrivals_per_h: tuple[float, float], services_h: tuple[float, float], servers: int
) -> float:
    """Return the mean wait of two classes in one queue, each with an exponential service of its own.

    They wait in the order in which they come, so the wait is the same for both. The Markov chain on
    how many of the first class are in service gives the mean queue; then Little. Classes in the
    queue are not followed: the next one is of the first class with the share of its arrivals.
    """
    rate = math.fsum(arrivals_per_h)
    first = arrivals_per_h[0] / rate
    load = math.fsum(a * s for a, s in zip(arrivals_per_h, services_h, strict=True))
    check_steady(load, servers)

    def blocks(level: int) -> Blocks:
        busy = min(level, servers)
        less = min(max(level - 1, 0), servers)
        more = min(level + 1, servers)
        down, local, up = zero_blocks(busy + 1, less + 1, more + 1)
        has_queue = level > servers
        for ours in range(busy + 1):
            if more > busy:
                up[ours, ours + 1] += arrivals_per_h[0]
                up[ours, ours] += arrivals_per_h[1]
            else:
                up[ours, ours] += rate
            for leaving, count in ((1, ours), (0, busy - ours)):
                ends = count / services_h[1 - leaving]
                if not count:
                    continue
                if has_queue:
                    down[ours, ours - leaving + 1] += ends * first
                    down[ours, ours - leaving] += ends * (1 - first)
                else:
                    down[ours, ours - leaving] += ends
        return down, local, up

    return mean_level(blocks, servers + 1, servers) / rate


def priority_waits_h(arrivals_per_h: Sequence[float], service_h: float) -> tuple[float, ...]:
    """Return the mean waits in the queue of non-preemptive M/M/1 by class, by Cobham.

    Parameters
    ----------
    arrivals_per_h
        Rate of each class, highest first; all have the same exponential service.
    """
    classes = len(arrivals_per_h)
    load = math.fsum(arrivals_per_h) * service_h
    check_steady(load, 1)
    above = [math.fsum(arrivals_per_h[:n]) * service_h for n in range(classes + 1)]
    return tuple(load * service_h / ((1 - a) * (1 - b)) for a, b in pairwise(above))


def jackson_sojourn_h(stations: Sequence[tuple[float, int, float]]) -> float:
    """Return the mean time through an open Jackson network.

    By his theorem each station is an M/M/c of its own.

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
    """Return the mean time until the second service begins, where a place is held until then.

    Poisson customers wait outside for one of *room* places, in order of arrival; then for the first
    server and through its exponential service; then in a buffer, still in their place, until the
    second server, exponential too, begins. Markov chain: the level is the number that the second
    service has not begun with, the state within a level the number in the buffer and in second
    service; then Little. Three hundred places take a second.
    """
    first, second = 1 / first_service_h, 1 / second_service_h
    slow, fast = sorted((first, second))
    most = fast * (1 - 1 / math.fsum((slow / fast) ** n for n in range(room + 2)))
    check_steady(arrivals_per_h, most)

    def blocks(level: int) -> Blocks:
        inside = min(level, room)
        inside_below, inside_above = min(max(level - 1, 0), room), min(level + 1, room)
        down, local, up = zero_blocks(inside + 2, inside_below + 2, inside_above + 2)
        for beyond in range(inside + 2):
            buffered = max(beyond - 1, 0)
            up[beyond, beyond] = arrivals_per_h
            if buffered < inside:
                (local if beyond else down)[beyond, beyond + 1] = first
            if beyond:
                (down if buffered else local)[beyond, beyond - 1] = second
        return down, local, up

    return mean_level(blocks, room, 0) / arrivals_per_h


def full_deck_wait_h(arrivals_per_h: float, deck: int) -> float:
    """Return the mean wait for a full deck with vessels unlimited.

    A unit finds 0 to ``deck - 1`` others, all as likely.
    """
    return (deck - 1) / (2 * arrivals_per_h)


def timetable_wait_h(arrivals_per_h: float, headway_h: float, deck: int) -> float:
    """Return the mean wait for a sailing every *headway_h* that leaves behind what exceeds *deck*.

    What is left behind just after a sailing is Crommelin's chain with the deck for servers and the
    headway for service; over a cycle the queue is that and, on average, half a headway's Poisson
    arrivals; then Little.
    """
    return mean_left_behind(arrivals_per_h * headway_h, deck) / arrivals_per_h + headway_h / 2


def shared_deck_waits_h(
    arrivals_per_h: tuple[float, float], headway_h: float, deck: int, rule: SharedDeck
) -> tuple[float, float]:
    """Return the mean waits of two kinds of unit for a sailing every *headway_h*, of which each takes
    up to *deck* units of both.

    All rules but the strict quota fill the deck as far as anything waits, so that together both
    leave behind what one kind would; by priority the first does not see the second; oldest first
    takes both alike, as they come in any order. A strict quota makes two decks. With borrowing the
    chain has two dimensions, see `chains.mean_left_behind_of_two`. Then Little, as in
    `timetable_wait_h`.
    """
    first, second = (rate * headway_h for rate in arrivals_per_h)
    together = mean_left_behind(first + second, deck)
    if rule.parts is not None and not rule.borrowing:
        left = mean_left_behind(first, rule.parts[0]), mean_left_behind(second, rule.parts[1])
    elif rule.parts is not None:
        left = mean_left_behind_of_two((first, second), rule.parts)
    elif rule.is_by_age:
        left = together * first / (first + second), together * second / (first + second)
    else:
        alone = mean_left_behind(first, deck)
        left = alone, together - alone
    waits = [
        behind / rate + headway_h / 2 for behind, rate in zip(left, arrivals_per_h, strict=True)
    ]
    return waits[0], waits[1]


def bulk_wait_h(
    arrivals_per_h: float, round_trip_h: float, least: int, most: int, vessels: int
) -> float:
    """Return the mean wait of a Poisson unit until its vessel, one of identical ones, leaves.

    A vessel that is there leaves as soon as *least* units wait, takes at most *most* and is away
    for an exponential time of mean *round_trip_h*. Markov chain on the vessels away and the units
    waiting: while a vessel is there fewer than *least* wait; with all away the queue beyond that is
    geometric, so that the chain watched only below *least* is finite and exact; then Little.
    """
    if not 1 <= least <= most:
        raise ValueError(f"a vessel leaves with {least} to {most} units: want 1 <= least <= most")
    back = vessels / round_trip_h
    check_steady(arrivals_per_h, back * most)

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
    share = stationary(rates)
    tail = float(share[-1]) * z / (1 - z)
    waiting_below = float(share @ np.tile(np.arange(least), vessels + 1))
    waiting = waiting_below + tail * (least - 1 + 1 / (1 - z))
    return waiting / (1 + tail) / arrivals_per_h


def ferry_round_trips_per_h(
    vessels: int, crossing_h: float, handling_h: tuple[float, float]
) -> float:
    """Return round trips per vessel and hour of a closed fleet.

    By exact mean value analysis (Reiser and Lavenberg).

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
    """Return the mean number of machines up.

    Machine repair as a birth and death chain on the number down.

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
    """Return the mean wait, from a random time, until a port is open.

    It is the share of time closed times what is left of a closure then. What is left of a closure
    that is met at a random time is D (1 + cv^2) / 2 on average (inspection paradox); of an
    exponential one, as long as a whole one.
    """
    return storm_share(open_h, closed_h) * closed_h * (1 + closed_cv**2) / 2


def window_wait_h(open_h: float, closed_h: float, window_h: float, closed_cv: float = 1.0) -> float:
    """Return the mean wait, from a random time, until a port is open for *window_h* to come.

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
    """Return the share of time closed, of spells of any distribution with these means.

    By renewal and reward.
    """
    return closed_h / (open_h + closed_h)
