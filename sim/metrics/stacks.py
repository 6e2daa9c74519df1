"""Stacks: how much cargo stands where, and whether it grows."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd

from sim.log import Activity, RunLog
from sim.metrics.rows import Row
from sim.metrics.window import ends, growth_windows, mean_level, measured
from sim.units import DAY


def stacks(log: RunLog) -> Iterator[Row]:
    """Yield mean level and yearly growth of every stack; cargo that waits outside a full one counts."""
    window, pair, stays = measured(log), growth_windows(log), standing(log)
    units = stays["units"].to_numpy()
    level = mean_level(stays, log, units, window)
    entered = stays[window.contains(stays["start_s"])]
    flow = np.bincount(
        entered["resource"].to_numpy(), weights=entered["units"].to_numpy(), minlength=len(log.resources)
    )
    growth = None if pair is None else mean_level(stays, log, units, pair[1]) - mean_level(stays, log, units, pair[0])
    for code, resource in enumerate(log.resources):
        if resource.kind == "stack":
            grown = nan if growth is None else float(growth[code])
            yield Row("stack_mean", float(level[code]), "units", where=resource.id)
            yield Row("stack_growth_per_year", grown, "units/a", where=resource.id)
            yearly = flow[code] / window.years
            yield Row("growth_share_per_year", grown / yearly if yearly else nan, "share", where=resource.id)


def standing(log: RunLog) -> pd.DataFrame:
    """Return what stands in stacks, and before full ones in trains and trucks: ``resource, units, start_s, end_s``."""
    columns = ["resource", "units", "start_s", "end_s"]
    is_stack = np.array([resource.kind == "stack" for resource in log.resources], bool)
    rows = log["vehicle_log"]
    rows = rows[rows["activity"] == Activity.WAIT_ROOM]
    rows = rows[is_stack[rows["resource"].to_numpy()]]
    aboard = log["aboard"].groupby("trip", as_index=False)["units"].sum()
    outside = rows.merge(aboard, on="trip")
    return pd.concat([log["stays"][columns], outside[columns]], ignore_index=True)


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
