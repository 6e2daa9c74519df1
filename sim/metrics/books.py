"""The books behind cost and carbon: time of vehicles, legs and time of cargo, by flow.

In whole numbers, so that every book is checked against the same counted from other tables.

Time of a vehicle with cargo belongs to the flows aboard by the room they take; time without cargo
(on the way back empty, waiting for cargo, in repair) to the flows that the vessels of that class
carried for that service in the window, in proportion. What carried nothing at all stays
unattributed. Shares are whole microseconds: of n sharers, each gets the difference of the running
total rounded down, so that nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, TRAIN, VESSEL, Activity, Charges, Columns, RunLog, sum_by_code
from sim.metrics.aboard import flow_aboard
from sim.metrics.duty import carrier_at, duty_s
from sim.metrics.flows import delivered_units, unit_of
from sim.metrics.transit import pairs
from sim.metrics.window import ends, measured

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Books:
    """What the measured window held, by flow; the last flow stands for what is unattributed."""

    vehicle_us: NDArray[np.int64]
    """Microseconds of vehicles by flow, carrier, class of vessel (the last: none) and activity."""
    legs: NDArray[np.int64]
    """Units that ended a leg in the window, by flow, carrier and direction."""
    unit_s: NDArray[np.int64]
    """Unit-seconds in the corridor, by flow."""
    residual: int
    """Sum of absolute differences to the same counted another way: 0."""


def keep_books(log: RunLog, charges: Charges) -> Books:
    """Return the books of *log*, and by how much they differ from other tables."""
    rows, seconds, carrier, vessel_class = _vehicle_rows(log)
    vehicle_us = _attributed(log, charges, (rows, seconds, carrier, vessel_class))
    by = _axes(log, carrier, vessel_class, rows["activity"])
    whole_us = sum_by_code(seconds * MICRO, *by)
    off = int(np.abs(vehicle_us.sum(axis=0) - whole_us).sum())
    # A vessel costs while it is on duty, whatever it does.
    classes = len(log.names.vessel_class)
    off += int(np.abs(whole_us[:, :classes].sum(axis=2) - duty_s(log, measured(log)) * MICRO).sum())
    legs, unit_s = _legs(log), _unit_s(log)
    off += int(np.abs(unit_s - _stayed_s(log)).sum()) + _deliveries_off(log, legs)
    return Books(vehicle_us, legs, unit_s, off)


def _axes(
    log: RunLog,
    carrier: NDArray[np.int64],
    vessel_class: NDArray[np.int64],
    activity: NDArray[np.int64],
) -> tuple[tuple[NDArray[np.int64], int], ...]:
    classes = len(log.names.vessel_class) + 1
    # `NONE` becomes the last class.
    return (
        (carrier, len(log.carriers)),
        (vessel_class % classes, classes),
        (activity, len(Activity)),
    )


Rows = tuple[Columns, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _vehicle_rows(log: RunLog) -> Rows:
    """Return what trains and vessels of the corridor did in the window.

    Rows, their seconds in it, carrier and class.
    """
    rows, fleet = log.tables["vehicle_log"], log.tables["vehicles"]
    is_vessel, is_train = fleet["kind"] == VESSEL, fleet["kind"] == TRAIN
    is_own = is_vessel | (is_train & (fleet["carrier"] != NONE))
    seconds = measured(log).overlap_s(rows["start_s"], ends(rows, log))
    kept = is_own[rows["vehicle"]] & (seconds > 0)
    rows, seconds = rows.where(kept), seconds[kept]
    return rows, seconds, carrier_at(log, rows), fleet["vessel_class"][rows["vehicle"]]


def _attributed(log: RunLog, charges: Charges, spent: Rows) -> NDArray[np.int64]:
    """Return the microseconds of vehicles by flow (the last: none), carrier, class and activity."""
    rows, seconds, carrier, vessel_class = spent
    flows = len(log.flows)
    trip, flow, room = _room_aboard(log, charges)
    trips = len(log.tables["trips"])
    loaded = np.zeros(trips + 1, bool)  # the last for rows of no trip
    loaded[trip] = True
    with_cargo = loaded[rows["trip"]]
    here = np.flatnonzero(with_cargo)
    # Each activity of a trip once: their time together is what is shared.
    key = rows["trip"][here] * len(Activity) + rows["activity"][here]
    keys, first, number = np.unique(key, return_index=True, return_inverse=True)
    us = sum_by_code(seconds[here] * MICRO, (number, len(keys)))
    of_trip = keys // len(Activity)
    cell, sharer = pairs(of_trip, trip, trips)
    share_us = split(us[cell], cell, room[sharer])
    at = here[first][cell]
    axes = _axes(log, carrier[at], vessel_class[at], rows["activity"][at])
    attributed = sum_by_code(share_us, (flow[sharer], flows + 1), *axes)
    idle = ~with_cargo
    axes = _axes(log, carrier[idle], vessel_class[idle], rows["activity"][idle])
    _share_idle(attributed, sum_by_code(seconds[idle] * MICRO, *axes))
    return attributed


def _share_idle(attributed: NDArray[np.int64], idle_us: NDArray[np.int64]) -> None:
    """Add time without cargo to the flows that the same class carried for the same service.

    To none of them where it carried nothing.
    """
    carried = attributed[:-1].sum(axis=3)
    for carrier, vessel_class, activity in np.argwhere(idle_us).tolist():
        whole = int(idle_us[carrier, vessel_class, activity])
        weights: list[int] = carried[:, carrier, vessel_class].tolist()
        total = sum(weights)
        if not total:
            attributed[-1, carrier, vessel_class, activity] += whole
            continue
        # In Python's whole numbers, which do not overflow.
        reached = np.array(
            [whole * sum_ // total for sum_ in accumulate(weights, initial=0)], np.int64
        )
        attributed[:-1, carrier, vessel_class, activity] += reached[1:] - reached[:-1]


def _room_aboard(
    log: RunLog, charges: Charges
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return trip, flow and the room it takes, ordered by trip and flow; without what is zero."""
    aboard, trips, flows = log.tables["aboard"], log.tables["trips"], len(log.flows)
    classes, units = len(log.names.vessel_class) + 1, len(log.names.unit)
    room_of = np.zeros((len(log.carriers), classes, units), np.int64)
    for *key_of, room in charges.room:
        room_of[tuple(key_of)] = room
    flow, trip = flow_aboard(log), aboard["trip"]
    vessel_class = log.tables["vehicles"]["vessel_class"][trips["vehicle"][trip]]
    taken = aboard["units"] * room_of[trips["carrier"][trip], vessel_class, unit_of(log)[flow]]
    key = trip * flows + flow
    some = np.flatnonzero(taken)
    order = some[np.argsort(key[some], kind="stable")]
    key, taken = key[order], taken[order]
    first = np.flatnonzero(np.diff(key, prepend=NONE))
    trip, flow = np.divmod(key[first], flows)
    return trip, flow, np.add.reduceat(taken, first) if len(first) else taken


def split(
    whole: NDArray[np.int64], group: NDArray[np.int64], weight: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the part of each row in the *whole* of its *group*, by *weight*.

    Parts are whole numbers and add up to the whole. Rows of a group stand together and have the
    same whole; weights are above 0.
    """
    if not len(group):
        return np.zeros(0, np.int64)
    first = np.flatnonzero(np.diff(group, prepend=NONE))
    before = np.cumsum(weight) - weight
    length = np.diff(first, append=len(group))
    before -= np.repeat(before[first], length)
    total = np.repeat(np.add.reduceat(weight, first), length)
    # Whole and part apart, since the product of both with a weight can be too large.
    each, rest = np.divmod(whole, total)
    return each * weight + (rest * (before + weight)) // total - (rest * before) // total


def _legs(log: RunLog) -> NDArray[np.int64]:
    """Return the units whose trip ended in the window, by flow, carrier and direction."""
    trips, aboard = log.tables["trips"], log.tables["aboard"]
    rows = np.flatnonzero(measured(log).contains(trips["end_s"])[aboard["trip"]])
    trip, flow = aboard["trip"][rows], flow_aboard(log)[rows]
    by = (
        (flow, len(log.flows)),
        (trips["carrier"][trip], len(log.carriers)),
        (trips["direction"][trip], 2),
    )
    return sum_by_code(aboard["units"][rows], *by)


def _deliveries_off(log: RunLog, legs: NDArray[np.int64]) -> int:
    """Return by how many units the last legs differ from what was delivered."""
    arrives_at = np.array([carrier.ends[::-1] for carrier in log.carriers], object).reshape(-1, 2)
    delivered = delivered_units(log).tolist()
    off = 0
    for code, flow in enumerate(log.flows):
        is_last = arrives_at == flow.ends[1]
        off += abs(int(legs[code][is_last].sum()) - delivered[code])
    return off


def _unit_s(log: RunLog) -> NDArray[np.int64]:
    """Return the unit-seconds in the window between creation and delivery, by flow."""
    window, size, end_s = measured(log), len(log.flows), log.facts.end_s
    created, delivered = log.tables["consignments"], log.tables["deliveries"]
    since_s = window.overlap_s(created["born_s"], np.full(len(created), end_s))
    after_s = window.overlap_s(delivered["delivered_s"], np.full(len(delivered), end_s))
    entered = sum_by_code(created["units"] * since_s, (created["flow"], size))
    return entered - sum_by_code(delivered["units"] * after_s, (delivered["flow"], size))


def _stayed_s(log: RunLog) -> NDArray[np.int64]:
    """Return the same as `_unit_s`, counted from the stays in stacks and the trips."""
    window, size = measured(log), len(log.flows)
    stays, aboard, trips = (log.tables[name] for name in ("stays", "aboard", "trips"))
    stood = stays["units"] * window.overlap_s(stays["start_s"], ends(stays, log))
    carried_s = window.overlap_s(trips["start_s"], ends(trips, log))[aboard["trip"]]
    on_board = sum_by_code(aboard["units"] * carried_s, (flow_aboard(log), size))
    return sum_by_code(stood, (log.tables["lots"]["flow"][stays["lot"]], size)) + on_board
