"""How a bottleneck is raised: which of the contenders, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from sim.analysis.bottlenecks._result import Fix, SuspectEffect
from sim.analysis.bottlenecks._suspect import Suspect
from sim.analysis.loads import loads_of
from sim.spec.load import Scenario

ROOMY = 0.85
"""Load by the preview up to which a resource is raised."""
MOST_STEPS = 4096
IMPOSSIBLE = -1.0
"""Load of a scenario that there cannot be."""


def fix_of(
    at: Scenario, suspects: Sequence[Suspect], effects: Sequence[SuspectEffect]
) -> Fix | None:
    """Return by how much which suspect is raised; None if none can be."""
    by_id = {suspect.id: suspect for suspect in suspects}
    for effect in _in_turn(effects):
        suspect = by_id[effect.id]
        steps = enough_steps(at, suspect)
        if steps:
            return Fix(
                suspect.id, suspect.unit, suspect.now, suspect.at(steps), suspect.changes(steps)
            )
    return None


def _in_turn(effects: Sequence[SuspectEffect]) -> list[SuspectEffect]:
    """Return the contenders in the order in which they would be raised; where there are none, all.

    Those that give something beyond doubt, by their gain; if none does, all by their load.
    """
    candidates = [effect for effect in effects if effect.is_contender] or list(effects)
    sure = [effect for effect in candidates if effect.gain.low > 0]
    if sure:
        return sorted(sure, key=lambda effect: -effect.gain.mean)
    return sorted(candidates, key=lambda effect: -effect.load)


def enough_steps(at: Scenario, suspect: Suspect) -> int:
    """Return the steps by which a bottleneck is raised; 0 if it cannot be.

    So many that the preview puts its load at `ROOMY`, if it is above; else a quarter of what there
    is.
    """

    def load(steps: int) -> float:
        with_more = suspect.raised(at, steps)
        return IMPOSSIBLE if with_more is None else suspect.load(loads_of(with_more))

    if suspect.load(loads_of(at)) <= ROOMY:
        quarter = max(1, ceil(suspect.now / 4 / abs(suspect.numbers[0].step) - 1e-9))
        possible = (steps for steps in (quarter, 1) if load(steps) != IMPOSSIBLE)
        return next(possible, 0)
    low, high = 0, 1
    while load(high) > ROOMY and high < MOST_STEPS:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if load(middle) <= ROOMY:
            high = middle
        else:
            low = middle
    # What was taken for roomy may be a scenario that there cannot be.
    while high and load(high) == IMPOSSIBLE:
        high -= 1
    return high
