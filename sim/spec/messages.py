"""Parts of messages: paths, values and near names, short and safe to print.

Scenario files come by mail from strangers, so nothing of them is printed as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]
"""Keys from the root of a scenario to a value."""

# Control characters, those that turn the direction of writing, separators of lines that editors do
# not show, and tags: none belongs in a scenario or on a terminal.
_HOSTILE = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
HOSTILE = re.compile(f"[{_HOSTILE}]")
STEERING = re.compile(f"[\r{_HOSTILE}]")
"""The same, and the return to the begin of a line, which belongs in no text."""

_ENDINGS = (
    "km nm mi miles m ft cm mm kn knots kmh km_h kph kmph mph m_s ms mps km_per_day km_per_h m_per_s"
    " h hours min minutes s d days weeks t kt mt kg tonnes usd kusd musd eur meur"
    " per_s per_min per_h per_hour per_day per_week per_month per_year"
)
_UNITS = frozenset(_ENDINGS.split())
"""Endings of keys that are units."""
_SAME = {
    "nm": "1 nautical mile is 1.852 km",
    "km": "1 nautical mile is 1.852 km, 1 mile 1.609 km",
    "kn": "1 knot is 1.852 km/h or 0.514 m/s",
    "m_s": "1 m/s is 3.6 km/h or 1.94 knots",
    "m": "1 foot is 0.3048 m",
    "km_per_day": "1 km/h is 24 km a day",
}
"""What a unit is in others."""

LONGEST_NAME = 100
"""Letters of a name that are compared with others."""
MOST_LISTED = 3
"""Names that a message lists."""


def shown(value: object, longest: int = 60) -> str:
    """Return *value* as it may stand in a message: short, and harmless on a terminal."""
    if isinstance(value, str):
        return repr(value) if len(value) <= longest else repr(value[:longest]) + "..."
    text = repr(value)
    return text if len(text) <= longest else text[:longest] + "..."


def harmless(text: str, longest: int = 600) -> str:
    """Return *text* without what could steer a terminal, cut to *longest* characters."""
    cut = text if len(text) <= longest else text[:longest] + "..."
    return printable(cut).replace("\n", " ")


def printable(text: str) -> str:
    """Return *text*, of any length and number of lines, without what could steer a terminal."""
    return STEERING.sub(lambda match: ascii(match[0])[1:-1], text)


def dotted(path: Path) -> str:
    """Return *path* as it is written in messages and after ``--set``."""
    return ".".join(harmless(key, 60) for key in path)


def near(name: object, names: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the one of *names* that is closest; nothing if none is."""
    if not isinstance(name, str):
        return ""
    close = get_close_matches(name[:LONGEST_NAME], list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def in_another_unit(key: str, known: Iterable[str]) -> str:
    """Return what to say of a *key* that is one of the *known* in another unit: no misspelling."""
    stem, _, unit = key.partition("_")
    for name in known:
        other_stem, _, other_unit = name.partition("_")
        if stem == other_stem and unit != other_unit and {unit, other_unit} <= _UNITS:
            fact = _SAME.get(other_unit)
            return f"convert the value to the unit of {name!r}" + (f" ({fact})" if fact else "")
    return ""


def nearest(name: str, names: Iterable[str], most: int = MOST_LISTED) -> list[str]:
    """Return the *most* of *names* that are nearest to *name*, however far they are."""
    return get_close_matches(name[:LONGEST_NAME], list(names), n=most, cutoff=0.0)


def known_names(name: object, names: Iterable[str]) -> str:
    """Return ``(known: a, b, c and 9 more)``: all *names*, or the three nearest to *name*."""
    there_are = list(names)
    if len(there_are) <= MOST_LISTED:
        return f"(known: {', '.join(there_are) or 'none'})"
    listed = nearest(str(name), there_are, MOST_LISTED)
    return f"(known: {', '.join(listed)} and {len(there_are) - MOST_LISTED} more)"
