"""All metrics of one replication."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import nan

import pandas as pd

from sim.log import NONE, RunLog
from sim.metrics.budget import budgets
from sim.metrics.resources import resources
from sim.metrics.rows import Row, frame_of
from sim.metrics.stacks import stacks
from sim.metrics.transit import cargo, waits
from sim.metrics.vehicles import vehicles
from sim.metrics.weather import closures


def measure(log: RunLog) -> pd.DataFrame:
    """Return every metric of *log*, tidy: ``name, where, flow, activity, value, unit``; NaN where there is none."""
    parts = (cargo(log), waits(log), resources(log), stacks(log), vehicles(log), closures(log), budgets(log))
    return frame_of(chain(*parts, _audit(log)))


def _audit(log: RunLog) -> Iterator[Row]:
    """Yield the sum of absolute differences that the audit found; NaN for a log that was not audited."""
    residual = log.facts.audit_residual
    yield Row("audit_residual", nan if residual == NONE else float(residual), "")
