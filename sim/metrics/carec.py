"""A run in the form in which CAREC measures corridors: four indicators of trade facilitation.

The definitions follow CAREC's Corridor Performance Measurement and Monitoring (annual report 2023),
where a shipment is a truck or a wagon or container on a train; here it is a unit of cargo, weighted
by nothing but its number. Counted is loaded cargo of the corridor (scope ``titr``).

- **TFI1**, hours to clear a border crossing point: from joining the queue to leaving, change of
  gauge included; both ways together, and each way apart (``BORDER:PLACE>PLACE``). Where each side
  of a border is a border of its own, so are its hours, as there. Gates of roads count by the place
  that is entered. Sea ports count as border crossing points, as they do there: all hours in the port
  from arrival by land to sailing, or from arrival at the roads to leaving by land; what begins or
  ends its way in the port has its hours there.
- **TFI2**, cost to clear it: what users pay there, border fees or handling, of 20 t. What is not
  official is not known.
- **TFI3**, cost to travel a section: what users pay of 20 t for 500 km. A line has its tariff; a
  flow and the corridor have all of the price, borders and handling included.
- **TFI4**, speed: without delay (``SWOD``) over the time in motion, all stops taken out, technical
  ones too; with delay (``SWD``) over all the time, borders included. Running times of a section
  hold its technical stops where the scenario states the speed while moving
  (``moving_km_per_h``), and SWOD is then what it states; where it does not, a train is taken to
  move for all of its running time. A line has the time from its first departure to its last arrival, borders included; a
  flow and the corridor have the time from creation to delivery.

Speeds and hours are ratios of sums, so a long journey counts for more than a short one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.log import NONE, OPEN, Activity, Columns, RunLog, names, sum_by_code
from sim.metrics.aboard import flow_aboard
from sim.metrics.flows import kg_of, loaded_of_corridor, tonnes_of, units_by_flow
from sim.metrics.transit import (
    MOST_CENSORED,
    censored_shares,
    cohort_of,
    cohort_units,
    time_spent,
)
from sim.metrics.window import measured
from sim.units import HOUR

TONNES, KM = 20.0, 500.0
"""To which TFI2 and TFI3 are brought."""
IN_MOTION = (Activity.RUN, Activity.SAIL, Activity.DRIVE)
AT_BORDER = (Activity.WAIT_BORDER, Activity.BORDER)
AT_GATE = (Activity.WAIT_GATE, Activity.GATE)
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


def carec(
    log: RunLog,
    km: Mapping[str, float],
    metrics: pd.DataFrame,
    *,
    moving: Mapping[str, float] | None = None,
    borders: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the indicators of every border, port, line and flow, and of the corridor.

    Parameters
    ----------
    km
        Length of each line by its id [km], NaN where it is not known.
    metrics
        Metrics of the same run, which know the price.
    moving
        Share of the running time in which a train moves, by section; 1 where a section is left out.
    borders
        The two ends of each border, for its hours each way; none: both ways together alone.

    Returns
    -------
    DataFrame
        The columns of `Indicator`; ``TFI1`` [h], ``TFI2`` [USD/20 t], ``TFI3`` [USD/20 t/500 km],
        ``SWOD`` and ``SWD`` [km/h]. NaN: nothing passed, no price or no length is known, or more
        than 1 % of the cargo was not delivered by the end, so that the hours of what was would be
        too few.
    """
    run = _Measured(log, km, metrics, moving or {})
    rows = (*run.borders(borders or {}), *run.gates(), *run.ports(), *run.lines(), *run.flows())
    return pd.DataFrame(rows, columns=list(Indicator._fields))


_PassageTimes: TypeAlias = dict[int, dict[int, NDArray[np.int64]]]
"""Seconds of each trip at a border or gate, by its resource and the place before it."""


def _moving_by_resource(log: RunLog, moving: Mapping[str, float]) -> NDArray[np.float64]:
    """Return the share of the time in motion in which a vehicle moves, by resource."""
    shares = np.ones(len(log.resources))
    for code, resource in enumerate(log.resources):
        if resource.kind in ("path", "block"):
            shares[code] = moving.get(names.parse(resource.id, resource.kind).section, 1.0)
    return shares


class _Measured:
    """What is counted once for all indicators of a run."""

    def __init__(
        self,
        log: RunLog,
        km: Mapping[str, float],
        metrics: pd.DataFrame,
        moving: Mapping[str, float],
    ) -> None:
        self.log, self.metrics = log, metrics
        self.moving = _moving_by_resource(log, moving)
        self.km = np.array([km.get(carrier.id, nan) for carrier in log.carriers], float)
        self.counted = loaded_of_corridor(log)
        self.units, self.tonnes = self._ended()
        self.way_s, self.moving_s, self.passage_s = self._times()

    def _ended(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return units and tonnes that count aboard each trip that ended in the window."""
        log = self.log
        aboard, trips, flow = log.tables["aboard"], log.tables["trips"], flow_aboard(log)
        has_ended = measured(log).contains(trips["end_s"])[aboard["trip"]]
        units = np.where(has_ended & self.counted[flow], aboard["units"], 0)
        kg = units * kg_of(log)[flow]
        by = (aboard["trip"], len(trips))
        return sum_by_code(units, by), sum_by_code(kg, by) / 1000

    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.float64], _PassageTimes]:
        """Return the seconds of each trip on its way, in motion, and at each border and gate.

        The way is from first departure to last arrival.
        """
        log, size = self.log, len(self.log.tables["trips"])
        rows = log.tables["vehicle_log"]
        rows = rows.where((rows["trip"] != NONE) & (rows["end_s"] != OPEN))
        rows = rows.where(self.units[rows["trip"]] > 0)
        lasted = rows["end_s"] - rows["start_s"]
        moves = np.isin(rows["activity"], IN_MOTION)
        crosses = np.isin(rows["activity"], AT_BORDER)
        first, last = np.full(size, np.iinfo(np.int64).max), np.zeros(size, np.int64)
        under_way = rows.where(moves | crosses)
        np.minimum.at(first, under_way["trip"], under_way["start_s"])
        np.maximum.at(last, under_way["trip"], under_way["end_s"])
        way_s = np.where(last > 0, last - first, 0)
        moved_s = np.where(moves, lasted * self.moving[rows["resource"]], 0.0)
        passage_s: _PassageTimes = {}
        passes = rows.where(crosses | np.isin(rows["activity"], AT_GATE))
        for code, place in np.unique(np.array([passes["resource"], passes["place"]]), axis=1).T:
            here = passes.where((passes["resource"] == code) & (passes["place"] == place))
            here_s = sum_by_code(here["end_s"] - here["start_s"], (here["trip"], size))
            passage_s.setdefault(int(code), {})[int(place)] = here_s
        in_motion_s = np.bincount(rows["trip"], moved_s, minlength=size).astype(np.float64)
        return way_s, in_motion_s, passage_s

    def borders(self, ends: Mapping[str, tuple[str, str]]) -> Iterator[Indicator]:
        """Yield what each border takes and costs, both ways and each way, and all of them."""
        all_of_them = _Passage()
        for code, resource in enumerate(self.log.resources):
            if resource.kind != "border":
                continue
            by_place = self.passage_s.get(code, {})
            passage = self._passage(list(by_place.values()), self._paid(resource.id))
            yield from passage.indicators("rail", "border", resource.id)
            if passage.units:
                all_of_them += passage
            yield from self._each_way(resource.id, by_place, ends.get(resource.id, ()))
        if all_of_them.units:
            yield from all_of_them.indicators("rail", "border", "all")

    def _each_way(
        self, border: str, by_place: Mapping[int, NDArray[np.int64]], ends: tuple[str, ...]
    ) -> Iterator[Indicator]:
        """Yield the hours from each end of a border to the other."""
        for place, towards in zip(ends, ends[::-1], strict=True):
            spent_s = by_place.get(self.log.names.place.index(place))
            if spent_s is not None:
                hours, _ = self._passage([spent_s], nan).indicators("rail", "border", "")
                yield hours._replace(where=names.way(border, place, towards))

    def gates(self) -> Iterator[Indicator]:
        """Yield the hours at each gate of a road."""
        for code, resource in enumerate(self.log.resources):
            by_place = self.passage_s.get(code)
            if resource.kind == "gate" and by_place:
                passage = self._passage(list(by_place.values()), nan)
                hours, _ = passage.indicators("road", "border", resource.id)
                yield hours

    def _passage(self, spent_s: list[NDArray[np.int64]], paid: float) -> _Passage:
        """Return what passed in *spent_s*, the seconds of each trip."""
        passage = _Passage(paid=paid)
        for seconds in spent_s:
            passed = np.flatnonzero(seconds)
            passage += _Passage(
                hours=float((self.units[passed] * seconds[passed]).sum()) / HOUR,
                units=int(self.units[passed].sum()),
                tonnes=float(self.tonnes[passed].sum()),
            )
        return passage

    def ports(self) -> Iterator[Indicator]:
        """Yield what each sea port takes and costs of what passes it by sea, once a sailing."""
        log = self.log
        cohort = cohort_of(log)
        flow, activity, resource, unit_s = time_spent(log, cohort)
        place = np.array([r.place for r in log.resources], object)[resource]
        stays = self.counted[flow] & ~np.isin(activity, (*IN_MOTION, *AT_BORDER))
        carried = self._carried(cohort)
        is_censored = np.array(censored_shares(log)[:-1]) > MOST_CENSORED
        carrier = log.tables["trips"]["carrier"]
        for port in self._sea_ports():
            calls = np.array(
                [line.kind == "service" and port in line.ends for line in log.carriers], bool
            )
            by_flow = carried[calls].sum(axis=0)
            hours = float(unit_s[stays & (place == port)].sum()) / HOUR
            if is_censored[by_flow > 0].any():
                hours = nan
            tonnes = float(self.tonnes[calls[carrier]].sum())
            passage = _Passage(hours, int(by_flow.sum()), self._paid(port), tonnes)
            if passage.units or passage.tonnes:
                yield from passage.indicators("sea", "port", port)

    def _sea_ports(self) -> list[str]:
        """Return the ends of all services, the first ends before the second."""
        ends = [line.ends for line in self.log.carriers if line.kind == "service"]
        return list(dict.fromkeys([first for first, _ in ends] + [second for _, second in ends]))

    def lines(self) -> Iterator[Indicator]:
        """Yield price and speed of each line that carried something, and of each mode."""
        log, carrier = self.log, self.log.tables["trips"]["carrier"]
        by = (carrier, len(log.carriers))
        units = sum_by_code(self.units, by)
        moved_s = self.units * self.moving_s
        moving_h = np.bincount(carrier, moved_s, minlength=len(log.carriers)) / HOUR
        way_h = sum_by_code(self.units * self.way_s, by) / HOUR
        tonnes = np.bincount(carrier, self.tonnes, minlength=len(log.carriers))
        paid = np.array([self._paid(line.id) for line in log.carriers])
        for mode, where, lines in self._groups_of_lines(units > 0):
            unit_km = float((units[lines] * self.km[lines]).sum())
            t_km = float((tonnes[lines] * self.km[lines]).sum())
            hours = float(moving_h[lines].sum()), float(way_h[lines].sum())
            total = int(units[lines].sum())
            yield _travel((mode, "line", where), float(paid[lines].sum()), t_km, total)
            yield from _speeds((mode, "line", where), unit_km, hours, total)

    def _groups_of_lines(
        self, used: NDArray[np.bool_]
    ) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
        """Yield mode, name and codes of each line in use, then of all such lines of each mode."""
        carriers = self.log.carriers
        kinds = np.array([line.kind for line in carriers], object)
        for code in np.flatnonzero(used).tolist():
            yield MODES[carriers[code].kind], carriers[code].id, np.array([code])
        for kind, mode in MODES.items():
            lines = np.flatnonzero(used & (kinds == kind))
            if len(lines):
                yield mode, "all", lines

    def flows(self) -> Iterator[Indicator]:
        """Yield price and speed from origin to destination of each flow, and of the corridor."""
        log, cohort = self.log, cohort_of(self.log)
        flow, activity, resource, unit_s = time_spent(log, cohort)
        moving = np.where(np.isin(activity, IN_MOTION), self.moving[resource], 0.0)
        by = (flow, len(log.flows))
        all_h = sum_by_code(unit_s, by) / HOUR
        moving_h = np.bincount(flow, moving * unit_s, minlength=len(log.flows)) / HOUR
        carried = self._carried(cohort)
        unit_km = np.where(carried > 0, carried * self.km[:, None], 0.0).sum(axis=0)
        units = np.where(self.counted, units_by_flow(cohort, log), 0)
        used = np.flatnonzero(units).tolist()
        tonnes_each, censored = tonnes_of(log), censored_shares(log)
        groups = [("flow", log.flows[code].id, [code], censored[code]) for code in used]
        groups.append(("corridor", "all", used, censored[-1]))
        for what, where, flows, missing in groups:
            total = int(units[flows].sum())
            t_km = float((unit_km * tonnes_each)[flows].sum())
            tonnes = float((units * tonnes_each)[flows].sum())
            paid = self._price(where if what == "flow" else None) * tonnes
            with_delay = float(all_h[flows].sum()) if missing <= MOST_CENSORED else nan
            hours = float(moving_h[flows].sum()), with_delay
            yield _travel(("all", what, where), paid, t_km, total)
            yield from _speeds(("all", what, where), float(unit_km[flows].sum()), hours, total)

    def _carried(self, cohort: Columns) -> NDArray[np.int64]:
        """Return the units of the delivered *cohort* that each line carried, by line and flow."""
        log, flow = self.log, flow_aboard(self.log)
        _, units = cohort_units(log, cohort)
        carrier = log.tables["trips"]["carrier"][log.tables["aboard"]["trip"]]
        return sum_by_code(
            units * self.counted[flow], (carrier, len(log.carriers)), (flow, len(log.flows))
        )

    def _paid(self, where: str) -> float:
        """Return what users of the corridor paid at *where* in the window [USD].

        NaN where there are no prices, or none at that place.
        """
        prices = self._of_corridor("price_usd_per_t")
        here = prices[prices["where"] == where]
        if here.empty:
            return nan
        t_per_year = self._of_corridor("carried_t_per_year")["value"].iloc[0]
        return float(here["value"].sum() * t_per_year * measured(self.log).years)

    def _of_corridor(self, metric: str) -> pd.DataFrame:
        rows = self.metrics[self.metrics["name"] == metric]
        return rows[rows["flow"].isna()]

    def _price(self, flow: str | None) -> float:
        """Return the whole price of a tonne of *flow* (None: of the corridor) [USD/t]."""
        rows = self.metrics[self.metrics["name"] == "price_usd_per_t"]
        rows = rows[rows["where"].isna() & rows["activity"].isna()]
        rows = rows[rows["flow"].isna() if flow is None else rows["flow"] == flow]
        return float(rows["value"].iloc[0]) if len(rows) else nan


@dataclass(frozen=True, slots=True)
class _Passage:
    """What passed a border or port."""

    hours: float = 0.0
    """Unit-hours there."""
    units: int = 0
    paid: float = 0.0
    """USD."""
    tonnes: float = 0.0

    def __add__(self, other: _Passage) -> _Passage:
        return _Passage(
            self.hours + other.hours,
            self.units + other.units,
            self.paid + other.paid,
            self.tonnes + other.tonnes,
        )

    def indicators(self, mode: str, what: str, where: str) -> Iterator[Indicator]:
        """Yield TFI1 and TFI2."""
        hours = self.hours / self.units if self.units else nan
        paid = self.paid / self.tonnes * TONNES if self.tonnes else nan
        yield Indicator("TFI1", mode, what, where, hours, "h", self.units)
        yield Indicator("TFI2", mode, what, where, paid, "USD/20 t", self.units)


def _travel(facts: tuple[str, str, str], paid: float, t_km: float, units: int) -> Indicator:
    value = paid / t_km * TONNES * KM if t_km else nan
    return Indicator("TFI3", *facts, value, "USD/20 t/500 km", units)


def _speeds(
    facts: tuple[str, str, str], unit_km: float, hours: tuple[float, float], units: int
) -> Iterator[Indicator]:
    """Return SWOD and SWD from unit-km and unit-hours in motion and in all."""
    for name, spent in zip(("SWOD", "SWD"), hours, strict=True):
        speed = unit_km / spent if spent and unit_km else nan
        yield Indicator(name, *facts, speed, "km/h", units)
