"""The log on one screen: what is written of one replication, the contract between engine and
metrics (schema v1).

What is known to last is written when it begins, what ends on an event when it ends; `close` sorts
out the horizon. Intervals are half-open, ``[start_s, end_s)`` in whole seconds since the start of
the horizon; ``end_s`` is `OPEN` for what is under way at the end of the run. Names are integer
codes, see `Names`.

Cargo on board shares the intervals of its trip, so the engine writes them once per trip and who was
aboard; `RunLog.cargo` multiplies them out to one row per lot and interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, unique

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
    "trips": (
        "trip",
        "vehicle",
        "carrier",
        "direction",
        "start_s",
        "end_s",
        "deck_used",
        "deck_size",
        "deck_limit",
    ),
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
- ``lots``: ``parent`` is `NONE` for the lot a consignment is born as; a lot that parted from its
  parent shares the parent's history up to ``from_s`` (the start of the stay in which they parted).
- ``stays``: cargo in stacks; ``resource`` is the stack.
- ``aboard``: which lot travelled on which trip.
- ``deliveries``: what reached the destination of its flow.
- ``refusals``: what an embargo turned away before it was a consignment.
- ``vehicles``: ``kind`` 0 train, 1 vessel, 2 truck; ``carrier`` is the train, service or road it
  begins with at ``from_s``, `NONE` for trains of others.
- ``duties``: which service a vessel works for, and when.
- ``trips``: one way with (or, for a vessel, without) cargo, from boarding to the end of unloading;
  ``direction`` 0 from the first end of the carrier to the second, 1 back; ``deck_used / deck_size``
  is its fill, ``deck_limit`` what the depth of water allowed.
- ``vehicle_log``: what each vehicle did; ``trip`` is `NONE` while no cargo is committed to it.
- ``resource_log``: who asked for, got and gave back a berth, track, lane, locomotive or train path.
  A path is held for one headway.
- ``capacities``: servers of a resource from ``start_s`` on.
- ``closures``: ports shut by weather, or, where ``vessel_class`` is not `NONE`, shut for that
  class.
- ``embargoes``, ``outages``: when each was on.
- ``equipment``: idle items that were added at a place, or (below zero) taken by a flow; ``fleets``:
  how many there are in all.
"""

VEHICLE_KINDS = ("train", "vessel", "truck")
TRAIN, VESSEL, TRUCK = range(3)
