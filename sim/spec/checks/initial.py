"""Checks of the state in which a run begins: that cargo is on its way, and fits where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction

from sim.spec.embargo import Embargo
from sim.spec.findings import Finding, refer
from sim.spec.initial import InitialTrain, InitialVessel, OnTheWay, Stock
from sim.spec.itineraries import (
    Leg,
    dwells_before,
    fleet,
    itineraries_if_any,
    sailing_share,
    train_share,
)
from sim.spec.messages import Path
from sim.spec.scenario import ScenarioSpec


def check_initial(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is wrong or doubtful with the state in which *scenario* begins."""
    initial = scenario.initial
    for number, stock in enumerate(initial.stocks):
        yield from _stock(scenario, ("initial", "stocks", str(number)), stock)
    for number, train in enumerate(initial.trains):
        yield from _train(scenario, ("initial", "trains", str(number)), train)
    yield from _embargoes(scenario)
    placed: Counter[tuple[str, str]] = Counter()
    for number, ship in enumerate(initial.vessels):
        path = ("initial", "vessels", str(number))
        placed[ship.service, ship.vessel] += 1
        yield from _vessel(scenario, path, ship, placed[ship.service, ship.vessel])


def _embargoes(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield states of loading bans that do not fit them, and what has passed none."""
    path, initial = ("initial", "embargoes"), scenario.initial
    for name, state in initial.embargoes.items():
        here = (*path, name)
        yield from refer(here, name, scenario.embargoes, "embargo")
        if name not in scenario.embargoes:
            continue
        ban = scenario.embargoes[name]
        if state.stage is not None and state.stage > len(ban.steps):
            what = f"the ban has {len(ban.steps)} steps; got stage {state.stage}"
            yield Finding((*here, "stage"), what)
        for meter in state.opens_in:
            yield from refer((*here, "opens_in"), meter, _meters(ban), "quota of the ban")
        if (state.worked or state.known_for) and ban.worked_over is None:
            what = "is not asked for: the ban has no 'worked_over'"
            yield Finding((*here, "worked"), what)
        for left in state.worked:
            if left.ago > state.known_for:
                what = "lies before what is known; it must be within 'known_for'"
                yield Finding((*here, "worked"), what)
    yield from _released(scenario)


def _meters(ban: Embargo) -> dict[str, float]:
    meters = dict(ban.quota)
    for step in ban.steps:
        meters |= step.quota
    return meters


def _released(scenario: ScenarioSpec) -> Iterator[Finding]:
    """Yield what is said to have passed a ban, where none that lets cargo pass is on."""
    initial = scenario.initial
    on = [name for name, state in initial.embargoes.items() if state.stage is not None]
    if any(name in scenario.embargoes and scenario.embargoes[name].meters for name in on):
        return
    said = [("stocks", number) for number, stock in enumerate(initial.stocks) if stock.released]
    said += [("trains", number) for number, train in enumerate(initial.trains) if train.released]
    for key, number in said:
        what = "there is no ban that it has passed: none with a quota is on at the start"
        yield Finding(("initial", key, str(number), "released"), what)


def _stock(scenario: ScenarioSpec, path: Path, stock: Stock) -> Iterator[Finding]:
    yield from refer((*path, "flow"), stock.flow, scenario.flows, "flow")
    if stock.flow not in scenario.flows:
        return
    legs = _legs(scenario, stock.flow)
    places = dict.fromkeys(leg.origin for leg in legs)
    if stock.at not in places:
        what = f"no leg of {stock.flow} begins at {stock.at!r} (they begin at {', '.join(places)})"
        yield Finding((*path, "at"), what)
    unit = scenario.flows[stock.flow].unit
    here = [leg for leg in legs if leg.origin == stock.at]
    dwells = any(dwells_before(scenario, unit, leg.carrier, leg.origin) for leg in here)
    if stock.ready_in and not dwells:
        what = f"{unit} needs no 'dwell' at {stock.at}, so that it is ready at once; remove it"
        yield Finding((*path, "ready_in"), what)


def _train(scenario: ScenarioSpec, path: Path, train: InitialTrain) -> Iterator[Finding]:
    yield from refer((*path, "train"), train.train, scenario.trains, "train")
    if train.train not in scenario.trains:
        return
    line = scenario.trains[train.train]
    if train.towards not in line.ends:
        what = f"{train.towards!r} is no end of {train.train} ({' or '.join(line.ends)})"
        yield Finding((*path, "towards"), what)
    elif train.next not in line.path:
        yield Finding((*path, "next"), f"{train.next!r} is not on the path of {train.train}")
    else:
        shares = {unit: train_share(scenario, train.train, unit) for unit in line.capacity}
        yield from _aboard(scenario, path, train, (train.train, train.towards), shares)


def _vessel(
    scenario: ScenarioSpec, path: Path, ship: InitialVessel, number: int
) -> Iterator[Finding]:
    """Yield what is wrong with a vessel, the *number*-th of its class on its service."""
    yield from refer((*path, "service"), ship.service, scenario.services, "service")
    yield from refer((*path, "home"), ship.home, scenario.services, "service")
    if ship.service not in scenario.services:
        return
    line, classes = scenario.services[ship.service], fleet(scenario, ship.service)
    if ship.vessel not in classes:
        yield Finding((*path, "vessel"), f"{ship.service} has no class {ship.vessel}")
        return
    if number > classes[ship.vessel] and ship.home is None:
        what = f"places {number} of {ship.vessel}, and {ship.service} has {classes[ship.vessel]}"
        yield Finding(path, f"{what}; those too many are laid up", is_warning=True)
    if ship.towards not in line.ends:
        what = f"{ship.towards!r} is no end of {ship.service} ({' or '.join(line.ends)})"
        yield Finding((*path, "towards"), what)
        return
    units = dict.fromkeys(flow.unit for flow in scenario.flows.values())
    shares = {unit: sailing_share(scenario, ship.service, ship.vessel, unit) for unit in units}
    yield from _aboard(scenario, path, ship, (ship.service, ship.towards), shares)


def _aboard(
    scenario: ScenarioSpec,
    path: Path,
    vehicle: OnTheWay,
    leg: tuple[str, str],
    shares: Mapping[str, Fraction | None],
) -> Iterator[Finding]:
    """Yield what a train or vessel cannot carry, or not to where it goes.

    Parameters
    ----------
    leg
        Carrier and destination.
    shares
        By kind of unit, the share of the vehicle that one takes.
    """
    carrier, towards = leg
    used = 0.0
    for flow, units in vehicle.cargo.items():
        here = (*path, "cargo", flow)
        yield from refer(here, flow, scenario.flows, "flow")
        if flow not in scenario.flows:
            continue
        share = shares.get(scenario.flows[flow].unit)
        if leg not in [(step.carrier, step.destination) for step in _legs(scenario, flow)]:
            yield Finding(here, f"{flow} does not go by {carrier} to {towards}")
        elif share is not None:
            used += units * float(share)
    if used > 1 + 1e-9:
        yield Finding((*path, "cargo"), f"is {used:.2f} times what fits")


def _legs(scenario: ScenarioSpec, flow: str) -> list[Leg]:
    """Return the legs of every way of a flow."""
    legs: list[Leg] = []
    for way in itineraries_if_any(scenario, flow):
        legs += way.legs
    return legs
