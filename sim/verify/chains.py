"""Markov chains solved exactly, for the theory of queues that have no formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Matrix = NDArray[np.floating[Any]]
Blocks = tuple[Matrix, Matrix, Matrix]
"""Rates one level down, within the level (diagonal: minus the row sum of all three), one level
up."""

MOST_LOAD_OF_SERIES = 0.9
"""Share of capacity up to which Spitzer's series is short; above it the roots lose no digits."""


def check_steady(load: float, capacity: float) -> None:
    """Raise a `ValueError` unless *load* is above zero and below *capacity*."""
    if not 0 < load < capacity:
        raise ValueError(
            f"no steady state: load {load:g} must be above zero and below capacity {capacity:g}"
        )


def mean_left_behind(load: float, places: int) -> float:
    """Return the mean of X in X' = max(X + A - places, 0), A Poisson of mean *load*."""
    check_steady(load, places)
    if load <= MOST_LOAD_OF_SERIES * places:
        return left_behind_by_series(load, places)
    return left_behind_by_roots(load, places)


def left_behind_by_series(load: float, places: int) -> float:
    """Return the mean by Spitzer's series.

    E X = sum over n of E max(A_n - n places, 0) / n, with A_n Poisson of mean n load. Terms fall at
    least as fast as exp(-n rate), Chernoff's bound; those left out are below 1e-17 of the first.
    """
    rate = load - places + places * math.log(places / load)
    n = np.arange(1, 2 + math.ceil(40 / rate), dtype=np.float64)
    mean, room = n * load, n * places
    # E max(A - r, 0) = m P(A >= r) - r P(A > r), and P(A >= r) is the regularised incomplete gamma
    # function of r at m.
    excess = mean * special.gammainc(room, mean) - room * special.gammainc(room + 1, mean)
    return math.fsum(np.maximum(excess, 0) / n)


def left_behind_by_roots(load: float, places: int) -> float:
    """Return the mean by the roots of z**places = exp(load (z - 1)) in the unit disc.

    Each root is found by Lambert's function.
    """
    share = load / places
    turns = np.exp(2j * np.pi * np.arange(1, places) / places)
    roots = -special.lambertw(-share * turns * math.exp(-share)) / share
    pairs = math.fsum((1 / (1 - roots)).real)
    return load / (2 * (places - load)) - load / 2 - (places - 1) / 2 + pairs


def mean_left_behind_of_two(
    loads: tuple[float, float], parts: tuple[int, int]
) -> tuple[float, float]:
    """Return the mean of each of two kinds that a sailing leaves behind, where each has its part of
    the deck and borrows what the other leaves free, the first kind first.

    The chain on what both left behind, a sailing to the next, with Poisson arrivals of mean *loads*
    in between, cut off where a state has less than 1e-13 of the time.

    Raises
    ------
    ValueError
        There is no steady state.
    """
    check_steady(sum(loads), sum(parts))
    states = 64
    while True:
        shares = _left_behind_shares(loads, parts, states)
        if shares[-1].sum() + shares[:, -1].sum() < 1e-13:
            break
        states *= 2
    levels = np.arange(states)
    return float(shares.sum(axis=1) @ levels), float(shares.sum(axis=0) @ levels)


def _left_behind_shares(loads: tuple[float, float], parts: tuple[int, int], states: int) -> Matrix:
    """Return the stationary shares of the chain by what is left of the first and second kind."""
    arrivals = [_poisson_steps(load, states) for load in loads]
    levels: NDArray[np.int64] = np.arange(states)
    first, second = np.meshgrid(levels, levels, indexing="ij")
    own = np.minimum(first, parts[0]), np.minimum(second, parts[1])
    free = sum(parts) - own[0] - own[1]
    borrowed = np.minimum(first - own[0], free)
    left_first = first - own[0] - borrowed
    left_second = second - own[1] - np.minimum(second - own[1], free - borrowed)
    target = (left_first * states + left_second).ravel()
    shares = np.zeros(states * states)
    shares[0] = 1.0
    change = 1.0
    while change > 1e-15:
        waiting = arrivals[0].T @ shares.reshape(states, states) @ arrivals[1]
        after = np.asarray(np.bincount(target, waiting.ravel(), states * states), np.float64)
        change = float(np.abs(after - shares).sum()) / states
        shares = after
    return (shares / shares.sum()).reshape(states, states)


def _poisson_steps(load: float, states: int) -> Matrix:
    """Return the chance to come from one level to another by Poisson arrivals; the last level holds
    all beyond."""
    step = np.subtract.outer(np.arange(states), np.arange(states)).T
    chances = np.where(step >= 0, special.pdtr(np.maximum(step, 0), load), 0.0)
    below = np.where(step >= 1, special.pdtr(np.maximum(step - 1, 0), load), 0.0)
    steps = np.asarray(chances - below, np.float64)
    steps[:, -1] = 1.0 - steps[:, :-1].sum(axis=1)
    return steps


def zero_blocks(here: int, below: int, above: int) -> Blocks:
    """Return rates of zero for a level of *here* states, the levels beside it as large as given."""
    return np.zeros((here, below)), np.zeros((here, here)), np.zeros((here, above))


def stationary(rates: Matrix) -> Matrix:
    """Return the stationary shares of a finite chain.

    By the elimination of Grassmann, Taksar and Heyman, which subtracts nothing: small shares are as
    exact as large ones.

    Parameters
    ----------
    rates
        Square; the diagonal is not read.
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


def mean_level(blocks: Callable[[int], Blocks], last: int, floor: int) -> float:
    """Return the mean of max(level - floor, 0) of a chain that moves by one level at most.

    Below *last* by linear level reduction, beyond it by Neuts' matrix-geometric tail, so that no
    level is left out.

    Parameters
    ----------
    blocks
        Rates of a level, diagonal left at zero.
    last
        From this level up the rates do not depend on the level, nor do those down to it.
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
    shares = [stationary(levels[0][1] + ratios[-1] @ levels[1][0])]
    for step in ratios[:0:-1]:
        shares.append(shares[-1] @ step)
    beyond = np.linalg.solve(rest.T, ratio.T @ shares[-1])
    above = float(np.linalg.solve(rest.T, beyond).sum()) + (last - floor) * float(beyond.sum())
    below = math.fsum(
        max(level - floor, 0) * float(share.sum()) for level, share in enumerate(shares)
    )
    total = math.fsum([*(float(share.sum()) for share in shares), float(beyond.sum())])
    return (below + above) / total


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
