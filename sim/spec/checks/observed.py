"""Checks of targets: that the flows, kinds of units and targets they name are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.log import SCOPES
from sim.spec.findings import Finding, refer
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.spec.sourced import Sourced


def check_observed(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with the targets; their metrics are checked when they meet a run."""
    kinds = {f"unit:{flow.unit}": flow for flow in scenario.flows.values()}
    scopes = {f"scope:{scope}": scope for scope in SCOPES}
    known = {**scenario.flows, **kinds, **scopes}
    for target, seen in scenario.observed.items():
        path = ("observed", target)
        for number, flow in enumerate(seen.flow):
            yield from refer(
                (*path, "flow", str(number)), flow, known, "flow, kind of unit or scope"
            )
        for number, flow in enumerate((seen.over and seen.over.flow) or ()):
            yield from refer(
                (*path, "over", "flow", str(number)), flow, known, "flow, kind of unit or scope"
            )
        for number, other in enumerate(seen.follows_from):
            here = (*path, "follows_from", str(number))
            yield from refer(here, other, scenario.observed, "target")
            if other == target:
                yield Finding(here, "a target does not follow from itself")


def check_ranges(scenario: ScenarioSpec, sources: Mapping[Path, Sourced]) -> Iterator[Finding]:
    """Yield the targets, and the naive forecasts of them, whose value has no range."""
    for target, seen in scenario.observed.items():
        path = ("observed", target, "value")
        if not _has_range(sources.get(path)):
            what = "a target needs a range: {value: ..., low: ..., high: ..., source: ...}"
            yield Finding(path, what)
        path = ("observed", target, "naive")
        if seen.naive is not None and not _has_range(sources.get(path)):
            what = (
                "a naive forecast needs the ends of its 90 % interval: "
                "{value: ..., low: ..., high: ..., source: ...}"
            )
            yield Finding(path, what)


def _has_range(sourced: Sourced | None) -> bool:
    if sourced is None or sourced.low is None or sourced.high is None:
        return False
    return bool(sourced.low != sourced.high)
