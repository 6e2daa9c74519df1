"""The log of one replication, frozen and self-contained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.log.facts import CarrierFacts, Charges, FlowFacts, Names, ResourceFacts, RunFacts
from sim.log.schema import NONE, OPEN, VEHICLE_KINDS, Activity
from sim.log.table import Columns

if TYPE_CHECKING:
    import pandas as pd


_CARGO = (
    *("lot", "consignment", "flow", "unit", "units", "kg", "vehicle"),
    *("activity", "place", "resource", "start_s", "end_s"),
)


@dataclass(frozen=True)
class RunLog:
    """Everything that is recorded of one replication.

    ``tables`` maps the names of `TABLES` to their columns, ``log[name]`` is the same as a frame;
    ``flows``, ``resources`` and ``carriers`` are in code order.
    """

    facts: RunFacts
    names: Names
    flows: tuple[FlowFacts, ...]
    resources: tuple[ResourceFacts, ...]
    carriers: tuple[CarrierFacts, ...]
    tables: Mapping[str, Columns]
    state: Mapping[str, Any] = field(default_factory=dict)
    """State at the end as a scenario writes it: ``initial`` and ``equipment``."""
    charges: Charges | None = None
    """None for a scenario without rates of money and energy."""

    def __getitem__(self, table: str) -> pd.DataFrame:
        """Return *table* as a frame, which is made at the first call and kept."""
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
            ``lot, consignment, flow, unit, units, kg, vehicle, activity, place, resource, start_s,
            end_s``; ``vehicle`` is `NONE` in a stack. Ordered by lot and start.
        """
        import pandas as pd

        stays = self["stays"].assign(vehicle=NONE)
        trip_log = self["vehicle_log"]
        trip_log = trip_log[trip_log["trip"] != NONE]
        rows = pd.concat(
            [stays, self["aboard"].merge(trip_log, on="trip").drop(columns="trip")],
            ignore_index=True,
        )
        rows = rows.merge(self["lots"][["lot", "consignment", "flow"]], on="lot")
        flow = rows["flow"].to_numpy(np.int64)
        unit_codes = {unit: code for code, unit in enumerate(self.names.unit)}
        unit_of = np.array([unit_codes[flow.unit] for flow in self.flows], dtype=np.int64)
        kg_of = np.array([flow.kg_per_unit for flow in self.flows], dtype=np.int64)
        rows["unit"] = unit_of[flow]
        rows["kg"] = rows["units"] * kg_of[flow]
        # What is open ends last.
        rows["open"] = rows["end_s"] == OPEN
        order = ["lot", "start_s", "open", "end_s"]
        return rows.sort_values(order, kind="stable", ignore_index=True)[list(_CARGO)]

    def labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return *frame* with its codes replaced by names, as categoricals."""
        import pandas as pd

        out = frame.copy()
        tables: dict[str, Iterable[str]] = {
            name: getattr(self.names, name) for name in Names.__slots__
        }
        tables["activity"] = [a.label for a in Activity]
        tables["kind"] = VEHICLE_KINDS
        for column, labels in tables.items():
            if column in out:
                codes = out[column].to_numpy()
                out[column] = pd.Categorical.from_codes(codes, categories=list(labels))
        return out
