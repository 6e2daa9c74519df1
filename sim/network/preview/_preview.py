"""The preview of a network, and the same as a frame for notebooks and the command line."""

from __future__ import annotations

import pandas as pd

from sim.network.build import build
from sim.network.parts import Network
from sim.network.preview._demand import Traffic
from sim.network.preview._formalities import road_loads
from sim.network.preview._land import rail_loads
from sim.network.preview._load import Load
from sim.network.preview._sea import sea_loads
from sim.spec.load import Scenario

COLUMNS = ("resource", "kind", "unit", "demand_per_year", "capacity_per_year", "ratio")


def preview(network: Network) -> tuple[Load, ...]:
    """Return the load of every resource that has a limit, the tightest first."""
    traffic = Traffic(network)
    loads = [
        *rail_loads(network, traffic),
        *road_loads(network, traffic),
        *sea_loads(network, traffic),
    ]
    return tuple(sorted(loads, key=lambda load: (-load.ratio, load.resource, load.unit)))


def capacity(scenario: Scenario) -> pd.DataFrame:
    """Return demand against capacity of every resource that has a limit, the tightest first.

    Columns ``resource, kind, unit, demand_per_year, capacity_per_year, ratio``; without any
    simulation.
    """
    loads = preview(build(scenario))
    rows = [[getattr(load, column) for column in COLUMNS] for load in loads]
    return pd.DataFrame(rows, columns=list(COLUMNS))
