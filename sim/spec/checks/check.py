"""Checks across a scenario: references, ways, fits, and physics that is impossible or doubtful.

`check_scenario` is what the rest of the package uses; the other modules check one subject each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sim.spec.checks.cargo import check_flows, check_references, check_room
from sim.spec.checks.catalogue import check_catalogues
from sim.spec.checks.distance import check_distances
from sim.spec.checks.dwell import check_dwells
from sim.spec.checks.economy import check_economy
from sim.spec.checks.embargo import check_embargoes
from sim.spec.checks.equipment import check_equipment
from sim.spec.checks.initial import check_initial
from sim.spec.checks.land import check_land
from sim.spec.checks.loading import check_loading, check_loading_names
from sim.spec.checks.observed import check_observed
from sim.spec.checks.outages import check_outages
from sim.spec.checks.sea import check_sailings, check_sea
from sim.spec.checks.size import check_size
from sim.spec.checks.times import check_times
from sim.spec.checks.weather import check_crossings, check_weather
from sim.spec.fields import BOTH_ENDS
from sim.spec.findings import Finding
from sim.spec.scenario import ScenarioSpec
from sim.spec.traces import Trace


def check_scenario(scenario: ScenarioSpec, traces: Mapping[str, Trace]) -> list[Finding]:
    """Return everything that is wrong or doubtful in *scenario*, references first.

    What depends on a broken reference is not checked, so that one slip is reported once.
    """
    findings: list[Finding] = []
    for checks in (PARTS, RULES):
        for check in checks:
            findings += check(scenario)
        if any(not finding.is_warning for finding in findings):
            return findings
    return [*findings, *check_size(scenario, traces)]


def _horizon(scenario: ScenarioSpec) -> Iterator[Finding]:
    horizon = scenario.horizon
    if horizon.warmup_days >= horizon.days:
        what = f"warm-up of {horizon.warmup_days} days leaves nothing of {horizon.days}"
        yield Finding(("horizon", "warmup_days"), f"{what}; it must be shorter")
    if not 1900 <= horizon.start.year <= 2200:
        what = f"must lie between the years 1900 and 2200; got {horizon.start}"
        yield Finding(("horizon", "start"), what)


def _names(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield ids that are taken: what moves or serves cargo is told apart by its id alone."""
    if BOTH_ENDS in scenario.places:
        what = f"a place cannot be called {BOTH_ENDS!r}; the word means both ends"
        yield Finding(("places", BOTH_ENDS), what)
    first: dict[str, str] = {}
    for kind in ("trains", "services", "roads", "borders", "locomotives"):
        for name in getattr(scenario, kind):
            if name in first:
                what = f"the id is taken by {first[name]}.{name}; give it another"
                yield Finding((kind, name), what)
            first.setdefault(name, kind)


Check = Callable[[ScenarioSpec], Iterator[Finding]]

PARTS: tuple[Check, ...] = (
    _horizon,
    _names,
    check_land,
    check_sea,
    check_loading_names,
    check_weather,
    check_room,
    check_times,
    check_references,
)
"""Each part by itself, and what it refers to."""

RULES: tuple[Check, ...] = (
    check_distances,
    check_flows,
    check_sailings,
    check_loading,
    check_crossings,
    check_dwells,
    check_embargoes,
    check_equipment,
    check_outages,
    check_initial,
    check_observed,
    check_catalogues,
    check_economy,
)
"""What parts do together, once all references hold."""
