"""Checks of what was observed: that it speaks of flows, kinds of units and targets that there
are."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.findings import Finding, refer
from sim.spec.scenario import ScenarioSpec


def check_observed(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with the targets; whether their metrics come out is seen when they are
    held against a run."""
    kinds = {f"unit:{flow.unit}": flow for flow in scenario.flows.values()}
    known = {**scenario.flows, **kinds}
    for target, seen in scenario.observed.items():
        path = ("observed", target)
        for number, flow in enumerate(seen.flow):
            yield from refer((*path, "flow", str(number)), flow, known, "flow or kind of unit")
        for number, flow in enumerate((seen.over and seen.over.flow) or ()):
            yield from refer(
                (*path, "over", "flow", str(number)), flow, known, "flow or kind of unit"
            )
        for number, other in enumerate(seen.follows_from):
            here = (*path, "follows_from", str(number))
            yield from refer(here, other, scenario.observed, "target")
            if other == target:
                yield Finding(here, "a target does not follow from itself")
