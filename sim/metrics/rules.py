"""What rules did: embargoes and what they refused, equipment and its turn, outages and how long
they were felt."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import NONE, Activity, Columns, RunLog, names, running_sum, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, mean_level, measured, until_next
from sim.units import DAY


def embargoes(log: RunLog) -> Iterator[Row]:
    """Yield the days each embargo was on in the window, and the cargo that was turned away, per 365
    days."""
    if not log.names.embargo:
        return
    window, refused = measured(log), log.tables["refusals"]
    on_s = _on_s(log.tables["embargoes"], "embargo", len(log.names.embargo), log)
    for name, seconds in zip(log.names.embargo, on_s, strict=True):
        yield Row("embargo_days", seconds / DAY, "d", where=name)
    refused = refused.where(window.contains(refused["at_s"]))
    refused_units = sum_by_code(refused["units"], (refused["flow"], len(log.flows))).tolist()
    tonnes = 0.0
    for flow, units in zip(log.flows, refused_units, strict=True):
        tonnes += float(units) * flow.kg_per_unit / 1000 if flow.scope == "titr" else 0.0
        yield Row("refused_units_per_year", units / window.years, "units/a", flow=flow.id)
    yield Row("refused_t_per_year", tonnes / window.years, "t/a")


def _on_s(table: Columns, kind: str, size: int, log: RunLog) -> list[int]:
    """Return the seconds of the window in which each of *size* embargoes or outages was on."""
    overlap_s = measured(log).overlap_s(table["start_s"], ends(table, log))
    return sum_by_code(overlap_s, (table[kind], size)).tolist()


def equipment(log: RunLog) -> Iterator[Row]:
    r"""Yield of each fleet: idle items, turn time and imbalance.

    ``equipment_turn_days`` is the fleet's time over the loads it took in the window, :math:`N |T| /
    n`: from one load of an item to its next, on average, empty moves in between.
    ``equipment_imbalance_per_year`` counts loads less deliveries at a place; flows without weight
    are empties and left out.
    """
    if not log.names.equipment:
        return
    window, fleets, size = measured(log), log.tables["fleets"], len(log.names.equipment)
    was_there, idle = _idle(log, window)
    items = sum_by_code(fleets["items"], (fleets["equipment"], size)).tolist()
    taken, taken_by_flow = _taken(log, window)
    delivered = _delivered(log, window)
    for code, name in enumerate(log.names.equipment):
        for place in np.flatnonzero(was_there[code]).tolist():
            where = names.equipment_at(name, log.names.place[place])
            yield Row("equipment_idle", float(idle[code, place]), "items", where=where)
        turn_days = items[code] * window.length_s / DAY / taken[code] if taken[code] else nan
        yield Row("equipment_turn_days", turn_days, "d", where=name)
        net: dict[str, int] = {}
        for flow, loads, drops in zip(log.flows, taken_by_flow, delivered, strict=True):
            if flow.equipment == name and flow.kg_per_unit:
                origin, destination = flow.ends
                net[origin] = net.get(origin, 0) + loads
                net[destination] = net.get(destination, 0) - drops
        for end, units in net.items():
            yield Row(
                "equipment_imbalance_per_year",
                units / window.years,
                "units/a",
                where=names.equipment_at(name, end),
            )
    wanted = _wanted(log, window)
    for code, resource in enumerate(log.resources):
        if resource.kind == "equipment":
            yield Row("equipment_wanted", wanted[code], "units", where=resource.id)


def _idle(log: RunLog, window: Window) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return by fleet and place whether it was ever there, and the mean number of idle items in
    *window*."""
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
    """Return the items taken in *window*: by fleet, of flows that weigh something, and net by
    flow."""
    changes = log.tables["equipment"]
    changes = changes.where(window.contains(changes["at_s"]) & (changes["flow"] != NONE))
    by_flow = sum_by_code(-changes["change"], (changes["flow"], len(log.flows)))
    weighs = np.array([flow.kg_per_unit > 0 for flow in log.flows], bool)
    loads = changes.where((changes["change"] < 0) & weighs[changes["flow"]])
    by_fleet = sum_by_code(-loads["change"], (loads["equipment"], len(log.names.equipment)))
    return by_fleet.tolist(), by_flow.tolist()


def _delivered(log: RunLog, window: Window) -> list[int]:
    """Return the units delivered in *window*, by flow."""
    rows = log.tables["deliveries"]
    rows = rows.where(window.contains(rows["delivered_s"]))
    return sum_by_code(rows["units"], (rows["flow"], len(log.flows))).tolist()


def _wanted(log: RunLog, window: Window) -> list[float]:
    """Return by resource how many units waited for equipment on average."""
    stays = log.tables["stays"]
    waits = stays.where(stays["activity"] == Activity.WAIT_EQUIPMENT)
    return mean_level(waits, log, waits["units"], window).tolist()


def outages(log: RunLog) -> Iterator[Row]:
    r"""Yield of each disruption: how often, how long, until when it was felt, and how much cargo it
    held up.

    Measured on all units of scope ``titr`` inside the corridor, :math:`L(t)`, against what was
    inside when the outage began, :math:`L(a)`: recovery is from its end to the first moment at
    which no more is inside than then, and ``outage_delayed_unit_days`` is :math:`\int (L(t) -
    L(a))^+ dt` from its begin to that moment. Means over the outages that recovered before the run
    ended; the paired comparison with the scenario without it says more.
    """
    if not log.names.outage:
        return
    table = log.tables["outages"]
    out_s = _on_s(table, "outage", len(log.names.outage), log)
    felt: list[list[tuple[float, float] | None]] = [[] for _ in log.names.outage]
    at_s, level = _inside(log)
    intervals = zip(
        table["outage"].tolist(), table["start_s"].tolist(), ends(table, log).tolist(), strict=True
    )
    for code, start_s, end_s in intervals:
        felt[code].append(_felt(at_s, level, start_s, end_s))
    for name, seconds, pairs in zip(log.names.outage, out_s, felt, strict=True):
        known = [pair for pair in pairs if pair is not None]
        yield Row("outage_days", seconds / DAY, "d", where=name)
        yield Row(
            "outage_recovery_days",
            float(np.mean([p[0] for p in known])) if known else nan,
            "d",
            where=name,
        )
        delayed = float(np.mean([p[1] for p in known])) if known else nan
        yield Row("outage_delayed_unit_days", delayed, "unit d", where=name)
        yield Row("outages_not_recovered", float(len(pairs) - len(known)), "outages", where=name)


def _inside(log: RunLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the units of scope titr inside the corridor as steps: from when, how many."""
    titr = np.array([flow.scope == "titr" for flow in log.flows], bool)
    born, delivered = log.tables["consignments"], log.tables["deliveries"]
    born, delivered = born.where(titr[born["flow"]]), delivered.where(titr[delivered["flow"]])
    at_s = np.concatenate([born["born_s"], delivered["delivered_s"]])
    change = np.concatenate([born["units"], -delivered["units"]])
    order = np.argsort(at_s, kind="stable")
    return at_s[order], np.cumsum(change[order])


def _felt(
    at_s: NDArray[np.int64], level: NDArray[np.int64], start_s: int, end_s: int
) -> tuple[float, float] | None:
    """Return days of recovery and unit-days of delay of one outage; None if it was still felt when
    the run ended."""
    first = int(np.searchsorted(at_s, start_s, side="right"))
    before = int(level[first - 1]) if first else 0
    over = int(np.searchsorted(at_s, end_s, side="left"))
    last, recovered_s = over, end_s
    if (int(level[over - 1]) if over else 0) > before:
        back = np.flatnonzero(level[over:] <= before)
        if not len(back):
            return None
        last = over + int(back[0])
        recovered_s = int(at_s[last])
    steps = np.concatenate([[start_s], at_s[first:last], [recovered_s]])
    excess = np.maximum(np.concatenate([[before], level[first:last]]) - before, 0)
    return (recovered_s - end_s) / DAY, float((excess * np.diff(steps)).sum()) / DAY
