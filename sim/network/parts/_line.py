"""What lines on land and at sea have in common."""

from __future__ import annotations

from dataclasses import dataclass

from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Deck:
    """Room of a train or vessel in whole numbers, shared by the kinds of unit it can carry."""

    size: int
    per_unit: tuple[int, ...]
    """Room that one unit takes, by unit code; 0: cannot be carried."""


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """When a train or vessel that is ready may leave: by the one rule whose value is given.

    Without any value it leaves at once.
    """

    full: float | None = None
    """At this share of its room."""
    longest_wait_s: Seconds | None = None
    """Beside `full`: after this wait in any case."""
    headway_s: Seconds | None = None
    """No sooner than this after the last departure from the same end."""
    times_of_week: tuple[Seconds, ...] = ()
    """Timetable in seconds after Monday midnight, in order."""

    @property
    def needs_full_load(self) -> bool:
        """Whether nothing but more cargo lets it leave."""
        return self.full is not None and self.longest_wait_s is None
