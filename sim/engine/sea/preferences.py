"""Cargo that is kept for vessels of other classes, which lie at the port or are due there."""

from __future__ import annotations

from collections.abc import Sequence

from sim.network.parts import Deck, FleetPart, LoadingPlan, PreferencePlan, SeaLine
from sim.units import Seconds

BY_PRIORITY = LoadingPlan("priority", (), (), (), borrowing=True)
"""Of a class that some kinds of unit prefer others to."""


def preferring_others(line: SeaLine, part: FleetPart) -> tuple[bool, ...]:
    """Return by unit code whether the unit prefers another class than that of *part*."""
    others = {plan.unit for plan in line.preferences if part.vessel_class not in plan.classes}
    return tuple(unit in others for unit in range(len(part.deck.per_unit)))


class Due:
    """Vessels that are to load at one end of a service, and when each comes, or came."""

    def __init__(self) -> None:
        self._vessels: dict[int, tuple[FleetPart, Seconds]] = {}

    def expect(self, vessel: int, part: FleetPart, at_s: Seconds) -> None:
        """Note when *vessel* comes."""
        self._vessels[vessel] = (part, at_s)

    def forget(self, vessel: int) -> bool:
        """Note that *vessel* has loaded, or does not come; return whether it was due."""
        return self._vessels.pop(vessel, None) is not None

    def kept(
        self, plans: Sequence[PreferencePlan], vessel_class: int, deck: Deck, now: Seconds
    ) -> dict[int, int]:
        """Return by unit code how many units a vessel with *deck* leaves to those of other
        classes."""
        kept: dict[int, int] = {}
        for plan in plans:
            if vessel_class in plan.classes or not deck.per_unit[plan.unit]:
                continue
            kept[plan.unit] = sum(
                part.deck.size // part.deck.per_unit[plan.unit]
                for part, at_s in self._vessels.values()
                if part.vessel_class in plan.classes
                and part.deck.per_unit[plan.unit]
                and at_s <= now + plan.within_s
            )
        return kept
