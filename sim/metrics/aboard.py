"""What is aboard: kinds of unit, and units and weight of each trip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.log import RunLog, sum_by_code
from sim.metrics.flows import kg_of, unit_of


def flow_aboard(log: RunLog) -> NDArray[np.int64]:
    """Return the flow of each row of the table ``aboard``."""
    return log.tables["lots"]["flow"][log.tables["aboard"]["lot"]]


def unit_aboard(log: RunLog) -> NDArray[np.int64]:
    """Return the kind of unit of each row of the table ``aboard``."""
    return unit_of(log)[flow_aboard(log)]


def units_of_trips(log: RunLog) -> NDArray[np.int64]:
    """Return the units aboard each trip."""
    aboard = log.tables["aboard"]
    return sum_by_code(aboard["units"], (aboard["trip"], len(log.tables["trips"])))


def kg_of_trips(log: RunLog) -> NDArray[np.int64]:
    """Return the net weight aboard each trip [kg]."""
    aboard = log.tables["aboard"]
    kg = aboard["units"] * kg_of(log)[flow_aboard(log)]
    return sum_by_code(kg, (aboard["trip"], len(log.tables["trips"])))
