"""A run in the form in which CAREC measures corridors: four indicators of trade facilitation.

The definitions follow CAREC's Corridor Performance Measurement and Monitoring (annual report 2023),
where a shipment is a truck or a wagon or container on a train; here it is a unit of cargo, weighted
by nothing but its number. Counted is loaded cargo of the corridor (scope ``titr``).

- **TFI1**, hours to clear a border crossing point: from joining the queue to leaving, change of
  gauge included. Sea ports count as border crossing points, as they do there: all hours in the port
  from arrival by land to sailing, or from arrival at the roads to leaving by land; what begins or
  ends its way in the port has its hours there.
- **TFI2**, cost to clear it: what users pay there, border fees or handling, of 20 t. What is not
  official is not known.
- **TFI3**, cost to travel a section: what users pay of 20 t for 500 km. A line has its tariff; a
  flow and the corridor have all of the price, borders and handling included.
- **TFI4**, speed: without delay (``SWOD``) over the time in motion; with delay (``SWD``) over all
  the time. A line has the time from its first departure to its last arrival, borders included; a
  flow and the corridor have the time from birth to delivery.

Speeds and hours are ratios of sums, so a long journey counts for more than a short one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, Activity, Columns, RunLog, sum_by_code
from sim.metrics.transit import (
    CORRIDOR_SCOPE,
    MOST_CENSORED,
    censored_shares,
    cohort_of,
    delivered_units,
    time_spent,
)
from sim.metrics.window import measured
from sim.units import HOUR

TONNES, KM = 20.0, 500.0
"""To which TFI2 and TFI3 are brought."""
IN_MOTION = (Activity.RUN, Activity.SAIL, Activity.DRIVE)
AT_BORDER = (Activity.WAIT_BORDER, Activity.BORDER)
MODES = {"train": "rail", "service": "sea", "road": "road"}


class Indicator(NamedTuple):
    """One number; NaN where it does not exist."""

    indicator: str
    mode: str
    """``rail``, ``sea``, ``road``, or ``all`` for a chain of several."""
    what: str
    """``border``, ``port``, ``line``, ``flow`` or ``corridor``."""
    where: str
    value: float
    unit: str
    units: int
    """Units of cargo that it rests on."""


def carec(log: RunLog, km: Mapping[str, float], metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the indicators of every border, port, line and flow, and of the corridor.

    Parameters
    ----------
    km
        Length of each line by its id [km], NaN where it is not known.
    metrics
        Metrics of the same run, which know the price.

    Returns
    -------
    DataFrame
        The columns of `Indicator`; ``TFI1`` [h], ``TFI2`` [USD/20 t], ``TFI3`` [USD/20 t/500 km],
        ``SWOD`` and ``SWD`` [km/h]. NaN: nothing passed, no price or no length is known, or more
        than 1 % of the cargo was not delivered by the end, so that the hours of what was would be
        too few.
    """
    run = _Measured(log, km, metrics)
    rows = (*run.borders(), *run.ports(), *run.lines(), *run.flows())
    return pd.DataFrame(rows, columns=list(Indicator._fields))


class _Measured:
    """What is counted once for all indicators of a run."""

    def __init__(self, log: RunLog, km: Mapping[str, float], metrics: pd.DataFrame) -> None:
        self.log, self.metrics = log, metrics
        self.km = np.array([km.get(carrier.id, nan) for carrier in log.carriers], float)
        self.counted = np.array(
            [f.scope == CORRIDOR_SCOPE and f.kg_per_unit > 0 for f in log.flows], bool
        )
        self.units, self.tonnes = self._ended()
        self.way_s, self.moving_s, self.border_s = self._times()

    def _ended(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return units and tonnes that count aboard each trip that ended in the window."""
        log, aboard = self.log, self.log.tables["aboard"]
        trips = log.tables["trips"]
        flow = log.tables["lots"]["flow"][aboard["lot"]]
        told = measured(log).contains(trips["end_s"])[aboard["trip"]] & self.counted[flow]
        units = np.where(told, aboard["units"], 0)
        kg = units * np.array([f.kg_per_unit for f in log.flows], np.int64)[flow]
        by = (aboard["trip"], len(trips))
        return sum_by_code(units, by), sum_by_code(kg, by) / 1000

    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[int, NDArray[np.int64]]]:
        """Return the seconds of each trip between first departure and last arrival, in motion, and
        at each border."""
        log, size = self.log, len(self.log.tables["trips"])
        rows = log.tables["vehicle_log"]
        rows = rows.where((rows["trip"] != NONE) & (rows["end_s"] >= 0))
        rows = rows.where(self.units[rows["trip"]] > 0)
        lasted = rows["end_s"] - rows["start_s"]
        moves = np.isin(rows["activity"], IN_MOTION)
        crosses = np.isin(rows["activity"], AT_BORDER)
        first, last = np.full(size, np.iinfo(np.int64).max), np.zeros(size, np.int64)
        under_way = rows.where(moves | crosses)
        np.minimum.at(first, under_way["trip"], under_way["start_s"])
        np.maximum.at(last, under_way["trip"], under_way["end_s"])
        by_border = {
            int(code): sum_by_code(
                np.where(crosses & (rows["resource"] == code), lasted, 0), (rows["trip"], size)
            )
            for code in np.unique(rows["resource"][rows["activity"] == Activity.BORDER])
        }
        way_s = np.where(last > 0, last - first, 0)
        return way_s, sum_by_code(np.where(moves, lasted, 0), (rows["trip"], size)), by_border

    def borders(self) -> Iterator[Indicator]:
        """Yield what each border takes and costs, and all of them."""
        log, hours, units, paid, tonnes = self.log, 0.0, 0, 0.0, 0.0
        for code, resource in enumerate(log.resources):
            if resource.kind != "border":
                continue
            spent_s = self.border_s.get(code)
            passed = np.zeros(0, np.int64) if spent_s is None else np.flatnonzero(spent_s)
            here = int(self.units[passed].sum())
            here_h = (
                float((self.units[passed] * spent_s[passed]).sum()) / HOUR
                if spent_s is not None
                else 0.0
            )
            here_t, here_usd = float(self.tonnes[passed].sum()), self._paid(resource.id)
            yield from _border("rail", "border", resource.id, (here_h, here, here_usd, here_t))
            hours, units, tonnes = hours + here_h, units + here, tonnes + here_t
            paid += here_usd if here else 0.0
        if units:
            yield from _border("rail", "border", "all", (hours, units, paid, tonnes))

    def ports(self) -> Iterator[Indicator]:
        """Yield what each sea port takes and costs of what passes it by sea, once a sailing."""
        log = self.log
        ends = [c.ends for c in log.carriers if c.kind == "service"]
        ports = dict.fromkeys(p for p in (*(e[0] for e in ends), *(e[1] for e in ends)))
        at_sea = [c.kind == "service" for c in log.carriers]
        trips = log.tables["trips"]
        cohort = cohort_of(log)
        flow, activity, resource, unit_s = time_spent(log, cohort)
        place = np.array([r.place for r in log.resources], object)[resource]
        stays = self.counted[flow] & ~np.isin(activity, (*IN_MOTION, *AT_BORDER))
        carried = self._carried(cohort)
        left = np.array(censored_shares(log)[:-1])
        for port in ports:
            calls = np.array(
                [sea and port in c.ends for sea, c in zip(at_sea, log.carriers, strict=True)], bool
            )
            if not calls.any():
                continue
            by_flow = carried[calls].sum(axis=0)
            units, here = int(by_flow.sum()), stays & (place == port)
            is_known = not (left[by_flow > 0] > MOST_CENSORED).any()
            hours = float(unit_s[here].sum()) / HOUR if is_known else nan
            tonnes = float(self.tonnes[calls[trips["carrier"]]].sum())
            if units or tonnes:
                yield from _border("sea", "port", port, (hours, units, self._paid(port), tonnes))

    def lines(self) -> Iterator[Indicator]:
        """Yield price and speed of each line that carried something, and of each mode."""
        log, carrier = self.log, self.log.tables["trips"]["carrier"]
        by = (carrier, len(log.carriers))
        units = sum_by_code(self.units, by)
        moving_h, way_h = (
            sum_by_code(self.units * s, by) / HOUR for s in (self.moving_s, self.way_s)
        )
        tonnes = np.bincount(carrier, self.tonnes, minlength=len(log.carriers))
        paid = np.array([self._paid(c.id) for c in log.carriers])
        kinds = np.array([c.kind for c in log.carriers], object)
        used = units > 0
        groups = [
            (MODES[c.kind], c.id, np.array([n])) for n, c in enumerate(log.carriers) if used[n]
        ]
        groups += [
            (mode, "all", np.flatnonzero(used & (kinds == kind))) for kind, mode in MODES.items()
        ]
        for mode, where, lines in groups:
            if not len(lines):
                continue
            unit_km, t_km = (
                float((amount[lines] * self.km[lines]).sum()) for amount in (units, tonnes)
            )
            facts = (mode, "line", where)
            total = int(units[lines].sum())
            yield _travel(facts, float(paid[lines].sum()), t_km, total)
            yield from _speeds(
                facts, unit_km, (float(moving_h[lines].sum()), float(way_h[lines].sum())), total
            )

    def flows(self) -> Iterator[Indicator]:
        """Yield price and speed from origin to destination of each flow, and of the corridor."""
        log, cohort = self.log, cohort_of(self.log)
        flow, activity, _, unit_s = time_spent(log, cohort)
        size = len(log.flows)
        all_h = sum_by_code(unit_s, (flow, size)) / HOUR
        moving_h = (
            sum_by_code(np.where(np.isin(activity, IN_MOTION), unit_s, 0), (flow, size)) / HOUR
        )
        carried = self._carried(cohort)
        unit_km = np.where(carried > 0, carried * self.km[:, None], 0.0).sum(axis=0)
        units = np.where(self.counted, sum_by_code(cohort["units"], (cohort["flow"], size)), 0)
        t_each = np.array([f.kg_per_unit / 1000 for f in log.flows])
        left = censored_shares(log)
        groups = [("flow", f.id, [n], left[n]) for n, f in enumerate(log.flows) if units[n]]
        groups.append(("corridor", "all", np.flatnonzero(units).tolist(), left[-1]))
        for what, where, mine, missing in groups:
            total, mine_km = int(units[mine].sum()), float(unit_km[mine].sum())
            facts, t_km = ("all", what, where), float((unit_km * t_each)[mine].sum())
            each_t = float((units * t_each)[mine].sum())
            paid = self._price(where if what == "flow" else None) * each_t
            with_delay = float(all_h[mine].sum()) if missing <= MOST_CENSORED else nan
            yield _travel(facts, paid, t_km, total)
            yield from _speeds(facts, mine_km, (float(moving_h[mine].sum()), with_delay), total)

    def _carried(self, cohort: Columns) -> NDArray[np.int64]:
        """Return the units of the delivered *cohort* that each line carried, by line and flow."""
        log, aboard = self.log, self.log.tables["aboard"]
        _, units = delivered_units(log, cohort)
        flow = log.tables["lots"]["flow"][aboard["lot"]]
        carrier = log.tables["trips"]["carrier"][aboard["trip"]]
        return sum_by_code(
            units * self.counted[flow], (carrier, len(log.carriers)), (flow, len(log.flows))
        )

    def _paid(self, where: str) -> float:
        """Return what users of the corridor paid at *where* in the window [USD]; NaN where there
        are no prices."""
        prices = self.metrics[
            (self.metrics["name"] == "price_usd_per_t") & self.metrics["flow"].isna()
        ]
        if prices.empty:
            return nan
        told = self.metrics[
            (self.metrics["name"] == "carried_t_per_year") & self.metrics["flow"].isna()
        ]
        here = prices[prices["where"] == where]
        return (
            float(here["value"].sum() * told["value"].iloc[0] * measured(self.log).years)
            if len(here)
            else nan
        )

    def _price(self, flow: str | None) -> float:
        """Return the whole price of a tonne of *flow* (None: of the corridor) [USD/t]."""
        rows = self.metrics[
            (self.metrics["name"] == "price_usd_per_t") & self.metrics["where"].isna()
        ]
        rows = rows[
            rows["activity"].isna()
            & (rows["flow"].isna() if flow is None else rows["flow"] == flow)
        ]
        return float(rows["value"].iloc[0]) if len(rows) else nan


def _border(
    mode: str, what: str, where: str, spent: tuple[float, int, float, float]
) -> Iterable[Indicator]:
    """Return TFI1 and TFI2 from unit-hours, units, USD and tonnes."""
    hours, units, paid, tonnes = spent
    yield Indicator("TFI1", mode, what, where, hours / units if units else nan, "h", units)
    yield Indicator(
        "TFI2", mode, what, where, paid / tonnes * TONNES if tonnes else nan, "USD/20 t", units
    )


def _travel(facts: tuple[str, str, str], paid: float, t_km: float, units: int) -> Indicator:
    value = paid / t_km * TONNES * KM if t_km else nan
    return Indicator("TFI3", *facts, value, "USD/20 t/500 km", units)


def _speeds(
    facts: tuple[str, str, str], unit_km: float, hours: tuple[float, float], units: int
) -> Iterable[Indicator]:
    """Return SWOD and SWD from unit-km and unit-hours in motion and in all."""
    for name, spent in zip(("SWOD", "SWD"), hours, strict=True):
        yield Indicator(name, *facts, unit_km / spent if spent and unit_km else nan, "km/h", units)
