"""Cost, price, value of time and CO2e: the books of a run times the rates of its scenario."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum, nan

import numpy as np
from numpy.typing import NDArray

from sim.log import Charges, RunLog, sum_by_code
from sim.metrics.books import MICRO, Books, keep_books
from sim.metrics.rows import Row
from sim.metrics.transit import CORRIDOR_SCOPE, MOST_CENSORED, censored_shares
from sim.metrics.window import measured

MEASURES = {"cost": "USD", "price": "USD", "time": "USD", "co2e": "kg"}
"""What is told, with its unit."""

Amounts = dict[tuple[str, str, str], NDArray[np.float64]]
"""By measure, place (a line, port or border) and label: the amount in the window by flow; the last
flow is nobody."""


def costs(log: RunLog, books: Books | None) -> Iterator[Row]:
    r"""Yield what cargo costs and emits, of every flow and of the corridor (scope ``titr``, flow
    None).

    ``cost`` is what it takes to run the corridor: vessels, trains and trucks with all their waiting
    and empty running, energy, handling, borders. ``price`` is what users pay by tariffs, ``time``
    what their time costs them beside: wagons, containers and trucks, and the worth of the cargo's
    time. Each is what accrued in the window over what was delivered in it. Where transit times do
    not exist since cargo is left behind, ``time`` of a unit does not either.

    Rows of ``where`` and ``activity`` add up to the row without; ``per_year`` has the totals of
    every line and, as activity ``unattributed``, what carried nothing.
    """
    if log.charges is None or books is None:
        return
    amounts = _amounts(log, log.charges, books)
    units = _delivered(log)
    tonnes = units * np.array([flow.kg_per_unit / 1000 for flow in log.flows])
    left = censored_shares(log)
    counted = np.array([flow.scope == CORRIDOR_SCOPE for flow in log.flows], bool)
    told = [name for name in MEASURES if any(key[0] == name for key in amounts)]
    for measure in told:
        parts = {key[1:]: by_flow for key, by_flow in amounts.items() if key[0] == measure}
        for code, flow in enumerate(log.flows):
            is_known = measure != "time" or left[code] <= MOST_CENSORED
            mine = {key: float(part[code]) if is_known else nan for key, part in parts.items()}
            yield from _per_t(measure, mine, float(tonnes[code]), flow.id)
            per_unit = fsum(mine.values()) / float(units[code]) if units[code] else nan
            yield Row(
                f"{_name(measure)}_per_unit", per_unit, f"{MEASURES[measure]}/unit", flow=flow.id
            )
        is_known = measure != "time" or left[-1] <= MOST_CENSORED
        corridor = {
            key: fsum(part[:-1][counted].tolist()) if is_known else nan
            for key, part in parts.items()
        }
        yield from _per_t(measure, corridor, fsum(tonnes[counted].tolist()))
    for measure in told:
        yield from _per_year(
            log, measure, {key[1:]: part for key, part in amounts.items() if key[0] == measure}
        )


def _name(measure: str) -> str:
    """Return how metrics of *measure* begin: ``cost_usd``."""
    return f"{measure}_{MEASURES[measure].lower()}"


def _per_t(
    measure: str, parts: dict[tuple[str, str], float], tonnes: float, flow: str | None = None
) -> Iterator[Row]:
    """Yield what a tonne costs, in all and by place and label; NaN where none was delivered."""
    name, unit = f"{_name(measure)}_per_t", f"{MEASURES[measure]}/t"
    if not tonnes:
        yield Row(name, nan, unit, flow=flow)
        return
    for (where, label), amount in parts.items():
        if amount:
            yield Row(name, amount / tonnes, unit, where=where or None, flow=flow, activity=label)
    yield Row(name, fsum(parts.values()) / tonnes, unit, flow=flow)


def _per_year(
    log: RunLog, measure: str, parts: dict[tuple[str, str], NDArray[np.float64]]
) -> Iterator[Row]:
    """Yield the totals of a year: of every flow, with its capital apart, of every line, and of
    all."""
    years, unit = measured(log).years, f"{MEASURES[measure]}/a"
    name = f"{_name(measure)}_per_year"
    for code, flow in enumerate(log.flows):
        yield Row(
            name, fsum(float(part[code]) for part in parts.values()) / years, unit, flow=flow.id
        )
        if measure == "cost":
            having = [float(part[code]) for (_, label), part in parts.items() if label == "capital"]
            yield Row(name, fsum(having) / years, unit, flow=flow.id, activity="capital")
    for where in dict.fromkeys(where for where, _ in parts):
        if where:
            here = [part for (there, _), part in parts.items() if there == where]
            yield Row(
                name, fsum(v for part in here for v in part.tolist()) / years, unit, where=where
            )
    if measure == "cost":
        having = [
            v for (_, label), part in parts.items() if label == "capital" for v in part.tolist()
        ]
        yield Row(name, fsum(having) / years, unit, activity="capital")
    nobody = fsum(float(part[-1]) for part in parts.values())
    yield Row(name, nobody / years, unit, activity="unattributed")
    yield Row(name, fsum(v for part in parts.values() for v in part.tolist()) / years, unit)


def _amounts(log: RunLog, charges: Charges, books: Books) -> Amounts:
    """Return quantities times rates; each quantity is a whole number, so what is rounded is the
    product alone."""
    size = len(log.flows) + 1
    amounts: Amounts = {}

    def part(measure: str, where: str, label: str) -> NDArray[np.float64]:
        return amounts.setdefault((measure, where, label), np.zeros(size))

    for by_time in charges.vehicles:
        of_flow = books.vehicle_us[:, by_time.carrier, by_time.vessel_class, by_time.activity]
        if of_flow.any():
            where = log.names.carrier[by_time.carrier]
            here = part(by_time.measure, where, by_time.label)
            here += of_flow * (by_time.per_s / MICRO)
    for by_leg in charges.legs:
        moved = int(books.legs[by_leg.flow, by_leg.carrier, by_leg.direction])
        if moved:
            part(by_leg.measure, by_leg.where, by_leg.label)[by_leg.flow] += moved * by_leg.per_unit
    for by_unit in charges.units:
        spent_s = int(books.unit_s[by_unit.flow])
        if spent_s:
            part(by_unit.measure, "", by_unit.label)[by_unit.flow] += spent_s * by_unit.per_s
    return amounts


def _delivered(log: RunLog) -> NDArray[np.int64]:
    """Return the units delivered in the window, by flow."""
    rows = log.tables["deliveries"]
    rows = rows.where(measured(log).contains(rows["delivered_s"]))
    return sum_by_code(rows["units"], (rows["flow"], len(log.flows)))


def books_of(log: RunLog) -> Books | None:
    """Return the books of *log*, or None where nothing is said of money and energy."""
    return None if log.charges is None else keep_books(log, log.charges)
