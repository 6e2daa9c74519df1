"""Dwell: how much cargo lies at a node and is not ready for its next leg."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.log import Activity, RunLog, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import ends, measured


def dwells(log: RunLog) -> Iterator[Row]:
    """Yield the units that dwell on average over the window, by the stack that they go on to; days a
    unit are in ``wait_days``."""
    window, stays = measured(log), log.tables["stays"]
    stays = stays.where(stays["activity"] == Activity.DWELL)
    unit_s = stays["units"] * window.overlap_s(stays["start_s"], ends(stays, log))
    by_resource = sum_by_code(unit_s, (stays["resource"], len(log.resources)))
    for code in np.unique(stays["resource"]).tolist():
        mean = float(by_resource[code] / window.length_s)
        yield Row("dwell_units_mean", mean, "units", where=log.resources[code].id)
