"""The log: facts of one replication in typed columns, the contract between engine and metrics.

- `sim.log.schema`: the contract on one screen: activities, tables and columns.
- `sim.log.names`: how resources are named.
- `sim.log.table`: tables of integers; `sim.log.facts`: what their codes stand for.
- `sim.log.run_log`: the whole log of a run; `sim.log.disk`: the same as bytes or files.
"""

from sim.log.facts import (
    CORRIDOR_SCOPE,
    SCOPES,
    CarrierFacts,
    Charges,
    FlowFacts,
    LegCharge,
    Names,
    ResourceFacts,
    RunFacts,
    UnitCharge,
    VehicleCharge,
)
from sim.log.run_log import RunLog
from sim.log.schema import (
    NONE,
    OPEN,
    SCHEMA_VERSION,
    TABLES,
    TRAIN,
    TRUCK,
    VEHICLE_KINDS,
    VESSEL,
    Activity,
)
from sim.log.table import Columns, Table, close, closed_ends, running_sum, sum_by_code

__all__ = [
    "CORRIDOR_SCOPE",
    "NONE",
    "OPEN",
    "SCHEMA_VERSION",
    "SCOPES",
    "TABLES",
    "TRAIN",
    "TRUCK",
    "VEHICLE_KINDS",
    "VESSEL",
    "Activity",
    "CarrierFacts",
    "Charges",
    "Columns",
    "FlowFacts",
    "LegCharge",
    "Names",
    "ResourceFacts",
    "RunFacts",
    "RunLog",
    "Table",
    "UnitCharge",
    "VehicleCharge",
    "close",
    "closed_ends",
    "running_sum",
    "sum_by_code",
]
