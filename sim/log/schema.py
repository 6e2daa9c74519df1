"""The log on one screen: what is written of one replication, the contract of engine and metrics.

This is schema v1. Times are whole seconds since the start of the horizon, intervals half-open,
``[start_s, end_s)``; an end is `OPEN` for what is under way at the end of the run. Names are
integer codes, see `sim.log.Names`. Cargo aboard shares the intervals of its trip, so the engine
writes them once a trip, and what was aboard; `sim.log.RunLog.cargo` gives every lot its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, unique

SCHEMA_VERSION = 1
OPEN = -1
NONE = -1


@unique
class Activity(IntEnum):
    """What a vehicle or lot is doing: moving, being worked, or waiting for something."""

    WAIT_TRAIN = 0  # cargo in a stack, for a block train
    WAIT_VESSEL = 1  # cargo in a stack, for a vessel
    WAIT_ROOM = 2  # for room in a full stack: on the train, in the vessel, before the gate
    WAIT_LOCOMOTIVE = 3
    WAIT_PATH = 4
    RUN = 5
    WAIT_BORDER = 6
    BORDER = 7  # handover, clearance, inspection and change of gauge
    WAIT_TRACK = 8
    WORK_TRAIN = 9  # loading or unloading a train on its track
    DRIVE = 10
    WAIT_GATE = 11
    GATE = 12
    WAIT_WEATHER = 13
    WAIT_BERTH = 14
    HANDLE = 15  # at the berth, before the vessel is ready: discharge and the fixed part of a call
    WAIT_CARGO = 16  # vessel at the berth, ready, until its departure rule lets it go
    LOAD = 17
    SAIL = 18
    REPAIR = 19
    WAIT_EMBARGO = 20  # train on its way, or cargo for the road, while a port takes no more
    WAIT_EQUIPMENT = 21  # cargo at its origin, for a wagon, platform or container
    LAID_UP = 22  # vessel without a service, or out of order
    TRANSFER = 23  # vessel on its way to another service
    WAIT_ROADS = 24  # vessel at anchor, ready, while others need the berths
    DWELL = 25  # cargo in the yard, not ready for its next leg: papers, customs, collection
    WAIT_POOL = 26  # vessel, for tugs, a pilot or a channel: before its berth or at it
    MANOEUVRE = 27  # vessel coming alongside or leaving with them

    @property
    def label(self) -> str:
        """Lower-case name, as it stands in metrics."""
        return self.name.lower()


TABLES: Mapping[str, tuple[str, ...]] = {
    # By flow, counters of the engine at the end of the run.
    "flow_totals": ("flow", "born_units", "delivered_units", "inside_units"),
    # Cargo as it was created.
    "consignments": ("consignment", "flow", "units", "born_s"),
    # Units that stay together. The first lot of a consignment has the parent `NONE`; one that
    # parted shares the history of its parent up to from_s, the start of the stay in which it did.
    "lots": ("lot", "parent", "consignment", "flow", "from_s"),
    # Lots in stacks, beside them (dwell, embargo) and before them; the resource is the stack, or a road.
    "stays": ("lot", "units", "activity", "place", "resource", "start_s", "end_s"),
    # Lots on trips.
    "aboard": ("trip", "lot", "units"),
    # Cargo that reached the destination of its flow.
    "deliveries": ("lot", "consignment", "flow", "units", "born_s", "delivered_s"),
    # Cargo that an embargo refused before it was a consignment.
    "refusals": ("flow", "units", "at_s"),
    # kind: an index of `VEHICLE_KINDS`. carrier: train line, service or road it begins with at
    # from_s; `NONE` for trains of others.
    "vehicles": ("vehicle", "kind", "carrier", "vessel_class", "from_s"),
    # Which service a vessel works for.
    "duties": ("vehicle", "carrier", "start_s", "end_s"),
    # One way, with cargo or (vessels) without, from boarding to the end of unloading. direction: 0
    # from the carrier's first end to its second, 1 back. deck_used / deck_size: its fill;
    # deck_limit: what the depth of water allowed.
    "trips": (
        *("trip", "vehicle", "carrier", "direction", "start_s", "end_s"),
        *("deck_used", "deck_size", "deck_limit"),
    ),
    # What each vehicle did; trip is `NONE` while no cargo is committed to it.
    "vehicle_log": ("vehicle", "trip", "activity", "place", "resource", "start_s", "end_s"),
    # Which vehicle asked for, got and gave back a resource; a train path is held for one headway.
    "resource_log": ("resource", "vehicle", "asked_s", "start_s", "end_s"),
    # Servers of a resource from start_s on.
    "capacities": ("resource", "start_s", "servers"),
    # Ports shut by weather, for one class of vessels or (`NONE`) for all.
    "closures": ("place", "vessel_class", "start_s", "end_s"),
    # When each was on.
    "embargoes": ("embargo", "start_s", "end_s"),
    # What passed a meter of an embargo that was on, and the quota of each meter while it held.
    "passes": ("embargo", "meter", "units", "at_s"),
    "quotas": ("embargo", "meter", "units_per_1000_days", "start_s", "end_s"),
    "outages": ("outage", "start_s", "end_s"),
    # Idle items added at a place, or (below zero) taken by a flow; and items in all.
    "equipment": ("equipment", "place", "flow", "at_s", "change"),
    "fleets": ("equipment", "items"),
}
"""Columns of every table, all int64.

What is known in advance is written when it begins, what ends on an event when it ends; `close`
cuts both at the end of the run.
"""

OF_RULES = frozenset({"passes", "quotas"})
"""Tables that only a rule fills: without rows they say nothing, and count for no digest."""

VEHICLE_KINDS = ("train", "vessel", "truck")
TRAIN, VESSEL, TRUCK = range(3)
