"""Checks of disruptions: that they break what is there, during the run, and not too often."""

from __future__ import annotations

from collections.abc import Iterator

from sim.log import names
from sim.spec.findings import Finding, refer
from sim.spec.messages import Path
from sim.spec.outages import Disruption
from sim.spec.scenario import ScenarioSpec
from sim.units import DAY, HOUR

MOST_OUTAGES = 100_000
SHORTEST_S = HOUR
"""Between two failures on average."""


def check_outages(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the disruptions of *scenario*."""
    for name, disruption in scenario.disruptions.items():
        path = ("disruptions", name)
        yield from _target(scenario, path, disruption)
        yield from _times(scenario, path, disruption)


def check_interval(
    scenario: ScenarioSpec, path: Path, every_s: float, count: int
) -> Iterator[Finding]:
    """Yield what is wrong with *count* things that each fail every *every_s* on average."""
    failures = count * scenario.horizon.longest_days * DAY / every_s if every_s else 0.0
    if every_s < SHORTEST_S:
        yield Finding(path, f"fails every {every_s:g} s on average; give an hour or more")
    elif failures > MOST_OUTAGES:
        what = f"makes {failures:.2g} failures; at most {MOST_OUTAGES:,} are simulated"
        yield Finding(path, what)


def _target(scenario: ScenarioSpec, path: Path, disruption: Disruption) -> Iterator[Finding]:
    kind, name = disruption.target
    known, word = {
        "section": (scenario.sections, "section"),
        "port": (scenario.places, "place"),
        "berths": (_berth_groups(scenario), "berth group"),
        "border": (scenario.borders, "border"),
        "locomotives": (scenario.locomotives, "locomotive pool"),
        "service": (scenario.services, "service"),
    }[kind]
    yield from refer((*path, kind), name, known, word)


def _berth_groups(scenario: ScenarioSpec) -> dict[str, object]:
    """Return every berth group as a disruption names it: ``PORT/GROUP``."""
    groups: dict[str, object] = {}
    for port, spec in scenario.ports.items():
        groups |= {names.berths(port, group): berths for group, berths in spec.berths.items()}
    return groups


def _times(scenario: ScenarioSpec, path: Path, disruption: Disruption) -> Iterator[Finding]:
    if disruption.every is not None:
        yield from check_interval(scenario, (*path, "every"), disruption.every.mean, 1)
    if disruption.from_ is None:
        return
    after_days = (disruption.from_ - scenario.horizon.start).days
    here = (*path, "from")
    if after_days > scenario.horizon.longest_days:
        yield Finding(here, f"{disruption.from_} is after the end of the run", is_warning=True)
    elif after_days * DAY + disruption.lasting.mean < 0:
        what = f"from {disruption.from_} it is over before the run begins"
        yield Finding(here, what, is_warning=True)
