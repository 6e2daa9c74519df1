"""Embargoes: how long each was on, what it let pass, and the cargo that was refused."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog, names, sum_by_code
from sim.metrics.flows import created_units, of_corridor, refused_units, tonnes_of
from sim.metrics.rows import Row
from sim.metrics.window import growth_windows, measured, overlap_by_code, share_of_flow
from sim.units import DAY


def embargoes(log: RunLog) -> Iterator[Row]:
    """Yield the days each embargo was on in the window, and the cargo it refused, per 365 days."""
    if not log.names.embargo:
        return
    window = measured(log)
    on_s = overlap_by_code(log, "embargoes", "embargo", len(log.names.embargo))
    for name, seconds in zip(log.names.embargo, on_s.tolist(), strict=True):
        yield Row("embargo_days", seconds / DAY, "d", where=name)
    yield from _passed(log)
    units = refused_units(log)
    for flow, count in zip(log.flows, units.tolist(), strict=True):
        yield Row("refused_units_per_year", count / window.years, "units/a", flow=flow.id)
    tonnes = float((units * tonnes_of(log))[of_corridor(log)].sum())
    yield Row("refused_t_per_year", tonnes / window.years, "t/a")
    if any(flow.may_be_refused for flow in log.flows):
        yield from _accounts(log, units)


def _accounts(log: RunLog, refused: NDArray[np.int64]) -> Iterator[Row]:
    r"""Yield what was accepted and refused of each flow that a ban may turn away, and of the corridor.

    Accepted and refused add up to what is offered. Refused cargo would stand before the gate, so it
    is watched like a queue: ``refused_growth_per_year`` [units/a], and ``growth_share_per_year``
    over what is offered, :math:`r / (a + r)`, which is NaN where the run is too short for a verdict
    on stacks and queues.
    """
    years, accepted = measured(log).years, created_units(log)
    is_judged = growth_windows(log) is not None
    for code, flow in enumerate(log.flows):
        units, away = float(accepted[code]), float(refused[code])
        if not flow.may_be_refused:
            continue
        yield Row("accepted_units_per_year", units / years, "units/a", flow=flow.id)
        yield Row(
            "accepted_t_per_year", units * flow.kg_per_unit / 1000 / years, "t/a", flow=flow.id
        )
        yield Row("refused_t_per_year", away * flow.kg_per_unit / 1000 / years, "t/a", flow=flow.id)
        share = share_of_flow(away, units + away)
        yield Row("refused_share", share, "share", flow=flow.id)
        where = names.refusal(flow.ends[0], flow.id)
        grown = away / years if is_judged else nan
        yield Row("refused_growth_per_year", grown, "units/a", where=where)
        yield Row("growth_share_per_year", share if is_judged else nan, "share", where=where)
    tonnes_each = np.where(of_corridor(log), tonnes_of(log), 0.0)
    accepted_t, refused_t = float(accepted @ tonnes_each), float(refused @ tonnes_each)
    yield Row("accepted_t_per_year", accepted_t / years, "t/a")
    yield Row("refused_share", share_of_flow(refused_t, accepted_t + refused_t), "share")


def _passed(log: RunLog) -> Iterator[Row]:
    """Yield the units that passed the meters of each embargo in the window."""
    passes, quotas = log.tables["passes"], log.tables["quotas"]
    passed = passes.where(measured(log).contains(passes["at_s"]))
    units = sum_by_code(passed["units"], (passed["embargo"], len(log.names.embargo)))
    for code in np.unique(quotas["embargo"]).tolist():
        name = log.names.embargo[code]
        yield Row("embargo_passed_units", float(units[code]), "units", where=name)
