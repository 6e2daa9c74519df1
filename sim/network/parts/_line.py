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
class FarCargoPlan:
    """Cargo at the other end for whose sake a vessel leaves."""

    deck_share: float
    """Room that it takes, as a share of the deck of the vessel."""
    known_after_s: Seconds


@dataclass(frozen=True, slots=True)
class StormPlan:
    """How a vessel gets away before a storm."""

    within_s: Seconds | None
    """Time to the closure at which it leaves; None: what it takes to load a full deck and cross."""
    forecast_s: Seconds
    """How far ahead the weather is known."""


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """When a train or vessel that is ready may leave: as soon as one of the conditions given holds.

    Without any it leaves at once.
    """

    full: float | None = None
    """At this share of its room."""
    longest_wait_s: Seconds | None = None
    """After this wait; `full` stands beside it."""
    headway_s: Seconds | None = None
    """Once this has passed since the last departure from the same end."""
    times_of_week: tuple[Seconds, ...] = ()
    """Timetable in seconds after Monday midnight, in order."""
    far_cargo: FarCargoPlan | None = None
    """Of vessels alone, as the next two."""
    storm: StormPlan | None = None
    leaves_for_others: bool = False
    """When another vessel waits for its berth."""
    anchors_for_others: bool = False
    """Gives its berth to a vessel that waits for it, and waits in the roads: no condition."""
    needs_more_cargo: bool = False
    """Whether nothing but more cargo, here or (with `far_cargo`) at the other end, lets it leave."""

    @property
    def by_clock_alone(self) -> bool:
        """Whether only a headway or a timetable lets it leave."""
        others = (self.full, self.far_cargo, self.storm)
        if self.leaves_for_others or any(condition is not None for condition in others):
            return False
        return self.headway_s is not None or bool(self.times_of_week)
