"""Units of the corridor: seconds, tonnes, and how people write durations."""

from __future__ import annotations

import re
from math import floor, isfinite, isinf, isnan, log10
from typing import TypeAlias

Seconds: TypeAlias = int

MINUTE: Seconds = 60
HOUR: Seconds = 60 * MINUTE
DAY: Seconds = 24 * HOUR
WEEK: Seconds = 7 * DAY
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
    """Return a number as people read it: three or four significant digits, thousands apart; a dash
    if there is none."""
    if isnan(value):
        return "-"
    if isinf(value):
        return "no limit" if value > 0 else "-"
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.4g}" if size >= 1 else f"{value:.3f}"


def as_sure(half: float, *values: float) -> tuple[str, ...]:
    """Return *values* to the two first digits of *half*, the half-width of an interval: no more of
    them is known.

    Never finer than `format_number` writes them, and like it where there is no half-width.

    >>> as_sure(194_950, 4_161_926, 3_966_975, 4_356_876)
    ('4,160,000', '3,970,000', '4,360,000')
    >>> as_sure(0.171, 7.502, 7.331, 7.673)
    ('7.50', '7.33', '7.67')
    """
    if not all(isfinite(value) for value in (half, *values)) or not any(values):
        return tuple(format_number(value) for value in values)
    size = max((abs(value) for value in values), default=0.0)
    finest = 0 if size >= 1000 else 3 - floor(log10(size)) if size >= 1 else 3
    digits = min(1 - floor(log10(half)), finest) if half > 0 else finest
    # Adding zero turns -0.0 into 0.0.
    return tuple(f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}" for value in values)


def format_mean(mean: float, low: float, high: float) -> str:
    """Return a mean with the bounds of its interval behind it (`as_sure`), or alone where it has
    none."""
    if isnan(low) or isnan(high):
        return format_number(mean)
    first, *bounds = as_sure((high - low) / 2, mean, low, high)
    return f"{first} ({' to '.join(bounds)})"
