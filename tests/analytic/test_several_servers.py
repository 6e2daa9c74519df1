"""Several servers a user, first come first served without overtaking: the engine, a recursion, and the exact chain.

The engine grants every ship its tugs in the second in which a recursion over the ships does; and the recursion, over a
long run, has the mean wait of the Markov chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import product

import numpy as np
import pytest

import sim
from sim.log import OPEN
from sim.study.interval import Interval
from sim.verify.chains import stationary
from sim.verify.theory import mmc_wait_h

SEED = 20_240_101
"""Fixed before the first run."""
NEEDS = {1: 0.75, 3: 0.25}
TUGS, ARRIVALS_PER_H = 4, 1.2


def mean_behind_for_several(
    load: float, needs: Mapping[int, float], servers: int, longest: int
) -> float:
    """Return how many wait for servers of which each needs several at once, first come first served.

    Users come at *load* times the rate at which one is served; what each takes is exponential.
    A state is how many of each kind are served, how many wait, and of which kind the first of
    these is: those behind it are of any kind by their shares, since nobody overtakes.

    Parameters
    ----------
    needs
        Share of the users by the servers that each needs at once.
    longest
        Queue at which the chain is cut.
    """
    kinds = tuple(needs)
    numbers = {state: n for n, state in enumerate(_users_states(kinds, servers, longest))}
    rates = np.zeros((len(numbers), len(numbers)))
    for state, row in numbers.items():
        for after, rate in _user_moves(state, load, needs, servers):
            if after in numbers:
                rates[row, numbers[after]] += rate
    shares = stationary(rates)
    waiting = np.array([length for _, length, _ in numbers], float)
    return float(shares @ waiting)


_Users = tuple[tuple[int, ...], int, int]
"""Users served by kind, how many wait, and the kind of the first (0 where none waits)."""


def _users_states(kinds: tuple[int, ...], servers: int, longest: int) -> Iterator[_Users]:
    for served in product(*(range(servers // need + 1) for need in kinds)):
        free = servers - _used(served, kinds)
        if free < 0:
            continue
        yield served, 0, 0
        for length, first in product(range(1, longest + 1), range(len(kinds))):
            if kinds[first] > free:
                yield served, length, first


def _user_moves(
    state: _Users, load: float, needs: Mapping[int, float], servers: int
) -> Iterator[tuple[_Users, float]]:
    served, length, first = state
    for kind, share in enumerate(needs.values()):
        came = (served, length + 1, first if length else kind)
        for after, chance in _settled(came, needs, servers):
            yield after, load * share * chance
    for kind, count in enumerate(served):
        if count:
            left = (_with_one(served, kind, -1), length, first)
            for after, chance in _settled(left, needs, servers):
                yield after, count * chance


def _settled(
    state: _Users, needs: Mapping[int, float], servers: int
) -> Iterator[tuple[_Users, float]]:
    """Yield the states once all have begun that may, with their chances."""
    served, length, first = state
    kinds = tuple(needs)
    if not length or kinds[first] > servers - _used(served, kinds):
        yield (served, length, first if length else 0), 1.0
        return
    begun = _with_one(served, first, 1)
    if length == 1:
        yield (begun, 0, 0), 1.0
        return
    for following, share in enumerate(needs.values()):
        for after, chance in _settled((begun, length - 1, following), needs, servers):
            yield after, share * chance


def _used(served: tuple[int, ...], kinds: tuple[int, ...]) -> int:
    return sum(count * need for count, need in zip(served, kinds, strict=True))


def _with_one(served: tuple[int, ...], kind: int, change: int) -> tuple[int, ...]:
    return tuple(count + change * (n == kind) for n, count in enumerate(served))


def wait_h(needs: Mapping[int, float], longest: int) -> float:
    """Return the exact mean wait [h] where tugs work for an hour on average."""
    return mean_behind_for_several(ARRIVALS_PER_H, needs, TUGS, longest) / ARRIVALS_PER_H


def begins(users: list[tuple[float, int, float]], servers: int) -> list[float]:
    """Return when each of *users* (asks at, servers, for how long), in order, is served."""
    busy: list[tuple[float, int]] = []
    free, now, result = servers, 0.0, []
    for asked, needed, length in users:
        now = max(now, asked)
        while busy and (busy[0][0] <= now or free < needed):
            ends, given = heappop(busy)
            now, free = max(now, ends), free + given
        free -= needed
        heappush(busy, (now + length, needed))
        result.append(now)
    return result


def test_the_engine_grants_tugs_in_the_second_in_which_the_recursion_does():
    run = sim.simulate(sim.load("harbours/several-tugs", {"horizon.days": 160}), seed=SEED)
    holds = run.log.tables["resource_log"]
    holds = holds.where(holds["resource"] == run.log.names.resource.index("port:pool:tugs"))
    users: dict[tuple[int, int], list[int]] = {}
    for vessel, asked, start, end in holds.rows("vehicle", "asked_s", "start_s", "end_s"):
        if end != OPEN:
            user = users.setdefault((vessel, asked), [asked, 0, end - start, start])
            user[1] += 1
    listed = list(users.values())
    assert len(listed) > 3000
    assert any(start > asked for asked, _, _, start in listed)
    served = begins([(asked, needed, length) for asked, needed, length, _ in listed], TUGS)
    assert served == [start for *_, start in listed]


def test_the_recursion_has_the_mean_wait_of_the_chain():
    rng = np.random.default_rng(SEED)
    waits = []
    for _ in range(20):
        size = 12_000
        asked = np.cumsum(rng.exponential(1 / ARRIVALS_PER_H, size))
        needed = rng.choice(list(NEEDS), size, p=list(NEEDS.values()))
        length = rng.exponential(1, size)
        users = list(zip(asked.tolist(), needed.tolist(), length.tolist(), strict=True))
        waits.append(float(np.mean((np.array(begins(users, TUGS)) - asked)[1000:])))
    interval = Interval.of(waits, confidence=0.99)
    assert interval.low <= wait_h(NEEDS, 60) <= interval.high, interval
    assert interval.high - interval.low < 0.12 * interval.mean


def test_the_chain_is_long_enough_and_that_of_equal_servers_where_each_needs_one():
    assert wait_h(NEEDS, 60) == pytest.approx(wait_h(NEEDS, 90), rel=1e-9)
    assert wait_h({1: 1.0}, 60) == pytest.approx(mmc_wait_h(ARRIVALS_PER_H, TUGS, 1), rel=1e-9)
