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

# Control characters, and those that turn the direction of writing: neither belongs in a scenario or
# on a terminal.
HOSTILE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

LONGEST_NAME = 100
"""Letters of a name that are compared with others."""


def shown(value: object, longest: int = 60) -> str:
    """Return *value* as it may stand in a message: short, and harmless on a terminal."""
    if isinstance(value, str):
        return repr(value) if len(value) <= longest else repr(value[:longest]) + "..."
    text = repr(value)
    return text if len(text) <= longest else text[:longest] + "..."


def harmless(text: str, longest: int = 600) -> str:
    """Return *text* without what could steer a terminal, cut to *longest* characters."""
    cut = text if len(text) <= longest else text[:longest] + "..."
    return HOSTILE.sub(lambda match: repr(match[0])[1:-1], cut).replace("\n", " ")


def dotted(path: Path) -> str:
    """Return *path* as it is written in messages and after ``--set``."""
    return ".".join(harmless(key, 60) for key in path)


def near(name: object, names: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the one of *names* that is closest; nothing if none is."""
    if not isinstance(name, str):
        return ""
    close = get_close_matches(name[:LONGEST_NAME], list(names), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
