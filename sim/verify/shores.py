"""One vessel between two shores that leaves the one for the sake of cargo at the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import spsolve

from sim.verify.chains import check_steady

MOST = 60
"""Units that wait at either end in the truncated chain."""
LIES, SAILS_OUT, SAILS_BACK = range(3)
"""What the vessel does: it lies at the near end, sails to the far one, or back."""
State = tuple[int, int, int]
"""What the vessel does, and the units that wait at the near and at the far end."""


class _Line(NamedTuple):
    """The numbers of the service."""

    near_per_h: float
    far_per_h: float
    crossings_per_h: float
    deck: int
    enough: int


def two_shores_waits_h(
    near_per_h: float, far_per_h: float, crossing_h: float, deck: int, enough: int
) -> tuple[float, float]:
    """Return the mean waits of Poisson units at the near and at the far end until their vessel sails.

    The one vessel leaves the near end once *deck* units wait there or *enough* at the far end, of
    which it knows at once; it leaves the far end at once. Each crossing takes an exponential time. Markov
    chain on what the vessel does and the units that wait at both ends, cut at `MOST`, solved as a
    sparse system; then Little.

    Raises
    ------
    ValueError
        There is no steady state, or the cut would lose more than 1e-9 of the time.
    """
    check_steady(far_per_h, deck / (2 * crossing_h))
    check_steady(near_per_h, deck / (2 * crossing_h))
    line = _Line(near_per_h, far_per_h, 1 / crossing_h, deck, enough)
    states = list(_states(line))
    share = _shares(states, line)
    _, near, far = np.array(states).T
    at_the_cut = float(share[(near == MOST) | (far == MOST)].sum())
    if at_the_cut > 1e-9:
        raise ValueError(f"{at_the_cut:.1e} of the time more than {MOST} units wait")
    return float(share @ near) / near_per_h, float(share @ far) / far_per_h


def _shares(states: list[State], line: _Line) -> NDArray[np.float64]:
    """Return the stationary share of each state.

    The share of the first is set to 1 and its balance left out, which follows from the others.
    """
    numbers = {state: number for number, state in enumerate(states)}
    rows: list[int] = []
    columns: list[int] = []
    rates: list[float] = []
    for state, number in numbers.items():
        for following, rate in _steps(state, line):
            rows += [numbers[following], number]
            columns += [number, number]
            rates += [rate, -rate]
    size = len(states)
    balance = sparse.coo_matrix((rates, (rows, columns)), shape=(size, size)).tocsc()
    others = spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel())
    share = np.concatenate([[1.0], others])
    return share / share.sum()


def _states(line: _Line) -> Iterator[State]:
    for near in range(line.deck):
        for far in range(line.enough):
            yield LIES, near, far
    for doing in (SAILS_OUT, SAILS_BACK):
        for near in range(MOST + 1):
            for far in range(MOST + 1):
                yield doing, near, far


def _steps(state: State, line: _Line) -> Iterator[tuple[State, float]]:
    """Yield the states that follow and the rates at which they do."""
    doing, near, far = state
    if near < MOST:
        yield _settled((doing, near + 1, far), line), line.near_per_h
    if far < MOST:
        yield _settled((doing, near, far + 1), line), line.far_per_h
    if doing == SAILS_OUT:
        yield (SAILS_BACK, near, max(far - line.deck, 0)), line.crossings_per_h
    if doing == SAILS_BACK:
        yield _settled((LIES, near, far), line), line.crossings_per_h


def _settled(state: State, line: _Line) -> State:
    """Return *state*, in which the vessel leaves the near end if it may."""
    doing, near, far = state
    if doing == LIES and (near >= line.deck or far >= line.enough):
        return SAILS_OUT, max(near - line.deck, 0), far
    return state
