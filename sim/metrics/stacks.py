"""Stacks: how much cargo stands where, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import Activity, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import ends, growth_per_year, mean_level, measured, share_of_flow
from sim.units import DAY


def stacks(log: RunLog) -> Iterator[Row]:
    r"""Yield level and growth of every stack; cargo that waits outside a full one counts.

    ``stack_mean`` [units] is the time-mean over the window, :math:`\sum_i u_i |S_i \cap T| / |T|`;
    ``stack_growth_per_year`` [units/a] the difference of that mean between two windows a year apart (NaN where the run
    is too short for them), ``growth_share_per_year`` [share] the growth over the units that come in a year.
    """
    window, rows = measured(log), standing(log)
    units = rows["units"].to_numpy()
    level = mean_level(rows, log, units, window)
    growth = growth_per_year(rows, log, units)
    yearly = _came(rows, log) / window.years
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack":
            grown = float(growth[code])
            yield Row("stack_mean", float(level[code]), "units", where=resource.id)
            yield Row("stack_growth_per_year", grown, "units/a", where=resource.id)
            yield Row("growth_share_per_year", share_of_flow(grown, float(yearly[code])), "share", where=resource.id)


def standing(log: RunLog) -> pd.DataFrame:
    """Return what stands in stacks, and before full ones in trains and trucks.

    Returns
    -------
    DataFrame
        ``resource, units, start_s, end_s, is_outside``.
    """
    columns = ["resource", "units", "start_s", "end_s"]
    is_stack = np.array([resource.kind == "stack" for resource in log.resources], bool)
    rows = log["vehicle_log"]
    rows = rows[rows["activity"] == Activity.WAIT_ROOM]
    rows = rows[is_stack[rows["resource"].to_numpy()]]
    aboard = log["aboard"].groupby("trip", as_index=False)["units"].sum()
    in_vehicles = rows.merge(aboard, on="trip")[columns].assign(is_outside=True)
    stays = log["stays"]
    stays = stays[columns].assign(is_outside=stays["activity"] == Activity.WAIT_ROOM)
    return pd.concat([stays, in_vehicles], ignore_index=True)


def _came(rows: pd.DataFrame, log: RunLog) -> NDArray[np.float64]:
    """Return by resource code the units that came to the stack in the window, let in or not, each of them once.

    Those laid down in it, and by how many more stand outside at the end of the window than at its beginning.
    """
    window, is_outside = measured(log), rows["is_outside"].to_numpy(bool)
    times = np.where(is_outside, 0, window.contains(rows["start_s"]).astype(np.int64))
    start, end = rows["start_s"].to_numpy(), ends(rows, log)
    for sign, at_s in ((1, window.end_s), (-1, window.start_s)):
        times += sign * (is_outside & (start < at_s) & (end >= at_s))
    weights = times * rows["units"].to_numpy()
    totals = np.bincount(rows["resource"].to_numpy(), weights=weights, minlength=len(log.resources))
    return totals.astype(np.float64)


def stack_levels(log: RunLog) -> pd.DataFrame:
    """Return the level of every stack at each midnight [units]: ``stack, day, level``."""
    stays = standing(log)
    days = np.arange(0, log.facts.end_s, DAY)
    dates = pd.Timestamp(log.facts.start_date) + pd.to_timedelta(days, unit="s")
    resource, units = stays["resource"].to_numpy(), stays["units"].to_numpy()
    size = len(days) + 1
    # A stay counts at the midnights from its first to the one before its end.
    first = -(-stays["start_s"].to_numpy() // DAY)
    last = -(-ends(stays, log) // DAY)
    change = np.zeros((len(log.resources), size), np.int64)
    np.add.at(change, (resource, np.minimum(first, size - 1)), units)
    np.add.at(change, (resource, np.minimum(last, size - 1)), -units)
    level = np.cumsum(change, axis=1)[:, :-1]
    codes = [code for code, r in enumerate(log.resources) if r.kind == "stack"]
    frames = [pd.DataFrame({"stack": log.resources[code].id, "day": dates, "level": level[code]}) for code in codes]
    columns = ["stack", "day", "level"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
