"""Flows as metrics see them: which count for the corridor, what a unit weighs, and units by flow.

Arrays have one entry a flow, by flow code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.log import CORRIDOR_SCOPE, Columns, RunLog, sum_by_code
from sim.metrics.window import measured


def of_corridor(log: RunLog) -> NDArray[np.bool_]:
    """Return which flows have the scope of the corridor."""
    return of_scope(log, CORRIDOR_SCOPE)


def of_scope(log: RunLog, scope: str) -> NDArray[np.bool_]:
    """Return which flows have that *scope*."""
    return np.array([flow.scope == scope for flow in log.flows], bool)


def loaded_of_corridor(log: RunLog) -> NDArray[np.bool_]:
    """Return which flows of the corridor carry cargo; empty wagons weigh nothing."""
    return of_corridor(log) & (kg_of(log) > 0)


def kg_of(log: RunLog) -> NDArray[np.int64]:
    """Return the net weight of a unit of each flow [kg]."""
    return np.array([flow.kg_per_unit for flow in log.flows], np.int64)


def tonnes_of(log: RunLog) -> NDArray[np.float64]:
    """Return the net weight of a unit of each flow [t]."""
    return kg_of(log) / 1000


def gross_tonnes_of(log: RunLog) -> NDArray[np.float64]:
    """Return the gross weight of a unit of each flow [t], tare included."""
    tare_kg = np.array([flow.tare_kg_per_unit for flow in log.flows], np.int64)
    return (kg_of(log) + tare_kg) / 1000


def unit_of(log: RunLog) -> NDArray[np.int64]:
    """Return the code of the kind of unit of each flow."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    return np.array([codes[flow.unit] for flow in log.flows], np.int64)


def units_by_flow(rows: Columns, log: RunLog) -> NDArray[np.int64]:
    """Return the sum of ``units`` of *rows*, by flow."""
    return sum_by_code(rows["units"], (rows["flow"], len(log.flows)))


def created_units(log: RunLog) -> NDArray[np.int64]:
    """Return the units of the consignments created in the measured window, by flow."""
    return _units_in_window(log, "consignments", "born_s")


def refused_units(log: RunLog) -> NDArray[np.int64]:
    """Return the units that embargoes turned away in the measured window, by flow."""
    return _units_in_window(log, "refusals", "at_s")


def delivered_units(log: RunLog) -> NDArray[np.int64]:
    """Return the units delivered in the measured window, by flow."""
    return _units_in_window(log, "deliveries", "delivered_s")


def _units_in_window(log: RunLog, table: str, time: str) -> NDArray[np.int64]:
    rows = log.tables[table]
    counted = measured(log).contains(rows[time])
    return sum_by_code(rows["units"][counted], (rows["flow"][counted], len(log.flows)))
