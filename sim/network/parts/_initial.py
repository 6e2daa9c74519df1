"""Where things stand at second 0."""

from __future__ import annotations

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
class InitialPlan:
    """Where things stand at second 0, in codes."""

    stocks: tuple[StockPlan, ...]
    trains: tuple[InitialTrainPlan, ...]
    vessels: tuple[InitialVesselPlan, ...]
