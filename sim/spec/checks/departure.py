"""Checks of departure rules: that each condition can be met, and can act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.spec.departure import VESSELS_ALONE, BeforeStorm, Departure
from sim.spec.fields import BOTH_ENDS, at_end
from sim.spec.findings import Finding
from sim.spec.itineraries import fleet, itineraries_if_any
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec
from sim.spec.sea import Service, berth_groups
from sim.units import format_duration


def check_no_vessel_rules(path: Path, rules: Mapping[str, Departure]) -> Iterator[Finding]:
    """Yield the conditions of trains that vessels alone can have."""
    for end, rule in rules.items():
        for key in VESSELS_ALONE:
            if getattr(rule, key) is not None:
                what = "is a condition of vessels; a train cannot have it, remove it"
                yield Finding((*_at(path, rules, end), key), what)


def check_departures(scenario: ScenarioSpec, service: str, spec: Service) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the departure rules of a service."""
    for place in spec.ends:
        rule = at_end(spec.departure, place, None)
        if rule is not None:
            yield from _never_leaves(scenario, service, place, rule)
    for end, rule in spec.departure.items():
        path = _at(("services", service, "departure"), spec.departure, end)
        places = [place for place in spec.ends if place not in spec.departure]
        if end != BOTH_ENDS:
            places = [end]
        if not set(places) <= set(spec.ends):
            # Said elsewhere.
            continue
        if rule.cargo_waits_over_there is not None:
            here = (*path, "cargo_waits_over_there")
            yield from _far_cargo(scenario, service, places, here)
        if rule.before_storm is not None:
            here = (*path, "before_storm")
            yield from _storm(scenario, spec, places, here, rule.before_storm)
        if rule.berth_needed in ("leave", "anchor"):
            yield from _berth_needed(scenario, service, places, (*path, "berth_needed"))


def _at(path: Path, rules: Mapping[str, Departure], end: str) -> Path:
    """Return where the rule of *end* is written: a single one stands in the key itself."""
    if end == BOTH_ENDS and len(rules) == 1:
        return path
    return (*path, end)


def _never_leaves(
    scenario: ScenarioSpec, service: str, place: str, rule: Departure
) -> Iterator[Finding]:
    """Yield a finding if vessels wait at *place* to be full and no cargo ever comes."""
    if not rule.needs_more_cargo or rule.cargo_waits_over_there is not None:
        return
    if not has_cargo(scenario, service, place):
        what = f"vessels wait at {place} to be full, but no flow leaves from there; add longest_wait or at_once"
        yield Finding(("services", service, "departure", place), what)


def _far_cargo(
    scenario: ScenarioSpec, service: str, places: list[str], path: Path
) -> Iterator[Finding]:
    """Yield a finding if vessels mind cargo at an end where none ever waits."""
    spec = scenario.services[service]
    others = [place for place in spec.ends if place not in places] or list(spec.ends)
    if not any(has_cargo(scenario, service, place) for place in others):
        what = f"never acts: no flow leaves {' or '.join(others)} by this service; remove it"
        yield Finding(path, what)


def _storm(
    scenario: ScenarioSpec,
    spec: Service,
    places: list[str],
    path: Path,
    condition: BeforeStorm,
) -> Iterator[Finding]:
    window = spec.sailing.window
    sees_s = 0 if window is None else window.forecast
    if not (condition.within or condition.forecast or sees_s):
        what = "sees nothing; give 'within', or 'forecast', how far ahead the weather is known"
        yield Finding(path, what)
        return
    for key in ("within", "forecast"):
        ahead_s = getattr(condition, key)
        if sees_s and ahead_s is not None and ahead_s > sees_s:
            # Doubtful and no more: a window may be changed over a condition that is inherited.
            seen = format_duration(sees_s)
            what = f"looks further than the {seen} that 'sailing' sees; one of the two is off"
            yield Finding((*path, key), what, is_warning=True)
    closes = places if window is None else list(spec.ends)
    if not any(_can_close(scenario, port) for port in closes):
        what = f"never acts: no weather and no outage closes {' or '.join(closes)}"
        yield Finding(path, what, is_warning=True)


def _can_close(scenario: ScenarioSpec, port: str) -> bool:
    """Return whether anything of the scenario can shut *port*."""
    if any(outage.port == port for outage in scenario.disruptions.values()):
        return True
    weather = scenario.weather
    if weather is None:
        return False
    if any(port in series.ports for series in weather.series.values()):
        return True
    return any(weather.closed_share) and weather.exposure.get(port, 0.0) > 0


def _berth_needed(
    scenario: ScenarioSpec, service: str, places: list[str], path: Path
) -> Iterator[Finding]:
    """Yield a warning where no vessel ever has to wait for a berth."""
    spec = scenario.services[service]
    for place in places:
        port = scenario.ports.get(place)
        for vessel in fleet(scenario, service):
            if berth_groups(port, spec, vessel, place):
                return
    what = f"never acts: no berths are counted at {' or '.join(places)}, so no vessel waits for one"
    yield Finding(path, what, is_warning=True)


def has_cargo(scenario: ScenarioSpec, service: str, place: str) -> bool:
    """Return whether a flow goes by *service* from *place*, or has ways that are not known."""
    for flow in scenario.flows:
        ways = itineraries_if_any(scenario, flow)
        if not ways:
            return True
        for way in ways:
            if any(leg.carrier == service and leg.origin == place for leg in way.legs):
                return True
    return False
