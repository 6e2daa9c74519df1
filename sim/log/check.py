"""A log that comes from a file, looked through before anybody reads it: every column of the schema,
every code with a name, every number where it can be."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.log.run_log import RunLog
from sim.log.schema import NONE, OPEN, TABLES, VEHICLE_KINDS, Activity
from sim.units import DAY

MOST_DAYS: Final = 100 * 366 + 3_650
"""A window of a century and the longest follow-up."""
_OWNERS: Final = {
    "lot": "lots",
    "parent": "lots",
    "consignment": "consignments",
    "vehicle": "vehicles",
    "trip": "trips",
}
"""Tables whose rows are numbered, by the columns that hold such a number."""


def check_log(log: RunLog) -> None:
    """Refuse a log that no run can have written.

    Raises
    ------
    ValueError
        With the table and column.
    """
    _check_facts(log)
    for name, columns in TABLES.items():
        if name not in log.tables or log.tables[name].names != columns:
            raise ValueError(f"table {name} has not the columns of this version")
        sizes = {values.size for values in log.tables[name].arrays.values()}
        shapes = {values.ndim for values in log.tables[name].arrays.values()}
        if len(sizes) != 1 or shapes != {1}:
            raise ValueError(f"table {name} has columns of several lengths")
    for name, columns in TABLES.items():
        for column in columns:
            least, most = _bounds(log, column)
            _check_within(f"{name}.{column}", log.tables[name][column], least, most)


def _check_facts(log: RunLog) -> None:
    """Refuse times in another order than that of a run, and names that do not fit their codes."""
    facts = log.facts
    date.fromisoformat(facts.start_date)
    times = (0, facts.warmup_s, facts.window_end_s, facts.end_s, MOST_DAYS * DAY)
    if list(times) != sorted(times):
        raise ValueError("facts have times that are in no order")
    for kind, named in (
        ("flow", log.flows),
        ("resource", log.resources),
        ("carrier", log.carriers),
    ):
        if len(getattr(log.names, kind)) != len(named):
            raise ValueError(f"names have another number of codes than there are of {kind}")


def _bounds(log: RunLog, column: str) -> tuple[int, int]:
    """Return the least and the greatest number that may stand in *column*."""
    names = log.names
    codes = {
        "flow": len(names.flow),
        "place": len(names.place),
        # What a train waits for may be an embargo.
        "resource": max(len(names.resource), len(names.embargo)),
        "carrier": len(names.carrier),
        "vessel_class": len(names.vessel_class),
        "equipment": len(names.equipment),
        "embargo": len(names.embargo),
        "outage": len(names.outage),
        "activity": len(Activity),
        "kind": len(VEHICLE_KINDS),
        "direction": 2,
    }
    if column in codes:
        return NONE, codes[column] - 1
    if column in _OWNERS:
        return NONE, len(log.tables[_OWNERS[column]]) - 1
    if column.endswith("_s"):
        return OPEN, MOST_DAYS * DAY
    # Counts; the change of a fleet may be below zero.
    return -(2**40), 2**40


def _check_within(where: str, values: NDArray[np.int64], least: int, most: int) -> None:
    if values.size and (values.min() < least or values.max() > most):
        raise ValueError(f"{where} holds a number outside {least} to {most}")
