"""The log: facts of one replication in typed columns, the contract between engine and metrics (schema v1).

What is known to last is written when it begins, what ends on an event when it ends; `close` sorts out the horizon.
Intervals are half-open, ``[start_s, end_s)`` in whole seconds since the start of the horizon; ``end_s`` is `OPEN` for
what is under way at the end of the run. Names are integer codes, see `Names`.

Cargo on board shares the intervals of its trip, so the engine writes them once per trip and who was aboard;
`RunLog.cargo` multiplies them out to one row per lot and interval.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, unique
from functools import cached_property
from struct import Struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.units import Seconds

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
OPEN = -1
NONE = -1


@unique
class Activity(IntEnum):
    """What a vehicle or a lot is doing: a journey, and then what keeps it from one."""

    WAIT_TRAIN = 0
    """Cargo in a stack, for a block train to leave with it."""
    WAIT_VESSEL = 1
    """Cargo in a stack, for a vessel to load it."""
    WAIT_ROOM = 2
    """For room in a full stack: on the train, in the vessel, before the gate."""
    WAIT_LOCOMOTIVE = 3
    WAIT_PATH = 4
    RUN = 5
    WAIT_BORDER = 6
    BORDER = 7
    """Handover, clearance, inspection and change of gauge."""
    WAIT_TRACK = 8
    WORK_TRAIN = 9
    """Loading or unloading a train on its track."""
    DRIVE = 10
    WAIT_GATE = 11
    GATE = 12
    WAIT_WEATHER = 13
    WAIT_BERTH = 14
    HANDLE = 15
    """Work of a call at the berth before the vessel is ready: discharge and the fixed part."""
    WAIT_CARGO = 16
    """Vessel at the berth, ready, until its departure rule lets it go."""
    LOAD = 17
    SAIL = 18
    REPAIR = 19
    WAIT_EMBARGO = 20
    """Train held on its way, or cargo kept from the road, while the port takes no more."""
    WAIT_EQUIPMENT = 21
    """Cargo at its origin, for a wagon, platform or container."""
    LAID_UP = 22
    """Vessel without a service, or out of order."""
    TRANSFER = 23
    """Vessel changing over to another service."""

    @property
    def label(self) -> str:
        """Lower-case name, as it stands in metrics."""
        return self.name.lower()


TABLES: Mapping[str, tuple[str, ...]] = {
    "flow_totals": ("flow", "born_units", "delivered_units", "inside_units"),
    "consignments": ("consignment", "flow", "units", "born_s"),
    "lots": ("lot", "parent", "consignment", "flow", "from_s"),
    "stays": ("lot", "units", "activity", "place", "resource", "start_s", "end_s"),
    "aboard": ("trip", "lot", "units"),
    "deliveries": ("lot", "consignment", "flow", "units", "born_s", "delivered_s"),
    "refusals": ("flow", "units", "at_s"),
    "vehicles": ("vehicle", "kind", "carrier", "vessel_class", "from_s"),
    "duties": ("vehicle", "carrier", "start_s", "end_s"),
    "trips": ("trip", "vehicle", "carrier", "direction", "start_s", "end_s", "deck_used", "deck_size", "deck_limit"),
    "vehicle_log": ("vehicle", "trip", "activity", "place", "resource", "start_s", "end_s"),
    "resource_log": ("resource", "vehicle", "asked_s", "start_s", "end_s"),
    "capacities": ("resource", "start_s", "servers"),
    "closures": ("place", "vessel_class", "start_s", "end_s"),
    "embargoes": ("embargo", "start_s", "end_s"),
    "outages": ("outage", "start_s", "end_s"),
    "equipment": ("equipment", "place", "flow", "at_s", "change"),
    "fleets": ("equipment", "items"),
}
"""Columns of every table, all int64.

- ``flow_totals``: the engine's own counters at the end of the run, per flow.
- ``consignments``: born at ``born_s`` with so many ``units``.
- ``lots``: ``parent`` is `NONE` for the lot a consignment is born as; a lot that parted from its parent shares the
  parent's history up to ``from_s`` (the start of the stay in which they parted).
- ``stays``: cargo in stacks; ``resource`` is the stack.
- ``aboard``: which lot travelled on which trip.
- ``deliveries``: what reached the destination of its flow.
- ``refusals``: what an embargo turned away before it was a consignment.
- ``vehicles``: ``kind`` 0 train, 1 vessel, 2 truck; ``carrier`` is the train, service or road it begins with at
  ``from_s``, `NONE` for trains of others.
- ``duties``: which service a vessel works for, and when.
- ``trips``: one way with (or, for a vessel, without) cargo, from boarding to the end of unloading; ``direction`` 0
  from the first end of the carrier to the second, 1 back; ``deck_used / deck_size`` is its fill, ``deck_limit`` what
  the depth of water allowed.
- ``vehicle_log``: what each vehicle did; ``trip`` is `NONE` while no cargo is committed to it.
- ``resource_log``: who asked for, got and gave back a berth, track, lane, locomotive or train path. A path is held for
  one headway.
- ``capacities``: servers of a resource from ``start_s`` on.
- ``closures``: ports shut by weather, or, where ``vessel_class`` is not `NONE`, shut for that class.
- ``embargoes``, ``outages``: when each was on.
- ``equipment``: idle items that were added at a place, or (below zero) taken by a flow; ``fleets``: how many there
  are in all.
"""

VEHICLE_KINDS = ("train", "vessel", "truck")
TRAIN, VESSEL, TRUCK = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One table as int64 arrays, one a column, all of one length: what metrics and audit read."""

    arrays: Mapping[str, NDArray[np.int64]]

    def __getitem__(self, column: str) -> NDArray[np.int64]:
        return self.arrays[column]

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self.arrays)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Columns:
        """Return the rows that a mask or their numbers choose."""
        chosen = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Columns({name: values[chosen] for name, values in self.arrays.items()})

    def with_(self, **columns: NDArray[np.int64]) -> Columns:
        """Return the table with *columns* added, or in place of those of their names."""
        return Columns({**self.arrays, **columns})

    def frame(self) -> pd.DataFrame:
        """Return a copy as a frame of int64 columns."""
        import pandas as pd

        return pd.DataFrame(dict(self.arrays))


class Table:
    """Rows of integers, appended one at a time; columns in the order of `TABLES`."""

    __slots__ = ("add", "columns", "name", "row", "rows")

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns = TABLES[name]
        self.rows: array[int] = array("q")
        self.row = Struct(f"{len(self.columns)}q").pack
        self.add = self.rows.frombytes
        """``add(row(1, 2, ...))`` appends a row: two calls into C take a third of the time of extending an array."""

    def by_row(self) -> NDArray[np.int64]:
        """Return the table as it is now.

        A copy: the rows cannot grow while anything looks at their memory, and a profiler that keeps a frame alive
        (Dask's does) would keep the look alive with it.
        """
        return np.frombuffer(self.rows.tobytes(), np.int64).reshape(-1, len(self.columns))

    def by_column(self) -> Columns:
        """Return the table as it is now, column by column."""
        return Columns(dict(zip(self.columns, np.ascontiguousarray(self.by_row().T), strict=True)))


@dataclass(frozen=True, slots=True)
class Names:
    """What the integer codes stand for: code ``i`` is entry ``i``."""

    flow: tuple[str, ...]
    unit: tuple[str, ...]
    place: tuple[str, ...]
    resource: tuple[str, ...]
    carrier: tuple[str, ...]
    vessel_class: tuple[str, ...]
    equipment: tuple[str, ...] = ()
    embargo: tuple[str, ...] = ()
    outage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What the metrics must know of a flow."""

    id: str
    unit: str
    scope: str
    kg_per_unit: int
    teu_per_unit: float
    equipment: str = ""
    """Fleet of which every unit needs an item."""
    ends: tuple[str, str] = ("", "")
    """Origin and destination."""


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What the metrics must know of a resource."""

    id: str
    kind: str
    """``berth``, ``track``, ``gate``, ``border``, ``path``, ``locomotive``, ``stack`` or ``line`` (the sea)."""
    place: str
    servers: int
    """Units of it: berths, tracks, lanes, locomotives in service; 0 where there is no limit."""


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """What the metrics must know of a train, service or road."""

    id: str
    kind: str
    """``train``, ``service`` or ``road``."""
    ends: tuple[str, str]


class VehicleCharge(NamedTuple):
    """What a second of a vehicle's time is charged with; vehicles of no class have `NONE`."""

    measure: str
    label: str
    carrier: int
    vessel_class: int
    activity: int
    per_s: float


class LegCharge(NamedTuple):
    """What a unit of a flow is charged with for a leg that it has ended."""

    measure: str
    label: str
    where: str
    carrier: int
    direction: int
    flow: int
    per_unit: float


class UnitCharge(NamedTuple):
    """What a second of a unit of a flow in the corridor is charged with."""

    measure: str
    label: str
    flow: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Charges:
    """What time and movement cost and emit; a measure is ``cost``, ``price``, ``time`` [USD] or ``co2e`` [kg]."""

    vehicles: tuple[VehicleCharge, ...]
    legs: tuple[LegCharge, ...]
    units: tuple[UnitCharge, ...]
    room: tuple[tuple[int, int, int, int], ...]
    """``(carrier, vessel class or NONE, unit, room)``: room of one unit, by which those aboard share a vehicle."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Frame of one replication: times in seconds since the start of the horizon."""

    start_date: str
    """ISO date of second 0."""
    warmup_s: Seconds
    window_end_s: Seconds
    end_s: Seconds
    """When the run ended, at or after the end of the window."""
    seed: int
    replication: int
    events: int
    """Kernel events scheduled: a check of determinism, and of work."""
    audit_residual: int = NONE
    """Sum of the absolute differences that the audit found; `NONE`: not audited."""


@dataclass(frozen=True)
class RunLog:
    """Everything one replication wrote, frozen, self-contained.

    ``tables`` maps the names of `TABLES` to their columns, ``log[name]`` is the same as a frame; ``flows``,
    ``resources`` and ``carriers`` are in code order.
    """

    facts: RunFacts
    names: Names
    flows: tuple[FlowFacts, ...]
    resources: tuple[ResourceFacts, ...]
    carriers: tuple[CarrierFacts, ...]
    tables: Mapping[str, Columns]
    state: Mapping[str, Any] = field(default_factory=dict)
    """Where things stood at the end, as a scenario writes it: ``initial`` and ``equipment``."""
    charges: Charges | None = None
    """None: nothing is said of money or energy."""

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return *table* as a frame, made when it is first asked for and the same from then on."""
        if table not in self._frames:
            self._frames[table] = self.tables[table].frame()
        return self._frames[table]

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return {}

    @cached_property
    def cargo(self) -> pd.DataFrame:
        """One row per lot and interval: schema v1, int64 codes.

        Returns
        -------
        DataFrame
            ``lot, consignment, flow, unit, units, kg, vehicle, activity, place, resource, start_s, end_s``; ``vehicle``
            is `NONE` in a stack, ``end_s`` is `OPEN` for what is under way. Ordered by lot and start.
        """
        import pandas as pd

        stays = self["stays"].assign(vehicle=NONE)
        trip_log = self["vehicle_log"]
        trip_log = trip_log[trip_log["trip"] != NONE]
        rows = pd.concat([stays, self["aboard"].merge(trip_log, on="trip").drop(columns="trip")], ignore_index=True)
        rows = rows.merge(self["lots"][["lot", "consignment", "flow"]], on="lot")
        units = {unit: code for code, unit in enumerate(self.names.unit)}
        flow = rows["flow"].to_numpy()
        unit_of = np.array([units[f.unit] for f in self.flows], dtype=np.int64)
        kg_of = np.array([f.kg_per_unit for f in self.flows], dtype=np.int64)
        rows["unit"] = unit_of[flow] if len(rows) else rows["flow"]
        rows["kg"] = rows["units"] * kg_of[flow] if len(rows) else rows["flow"]
        columns = [
            "lot",
            "consignment",
            "flow",
            "unit",
            "units",
            "kg",
            "vehicle",
            "activity",
            "place",
            "resource",
            "start_s",
            "end_s",
        ]
        # What is open ends last.
        rows["open"] = rows["end_s"] == OPEN
        return rows.sort_values(["lot", "start_s", "open", "end_s"], kind="stable", ignore_index=True)[columns]

    def labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return *frame* with names in place of codes (categoricals) where it has coded columns."""
        import pandas as pd

        out = frame.copy()
        tables: dict[str, Iterable[str]] = {name: getattr(self.names, name) for name in Names.__slots__}
        tables["activity"] = [a.label for a in Activity]
        tables["kind"] = VEHICLE_KINDS
        for column, names in tables.items():
            if column in out:
                out[column] = pd.Categorical.from_codes(out[column].to_numpy(), categories=list(names))
        return out


def close(table: Columns, end_s: Seconds) -> Columns:
    """Close the books at *end_s*: what begins later is dropped, what ends later (or never ended) stays open."""
    kept = table["start_s"] < end_s
    table = table if kept.all() else table.where(kept)
    return table.with_(end_s=np.where(table["end_s"] > end_s, OPEN, table["end_s"]))


def closed_ends(table: Columns, end_s: Seconds) -> NDArray[np.int64]:
    """Return ``end_s`` of *table* with what is open counted to the end of the run."""
    ends = table["end_s"]
    return np.where(ends == OPEN, end_s, ends)


Codes = tuple[NDArray[np.int64], int]
"""Codes from 0 up, and how many there may be."""


def sum_by_code(values: NDArray[np.int64], *by: Codes) -> NDArray[np.int64]:
    """Return the sum of *values* for each code, or combination of codes, that *by* tells: exact in whole numbers.

    The result has one axis for each of *by*.
    """
    codes, _ = by[0]
    for finer, size in by[1:]:
        codes = codes * size + finer
    sums = np.zeros(tuple(size for _, size in by), np.int64)
    np.add.at(sums.reshape(-1), codes, values)
    return sums


def running_sum(key: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of *values* so far, begun anew with each *key*; equal keys stand together."""
    sums = np.cumsum(values)
    first = np.flatnonzero(np.diff(key, prepend=NONE - 1))
    lengths = np.diff(first, append=len(key))
    return sums - np.repeat((sums - values)[first], lengths)
