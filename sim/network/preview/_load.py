"""The demand on one resource against its capacity."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Load:
    """Demand on one resource against its capacity in a year, both in the same unit."""

    resource: str
    kind: str
    unit: str
    demand_per_year: float
    capacity_per_year: float

    @property
    def ratio(self) -> float:
        """Demand over capacity; above 1 it cannot be carried."""
        if self.capacity_per_year:
            return self.demand_per_year / self.capacity_per_year
        if self.demand_per_year:
            return inf
        return 0.0
