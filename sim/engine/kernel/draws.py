"""Draws from a distribution that a date may replace."""

from __future__ import annotations

from collections.abc import Callable

from sim.distributions import Distribution
from sim.streams import Streams
from sim.units import Seconds


class Draw:
    """Whole numbers from a distribution, one by one, by ``next()``.

    A distribution that comes on a date draws from a stream of its own, named after its second: what
    was drawn before is the same with the change and without.
    """

    __slots__ = ("_distribution", "_name", "_streams", "next")

    next: Callable[[], int]
    """Draws the next number."""

    def __init__(self, streams: Streams, distribution: Distribution, name: str) -> None:
        self._streams = streams
        self._name = name
        self._draw_from(distribution, name)

    def renew(self, distribution: Distribution, now: Seconds) -> None:
        """Draw from *distribution* from *now* on; nothing happens if it is the same."""
        if distribution != self._distribution:
            self._draw_from(distribution, f"{self._name}/{now}")

    def _draw_from(self, distribution: Distribution, name: str) -> None:
        self._distribution = distribution
        self.next = self._streams.draws(distribution, name).__next__
