"""A line of the tables of this package: when what a scenario states has no effect, and what to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Idle:
    """What a pattern of paths leads to, and when it does nothing.

    The condition is called with what the scenario uses, and with the ids for which the pattern has
    a ``*``, in order.
    """

    is_idle: Callable[..., bool]
    why: str
    """Why it does nothing, and the remedy; follows the path in a message."""
