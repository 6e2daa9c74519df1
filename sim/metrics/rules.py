"""What rules did: embargoes and what they refused, equipment and its turn, outages and how long they were felt."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import Activity, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import Window, ends, measured
from sim.units import DAY


def embargoes(log: RunLog) -> Iterator[Row]:
    """Yield the days each embargo was on in the window, and the cargo that was turned away, per 365 days."""
    window, table = measured(log), log["embargoes"]
    for code, name in enumerate(log.names.embargo):
        mine = table[table["embargo"] == code]
        on_s = window.overlap_s(mine["start_s"].to_numpy(), ends(mine, log)).sum()
        yield Row("embargo_days", float(on_s) / DAY, "d", where=name)
    if not log.names.embargo:
        return
    refused = log["refusals"]
    refused = refused[window.contains(refused["at_s"])].groupby("flow")["units"].sum()
    tonnes = 0.0
    for code, flow in enumerate(log.flows):
        units = float(refused.get(code, 0))
        tonnes += units * flow.kg_per_unit / 1000 if flow.scope == "titr" else 0.0
        yield Row("refused_units_per_year", units / window.years, "units/a", flow=flow.id)
    yield Row("refused_t_per_year", tonnes / window.years, "t/a")


def equipment(log: RunLog) -> Iterator[Row]:
    r"""Yield of each fleet: idle items, turn time and imbalance.

    ``equipment_turn_days`` is the fleet's time over the loads it took in the window, :math:`N |T| / n`: from one load
    of an item to its next, on average, empty moves in between. ``equipment_imbalance_per_year`` counts loads less
    deliveries at a place; flows without weight are empties and left out.
    """
    window, changes = measured(log), log["equipment"]
    stays = log["stays"]
    waiting = stays[stays["activity"] == Activity.WAIT_EQUIPMENT]
    weighs = np.array([flow.kg_per_unit > 0 for flow in log.flows], bool)
    for code, name in enumerate(log.names.equipment):
        mine = changes[changes["equipment"] == code]
        for place, rows in mine.groupby("place"):
            level = _mean_level(rows, window, log)
            yield Row("equipment_idle", level, "items", where=f"{name}@{log.names.place[place]}")
        loads = mine[(mine["change"] < 0) & window.contains(mine["at_s"])]
        taken = -loads["change"][weighs[loads["flow"].to_numpy()]].sum()
        items = int(log["fleets"]["items"][log["fleets"]["equipment"] == code].sum())
        turn_days = items * window.length_s / DAY / float(taken) if taken else nan
        yield Row("equipment_turn_days", turn_days, "d", where=name)
        for place, net in _imbalance(log, name, window).items():
            where = f"{name}@{place}"
            yield Row("equipment_imbalance_per_year", net / window.years, "units/a", where=where)
    if log.names.equipment:
        for code, resource in enumerate(log.resources):
            if resource.kind == "equipment":
                mine = waiting[waiting["resource"] == code]
                wait_s = mine["units"].to_numpy() * window.overlap_s(mine["start_s"].to_numpy(), ends(mine, log))
                yield Row("equipment_wanted", float(wait_s.sum()) / window.length_s, "units", where=resource.id)


def _mean_level(rows: pd.DataFrame, window: Window, log: RunLog) -> float:
    at_s, level = rows["at_s"].to_numpy(), np.cumsum(rows["change"].to_numpy())
    until = np.append(at_s[1:], log.facts.end_s)
    return float((level * window.overlap_s(at_s, until)).sum()) / window.length_s


def _imbalance(log: RunLog, name: str, window: Window) -> dict[str, float]:
    """Return loads less deliveries by place, of flows that weigh something."""
    net: dict[str, float] = {}
    taken, delivered = log["equipment"], log["deliveries"]
    for code, flow in enumerate(log.flows):
        if flow.equipment != name or not flow.kg_per_unit:
            continue
        loads = -taken[(taken["flow"] == code) & window.contains(taken["at_s"])]["change"].sum()
        drops = delivered[(delivered["flow"] == code) & window.contains(delivered["delivered_s"])]["units"].sum()
        net[flow.ends[0]] = net.get(flow.ends[0], 0.0) + float(loads)
        net[flow.ends[1]] = net.get(flow.ends[1], 0.0) - float(drops)
    return net


def outages(log: RunLog) -> Iterator[Row]:
    r"""Yield of each disruption: how often, how long, until when it was felt, and how much cargo it held up.

    Measured on all units of scope ``titr`` inside the corridor, :math:`L(t)`, against what was inside when the outage
    began, :math:`L(a)`: recovery is from its end to the first moment at which no more is inside than then, and
    ``outage_delayed_unit_days`` is :math:`\int (L(t) - L(a))^+ dt` from its begin to that moment. Means over the
    outages that recovered before the run ended; the paired comparison with the scenario without it says more.
    """
    table, window = log["outages"], measured(log)
    if not log.names.outage:
        return
    at_s, level = _inside(log)
    for code, name in enumerate(log.names.outage):
        mine = table[table["outage"] == code]
        out_s = window.overlap_s(mine["start_s"].to_numpy(), ends(mine, log)).sum()
        yield Row("outage_days", float(out_s) / DAY, "d", where=name)
        felt = [
            _felt(at_s, level, start_s, end_s) for start_s, end_s in zip(mine["start_s"], ends(mine, log), strict=True)
        ]
        known = [pair for pair in felt if pair is not None]
        yield Row("outage_recovery_days", float(np.mean([p[0] for p in known])) if known else nan, "d", where=name)
        delayed = float(np.mean([p[1] for p in known])) if known else nan
        yield Row("outage_delayed_unit_days", delayed, "unit d", where=name)
        yield Row("outages_not_recovered", float(len(felt) - len(known)), "outages", where=name)


def _inside(log: RunLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the units of scope titr inside the corridor as steps: from when, how many."""
    titr = np.array([flow.scope == "titr" for flow in log.flows], bool)
    born, delivered = log["consignments"], log["deliveries"]
    born, delivered = born[titr[born["flow"].to_numpy()]], delivered[titr[delivered["flow"].to_numpy()]]
    at_s = np.concatenate([born["born_s"].to_numpy(), delivered["delivered_s"].to_numpy()])
    change = np.concatenate([born["units"].to_numpy(), -delivered["units"].to_numpy()])
    order = np.argsort(at_s, kind="stable")
    return at_s[order], np.cumsum(change[order])


def _felt(at_s: NDArray[np.int64], level: NDArray[np.int64], start_s: int, end_s: int) -> tuple[float, float] | None:
    """Return days of recovery and unit-days of delay of one outage; None if it was still felt when the run ended."""
    first = int(np.searchsorted(at_s, start_s, side="right"))
    before = int(level[first - 1]) if first else 0
    over = int(np.searchsorted(at_s, end_s, side="left"))
    if (int(level[over - 1]) if over else 0) <= before:
        recovered_s = end_s
    else:
        back = np.flatnonzero(level[over:] <= before)
        if not len(back):
            return None
        recovered_s = int(at_s[over + int(back[0])])
    steps = np.concatenate([[start_s], at_s[first:], [recovered_s]])
    steps = np.minimum(steps, recovered_s)
    excess = np.maximum(np.concatenate([[before], level[first:]]) - before, 0)
    return (recovered_s - end_s) / DAY, float((excess * np.diff(steps)).sum()) / DAY
