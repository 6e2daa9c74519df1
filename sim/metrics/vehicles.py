"""Trains and vessels: journeys, sailings, fill, trips, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog, names, sum_by_code
from sim.metrics.aboard import unit_aboard
from sim.metrics.duty import duty_s
from sim.metrics.journeys import journeys
from sim.metrics.rows import Row
from sim.metrics.window import measured
from sim.units import DAY, YEAR


@dataclass(frozen=True, slots=True)
class _Sailings:
    """Totals of the trips begun in the window, by carrier, direction and vessel class.

    The last class is none.
    """

    count: NDArray[np.int64]
    deck_size: NDArray[np.int64]
    deck_used: NDArray[np.int64]
    deck_limit: NDArray[np.int64]
    units: NDArray[np.int64]
    """Aboard, by kind of unit as well."""

    def per_sailing(self, log: RunLog, which: tuple[int | slice, ...], where: str) -> Iterator[Row]:
        """Yield the units of each kind in a sailing of *which*."""
        count = int(self.count[which].sum())
        units = self.units[which].reshape(-1, len(log.names.unit)).sum(axis=0)
        for unit, total in zip(log.names.unit, units.tolist(), strict=True):
            if total:
                yield Row(
                    "units_per_sailing", total / count, "units", where=where, flow=f"unit:{unit}"
                )

    def fill(self, which: tuple[int | slice, ...], deck: NDArray[np.int64]) -> float:
        """Return the total of *deck* over the deck sailed, of *which*; NaN where none sailed."""
        sailed = int(self.deck_size[which].sum())
        return int(deck[which].sum()) / sailed if sailed else nan


def vehicles(log: RunLog) -> Iterator[Row]:
    r"""Yield, of trips begun in the window, how many, how full and with what.

    ``load_factor`` is deck used over deck sailed, :math:`\sum u_i / \sum d_i`, and ``intake_share``
    what the depth of water allowed of it; a round trip is one there and one back, counted by
    departures from the first end. ``journey_days_mean`` is of trains, from the end of loading to
    the beginning of unloading: waits for locomotive, path and track, runs and borders. Where a
    line crosses borders it is also given between the ends of each, as ``LINE:PLACE>PLACE``.
    """
    sailings = _sailings(log, unit_aboard(log))
    on_duty_s = duty_s(log, measured(log)).tolist()
    days = measured(log).length_s / DAY
    for code, carrier in enumerate(log.carriers):
        if carrier.kind == "road":
            continue
        for direction in (0, 1):
            which = (code, direction)
            where = names.way(carrier.id, carrier.ends[direction], carrier.ends[1 - direction])
            yield Row("load_factor", sailings.fill(which, sailings.deck_used), "share", where=where)
            if carrier.kind == "service":
                yield Row(
                    "intake_share", sailings.fill(which, sailings.deck_limit), "share", where=where
                )
            yield Row(
                "sailings_per_day", int(sailings.count[which].sum()) / days, "1/d", where=where
            )
            yield from sailings.per_sailing(log, which, where)
        if carrier.kind == "service":
            yield from _by_class(log, code, on_duty_s[code], sailings)
    for code, _, first, last, mean_s in journeys(log):
        where = names.way(log.carriers[code].id, first, last)
        yield Row("journey_days_mean", mean_s / DAY, "d", where=where)


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
        units=sum_by_code(
            aboard["units"][with_cargo], *aboard_by, (unit[with_cargo], len(log.names.unit))
        ),
    )


def _by_class(
    log: RunLog, service: int, on_duty_s: list[int], sailings: _Sailings
) -> Iterator[Row]:
    """Yield the round trips of *service*, and round trips and fill of each class on duty for it."""
    name = log.carriers[service].id
    if any(on_duty_s):
        rounds = int(sailings.count[service, 0].sum()) / (sum(on_duty_s) / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=name)
    for code, seconds in enumerate(on_duty_s):
        if not seconds:
            continue
        which = (service, slice(None), code)
        where = names.fleet(name, log.names.vessel_class[code])
        rounds = int(sailings.count[service, 0, code]) / (seconds / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=where)
        yield Row("load_factor", sailings.fill(which, sailings.deck_used), "share", where=where)
        yield from sailings.per_sailing(log, which, where)
