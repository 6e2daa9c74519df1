"""Checks of targets: that the flows, kinds of units and targets they name are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.log import SCOPES
from sim.spec.findings import Finding, refer
from sim.spec.messages import Path
from sim.spec.scenario import Observation, ScenarioSpec
from sim.spec.sourced import Sourced
from sim.units import MASSES, PERIODS, SHARES, TIMES, unit_parts


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
        yield from _unit((*path, "unit"), seen)
        for number, other in enumerate(seen.follows_from):
            here = (*path, "follows_from", str(number))
            yield from refer(here, other, scenario.observed, "target")
            if other == target:
                yield Finding(here, "a target does not follow from itself")


def _unit(path: Path, seen: Observation) -> Iterator[Finding]:
    """Yield a finding if a target is written in another unit than its metric, which names its own.

    What is divided by something else has a unit of its own.
    """
    if seen.over is not None:
        return
    counted, period = unit_parts(seen.unit)
    own_counted, own_period = _unit_of(seen.metric)
    yield from _of_one_kind(path, seen, own_counted, counted)
    if period in PERIODS and own_period != period:
        what = f"is {seen.unit!r}, and {seen.metric!r} counts by {own_period or 'no period'}"
        if own_period in PERIODS:
            factor = PERIODS[own_period] / PERIODS[period]
            what += f"; multiply value, low and high by {factor:.6g}"
        yield Finding(path, f"{what}; nothing is converted")


def _of_one_kind(path: Path, seen: Observation, own: str, counted: str) -> Iterator[Finding]:
    """Yield a finding if a metric counts in *own*, and a target that is *counted* otherwise."""
    # Loads and occupancies are shares that are not called so.
    if own == counted or (not own and counted == "share"):
        return
    for table in (MASSES, TIMES, SHARES):
        if counted not in table:
            continue
        what = f"is {seen.unit!r}, and {seen.metric!r} counts in {own or 'no such unit'}"
        if own in table:
            what += f"; multiply value, low and high by {table[counted] / table[own]:.6g}"
        yield Finding(path, f"{what}; nothing is converted")


def _unit_of(metric: str) -> tuple[str, str]:
    """Return what the name of a metric says that it counts and over which period; "" is nothing."""
    words = metric.split("_")
    counted, _, over = metric.partition("_per_")
    period = next((word for word in over.split("_") if word in PERIODS), "")
    if "share" in words:
        return "share", period
    for word, unit in (("t", "t"), ("kg", "kg"), ("days", "d")):
        if word in counted.split("_"):
            return unit, period
    return "", period


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
