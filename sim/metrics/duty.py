"""Duties: which service a vessel works for, and for how long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.log import Columns, RunLog, sum_by_code
from sim.metrics.window import Window, ends, latest_of_vehicle


def duty_s(log: RunLog, window: Window) -> NDArray[np.int64]:
    """Return the vessel-seconds of duty in *window*, by carrier and vessel class."""
    duties = log.tables["duties"]
    vessel_class = log.tables["vehicles"]["vessel_class"][duties["vehicle"]]
    by = ((duties["carrier"], len(log.carriers)), (vessel_class, len(log.names.vessel_class)))
    return sum_by_code(window.overlap_s(duties["start_s"], ends(duties, log)), *by)


def carrier_at(log: RunLog, rows: Columns) -> NDArray[np.int64]:
    """Return the carrier that each row's vehicle worked for when the row began.

    That of its latest duty; of vehicles without duties (trains and trucks) the one they began with.
    """
    carrier = log.tables["vehicles"]["carrier"][rows["vehicle"]].copy()
    latest = latest_of_vehicle(log.tables["duties"], rows, log)
    has_duty = latest >= 0
    carrier[has_duty] = log.tables["duties"]["carrier"][latest[has_duty]]
    return carrier
