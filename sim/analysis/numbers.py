"""The metrics of one replication as a mapping, for questions that read single numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from sim.metrics.outcomes import outcomes_of

Numbers: TypeAlias = Mapping[tuple[Any, Any, Any, Any], float]
"""Metrics of one replication by name, where, flow and activity."""


def numbers_of(metrics: pd.DataFrame) -> Numbers:
    """Return the metrics of one replication by name, where, flow and activity."""
    names = (metrics[column].tolist() for column in ("name", "where", "flow", "activity"))
    return dict(zip(zip(*names, strict=True), metrics["value"].tolist(), strict=True))


def outcomes_by_name(metrics: pd.DataFrame) -> dict[str, float]:
    """Return the main outcomes of one replication by name."""
    return {outcome.name: value for outcome, value in outcomes_of(metrics).items()}
