"""Sums over intervals and joins of tables, as the laws need them: whole numbers, exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, Columns, RunLog
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Difference:
    """One law that does not hold."""

    law: str
    amount: int


def off(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    """Return the sum of absolute differences."""
    return int(np.abs(a - b).sum())


def gaps(start_s: NDArray[np.int64], end_s: NDArray[np.int64], same: NDArray[np.bool_]) -> int:
    """Return by how much intervals do not meet the next one, where that is of the *same*."""
    return int(np.abs(start_s[1:] - end_s[:-1])[same].sum())


def positions(
    wanted: NDArray[np.int64], keys: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each of *wanted* stands in the ordered *keys*, and whether it does."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return at, keys[at] == wanted


def looked_up(
    wanted: NDArray[np.int64], keys: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the value of each of *wanted* in the ordered *keys*, `NONE` for what is not there."""
    at, is_there = positions(wanted, keys)
    result = np.full(len(wanted), NONE)
    result[is_there] = values[at[is_there]]
    return result


@dataclass(frozen=True, slots=True)
class Use:
    """How many (or how many units) of half-open intervals there are at each begin of one, group by
    group."""

    group: NDArray[np.int64]
    at_s: NDArray[np.int64]
    level: NDArray[np.int64]
    """Where several begin together, the last of them has the level of that second, those before it
    less."""

    @classmethod
    def of(
        cls, group: NDArray[np.int64], intervals: Columns, units: NDArray[np.int64], end_s: Seconds
    ) -> Use:
        """Count *intervals* that begin and end by *end_s*."""
        span = end_s + 1
        begins, ends = group * span + intervals["start_s"], group * span + intervals["end_s"]
        in_order, out_order = np.argsort(begins, kind="stable"), np.argsort(ends, kind="stable")
        begins = begins[in_order]
        # What was in the groups before has come and gone.
        gone = np.concatenate([[0], np.cumsum(units[out_order])])
        level = (
            np.cumsum(units[in_order])
            - gone[np.searchsorted(ends[out_order], begins, side="right")]
        )
        return cls(group[in_order], intervals["start_s"][in_order], level)

    def most(self, size: int) -> NDArray[np.int64]:
        """Return the highest level of each of *size* groups."""
        return highest(self.group, self.level, size)


def highest(group: NDArray[np.int64], values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the highest of *values* in each of *size* groups, 0 for one without; rows of a group
    stand together."""
    result = np.zeros(size, np.int64)
    if len(group):
        first = np.flatnonzero(np.diff(group, prepend=NONE))
        result[group[first]] = np.maximum.reduceat(values, first)
    return result


def unit_of(log: RunLog) -> NDArray[np.int64]:
    """Return the kind of unit of every lot."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    return np.array([codes[flow.unit] for flow in log.flows], np.int64)[log.tables["lots"]["flow"]]
