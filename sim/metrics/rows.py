"""How a number is written down: tidy rows with name, place, flow, activity, value and unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

COLUMNS = ("name", "where", "flow", "activity", "value", "unit")


class Row(NamedTuple):
    """One number; keys that do not apply are None, a number that does not exist is NaN."""

    name: str
    value: float
    unit: str
    where: str | None = None
    flow: str | None = None
    activity: str | None = None


def frame_of(rows: Iterator[Row]) -> pd.DataFrame:
    """Return *rows* as a tidy frame with the columns `COLUMNS`."""
    frame = pd.DataFrame(list(rows), columns=list(Row._fields))[list(COLUMNS)]
    for key in ("where", "flow", "activity"):
        frame[key] = frame[key].astype(object).where(frame[key].notna(), None)
    return frame.astype({"value": float})
