"""Stacks: how much cargo stands where, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, Activity, Columns, RunLog, sum_by_code
from sim.metrics.aboard import units_of_trips
from sim.metrics.flows import kg_of, of_corridor
from sim.metrics.rows import Row
from sim.metrics.window import ends, growth_per_year, mean_level, measured, share_of_flow
from sim.units import DAY


def stacks(log: RunLog) -> Iterator[Row]:
    r"""Yield level and growth of every stack; cargo that waits outside a full one counts.

    ``stack_mean`` [units] is the time-mean over the window, :math:`\sum_i u_i |S_i \cap T| / |T|`;
    ``stack_growth_per_year`` [units/a] the difference of that mean between two windows a year apart
    (NaN where the run is too short for them), ``growth_share_per_year`` [share] the growth over the
    units that come in a year.
    """
    window, rows = measured(log), standing(log)
    level = mean_level(rows, log, rows["units"], window)
    growth = growth_per_year(rows, log, rows["units"])
    yearly = _came(rows, log) / window.years
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack":
            grown = float(growth[code])
            yield Row("stack_mean", float(level[code]), "units", where=resource.id)
            yield Row("stack_growth_per_year", grown, "units/a", where=resource.id)
            yield Row(
                "growth_share_per_year",
                share_of_flow(grown, float(yearly[code])),
                "share",
                where=resource.id,
            )


def standing(log: RunLog) -> Columns:
    """Return what stands in stacks, and before full ones in trains and trucks.

    Returns
    -------
    Columns
        ``resource, units, start_s, end_s, is_outside, goes_on``, the last two 0 or 1. A stay that
        goes on is of a lot that stood there already: it dwelt, or a ban held it.
    """
    stays, waits = log.tables["stays"], _waits_with_cargo(log)
    columns = ("resource", "units", "start_s", "end_s")
    both = {column: np.concatenate([stays[column], waits[column]]) for column in columns}
    is_outside = np.concatenate(
        [stays["activity"] == Activity.WAIT_ROOM, np.ones(len(waits), bool)]
    )
    goes_on = np.concatenate([_go_on(stays), np.zeros(len(waits), bool)])
    flags = {"is_outside": is_outside.astype(np.int64), "goes_on": goes_on.astype(np.int64)}
    return Columns({**both, **flags})


def _go_on(stays: Columns) -> NDArray[np.bool_]:
    """Return which stays follow another of the same lot on the same resource, inside both times."""
    goes_on = np.zeros(len(stays), bool)
    is_beside = np.isin(stays["activity"], (Activity.DWELL, Activity.WAIT_EMBARGO))
    if not is_beside.any():
        return goes_on
    order = np.lexsort((stays["end_s"], stays["start_s"], stays["lot"]))
    ordered = stays.where(order)
    follows = (ordered["lot"][1:] == ordered["lot"][:-1]) & (
        ordered["start_s"][1:] == ordered["end_s"][:-1]
    )
    same = ordered["resource"][1:] == ordered["resource"][:-1]
    inside = ordered["activity"][:-1] != Activity.WAIT_ROOM
    goes_on[order[1:]] = follows & same & inside
    return goes_on


def _waits_with_cargo(log: RunLog) -> Columns:
    """Return the waits of vehicles for room in a stack, with the ``units`` aboard."""
    is_stack = np.array([resource.kind == "stack" for resource in log.resources], bool)
    rows = log.tables["vehicle_log"]
    rows = rows.where((rows["activity"] == Activity.WAIT_ROOM) & (rows["trip"] != NONE))
    rows = rows.where(is_stack[rows["resource"]])
    if not len(rows):
        return rows.with_(units=rows["trip"])
    return rows.with_(units=units_of_trips(log)[rows["trip"]])


def _came(rows: Columns, log: RunLog) -> NDArray[np.int64]:
    """Return the units that came to each stack in the window, by resource code, each once.

    Those laid down inside, and the difference of those that stand outside between the end and the
    beginning of the window.
    """
    window, is_outside = measured(log), rows["is_outside"] == 1
    start_s, end_s = rows["start_s"], ends(rows, log)
    comes = window.contains(start_s) & ~is_outside & (rows["goes_on"] == 0)
    times = comes.astype(np.int64)
    for sign, at_s in ((1, window.end_s), (-1, window.start_s)):
        times += sign * (is_outside & (start_s < at_s) & (end_s >= at_s))
    return sum_by_code(times * rows["units"], (rows["resource"], len(log.resources)))


def stack_levels(log: RunLog) -> pd.DataFrame:
    """Return the level of every stack at each midnight [units]: ``stack, day, level``."""
    levels = daily_levels(log)
    if levels.columns.empty:
        return pd.DataFrame(columns=["stack", "day", "level"])
    days, stacks = levels.shape
    columns = {
        "stack": np.repeat(levels.columns.to_numpy(object), days),
        "day": np.tile(levels.index.to_numpy(), stacks),
        "level": levels.to_numpy().ravel(order="F"),
    }
    return pd.DataFrame(columns)


def daily_levels(log: RunLog) -> pd.DataFrame:
    """Return the level of every stack at each midnight [units]: a column a stack, days as index."""
    days_s = _midnights_s(log)
    codes = [code for code, resource in enumerate(log.resources) if resource.kind == "stack"]
    dates = pd.Timestamp(log.facts.start_date) + pd.to_timedelta(days_s, unit="s")
    ids = pd.Index([log.resources[code].id for code in codes], dtype=object)
    return pd.DataFrame(levels_at(log, days_s)[codes].T, index=dates.rename("day"), columns=ids)


def levels_at(log: RunLog, at_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the units that stand at each resource at times in rising order: resource x time."""
    rows = standing(log)
    # A stay counts at the times from its first second to the one before its end.
    first, last = (
        np.searchsorted(at_s, ends_s, side="left") for ends_s in (rows["start_s"], ends(rows, log))
    )
    by = (np.concatenate([rows["resource"]] * 2), len(log.resources))
    units = np.concatenate([rows["units"], -rows["units"]])
    change = sum_by_code(units, by, (np.concatenate([first, last]), len(at_s) + 1))
    return np.cumsum(change[:, :-1], axis=1)


def daily_inside(log: RunLog) -> NDArray[np.int64]:
    """Return the cargo inside the corridor at each midnight of `daily_levels` [kg]."""
    kg = np.where(of_corridor(log), kg_of(log), 0)
    days_s = _midnights_s(log)
    inside = np.zeros(len(days_s), np.int64)
    for table, column, sign in (("consignments", "born_s", 1), ("deliveries", "delivered_s", -1)):
        rows = log.tables[table]
        # What happens at midnight itself counts from then on.
        first = np.searchsorted(days_s, rows[column], side="left")
        inside += sign * np.cumsum(
            sum_by_code(rows["units"] * kg[rows["flow"]], (first, len(days_s) + 1))[:-1]
        )
    return inside


def _midnights_s(log: RunLog) -> NDArray[np.int64]:
    return np.arange(0, log.facts.end_s, DAY)
