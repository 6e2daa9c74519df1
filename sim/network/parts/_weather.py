"""Storms and the level of the sea."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.distributions import Distribution
from sim.units import Seconds


@dataclass(frozen=True, slots=True)
class Climate:
    """Storms over the basin and how long they close each port."""

    closed_share: tuple[float, ...]
    """Of the most exposed port, January to December."""
    spell: Distribution
    """Length of a closure of the most exposed port."""
    exposure: Mapping[int, float]
    """Place code to exposure relative to the most exposed port, 0..1."""


@dataclass(frozen=True, slots=True)
class SeaLevelPlan:
    """Level of the sea over time: straight lines between points."""

    at_s: tuple[Seconds, ...]
    level_m: tuple[float, ...]
    """Above the datum."""
    under_keel_m: float
