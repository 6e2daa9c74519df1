"""Checks of dwells: that each holds for some cargo, and none of it twice."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.dwell import BY_LAND, BY_SEA
from sim.spec.findings import Finding, refer, unknown
from sim.spec.itineraries import carriers, dwells_before, ends_of, itineraries_if_any
from sim.spec.scenario import ScenarioSpec
from sim.units import DAY, WEEK


def check_dwells(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the dwells of *scenario*."""
    if not scenario.dwell:
        return
    in_use = (flow.unit for flow in scenario.flows.values())
    units: dict[str, object] = dict.fromkeys(scenario.units or in_use)
    lines = [carrier for carrier, *_ in carriers(scenario)]
    for word in (BY_SEA, BY_LAND):
        if word in lines:
            what = f"nothing that moves cargo can be called {word!r} beside 'dwell': there it means all of them"
            yield Finding(("dwell",), what)
    for name, dwell in scenario.dwell.items():
        path = ("dwell", name)
        yield from refer((*path, "at"), dwell.at, scenario.places, "place")
        for unit in dwell.units:
            yield from refer((*path, "units"), unit, units, "unit")
        for carrier in dwell.before:
            yield from _next_leg(scenario, name, carrier, lines)
        yield from _never_open(scenario, name)
    yield from _what_needs_them(scenario)


def _next_leg(
    scenario: ScenarioSpec, name: str, carrier: str, lines: list[str]
) -> Iterator[Finding]:
    path, place = ("dwell", name, "before"), scenario.dwell[name].at
    if carrier in (BY_SEA, BY_LAND):
        return
    if carrier not in lines:
        yield unknown(path, carrier, [BY_SEA, BY_LAND, *lines], "train, service or road")
    elif place not in ends_of(scenario, carrier):
        yield Finding(path, f"{carrier} takes no cargo at {place}")


def _never_open(scenario: ScenarioSpec, name: str) -> Iterator[Finding]:
    """Yield a dwell that pauses all week."""
    dwell = scenario.dwell[name]
    shut = bytearray(WEEK // 60)
    spans = [(pause.from_, pause.lasting) for pause in dwell.closed]
    if dwell.hours is not None and dwell.hours.open != dwell.hours.close:
        hours = dwell.hours
        spans.append((hours.close - WEEK, (hours.open - hours.close) % DAY))
    for from_s, lasting_s in spans:
        every = DAY if from_s < 0 else WEEK
        for begin_s in range(from_s % every, WEEK, every):
            for minute in range(begin_s // 60, (begin_s + lasting_s) // 60):
                shut[minute % len(shut)] = 1
    if all(shut):
        what = "pauses all week, so that nothing is ever ready; leave some time open"
        yield Finding(("dwell", name), what)


def _what_needs_them(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield cargo that needs two dwells at once, and dwells that none needs."""
    used: set[str] = set()
    twice: dict[tuple[str, ...], str] = {}
    for flow, cargo in scenario.flows.items():
        for way in itineraries_if_any(scenario, flow):
            for number, leg in enumerate(way.legs):
                names = dwells_before(scenario, cargo.unit, leg.carrier, leg.origin)
                if number == 0:
                    names = [name for name in names if scenario.dwell[name].at_origin]
                used |= set(names)
                if len(names) > 1:
                    twice.setdefault(tuple(names), f"{flow} before {leg.carrier}")
    for together, cargo_of in twice.items():
        what = f"holds beside {' and '.join(together[:-1])} for {cargo_of}; only one may"
        yield Finding(("dwell", together[-1]), what)
    for name in scenario.dwell:
        if name not in used:
            what = "no cargo needs it: no flow changes carriers there as it says"
            yield Finding(("dwell", name), what, is_warning=True)
