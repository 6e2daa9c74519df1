"""The log as a flat table of events, as tools for process mining read it."""

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
    """Return the history of everything that was delivered, one row an interval.

    A case is a delivered lot: units of one consignment that arrived together. It has its whole
    history, that of the lots it parted from included, so its rows tile the time from creation to
    delivery.

    Parameters
    ----------
    window
        Only cases created in it.
    flows
        Only cases of these flows; of all if empty.

    Returns
    -------
    DataFrame
        ``case, activity, start, end, resource, place, flow, unit, units, vehicle``, by case and
        time; ``start`` and ``end`` are dates to the second, ``vehicle`` is e.g. ``vessel 12``,
        empty in a stack.
    """
    cases, lots, until_s = _histories(log, _delivered(log, window, flows))
    cargo = log.cargo
    cargo = cargo[(cargo["end_s"] != OPEN) & (cargo["end_s"] > cargo["start_s"])]
    parts = pd.DataFrame({"case": cases, "lot": lots, "until_s": until_s})
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


def _delivered(log: RunLog, window: Window | None, flows: tuple[str, ...]) -> Columns:
    """Return the deliveries of *flows* that were created in *window*."""
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
    """Return case and lot of each delivered lot and its ancestors, and until when they are one."""
    lots = log.tables["lots"]
    case = lot = delivered["lot"]
    until_s = np.full(len(lot), log.facts.end_s)
    generations = [(case, lot, until_s)]
    while len(lot):
        parted_s, parent = lots["from_s"][lot], lots["parent"][lot]
        has_parent = parent != NONE
        # A lot that parts from an ancestor that had parted itself was that ancestor only up to the
        # earlier of the two.
        until_s = np.minimum(parted_s, until_s)[has_parent]
        case, lot = case[has_parent], parent[has_parent]
        generations.append((case, lot, until_s))
    cases, ancestors, ends_s = (np.concatenate(column) for column in zip(*generations, strict=True))
    return cases, ancestors, ends_s


def _vehicles(log: RunLog, code: NDArray[np.int64]) -> pd.Categorical:
    """Return the names of vehicles, missing where there is none."""
    kinds = log.labelled(log["vehicles"])["kind"].astype(str)
    is_vehicle = code != NONE
    used, position = np.unique(code[is_vehicle], return_inverse=True)
    numbers = log["vehicles"]["vehicle"].to_numpy()
    kind = dict(zip(numbers.tolist(), kinds.tolist(), strict=True))
    codes = np.full(len(code), -1)
    codes[is_vehicle] = position
    categories = [f"{kind[number]} {number}" for number in used.tolist()]
    return pd.Categorical.from_codes(codes, categories=categories)
