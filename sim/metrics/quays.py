"""Quays: calls of vessels, and the units that go over them, in all and by month."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog, names, sum_by_code
from sim.metrics.rows import Row
from sim.metrics.window import measured, months
from sim.units import DAY, MONTHS


def quays(log: RunLog) -> Iterator[Row]:
    """Yield calls by port and by port and service, and the units in and out of a call and of a day.

    A call counts when its vessel has been unloaded, a unit when its trip begins (it was loaded) or
    ends.
    """
    window = measured(log)
    at_sea = np.array([carrier.kind == "service" for carrier in log.carriers], bool)[
        log.tables["trips"]["carrier"]
    ]
    calls, units = _calls(log, at_sea), _units(log, at_sea)
    days = [0.0] * 12
    for number, part in months(log, window):
        days[number] += part.length_s / DAY
    for place, name in enumerate(log.names.place):
        here = int(calls[place].sum())
        if not here:
            continue
        yield Row("calls_per_year", here / window.years, "1/a", where=name)
        for carrier, count in zip(log.carriers, calls[place].sum(axis=1).tolist(), strict=True):
            if count:
                yield Row(
                    "calls_per_year",
                    count / window.years,
                    "1/a",
                    where=names.calls(name, carrier.id),
                )
        for month, rate in _per_day(calls[place].sum(axis=0).tolist(), days):
            yield Row("calls_per_day", rate, "1/d", where=name, activity=month)
        for kind, unit in enumerate(log.names.unit):
            moved, flow = units[place, :, :, kind], f"unit:{unit}"
            if not moved.any():
                continue
            yield Row("units_per_call", int(moved.sum()) / here, "units", where=name, flow=flow)
            yield Row(
                "units_per_day", int(moved.sum()) / sum(days), "units/d", where=name, flow=flow
            )
            for carrier, count in zip(log.carriers, moved.sum(axis=1).tolist(), strict=True):
                if count:
                    where = names.calls(name, carrier.id)
                    yield Row("units_per_day", count / sum(days), "units/d", where=where, flow=flow)
            for month, rate in _per_day(moved.sum(axis=0).tolist(), days):
                yield Row("units_per_day", rate, "units/d", where=name, flow=flow, activity=month)


def _per_day(counts: list[int], days: list[float]) -> Iterator[tuple[str, float]]:
    """Yield the label of each month that is measured, and its count a day."""
    for month, label in enumerate(MONTHS):
        if days[month]:
            yield label, counts[month] / days[month]


def unit_aboard(log: RunLog) -> NDArray[np.int64]:
    """Return the kind of unit of each lot aboard a trip."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    unit_of = np.array([codes[flow.unit] for flow in log.flows], np.int64)
    return unit_of[log.tables["lots"]["flow"][log.tables["aboard"]["lot"]]]


def _calls(log: RunLog, at_sea: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the calls that ended in the window by place, carrier and month of the year."""
    trips = log.tables["trips"]
    ended = np.flatnonzero(at_sea & measured(log).contains(trips["end_s"]))
    carrier, at_s = trips["carrier"][ended], trips["end_s"][ended]
    called = _ends_of(log)[carrier, 1 - trips["direction"][ended]]
    by = ((called, len(log.names.place)), (carrier, len(log.carriers)), (_month(log, at_s), 12))
    return sum_by_code(np.ones(len(ended), np.int64), *by)


def _units(log: RunLog, at_sea: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the units loaded and discharged in the window by place, carrier, month of the year and
    kind."""
    trips, aboard, unit, ends_of = (
        log.tables["trips"],
        log.tables["aboard"],
        unit_aboard(log),
        _ends_of(log),
    )
    carrier, direction = trips["carrier"], trips["direction"]
    shape = (len(log.names.place), len(log.carriers), 12, len(log.names.unit))
    moved = np.zeros(shape, np.int64)
    for at_s, place in (
        (trips["start_s"], ends_of[carrier, direction]),
        (trips["end_s"], ends_of[carrier, 1 - direction]),
    ):
        rows = np.flatnonzero((at_sea & measured(log).contains(at_s))[aboard["trip"]])
        trip = aboard["trip"][rows]
        codes = (place[trip], carrier[trip], _month(log, at_s[trip]), unit[rows])
        moved += sum_by_code(aboard["units"][rows], *zip(codes, shape, strict=True))
    return moved


def _month(log: RunLog, at_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the month of the year, from 0, of each time."""
    begin = np.datetime64(log.facts.start_date, "s")
    return (begin + at_s.astype("timedelta64[s]")).astype("datetime64[M]").astype(np.int64) % 12


def _ends_of(log: RunLog) -> NDArray[np.int64]:
    """Return the place codes of both ends of every carrier."""
    places = {place: code for code, place in enumerate(log.names.place)}
    return np.array(
        [[places[c.ends[0]], places[c.ends[1]]] for c in log.carriers], np.int64
    ).reshape(-1, 2)
