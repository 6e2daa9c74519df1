"""Units of the corridor: seconds, tonnes, and how people write durations."""

from __future__ import annotations

import re
from math import floor, inf, isclose, isfinite, isnan, log10
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


MASSES = {"t": 1.0, "kg": 1e-3, "kt": 1e3, "mt": 1e6}
"""Tonnes in a unit of mass, by its sign in small letters."""
TIMES = {"d": 1.0, "h": 1 / 24, "min": 1 / 1440, "week": 7.0}
"""Days in a unit of time."""
PERIODS = {"year": 365.0, "month": 365 / 12, "week": 7.0, "day": 1.0}
"""Days in a period over which something is counted; a year has no leap day."""
SHARES = {"share": 1.0, "%": 0.01}
_SPELLINGS = {
    **dict.fromkeys(("tonnes", "tonne", "tons", "ton"), "t"),
    **dict.fromkeys(("ktonnes", "kilotonnes", "thousand tonnes", "1000 t", "thousand t"), "kt"),
    **dict.fromkeys(("megatonnes", "million tonnes", "million t", "mln t"), "mt"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("minute", "minutes"), "min"),
    **dict.fromkeys(("weeks", "w"), "week"),
    **dict.fromkeys(("percent", "per cent"), "%"),
}
_PERIOD_SPELLINGS = {"a": "year", "y": "year", "yr": "year", "d": "day", "mo": "month"}


def unit_parts(text: str) -> tuple[str, str]:
    """Return what a written unit counts and over which period, each as the tables here call it.

    Words that no table has are returned as they stand.

    >>> unit_parts("thousand tonnes/yr")
    ('kt', 'year')
    """
    top, _, under = text.strip().lower().replace(" per ", "/").partition("/")
    top, under = top.strip(), under.strip()
    return _SPELLINGS.get(top, top), _PERIOD_SPELLINGS.get(under, under)


def parse_duration(text: str) -> Seconds:
    """Return the whole seconds of a written duration, e.g. ``36h``, ``2d 6h``, ``45min``.

    Raises
    ------
    ValueError
        The text is no duration; the message says how to write one.
    """
    remedy = f"{text!r} is not a duration; write it like '36h', '2d 6h' or '45min'"
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError(remedy)
    if re.search(r"\d,\d", text):
        remedy += "; decimals have a point and no comma"
    total, read_to, units = 0.0, 0, set()
    for part in _PART.finditer(text):
        number, unit = part[1], part[2]
        if part.start() != read_to or unit in units:
            raise ValueError(remedy)
        units.add(unit)
        total += float(number) * _PARTS[unit]
        read_to = part.end()
    if not units or text[read_to:].strip():
        raise ValueError(remedy)
    if total > _LONGEST_S:
        raise ValueError(f"{text!r} is longer than 100 years")
    return round(total)


def format_duration(seconds: float) -> str:
    """Return *seconds* as people write them: ``2d 6h``, ``45min``, ``1h 30min``.

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
    """Return a number with three or four significant digits and thousands apart; a dash for NaN."""
    if isnan(value) or value == -inf:
        return "-"
    if value == inf:
        return "no limit"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 1:
        return f"{value:.4g}"
    return f"{value:.3f}"


def format_at_precision(half_width: float, *values: float) -> tuple[str, ...]:
    """Return *values* rounded to the second significant digit of their uncertainty.

    Never finer than `format_number` writes them, and as it does where no half-width is known.

    Parameters
    ----------
    half_width
        Half the width of the interval that the values belong to; NaN or infinite: unknown.

    >>> format_at_precision(194_950, 4_161_926, 3_966_975, 4_356_876)
    ('4,160,000', '3,970,000', '4,360,000')
    >>> format_at_precision(0.171, 7.502, 7.331, 7.673)
    ('7.50', '7.33', '7.67')
    """
    if not all(isfinite(value) for value in (half_width, *values)) or not any(values):
        return tuple(format_number(value) for value in values)
    decimals = _finest_decimals(max(abs(value) for value in values))
    if half_width > 0:
        decimals = min(decimals, 1 - floor(log10(half_width)))
    # Adding zero turns -0.0 into 0.0.
    return tuple(f"{round(value, decimals) + 0.0:,.{max(decimals, 0)}f}" for value in values)


def _finest_decimals(size: float) -> int:
    """Return how many decimals a number of this size is written with at most."""
    if size >= 1000:
        return 0
    if size >= 1:
        return 3 - floor(log10(size))
    return 3


def format_mean(mean: float, low: float, high: float) -> str:
    """Return a mean with the bounds of its interval, or alone where the bounds are NaN."""
    if isnan(low) or isnan(high):
        return format_number(mean)
    first, *bounds = format_at_precision((high - low) / 2, mean, low, high)
    return f"{first} ({' to '.join(bounds)})"


def format_mean_and_half(mean: float, low: float, high: float) -> str:
    """Return a mean and the half-width of its interval; both bounds where the interval is cut."""
    if isnan(low) or isnan(high):
        return format_number(mean)
    half = (high - low) / 2
    if not isclose(mean - low, half, rel_tol=1e-6, abs_tol=1e-12):
        return format_mean(mean, low, high)
    return "{} (±{})".format(*format_at_precision(half, mean, half))
