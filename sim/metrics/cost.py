"""Cost, price, value of time and CO2e: the books of a run times the rates of its scenario."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import fsum, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.log import Charges, RunLog
from sim.metrics.books import MICRO, Books, keep_books
from sim.metrics.flows import delivered_units, of_corridor, tonnes_of
from sim.metrics.rows import Row
from sim.metrics.transit import MOST_CENSORED, censored_shares
from sim.metrics.window import measured

MEASURES = {"cost": "USD", "price": "USD", "time": "USD", "co2e": "kg"}
"""Measures and their units."""

Parts = dict[tuple[str, str], NDArray[np.float64]]
"""By place (a line, port or border) and label: the amount in the window by flow.

The last flow stands for what is unattributed.
"""


def costs(log: RunLog, books: Books | None) -> Iterator[Row]:
    r"""Yield cost, price, time and CO2e of every flow and of the corridor (flow None).

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
    delivered = _Delivered(delivered_units(log), censored_shares(log))
    for measure, parts in amounts.items():
        yield from _of_cargo(log, delivered, measure, parts)
    for measure, parts in amounts.items():
        yield from _per_year(log, measure, parts)


class _Delivered(NamedTuple):
    """What was delivered in the window."""

    units: NDArray[np.int64]
    """By flow."""
    censored: list[float]
    """Share of what was created in the window and not delivered, by flow, then of the corridor."""


def _of_cargo(log: RunLog, delivered: _Delivered, measure: str, parts: Parts) -> Iterator[Row]:
    """Yield what a tonne and a unit of every flow cost, and a tonne of the corridor."""
    units, censored = delivered
    tonnes, counted = units * tonnes_of(log), of_corridor(log)
    for code, flow in enumerate(log.flows):
        of_flow = {key: float(part[code]) for key, part in parts.items()}
        if measure == "time" and censored[code] > MOST_CENSORED:
            of_flow = dict.fromkeys(of_flow, nan)
        yield from _per_t(measure, of_flow, float(tonnes[code]), flow.id)
        per_unit = fsum(of_flow.values()) / float(units[code]) if units[code] else nan
        yield Row(f"{_name(measure)}_per_unit", per_unit, f"{MEASURES[measure]}/unit", flow=flow.id)
    of_all = {key: fsum(part[:-1][counted].tolist()) for key, part in parts.items()}
    if measure == "time" and censored[-1] > MOST_CENSORED:
        of_all = dict.fromkeys(of_all, nan)
    yield from _per_t(measure, of_all, fsum(tonnes[counted].tolist()))


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


def _per_year(log: RunLog, measure: str, parts: Parts) -> Iterator[Row]:
    """Yield the totals of a year: of every flow and line, of all, of capital and of no flow."""
    years, unit = measured(log).years, f"{MEASURES[measure]}/a"
    name = f"{_name(measure)}_per_year"
    capital = [part for (_, label), part in parts.items() if label == "capital"]
    everything = list(parts.values())
    for code, flow in enumerate(log.flows):
        yield Row(name, _sum_of_flow(everything, code) / years, unit, flow=flow.id)
        if measure == "cost":
            value = _sum_of_flow(capital, code) / years
            yield Row(name, value, unit, flow=flow.id, activity="capital")
    for where in dict.fromkeys(where for where, _ in parts):
        if where:
            here = [part for (place, _), part in parts.items() if place == where]
            yield Row(name, _sum(here) / years, unit, where=where)
    if measure == "cost":
        yield Row(name, _sum(capital) / years, unit, activity="capital")
    yield Row(name, _sum_of_flow(everything, -1) / years, unit, activity="unattributed")
    yield Row(name, _sum(everything) / years, unit)


def _sum(amounts: list[NDArray[np.float64]]) -> float:
    return fsum(chain.from_iterable(amount.tolist() for amount in amounts))


def _sum_of_flow(amounts: list[NDArray[np.float64]], flow: int) -> float:
    return fsum(float(amount[flow]) for amount in amounts)


def _amounts(log: RunLog, charges: Charges, books: Books) -> dict[str, Parts]:
    """Return quantities times rates, by measure in the order of `MEASURES`.

    Each quantity is a whole number, so only the product is rounded.
    """
    size = len(log.flows) + 1
    amounts: dict[str, Parts] = {measure: {} for measure in MEASURES}

    def part(measure: str, where: str, label: str) -> NDArray[np.float64]:
        return amounts[measure].setdefault((where, label), np.zeros(size))

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
    return {measure: parts for measure, parts in amounts.items() if parts}


def books_of(log: RunLog) -> Books | None:
    """Return the books of *log*, or None where it has no charges."""
    return None if log.charges is None else keep_books(log, log.charges)
