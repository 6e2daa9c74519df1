"""Where things stand at second 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sim.units import Seconds

Cargo: TypeAlias = tuple[tuple[int, int], ...]
"""``(flow, units)`` of what a vehicle carries."""


class StockPlan(NamedTuple):
    """Cargo that waits at a place at second 0."""

    flow: int
    units: int
    place: int
    is_equipped: bool
    """Whether it has the equipment it needs."""
    is_released: bool
    """Whether it has passed the bans that are on."""
    ready_in_s: Seconds
    """Until it is ready for its next leg."""


class InitialTrainPlan(NamedTuple):
    """Where a train is at second 0."""

    carrier: int
    direction: int
    ahead: int
    """Number of the link ahead, of those in its direction."""
    arrives_in_s: Seconds
    """Until it stands before that link."""
    cargo: Cargo


@dataclass(frozen=True, slots=True)
class InitialVesselPlan:
    """Where a vessel is at second 0."""

    home: int
    """Carrier it belongs to."""
    vessel_class: int
    carrier: int
    """Carrier it works for."""
    end: int
    """End it is sailing to."""
    arrives_in_s: Seconds
    cargo: Cargo


@dataclass(frozen=True, slots=True)
class BanStatePlan:
    """How a loading ban stands at second 0."""

    stage: int
    """Number of the stage that holds; -1: it is not on."""
    opens_in_s: tuple[Seconds, ...]
    """By meter, until the next can pass."""
    known_for_s: Seconds
    """How long before second 0 what is worked has been counted."""
    worked: tuple[tuple[Seconds, int], ...]
    """How long before second 0 units left by sea, and how many, in the order of time."""
    passed_trains: frozenset[int]
    """Numbers of the trains under way that have passed it."""


@dataclass(frozen=True, slots=True)
class InitialPlan:
    """Where things stand at second 0, in codes."""

    stocks: tuple[StockPlan, ...]
    trains: tuple[InitialTrainPlan, ...]
    vessels: tuple[InitialVesselPlan, ...]
    bans: Mapping[int, BanStatePlan]
    """By number of the ban."""
