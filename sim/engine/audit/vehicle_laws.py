"""Laws of vehicles: they do one thing after the other, and load no more than there is room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.audit.arithmetic import Difference, gaps, off, unit_of
from sim.engine.audit.counters import Counters
from sim.log import NONE, OPEN, TRUCK, VESSEL, Activity, RunLog, closed_ends, sum_by_code
from sim.units import Seconds


def vehicles(log: RunLog) -> Iterator[Difference]:
    """States of a vessel fill the run; those of a trip fill the trip."""
    end_s, rows, fleet = log.facts.end_s, log.tables["vehicle_log"], log.tables["vehicles"]
    vehicle, start, end = rows["vehicle"], rows["start_s"], closed_ends(rows, end_s)
    lasted_s = end - start
    order = np.lexsort((end, vehicle * (end_s + 1) + start))
    ordered = vehicle[order]
    apart_s = gaps(start[order], end[order], ordered[1:] == ordered[:-1])
    yield Difference("a vehicle does one thing after the other", apart_s)
    is_vessel = fleet["kind"] == VESSEL
    there_s = end_s - fleet["from_s"][is_vessel]
    spent_s = sum_by_code(lasted_s, (vehicle, len(fleet)))
    yield Difference("a vessel's states fill its time", off(spent_s[is_vessel], there_s))
    duties = log.tables["duties"]
    on_duty_s = sum_by_code(
        closed_ends(duties, end_s) - duties["start_s"], (duties["vehicle"], len(fleet))
    )
    yield Difference("a vessel's duties fill its time", off(on_duty_s[is_vessel], there_s))
    trips, with_cargo = log.tables["trips"], rows["trip"] != NONE
    filled_s = sum_by_code(lasted_s[with_cargo], (rows["trip"][with_cargo], len(trips)))
    yield Difference(
        "a trip's states fill the trip",
        off(filled_s, closed_ends(trips, end_s) - trips["start_s"]),
    )


def trucks(log: RunLog) -> Iterator[Difference]:
    """A truck carries one unit."""
    aboard = log.tables["aboard"]
    kind = log.tables["vehicles"]["kind"]
    is_truck = kind[log.tables["trips"]["vehicle"]] == TRUCK
    carried = sum_by_code(aboard["units"], (aboard["trip"], len(is_truck)))
    yield Difference("a truck carries one unit", int(np.abs(carried[is_truck] - 1).sum()))


def roads(log: RunLog) -> Iterator[Difference]:
    """Who lies at anchor in the roads holds no berth meanwhile."""
    end_s, rows = log.facts.end_s, log.tables["vehicle_log"]
    at_anchor = rows.where(rows["activity"] == Activity.WAIT_ROADS)
    if not len(at_anchor):
        return
    is_berth = np.array([facts.kind == "berth" for facts in log.resources])
    holds = log.tables["resource_log"]
    holds = holds.where(is_berth[holds["resource"]] & (holds["start_s"] != OPEN))
    held_from, held_to = holds["start_s"], closed_ends(holds, end_s)
    both_s = 0
    lies = (at_anchor["vehicle"], at_anchor["start_s"], closed_ends(at_anchor, end_s))
    for vehicle, from_s, to_s in zip(*(column.tolist() for column in lies), strict=True):
        overlap_s = np.minimum(held_to, to_s) - np.maximum(held_from, from_s)
        both_s += int(np.maximum(overlap_s[holds["vehicle"] == vehicle], 0).sum())
    yield Difference("a vessel in the roads holds no berth", both_s)


def decks(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """No deck is loaded beyond its size, and what is aboard uses what was booked."""
    trips, aboard = log.tables["trips"], log.tables["aboard"]
    yield Difference("decks", int(np.maximum(trips["deck_used"] - trips["deck_limit"], 0).sum()))
    yield Difference(
        "limits of decks", int(np.maximum(trips["deck_limit"] - trips["deck_size"], 0).sum())
    )
    begins: list[tuple[int, int, Seconds]] = []
    """Of each deck: carrier, vessel class, since when."""
    sizes: list[tuple[int, ...]] = []
    for (carrier, vessel_class), eras in counters.decks.items():
        for begins_s, deck in eras:
            begins.append((carrier, vessel_class, begins_s))
            sizes.append(deck.per_unit)
    if not begins:
        return
    number = _deck_of(log, begins)
    per_unit = np.array(sizes, np.int64)
    checked = number != NONE
    rows = checked[aboard["trip"]]
    trip, unit = aboard["trip"][rows], unit_of(log)[aboard["lot"][rows]]
    used = sum_by_code(aboard["units"][rows] * per_unit[number[trip], unit], (trip, len(trips)))
    off = np.abs(used - trips["deck_used"])[checked]
    by_deck = sum_by_code(off, (number[checked], len(begins))).tolist()
    for (carrier, *_), amount in zip(begins, by_deck, strict=True):
        yield Difference(f"deck of {log.names.carrier[carrier]}", amount)


def quotas(log: RunLog, counters: Counters) -> Iterator[Difference]:
    """No kind of unit fills more of a deck than its part, where none may borrow."""
    if not counters.quotas:
        return
    aboard = log.tables["aboard"]
    kind = unit_of(log)[aboard["lot"]].tolist()
    filled: dict[tuple[int, int], int] = defaultdict(int)
    for trip, unit, units in zip(
        aboard["trip"].tolist(), kind, aboard["units"].tolist(), strict=True
    ):
        quota = counters.quotas.get(trip)
        if quota is not None:
            filled[trip, quota.part_of[unit]] += units * quota.per_unit[unit]
    over = 0
    for (trip, part), room in filled.items():
        most = counters.quotas[trip].rooms[part] if part != NONE else 0
        over += max(0, room - most)
    yield Difference("parts of decks that were exceeded", over)


def _deck_of(log: RunLog, decks: Sequence[tuple[int, int, Seconds]]) -> NDArray[np.int64]:
    """Return which of *decks* each trip has, `NONE` where none is listed; of each: carrier, class,
    since when."""
    trips, span, classes = log.tables["trips"], log.facts.end_s + 1, len(log.names.vessel_class) + 1
    carrier, vessel_class, begins_s = np.array(decks, np.int64).T
    group = carrier * classes + vessel_class % classes
    order = np.argsort(group * span + begins_s, kind="stable")
    class_of_trip = log.tables["vehicles"]["vessel_class"][trips["vehicle"]]
    wanted = trips["carrier"] * classes + class_of_trip % classes
    since, at = (group * span + begins_s)[order], wanted * span + trips["start_s"]
    latest = np.searchsorted(since, at, side="right") - 1
    return np.where((latest >= 0) & (group[order[latest]] == wanted), order[latest], NONE)
