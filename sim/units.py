"""Units of the corridor: seconds, tonnes, and how people write durations."""

from __future__ import annotations

import re
from math import isinf, isnan
from typing import TypeAlias

Seconds: TypeAlias = int

MINUTE: Seconds = 60
HOUR: Seconds = 60 * MINUTE
DAY: Seconds = 24 * HOUR
YEAR: Seconds = 365 * DAY

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_PARTS = {"d": DAY, "h": HOUR, "min": MINUTE, "s": 1}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(d|h|min|s)(?![a-z])", re.ASCII)
_LONGEST_S = 100 * YEAR


def parse_duration(text: str) -> Seconds:
    """Return the whole seconds that *text* says, e.g. ``36h``, ``2d 6h``, ``45min``.

    Raises
    ------
    ValueError
        The text is no duration; the message says how to write one.
    """
    remedy = f"{text!r} is not a duration; write it like '36h', '2d 6h' or '45min'"
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError(remedy)
    total, at, seen = 0.0, 0, set()
    for part in _PART.finditer(text):
        if part.start() != at or part[2] in seen:
            raise ValueError(remedy)
        seen.add(part[2])
        total += float(part[1]) * _PARTS[part[2]]
        at = part.end()
    if at == 0 or text[at:].strip():
        raise ValueError(remedy)
    if total > _LONGEST_S:
        raise ValueError(f"{text!r} is longer than 100 years")
    return round(total)


def format_duration(seconds: float) -> str:
    """Write *seconds* as people write it: ``2d 6h``, ``45min``, ``1.5h`` becomes ``1h 30min``.

    >>> format_duration(36 * HOUR)
    '1d 12h'
    """
    left, parts = round(seconds), []
    for unit, size in _PARTS.items():
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def format_number(value: float) -> str:
    """Return a number as people read it: three or four significant digits, thousands apart; a dash if there is none."""
    if isnan(value):
        return "-"
    if isinf(value):
        return "no limit" if value > 0 else "-"
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}" if size >= 1 else f"{value:.3f}"
