"""Trains and vessels: sailings, fill, trips, calls, and what they carry."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, RunLog
from sim.metrics.budget import duty_s
from sim.metrics.rows import Row
from sim.metrics.window import measured
from sim.units import YEAR


def vehicles(log: RunLog) -> Iterator[Row]:
    r"""Yield, of trips begun in the window, how many, how full and with what.

    ``load_factor`` is deck used over deck sailed, :math:`\sum u_i / \sum d_i`, and ``intake_share`` what the depth of
    water allowed of it; a round trip is one there and one
    back, counted by departures from the first end.
    """
    window = measured(log)
    trips = log["trips"][window.contains(log["trips"]["start_s"])]
    trips = trips.assign(vessel_class=log["vehicles"]["vessel_class"].to_numpy()[trips["vehicle"].to_numpy()])
    aboard = _units_aboard(log, trips)
    days = window.length_s / 86400
    for code, carrier in enumerate(log.carriers):
        if carrier.kind == "road":
            continue
        mine = trips[trips["carrier"] == code]
        for direction in (0, 1):
            one_way = mine[mine["direction"] == direction]
            where = f"{carrier.id}:{carrier.ends[direction]}>{carrier.ends[1 - direction]}"
            sailed = int(one_way["deck_size"].sum())
            used = int(one_way["deck_used"].sum())
            yield Row("load_factor", used / sailed if sailed else nan, "share", where=where)
            if carrier.kind == "service":
                usable = int(one_way["deck_limit"].sum())
                yield Row("intake_share", usable / sailed if sailed else nan, "share", where=where)
            yield Row("sailings_per_day", len(one_way) / days, "1/d", where=where)
            yield from _per_sailing(log, aboard, one_way, where)
        if carrier.kind == "service":
            yield from _by_class(log, code, mine, aboard)
    yield from _calls(log)


def _units_aboard(log: RunLog, trips: pd.DataFrame) -> pd.DataFrame:
    """Return units aboard by trip and kind of unit, trips as index."""
    codes = {unit: code for code, unit in enumerate(log.names.unit)}
    unit_of = np.array([codes[flow.unit] for flow in log.flows], np.int64)
    rows = log["aboard"].merge(log["lots"][["lot", "flow"]], on="lot")
    rows = rows[rows["trip"].isin(trips["trip"])]
    rows = rows.assign(unit=unit_of[rows["flow"].to_numpy()] if len(rows) else rows["flow"])
    return rows.groupby(["trip", "unit"], as_index=False)["units"].sum()


def _per_sailing(log: RunLog, aboard: pd.DataFrame, trips: pd.DataFrame, where: str) -> Iterator[Row]:
    mine = aboard[aboard["trip"].isin(trips["trip"])]
    totals = mine.groupby("unit")["units"].sum()
    for unit, total in totals.items():
        name = f"unit:{log.names.unit[int(unit)]}"
        yield Row("units_per_sailing", float(total) / len(trips), "units", where=where, flow=name)


def _by_class(log: RunLog, service: int, trips: pd.DataFrame, aboard: pd.DataFrame) -> Iterator[Row]:
    on_duty = {of: seconds for (carrier, of), seconds in duty_s(log, measured(log)).items() if carrier == service}
    on_duty = {of: seconds for of, seconds in sorted(on_duty.items()) if seconds}
    name = log.carriers[service].id
    if on_duty:
        rounds = int((trips["direction"] == 0).sum()) / (sum(on_duty.values()) / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=name)
    for code, seconds in on_duty.items():
        of_class = trips[trips["vessel_class"] == code]
        where = f"{name}/{log.names.vessel_class[code]}"
        rounds = int((of_class["direction"] == 0).sum()) / (seconds / YEAR)
        yield Row("round_trips_per_vessel_year", rounds, "1/a", where=where)
        sailed = int(of_class["deck_size"].sum())
        filled = int(of_class["deck_used"].sum()) / sailed if sailed else nan
        yield Row("load_factor", filled, "share", where=where)
        yield from _per_sailing(log, aboard, of_class, where)


def _calls(log: RunLog) -> Iterator[Row]:
    """Yield calls a year by port and by port and service, and the units in and out of a call."""
    window, trips = measured(log), log["trips"]
    at_sea = np.array([c.kind == "service" for c in log.carriers], bool)
    arrived = trips[window.contains(trips["end_s"]) & at_sea[trips["carrier"].to_numpy()]]
    carrier = arrived["carrier"].to_numpy()
    called = _ends_of(log)[carrier, 1 - arrived["direction"].to_numpy()]
    moved = _units_over_quays(log)
    for place in sorted(set(called.tolist())):
        name, here = log.names.place[place], called == place
        yield Row("calls_per_year", int(here.sum()) / window.years, "1/a", where=name)
        for service in sorted(set(carrier[here].tolist())):
            count = int((here & (carrier == service)).sum())
            where = f"{name}/{log.carriers[service].id}"
            yield Row("calls_per_year", count / window.years, "1/a", where=where)
        for unit, total in enumerate(moved[place]):
            if total:
                label = f"unit:{log.names.unit[unit]}"
                yield Row("units_per_call", total / int(here.sum()), "units", where=name, flow=label)


def _units_over_quays(log: RunLog) -> NDArray[np.int64]:
    """Return units loaded and discharged in the window by place and kind: departures and ends of sea trips."""
    window, trips = measured(log), log["trips"]
    service = np.array([c.kind == "service" for c in log.carriers], bool)
    aboard = _units_aboard(log, trips[service[trips["carrier"].to_numpy()]] if len(trips) else trips)
    ends_of = _ends_of(log)
    of = trips.set_index("trip").loc[aboard["trip"]]
    moved = np.zeros((len(log.names.place), len(log.names.unit)), np.int64)
    carrier, direction = of["carrier"].to_numpy(), of["direction"].to_numpy()
    for end, times in ((direction, of["start_s"]), (1 - direction, of["end_s"])):
        counted = window.contains(times) & (times.to_numpy() != NONE)
        place = ends_of[carrier, end]
        np.add.at(moved, (place[counted], aboard["unit"].to_numpy()[counted]), aboard["units"].to_numpy()[counted])
    return moved


def _ends_of(log: RunLog) -> NDArray[np.int64]:
    """Return the place codes of both ends of every carrier."""
    places = {place: code for code, place in enumerate(log.names.place)}
    return np.array([[places[c.ends[0]], places[c.ends[1]]] for c in log.carriers], np.int64).reshape(-1, 2)
