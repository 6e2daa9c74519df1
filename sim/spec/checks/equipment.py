"""Checks of equipment: that every flow which needs items can get one, and who takes them back."""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec.findings import Finding, refer
from sim.spec.scenario import ScenarioSpec


def check_equipment(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong with fleets of equipment and the flows that use them."""
    for name in scenario.equipment:
        users = [flow for flow, cargo in scenario.flows.items() if cargo.equipment == name]
        yield from _items(scenario, name, users)
        yield from _takers(scenario, name, users)
    for flow, cargo in scenario.flows.items():
        path = ("flows", flow)
        yield from refer((*path, "equipment"), cargo.equipment, scenario.equipment, "equipment")
        if cargo.arrivals.surplus is not None and cargo.equipment is None:
            what = "takes idle equipment back; say of which with 'equipment'"
            yield Finding((*path, "arrivals", "surplus"), what)


def _items(scenario: ScenarioSpec, name: str, users: list[str]) -> Iterator[Finding]:
    """Yield places that are not there, and origins to which no item ever comes."""
    path, fleet = ("equipment", name, "fleet"), scenario.equipment[name].fleet
    for place in fleet:
        yield from refer((*path, place), place, scenario.places, "place")
    if users and not sum(fleet.values()) and not _is_laden(scenario, users):
        what = f"has no items, and {', '.join(users)} cannot move without one"
        yield Finding(path, what)
    reached = {place for place, items in fleet.items() if items}
    reached |= {scenario.flows[flow].destination for flow in users}
    for flow in users:
        origin = scenario.flows[flow].origin
        if origin not in reached:
            what = f"no item of {name} ever comes to {origin}; lay some there, or bring them back"
            # Where a run goes on, all of them may have been used up before.
            goes_on = "initial" in scenario.model_fields_set
            yield Finding(("flows", flow, "equipment"), what, is_warning=goes_on)


def _is_laden(scenario: ScenarioSpec, users: list[str]) -> bool:
    """Return whether cargo of *users* has its equipment when the run begins, on its way or in a stack."""
    initial = scenario.initial
    if any(stock.equipped and stock.flow in users for stock in initial.stocks):
        return True
    vehicles = (*initial.trains, *initial.vessels)
    return any(set(vehicle.cargo) & set(users) for vehicle in vehicles)


def _takers(scenario: ScenarioSpec, name: str, users: list[str]) -> Iterator[Finding]:
    """Yield flows that take surplus items of a place which another flow takes."""
    takers: dict[str, str] = {}
    for flow in users:
        cargo = scenario.flows[flow]
        if cargo.arrivals.surplus is None:
            continue
        first = takers.setdefault(cargo.origin, flow)
        if first != flow:
            what = f"takes the surplus of {name} at {cargo.origin}, as {first} does; one flow can"
            yield Finding(("flows", flow, "arrivals", "surplus"), what)
