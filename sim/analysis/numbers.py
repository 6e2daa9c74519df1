"""The metrics of one replication as a mapping, for questions that read single numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

Numbers: TypeAlias = Mapping[tuple[Any, Any, Any, Any], float]
"""Metrics of one replication by name, where, flow and activity."""


def numbers_of(metrics: pd.DataFrame) -> Numbers:
    """Return the metrics of one replication by name, where, flow and activity."""
    names = (metrics[column].tolist() for column in ("name", "where", "flow", "activity"))
    return dict(zip(zip(*names, strict=True), metrics["value"].tolist(), strict=True))
