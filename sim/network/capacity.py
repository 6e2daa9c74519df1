"""The preview as a frame, for notebooks and the command line."""

from __future__ import annotations

import pandas as pd

from sim.network.build import build
from sim.network.preview import preview
from sim.spec.load import Scenario


def capacity(scenario: Scenario) -> pd.DataFrame:
    """Return demand against capacity of every resource that has a limit, the tightest first.

    Columns ``resource, kind, unit, demand_per_year, capacity_per_year, ratio``; without any
    simulation.
    """
    loads = preview(build(scenario))
    rows = [
        (x.resource, x.kind, x.unit, x.demand_per_year, x.capacity_per_year, x.ratio) for x in loads
    ]
    return pd.DataFrame(
        rows, columns=["resource", "kind", "unit", "demand_per_year", "capacity_per_year", "ratio"]
    )
