"""Equipment: idle items, the time from load to load, and what waited for an item."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, Activity, RunLog, names, running_sum, sum_by_code
from sim.metrics.flows import delivered_units, kg_of
from sim.metrics.rows import Row
from sim.metrics.window import Window, mean_level, measured, until_next
from sim.units import DAY


def equipment(log: RunLog) -> Iterator[Row]:
    r"""Yield of each fleet: idle items, turn time and imbalance, and the cargo that waits for it.

    ``equipment_turn_days`` is the fleet's time over the loads it took in the window, :math:`N |T| /
    n`: from one load of an item to its next, on average, empty moves in between.
    ``equipment_imbalance_per_year`` counts loads less deliveries at a place; flows without weight
    are empties and left out.
    """
    if not log.names.equipment:
        return
    window, fleets = measured(log), log.tables["fleets"]
    was_there, idle = _idle(log, window)
    items = sum_by_code(fleets["items"], (fleets["equipment"], len(log.names.equipment)))
    loads, net_loads = _taken(log, window)
    for code, name in enumerate(log.names.equipment):
        for place_code in np.flatnonzero(was_there[code]).tolist():
            where = names.equipment_at(name, log.names.place[place_code])
            yield Row("equipment_idle", float(idle[code, place_code]), "items", where=where)
        turn_days = nan
        if loads[code]:
            turn_days = int(items[code]) * window.length_s / DAY / loads[code]
        yield Row("equipment_turn_days", turn_days, "d", where=name)
        for place, surplus in _imbalance(log, name, net_loads).items():
            where = names.equipment_at(name, place)
            yield Row(
                "equipment_imbalance_per_year", surplus / window.years, "units/a", where=where
            )
    wanted = _wanted(log, window)
    for code, resource in enumerate(log.resources):
        if resource.kind == "equipment":
            yield Row("equipment_wanted", wanted[code], "units", where=resource.id)


def _idle(log: RunLog, window: Window) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return whether there ever was an item, and the mean of idle ones in *window*.

    Both by fleet and place.
    """
    changes, places = log.tables["equipment"], len(log.names.place)
    key = changes["equipment"] * places + changes["place"]
    order = np.argsort(key, kind="stable")
    key, at_s = key[order], changes["at_s"][order]
    level = running_sum(key, changes["change"][order])
    item_s = level * window.overlap_s(at_s, until_next(key, at_s, log))
    shape = (len(log.names.equipment), places)
    by = (key, shape[0] * places)
    was_there = np.bincount(key, minlength=by[1]) > 0
    return was_there.reshape(shape), sum_by_code(item_s, by).reshape(shape) / window.length_s


def _taken(log: RunLog, window: Window) -> tuple[list[int], list[int]]:
    """Return the items taken in *window* for what weighs something, by fleet, and the net by flow."""
    changes = log.tables["equipment"]
    changes = changes.where(window.contains(changes["at_s"]) & (changes["flow"] != NONE))
    by_flow = sum_by_code(-changes["change"], (changes["flow"], len(log.flows)))
    weighs = kg_of(log) > 0
    loads = changes.where((changes["change"] < 0) & weighs[changes["flow"]])
    by_fleet = sum_by_code(-loads["change"], (loads["equipment"], len(log.names.equipment)))
    return by_fleet.tolist(), by_flow.tolist()


def _imbalance(log: RunLog, name: str, net_loads: list[int]) -> dict[str, int]:
    """Return loads less deliveries of the flows that use fleet *name*, by place."""
    surplus: dict[str, int] = {}
    for flow, loads, drops in zip(log.flows, net_loads, delivered_units(log).tolist(), strict=True):
        if flow.equipment == name and flow.kg_per_unit:
            origin, destination = flow.ends
            surplus[origin] = surplus.get(origin, 0) + loads
            surplus[destination] = surplus.get(destination, 0) - drops
    return surplus


def _wanted(log: RunLog, window: Window) -> list[float]:
    """Return the units that waited for equipment on average, by resource."""
    stays = log.tables["stays"]
    waits = stays.where(stays["activity"] == Activity.WAIT_EQUIPMENT)
    return mean_level(waits, log, waits["units"], window).tolist()
