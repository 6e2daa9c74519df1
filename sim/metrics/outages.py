"""Outages: how long each disruption lasted, until when it was felt, and what it delayed."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog
from sim.metrics.flows import of_corridor
from sim.metrics.rows import Row
from sim.metrics.window import ends, overlap_by_code
from sim.units import DAY


class _Effect(NamedTuple):
    """What one outage did before it had recovered."""

    recovery_days: float
    delayed_unit_days: float


def outages(log: RunLog) -> Iterator[Row]:
    r"""Yield of each disruption: how long it was on, how long it was felt, and what it delayed.

    Measured on all units of scope ``titr`` inside the corridor, :math:`L(t)`, against what was
    inside when the outage began, :math:`L(a)`: recovery is from its end to the first moment at
    which no more is inside than then, and ``outage_delayed_unit_days`` is :math:`\int (L(t) -
    L(a))^+ dt` from its begin to that moment. Means over the outages that recovered before the run
    ended; the paired comparison with the scenario without it says more.
    """
    if not log.names.outage:
        return
    out_s = overlap_by_code(log, "outages", "outage", len(log.names.outage))
    for name, seconds, effects in zip(log.names.outage, out_s.tolist(), _effects(log), strict=True):
        recovered = [effect for effect in effects if effect is not None]
        yield Row("outage_days", seconds / DAY, "d", where=name)
        recovery, delayed = nan, nan
        if recovered:
            recovery = float(np.mean([effect.recovery_days for effect in recovered]))
            delayed = float(np.mean([effect.delayed_unit_days for effect in recovered]))
        yield Row("outage_recovery_days", recovery, "d", where=name)
        yield Row("outage_delayed_unit_days", delayed, "unit d", where=name)
        lasting = float(len(effects) - len(recovered))
        yield Row("outages_not_recovered", lasting, "outages", where=name)


def _effects(log: RunLog) -> list[list[_Effect | None]]:
    """Return the effect of every outage, by disruption; None for one still felt at the end."""
    table = log.tables["outages"]
    effects: list[list[_Effect | None]] = [[] for _ in log.names.outage]
    at_s, level = _inside(log)
    columns = (table["outage"], table["start_s"], ends(table, log))
    for code, start_s, end_s in zip(*(column.tolist() for column in columns), strict=True):
        effects[code].append(_effect(at_s, level, start_s, end_s))
    return effects


def _inside(log: RunLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the units of the corridor's flows that are inside: from when, how many."""
    counts = of_corridor(log)
    created, delivered = log.tables["consignments"], log.tables["deliveries"]
    created = created.where(counts[created["flow"]])
    delivered = delivered.where(counts[delivered["flow"]])
    at_s = np.concatenate([created["born_s"], delivered["delivered_s"]])
    change = np.concatenate([created["units"], -delivered["units"]])
    order = np.argsort(at_s, kind="stable")
    return at_s[order], np.cumsum(change[order])


def _effect(
    at_s: NDArray[np.int64], level: NDArray[np.int64], start_s: int, end_s: int
) -> _Effect | None:
    """Return the effect of an outage from *start_s* to *end_s*; None if the level stays raised."""
    first = int(np.searchsorted(at_s, start_s, side="right"))
    before = _level_before(level, first)
    over = int(np.searchsorted(at_s, end_s, side="left"))
    last, recovered_s = over, end_s
    if _level_before(level, over) > before:
        back = np.flatnonzero(level[over:] <= before)
        if not len(back):
            return None
        last = over + int(back[0])
        recovered_s = int(at_s[last])
    steps = np.concatenate([[start_s], at_s[first:last], [recovered_s]])
    excess = np.maximum(np.concatenate([[before], level[first:last]]) - before, 0)
    delayed = float((excess * np.diff(steps)).sum()) / DAY
    return _Effect((recovered_s - end_s) / DAY, delayed)


def _level_before(level: NDArray[np.int64], step: int) -> int:
    """Return the level before *step*; nothing is inside before the first."""
    return int(level[step - 1]) if step else 0
