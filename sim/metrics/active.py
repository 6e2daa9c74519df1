r"""Which resource is the bottleneck when, by the active-period method.

The method is that of Roser, Nakano and Tanaka (2001, 2002).

A resource is active while it keeps others waiting or works, and inactive while it waits itself. At
every moment the active one whose active period is the longest, without interruption, is the
momentary bottleneck. Where the periods of two bottlenecks that follow each other overlap, the
bottleneck shifts from one to the other; else it is the sole one.

What counts as active:

- *A group of equal servers* (berths, tracks, gate lanes, locomotives, a path, a block) is active
  while every server in service works, so that whoever comes has to wait. A server works while it is
  held, unless its holder waits for something else: a vessel at its berth for cargo or room, a train
  with its locomotive or in its block for a path, a vessel at its berth for tugs. A path is held for one headway.
- *A group without a server in service* is active while somebody waits for it, and berths are while
  weather shuts their port: what is out of order does not wait.
- *A fleet* (the vessels of one class on one service) is active while none of its vessels waits for
  cargo (its departure rule included), for a berth, tugs or room. Under repair, at sea and in weather
  a vessel does not wait for others; one that is laid up is no part of the fleet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, OPEN, VESSEL, Activity, Columns, RunLog, names, sum_by_code
from sim.metrics.duty import carrier_at
from sim.metrics.resources import granted, servers
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, latest_of_vehicle, measured, until_next

FLEET = "fleet"
_NOT_AT_WORK = (Activity.WAIT_CARGO, Activity.WAIT_ROOM)
"""What keeps a vessel at its berth without work for the berth."""
_FOR_OTHERS = (
    *_NOT_AT_WORK,
    Activity.WAIT_BERTH,
    Activity.WAIT_POOL,
    Activity.WAIT_ROADS,
)
"""What a vessel waits for."""


@dataclass(frozen=True, slots=True)
class Group:
    """Equal servers, or vessels."""

    id: str
    """Name of the resource; of a fleet ``SERVICE/CLASS``."""
    kind: str
    """Kind of the resource, or `FLEET`."""


def bottlenecks(log: RunLog) -> Iterator[Row]:
    r"""Yield the share of the window in which each group was active, and was the bottleneck.

    ``active_share``; ``bottleneck_share`` by ``sole`` and ``shifting`` and (no activity) in all,
    the last of which add up to 1 less the time in which nothing was active. In a shift both count,
    so ``sole`` and ``shifting`` of a group may add up to more than the time in which its period was
    the longest.
    """
    window, listed = measured(log), groups(log)
    periods = active_periods(log)
    turns = momentary(periods)
    size = len(listed)
    active_s = sum_by_code(
        window.overlap_s(periods["start_s"], periods["end_s"]), (periods["group"], size)
    )
    all_s = sum_by_code(window.overlap_s(turns["from_s"], turns["to_s"]), (turns["group"], size))
    sole_s, shifting_s = _sole_and_shifting(turns, window, size)
    for code in np.flatnonzero(active_s).tolist():
        where = listed[code].id
        yield Row("active_share", int(active_s[code]) / window.length_s, "share", where=where)
        if all_s[code] or shifting_s[code]:
            yield Row("bottleneck_share", int(all_s[code]) / window.length_s, "share", where=where)
            for kind, spent_s in (("sole", sole_s), ("shifting", shifting_s)):
                share = int(spent_s[code]) / window.length_s
                yield Row("bottleneck_share", share, "share", where=where, activity=kind)


def groups(log: RunLog) -> tuple[Group, ...]:
    """Return all groups by number: resources by code, then fleets by carrier and class."""
    fleets = [
        Group(names.fleet(carrier.id, vessel_class), FLEET)
        for carrier, vessel_class in product(log.carriers, log.names.vessel_class)
    ]
    return (*(Group(resource.id, resource.kind) for resource in log.resources), *fleets)


def active_periods(log: RunLog) -> Columns:
    """Return ``group, start_s, end_s`` of all active periods of the run, by group and time."""
    group, at_s, working, in_service, waiting, shut = np.concatenate(
        [*_servers(log), *_fleets(log)], axis=1
    )
    order = np.argsort(group * (log.facts.end_s + 1) + at_s)
    group, at_s = group[order], at_s[order]
    # What happens in one second is one change.
    last = np.flatnonzero((np.diff(group, append=NONE) != 0) | (np.diff(at_s, append=NONE) != 0))
    # Every group ends with nothing of anything, so that sums may run on from one to the next.
    works, there, wait, closed = (
        np.cumsum(of[order])[last] for of in (working, in_service, waiting, shut)
    )
    is_active = np.where(there > 0, (works >= there) | (closed > 0), wait > 0)
    # What has no limit has no servers in the count, and nobody waits for it.
    group, at_s = group[last], at_s[last]
    changes = np.flatnonzero(np.diff(is_active.astype(np.int8), prepend=0))
    begins, stops = changes[::2], changes[1::2]
    return Columns({"group": group[begins], "start_s": at_s[begins], "end_s": at_s[stops]})


def momentary(periods: Columns) -> Columns:
    """Return the momentary bottlenecks in the order of time; while nothing is active there is none.

    Of periods of equal length that which began first counts, then that of the lower number.

    Returns
    -------
    Columns
        ``group, start_s, end_s`` of a period and ``from_s, to_s``, between which it is the longest.
        It has one such turn at most: what takes over from it is longer and began later, so it ends
        later too.
    """
    order = np.lexsort((periods["group"], -periods["end_s"], periods["start_s"]))
    ordered = periods.where(order)
    # What lies within another, which is longer then, is never the longest; the others begin and end
    # one after another.
    latest_s = np.maximum.accumulate(np.concatenate([[NONE], ordered["end_s"]]))[:-1]
    seen = ordered.where(ordered["end_s"] > latest_s)
    count, start_s, end_s = len(seen), seen["start_s"], seen["end_s"]
    # Between two moments at which one begins or ends, those that are active stand in a row.
    at_s = np.unique(np.concatenate([start_s, end_s]))
    first, after = (
        np.searchsorted(end_s, at_s, side="right"),
        np.searchsorted(start_s, at_s, side="right"),
    )
    longest = np.full(len(at_s), NONE)
    some = after > first
    rank = (end_s - start_s) * count + np.arange(count)[::-1]
    longest[some] = count - 1 - _largest_within(rank, first[some], after[some]) % max(count, 1)
    changes = np.diff(longest, prepend=NONE) != 0
    begins, stops = changes & some, changes & np.concatenate([[False], some])[:-1]
    return seen.where(longest[begins]).with_(from_s=at_s[begins], to_s=at_s[stops])


def _largest_within(
    values: NDArray[np.int64], first: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the largest of ``values[first:after]`` for each pair of bounds; no span is empty.

    A span is covered by two of the largest power of two that fits; those of one power are looked up
    together.
    """
    result = np.zeros(len(first), np.int64)
    power = np.frexp(after - first)[1] - 1
    largest, width = values, 1
    for level in range(int(power.max(initial=0)) + 1):
        spans = np.flatnonzero(power == level)
        result[spans] = np.maximum(largest[first[spans]], largest[after[spans] - width])
        largest, width = np.maximum(largest[:-width], largest[width:]), 2 * width
    return result


def _sole_and_shifting(
    turns: Columns, window: Window, size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the seconds of *window* in which each group is the sole, and a shifting bottleneck."""
    start_s, end_s, from_s, to_s = (turns[name] for name in ("start_s", "end_s", "from_s", "to_s"))
    # The periods of two bottlenecks in a row are both active from where the second begins to where
    # the first ends; if at no time, the shift is an empty span where the turn of the second begins.
    both = end_s[:-1] > start_s[1:]
    shift_s = np.where(both, start_s[1:], from_s[1:])
    shifted_s = np.where(both, end_s[:-1], from_s[1:])
    before = np.concatenate([from_s[:1], shift_s]), np.concatenate([from_s[:1], shifted_s])
    after = np.concatenate([shift_s, to_s[-1:]]), np.concatenate([shifted_s, to_s[-1:]])
    twice = np.maximum(before[0], after[0]), np.minimum(before[1], after[1])
    shifting_s = window.overlap_s(*before) + window.overlap_s(*after) - window.overlap_s(*twice)
    sole_s = window.overlap_s(np.maximum(from_s, before[1]), np.minimum(to_s, after[0]))
    return (
        sum_by_code(sole_s, (turns["group"], size)),
        sum_by_code(shifting_s, (turns["group"], size)),
    )


Changes = NDArray[np.int64]
"""Six rows, one column a change: group, time, and how many more of each of the four below."""
_WORKING, _SERVERS, _WAITING, _SHUT = range(4)


def _changes(
    group: NDArray[np.int64],
    start_s: NDArray[np.int64],
    end_s: NDArray[np.int64],
    what: dict[int, NDArray[np.int64] | int],
) -> Changes:
    """Return the changes at both ends of intervals."""
    out = np.zeros((6, 2 * len(group)), np.int64)
    out[0], out[1] = np.tile(group, 2), np.concatenate([start_s, end_s])
    for row, size in what.items():
        out[2 + row, : len(group)] = size
        out[2 + row, len(group) :] = -np.asarray(size)
    return out


def _servers(log: RunLog) -> Iterator[Changes]:
    """Yield the changes of resources that have a limit."""
    rows, holds = log.tables["vehicle_log"], granted(log)
    kinds = np.array([resource.kind for resource in log.resources], object)
    yield _changes(holds["resource"], holds["start_s"], ends(holds, log), {_WORKING: 1})
    yield _waiting_for_none(log)
    idle = rows.where(np.isin(rows["activity"], _NOT_AT_WORK))
    idle = idle.where((kinds == "berth")[idle["resource"]])
    yield _changes(idle["resource"], idle["start_s"], ends(idle, log), {_WORKING: -1})
    for kind in ("locomotive", "block"):
        of_kind = holds.where((kinds == kind)[holds["resource"]])
        yield _held_in_line(log, of_kind, Activity.WAIT_PATH)
    at_berths = holds.where((kinds == "berth")[holds["resource"]])
    yield _held_in_line(log, at_berths, Activity.WAIT_POOL)
    most, _ = servers(log, measured(log))
    yield _in_service(log, most)
    yield from _shut_berths(log, most)


def _waiting_for_none(log: RunLog) -> Changes:
    """Return when somebody waits for a resource that is without a server at some time."""
    holds, capacities = log.tables["resource_log"], log.tables["capacities"]
    ever_out = np.unique(capacities["resource"][capacities["servers"] <= 0])
    asked = holds.where(np.isin(holds["resource"], ever_out))
    until_s = np.where(asked["start_s"] == OPEN, log.facts.end_s, asked["start_s"])
    return _changes(asked["resource"], asked["asked_s"], until_s, {_WAITING: 1})


def _shut_berths(log: RunLog, most: NDArray[np.float64]) -> Iterator[Changes]:
    """Yield when weather shuts the port of each group of berths."""
    end_s, storms = log.facts.end_s, log.tables["closures"]
    storms = storms.where((storms["vessel_class"] == NONE) & (storms["start_s"] < end_s))
    places = {place: code for code, place in enumerate(log.names.place)}
    for code, resource in enumerate(log.resources):
        if resource.kind == "berth" and most[code]:
            here = storms.where(storms["place"] == places[resource.place])
            until_s = np.minimum(ends(here, log), end_s)
            yield _changes(np.full(len(here), code), here["start_s"], until_s, {_SHUT: 1})


def _in_service(log: RunLog, most: NDArray[np.float64]) -> Changes:
    """Return how many servers are in service: by the table of capacities, or as many as declared."""
    table = log.tables["capacities"]
    table = table.where(np.argsort(table["resource"], kind="stable"))
    code, start_s = table["resource"], table["start_s"]
    others = np.setdiff1d(np.flatnonzero(most), code)
    declared = np.array([resource.servers for resource in log.resources], np.int64)[others]
    limited = most[code] > 0
    until_s = until_next(code, start_s, log)[limited]
    return _changes(
        np.concatenate([code[limited], others]),
        np.concatenate([start_s[limited], np.zeros_like(others)]),
        np.concatenate([until_s, np.full(len(others), log.facts.end_s)]),
        {_SERVERS: np.concatenate([table["servers"][limited], declared])},
    )


def _held_in_line(log: RunLog, holds: Columns, activity: Activity) -> Changes:
    """Return when whoever has one of *holds* waits for another resource, booked as *activity*: a
    train with its locomotive or in its block for a path, a vessel at its berth for tugs."""
    rows = log.tables["vehicle_log"]
    rows = rows.where(rows["activity"] == activity)
    hold = latest_of_vehicle(holds, rows, log)
    rows, hold = rows.where(hold >= 0), hold[hold >= 0]
    until_s = ends(holds, log)[hold]
    still = until_s > rows["start_s"]
    rows, hold, until_s = rows.where(still), hold[still], until_s[still]
    stop_s = np.minimum(ends(rows, log), until_s)
    return _changes(holds["resource"][hold], rows["start_s"], stop_s, {_WORKING: -1})


def _fleets(log: RunLog) -> Iterator[Changes]:
    """Yield the changes of the vessels of each class on each service."""
    duties, rows, fleet = log.tables["duties"], log.tables["vehicle_log"], log.tables["vehicles"]
    classes, first = len(log.names.vessel_class), len(log.resources)

    def group(carrier: NDArray[np.int64], vehicle: NDArray[np.int64]) -> NDArray[np.int64]:
        return first + carrier * classes + fleet["vessel_class"][vehicle]

    fleets = group(duties["carrier"], duties["vehicle"])
    yield _changes(fleets, duties["start_s"], ends(duties, log), {_WORKING: 1, _SERVERS: 1})
    rows = rows.where((fleet["kind"] == VESSEL)[rows["vehicle"]])
    idle = rows.where(np.isin(rows["activity"], _FOR_OTHERS))
    laid_up = rows.where(rows["activity"] == Activity.LAID_UP)
    for spells, what in ((idle, {_WORKING: -1}), (laid_up, {_WORKING: -1, _SERVERS: -1})):
        fleets = group(carrier_at(log, spells), spells["vehicle"])
        yield _changes(fleets, spells["start_s"], ends(spells, log), dict(what))
