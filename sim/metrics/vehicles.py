"""Trains and vessels: sailings, fill, trips, calls, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import Columns, RunLog, sum_by_code
from sim.metrics.budget import duty_s
from sim.metrics.rows import Row
from sim.metrics.window import measured
from sim.units import DAY, YEAR


@dataclass(frozen=True, slots=True)
class _Sailings:
    """Trips begun in the window: totals by carrier, direction and class of vessel; the last class is none."""

    count: NDArray[np.int64]
    deck_size: NDArray[np.int64]
    deck_used: NDArray[np.int64]
    deck_limit: NDArray[np.int64]
    units: NDArray[np.int64]
    """Aboard, in each kind of unit."""

    def per_sailing(self, log: RunLog, which: tuple[int | slice, ...], where: str) -> Iterator[Row]:
        """Yield the units of each kind in a sailing of *which*."""
        count = int(self.count[which].sum())
        units = self.units[which].reshape(-1, len(log.names.unit)).sum(axis=0)
        for unit, total in zip(log.names.unit, units.tolist(), strict=True):
            if total:
                yield Row("units_per_sailing", total / count, "units", where=where, flow=f"unit:{unit}")

    def fill(self, which: tuple[int | slice, ...], deck: NDArray[np.int64]) -> float:
        """Return the total of *deck* over the deck sailed, of *which*; NaN where none sailed."""
        sailed = int(self.deck_size[which].sum())
        return int(deck[which].sum()) / sailed if sailed else nan


def vehicles(log: RunLog) -> Iterator[Row]:
    r"""Yield, of trips begun in the window, how many, how full and with what.

    ``load_factor`` is deck used over deck sailed, :math:`\sum u_i / \sum d_i`, and ``intake_share`` what the depth of
    water allowed of it; a round trip is one there and one
    back, counted by departures from the first end.
    """
    unit = _unit_aboard(log)
    sailings = _sailings(log, unit)
    on_duty_s = duty_s(log, measured(log)).tolist()
    days = measured(log).length_s / DAY
    for code, carrier in enumerate(log.carriers):
        if carrier.kind == "road":
            continue
        for direction in (0, 1):
            which = (code, direction)
            where = f"{carrier.id}:{carrier.ends[direction]}>{carrier.ends[1 - direction]}"
            yield Row("load_factor", sailings.fill(which, sailings.deck_used), "share", where=where)
            if carrier.kind == "service":
                yield Row("intake_share", sailings.fill(which, sailings.deck_limit), "share", where=where)
            yield Row("sailings_per_day", int(sailings.count[which].sum()) / days, "1/d", where=where)
            yield from sailings.per_sailing(log, which, where)
        if carrier.kind == "service":
            yield from _by_class(log, code, on_duty_s[code], sailings)
    yield from _calls(log, unit)


def _unit_aboard(log: RunLog) -> NDArray[np.int64]:
    """Return the kind of unit of each lot aboard a trip."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    unit_of = np.array([codes[flow.unit] for flow in log.flows], np.int64)
    return unit_of[log.tables["lots"]["flow"][log.tables["aboard"]["lot"]]]


def _sailings(log: RunLog, unit: NDArray[np.int64]) -> _Sailings:
    trips, aboard = log.tables["trips"], log.tables["aboard"]
    is_road = np.array([carrier.kind == "road" for carrier in log.carriers], bool)
    begun = measured(log).contains(trips["start_s"]) & ~is_road[trips["carrier"]]
    classes = len(log.names.vessel_class) + 1
    # `NONE` becomes the last class.
    vessel_class = log.tables["vehicles"]["vessel_class"][trips["vehicle"]] % classes
    keys = ((trips["carrier"], len(log.carriers)), (trips["direction"], 2), (vessel_class, classes))
    by = [(codes[begun], size) for codes, size in keys]
    with_cargo = np.flatnonzero(begun[aboard["trip"]])
    trip = aboard["trip"][with_cargo]
    aboard_by = [(codes[trip], size) for codes, size in keys]
    return _Sailings(
        count=sum_by_code(np.ones(len(by[0][0]), np.int64), *by),
        deck_size=sum_by_code(trips["deck_size"][begun], *by),
        deck_used=sum_by_code(trips["deck_used"][begun], *by),
        deck_limit=sum_by_code(trips["deck_limit"][begun], *by),
        units=sum_by_code(aboard["units"][with_cargo], *aboard_by, (unit[with_cargo], len(log.names.unit))),
    )


def _by_class(log: RunLog, service: int, on_duty_s: list[int], sailings: _Sailings) -> Iterator[Row]:
    """Yield the round trips of *service*, and of each class that was on duty for it, with its fill."""
    name = log.carriers[service].id
    if any(on_duty_s):
        rounds = int(sailings.count[service, 0].sum()) / (sum(on_duty_s) / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=name)
    for code, seconds in enumerate(on_duty_s):
        if not seconds:
            continue
        which, where = (service, slice(None), code), f"{name}/{log.names.vessel_class[code]}"
        rounds = int(sailings.count[service, 0, code]) / (seconds / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=where)
        yield Row("load_factor", sailings.fill(which, sailings.deck_used), "share", where=where)
        yield from sailings.per_sailing(log, which, where)


def _calls(log: RunLog, unit: NDArray[np.int64]) -> Iterator[Row]:
    """Yield calls a year by port and by port and service, and the units in and out of a call."""
    window, trips = measured(log), log.tables["trips"]
    at_sea = np.array([carrier.kind == "service" for carrier in log.carriers], bool)[trips["carrier"]]
    arrived = trips.where(window.contains(trips["end_s"]) & at_sea)
    called = _ends_of(log)[arrived["carrier"], 1 - arrived["direction"]]
    ones, places = np.ones(len(arrived), np.int64), len(log.names.place)
    calls = sum_by_code(ones, (called, places), (arrived["carrier"], len(log.carriers))).tolist()
    moved = _units_over_quays(log, at_sea, unit).tolist()
    for name, by_service, units in zip(log.names.place, calls, moved, strict=True):
        here = sum(by_service)
        if not here:
            continue
        yield Row("calls_per_year", here / window.years, "1/a", where=name)
        for carrier, count in zip(log.carriers, by_service, strict=True):
            if count:
                yield Row("calls_per_year", count / window.years, "1/a", where=f"{name}/{carrier.id}")
        for kind, total in zip(log.names.unit, units, strict=True):
            if total:
                yield Row("units_per_call", total / here, "units", where=name, flow=f"unit:{kind}")


def _units_over_quays(log: RunLog, at_sea: NDArray[np.bool_], unit: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return units loaded and discharged in the window by place and kind: departures and ends of trips *at_sea*."""
    window, trips, ends_of = measured(log), log.tables["trips"], _ends_of(log)
    rows = np.flatnonzero(at_sea[log.tables["aboard"]["trip"]])
    aboard, unit = log.tables["aboard"].where(rows), unit[rows]
    carrier, direction = trips["carrier"], trips["direction"]
    loaded = _moved(log, aboard, unit, window.contains(trips["start_s"]), ends_of[carrier, direction])
    return loaded + _moved(log, aboard, unit, window.contains(trips["end_s"]), ends_of[carrier, 1 - direction])


def _moved(
    log: RunLog, aboard: Columns, unit: NDArray[np.int64], counted: NDArray[np.bool_], place: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the units *aboard* of the trips that are *counted*, by the *place* of the trip and by kind."""
    rows = counted[aboard["trip"]]
    by_place = (place[aboard["trip"][rows]], len(log.names.place))
    return sum_by_code(aboard["units"][rows], by_place, (unit[rows], len(log.names.unit)))


def _ends_of(log: RunLog) -> NDArray[np.int64]:
    """Return the place codes of both ends of every carrier."""
    places = {place: code for code, place in enumerate(log.names.place)}
    return np.array([[places[c.ends[0]], places[c.ends[1]]] for c in log.carriers], np.int64).reshape(-1, 2)
