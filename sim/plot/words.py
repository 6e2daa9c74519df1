"""Pieces of the sentences in captions and beside the data."""

from __future__ import annotations

from collections.abc import Sequence


def sentence(text: str) -> str:
    """Return *text* with a capital at its beginning, the rest as it is."""
    return text[:1].upper() + text[1:]


def counted(count: int, one: str, several: str = "") -> str:
    """Return a number with its noun: ``1 fix``, ``2 fixes``."""
    if count == 1:
        return f"1 {one}"
    return f"{count} {several or one + 's'}"


def first_few(names: Sequence[str], most: int, *, between: str = ", ", last: str = " and ") -> str:
    """Return at most *most* of *names*, and how many more there are."""
    listed = between.join(names[:most])
    if len(names) <= most:
        return listed
    return f"{listed}{last}{len(names) - most} more"


def beside(*parts: str) -> str:
    """Return what stands beside a bar: the *parts* that are not empty, after a blank."""
    return f" {': '.join(filter(None, parts))}"
