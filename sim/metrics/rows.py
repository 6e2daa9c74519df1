"""How a number is written down: tidy rows with name, place, flow, activity, value and unit."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
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
    """Return *rows* as a tidy frame with the columns `COLUMNS`, float values and None for keys that
    do not apply.

    Rows of one name stand together, names in the order in which they first come; within a name the
    order is that of *rows*, which follows the scenario (flows and resources as written, months as
    in the calendar).
    """
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.name, []).append(row)
    columns = dict(zip(Row._fields, zip(*chain(*by_name.values()), strict=True), strict=True))
    kinds = {column: float if column == "value" else object for column in COLUMNS}
    return pd.DataFrame(
        {column: pd.Series(columns[column], dtype=kind) for column, kind in kinds.items()}
    )
