"""Quays: calls of vessels, and the units that go over them, in all and by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog, names, sum_by_code
from sim.metrics.aboard import unit_aboard
from sim.metrics.rows import Row
from sim.metrics.window import days_by_month, measured, month_of, per_day


def quays(log: RunLog) -> Iterator[Row]:
    """Yield calls and units by port, by port and service, and by month.

    A call counts when its vessel has been unloaded, a unit when its trip begins (it was loaded) or
    ends (it was discharged).
    """
    is_service = np.array([carrier.kind == "service" for carrier in log.carriers], bool)
    at_sea = is_service[log.tables["trips"]["carrier"]]
    calls, units = _calls(log, at_sea), _units(log, at_sea)
    days = days_by_month(log)
    for place, port in enumerate(log.names.place):
        if calls[place].any():
            yield from _calls_of(log, port, calls[place], days)
            yield from _units_of(log, port, calls[place], units[place], days)


def _calls_of(log: RunLog, port: str, calls: NDArray[np.int64], days: list[float]) -> Iterator[Row]:
    """Yield the calls at *port*, which are given by carrier and month."""
    years = measured(log).years
    yield Row("calls_per_year", int(calls.sum()) / years, "1/a", where=port)
    for carrier, count in zip(log.carriers, calls.sum(axis=1).tolist(), strict=True):
        if count:
            where = names.calls(port, carrier.id)
            yield Row("calls_per_year", count / years, "1/a", where=where)
    for month, rate in per_day(calls.sum(axis=0).tolist(), days):
        yield Row("calls_per_day", rate, "1/d", where=port, activity=month)


def _units_of(
    log: RunLog, port: str, calls: NDArray[np.int64], units: NDArray[np.int64], days: list[float]
) -> Iterator[Row]:
    """Yield the units over the quays of *port*, given by carrier, month and kind, for each kind."""
    for kind, unit in enumerate(log.names.unit):
        moved, flow = units[:, :, kind], f"unit:{unit}"
        if not moved.any():
            continue
        total = int(moved.sum())
        yield Row("units_per_call", total / int(calls.sum()), "units", where=port, flow=flow)
        yield Row("units_per_day", total / sum(days), "units/d", where=port, flow=flow)
        for carrier, count in zip(log.carriers, moved.sum(axis=1).tolist(), strict=True):
            if count:
                where = names.calls(port, carrier.id)
                yield Row("units_per_day", count / sum(days), "units/d", where=where, flow=flow)
        for month, rate in per_day(moved.sum(axis=0).tolist(), days):
            yield Row("units_per_day", rate, "units/d", where=port, flow=flow, activity=month)


def _calls(log: RunLog, at_sea: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the calls that ended in the window by place, carrier and month of the year."""
    trips = log.tables["trips"]
    ended = np.flatnonzero(at_sea & measured(log).contains(trips["end_s"]))
    carrier, at_s = trips["carrier"][ended], trips["end_s"][ended]
    called = _ends_of(log)[carrier, 1 - trips["direction"][ended]]
    by = ((called, len(log.names.place)), (carrier, len(log.carriers)), (month_of(log, at_s), 12))
    return sum_by_code(np.ones(len(ended), np.int64), *by)


def _units(log: RunLog, at_sea: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the units loaded and discharged in the window by place, carrier, month and kind."""
    trips, aboard = log.tables["trips"], log.tables["aboard"]
    unit, ends_of = unit_aboard(log), _ends_of(log)
    carrier, direction = trips["carrier"], trips["direction"]
    shape = (len(log.names.place), len(log.carriers), 12, len(log.names.unit))
    moved = np.zeros(shape, np.int64)
    for at_s, place in (
        (trips["start_s"], ends_of[carrier, direction]),
        (trips["end_s"], ends_of[carrier, 1 - direction]),
    ):
        rows = np.flatnonzero((at_sea & measured(log).contains(at_s))[aboard["trip"]])
        trip = aboard["trip"][rows]
        codes = (place[trip], carrier[trip], month_of(log, at_s[trip]), unit[rows])
        moved += sum_by_code(aboard["units"][rows], *zip(codes, shape, strict=True))
    return moved


def _ends_of(log: RunLog) -> NDArray[np.int64]:
    """Return the place codes of both ends of every carrier."""
    places = {place: code for code, place in enumerate(log.names.place)}
    return np.array(
        [[places[c.ends[0]], places[c.ends[1]]] for c in log.carriers], np.int64
    ).reshape(-1, 2)
