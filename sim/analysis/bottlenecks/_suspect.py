"""A suspect: something that may be short, with the numbers of the scenario that raise it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import ScenarioError
from sim.spec.load import Scenario
from sim.units import parse_duration


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the scenario that is raised."""

    path: str
    now: float
    step: float
    of: float | str | None = None
    """What is written there, a duration perhaps, if the number is how many times that."""

    def raised(self, steps: int) -> float:
        """Return the number after so many *steps*; whole numbers stay whole."""
        value = self.now + steps * self.step
        if isinstance(self.now, int) and isinstance(self.step, int):
            return round(value)
        return round(value, 9)

    def written(self, steps: int) -> float | str:
        """Return the number after so many *steps*, as a scenario file has it."""
        value = self.raised(steps)
        if self.of is None:
            return value
        if isinstance(self.of, str):
            return f"{round(parse_duration(self.of) * value)}s"
        return round(self.of * value, 9)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that may be short."""

    id: str
    """Such as ``berths alat/ferry``: what there would be more of, and where."""
    unit: str
    """What one step is, for people."""
    numbers: tuple[Number, ...]
    """What is raised; those after the first follow it: other units of a rate, later dates."""
    groups: tuple[str, ...] = ()
    """Resources and fleets of the log that it is made of."""
    activity: str = ""
    """Activity of cargo that waits for it."""
    waits_at: tuple[str, ...] = ()
    """Where cargo waits for it."""
    loads: tuple[str, ...] = ()
    """Its resources in the preview of capacity."""
    stacks: tuple[str, ...] = ()
    """Stacks and queues that grow where it is short."""
    lying: tuple[str, ...] = ()
    """Fleets that lie at berths for it, waiting for cargo."""

    @classmethod
    def at_resources(
        cls, name: str, unit: str, numbers: tuple[Number, ...], activity: str, *resources: str
    ) -> Suspect:
        """Return a suspect that has the same *resources* in the log, in the preview, where cargo
        waits and where it piles up."""
        return cls(
            name,
            unit,
            numbers,
            groups=resources,
            activity=activity,
            waits_at=resources,
            loads=resources,
            stacks=resources,
        )

    @property
    def now(self) -> float:
        """The number as it is."""
        return self.numbers[0].now

    def at(self, steps: int) -> float:
        """Return the number after so many *steps*."""
        return self.numbers[0].raised(steps)

    def changes(self, steps: int) -> dict[str, Any]:
        """Return the changes of a scenario that has so many *steps* more of it."""
        return {number.path: number.written(steps) for number in self.numbers}

    def load(self, ratios: Mapping[str, float]) -> float:
        """Return the highest load of its resources; 0 for what the preview does not know."""
        return max((ratios.get(resource, 0.0) for resource in self.loads), default=0.0)

    def raised(self, scenario: Scenario, steps: int = 1) -> Scenario | None:
        """Return *scenario* with *steps* more of it; None if there can be no such scenario."""
        try:
            return scenario.with_(self.changes(steps))
        except ScenarioError:
            return None
