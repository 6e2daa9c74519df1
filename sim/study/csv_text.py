"""Tables as CSV for spreadsheets, in which no text can be a formula.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-`` or ``@``, and titles, ids and names of
files come from whoever wrote the scenario. Such a text gets an apostrophe before it, which
spreadsheets take for "this is text"; `without_mark` takes it off again. Numbers are left alone.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

_SIGNS = ("=", "+", "-", "@", "\t")
_MARK = "'"


def csv_text(frame: pd.DataFrame) -> str:
    """Return *frame* as CSV, without its index."""
    safe = frame.set_axis([_marked(name) for name in frame.columns], axis="columns")
    for place, (_, column) in enumerate(frame.items()):
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
            continue
        safe.isetitem(place, column.map(_marked))
    return safe.to_csv(index=False, lineterminator="\n")


def without_mark(value: Any) -> Any:
    """Return a cell or the name of a column as it was before `csv_text` marked it as text."""
    if isinstance(value, str) and value.startswith(_MARK) and _is_formula(value[1:]):
        return value[1:]
    return value


def _marked(value: Any) -> Any:
    """Return *value*, a text without returns, which end a row for some readers, and marked if it
    must be."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r", " ")
    return _MARK + text if _is_formula(text) else text


def _is_formula(value: Any) -> bool:
    """Return whether a spreadsheet would take *value*, a text, for a formula."""
    if not isinstance(value, str) or len(value) < 2 or not value.startswith(_SIGNS):
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False
