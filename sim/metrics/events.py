"""The log as a flat table of events, the form that tools for process mining read."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, OPEN, Columns, RunLog
from sim.metrics.window import Window

COLUMNS = (
    "case",
    "activity",
    "start",
    "end",
    "resource",
    "place",
    "flow",
    "unit",
    "units",
    "vehicle",
)


def events(log: RunLog, window: Window | None = None, flows: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return what happened to everything that was delivered, one row an interval.

    A case is what arrived together: units of one consignment that were never parted after they met
    their last vehicle. It has its whole history, that which it shares with what it parted from
    included, so its rows tile the time from birth to delivery.

    Parameters
    ----------
    window
        Cases born in it; all if nothing is said.
    flows
        Cases of these flows; all if none is named.

    Returns
    -------
    DataFrame
        ``case, activity, start, end, resource, place, flow, unit, units, vehicle``, by case and
        time; ``start`` and ``end`` are dates to the second, ``vehicle`` is e.g. ``vessel 12``,
        empty in a stack.
    """
    cases, who, until_s = _histories(log, _chosen(log, window, flows))
    cargo = log.cargo
    cargo = cargo[(cargo["end_s"] != OPEN) & (cargo["end_s"] > cargo["start_s"])]
    parts = pd.DataFrame({"case": cases, "lot": who, "until_s": until_s})
    rows = parts.merge(cargo.drop(columns=["units", "kg"]), on="lot")
    rows = rows[rows["end_s"] <= rows["until_s"]].sort_values(
        ["case", "start_s"], kind="stable", ignore_index=True
    )
    begin = pd.Timestamp(log.facts.start_date)
    units = pd.Series(log.tables["deliveries"]["units"], index=log.tables["deliveries"]["lot"])
    named = log.labelled(rows)
    return pd.DataFrame(
        {
            "case": rows["case"],
            "activity": named["activity"],
            "start": begin + pd.to_timedelta(rows["start_s"], unit="s"),
            "end": begin + pd.to_timedelta(rows["end_s"], unit="s"),
            "resource": named["resource"],
            "place": named["place"],
            "flow": named["flow"],
            "unit": named["unit"],
            "units": rows["case"].map(units).astype(np.int64),
            "vehicle": _vehicles(log, rows["vehicle"].to_numpy()),
        }
    )


def _chosen(log: RunLog, window: Window | None, flows: tuple[str, ...]) -> Columns:
    """Return the deliveries that become cases."""
    deliveries = log.tables["deliveries"]
    wanted = np.ones(len(deliveries), bool)
    if window is not None:
        wanted &= window.contains(deliveries["born_s"])
    if flows:
        wanted &= np.isin(deliveries["flow"], [log.names.flow.index(flow) for flow in flows])
    return deliveries.where(wanted)


def _histories(
    log: RunLog, delivered: Columns
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return case, lot and the second up to which the case is that lot, for each delivered lot and
    its ancestors."""
    lots = log.tables["lots"]
    case = who = delivered["lot"]
    until_s = np.full(len(who), log.facts.end_s)
    found = []
    while len(who):
        found.append((case, who, until_s))
        parted_s, parent = lots["from_s"][who], lots["parent"][who]
        has_parent = parent != NONE
        # Who parts from an ancestor that had parted itself was that ancestor only up to the earlier
        # of the two.
        until_s = np.minimum(parted_s, until_s)[has_parent]
        case, who = case[has_parent], parent[has_parent]
    if not found:
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    cases, whos, untils = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return cases, whos, untils


def _vehicles(log: RunLog, code: NDArray[np.int64]) -> pd.Categorical:
    """Return the names of vehicles, missing where there is none."""
    kinds = log.labelled(log["vehicles"])["kind"].astype(str)
    known, place = np.unique(code[code != NONE], return_inverse=True)
    numbers = log["vehicles"]["vehicle"].to_numpy()
    kind = dict(zip(numbers.tolist(), kinds.tolist(), strict=True))
    codes = np.full(len(code), -1)
    codes[code != NONE] = place
    return pd.Categorical.from_codes(
        codes, categories=[f"{kind[number]} {number}" for number in known.tolist()]
    )
