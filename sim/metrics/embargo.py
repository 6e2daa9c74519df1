"""Embargoes: how long each was on, what it let pass, and the cargo that was refused."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.log import RunLog, sum_by_code
from sim.metrics.flows import of_corridor, tonnes_of, units_by_flow
from sim.metrics.rows import Row
from sim.metrics.window import measured, overlap_by_code
from sim.units import DAY


def embargoes(log: RunLog) -> Iterator[Row]:
    """Yield the days each embargo was on in the window, and the cargo it refused, per 365 days."""
    if not log.names.embargo:
        return
    window, refused = measured(log), log.tables["refusals"]
    on_s = overlap_by_code(log, "embargoes", "embargo", len(log.names.embargo))
    for name, seconds in zip(log.names.embargo, on_s.tolist(), strict=True):
        yield Row("embargo_days", seconds / DAY, "d", where=name)
    yield from _passed(log)
    units = units_by_flow(refused.where(window.contains(refused["at_s"])), log)
    for flow, count in zip(log.flows, units.tolist(), strict=True):
        yield Row("refused_units_per_year", count / window.years, "units/a", flow=flow.id)
    tonnes = float((units * tonnes_of(log))[of_corridor(log)].sum())
    yield Row("refused_t_per_year", tonnes / window.years, "t/a")


def _passed(log: RunLog) -> Iterator[Row]:
    """Yield the units that passed the meters of each embargo in the window."""
    passes, quotas = log.tables["passes"], log.tables["quotas"]
    passed = passes.where(measured(log).contains(passes["at_s"]))
    units = sum_by_code(passed["units"], (passed["embargo"], len(log.names.embargo)))
    for code in np.unique(quotas["embargo"]).tolist():
        name = log.names.embargo[code]
        yield Row("embargo_passed_units", float(units[code]), "units", where=name)
