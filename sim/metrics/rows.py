"""How a number is written down: tidy rows with name, place, flow, activity, value and unit."""

from __future__ import annotations

from collections.abc import Iterable
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


def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Return *rows* as a tidy frame with the columns `COLUMNS`, float values and None for keys that do not apply.

    Rows of one name stand together, names in the order in which they first come; within a name the order is that of
    *rows*, which follows the scenario (flows and resources as written, months as in the calendar).
    """
    listed = list(rows)
    rank = {name: number for number, name in enumerate(dict.fromkeys(row.name for row in listed))}
    listed.sort(key=lambda row: rank[row.name])
    frame = pd.DataFrame({column: [getattr(row, column) for row in listed] for column in COLUMNS}, dtype=object)
    return frame.astype({"value": float})
